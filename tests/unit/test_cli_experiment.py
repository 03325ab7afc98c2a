"""`embedbook experiment`: what is stored in the book's tables counts as done, and bad names get one clear error."""

from __future__ import annotations

import pytest
from toy_grid import ToySpec, toy_grid
from typer.testing import CliRunner

from embedbook.cli import app
from embedbook.experiments import Results, run_grid, write_tables

SIZE = 12


@pytest.fixture
def book(tmp_path, monkeypatch):
    """A book whose one grid is the toy's, five of whose twelve runs stand in its tables; the machine has none."""
    from embedbook import datasets, experiments

    (tmp_path / "data" / "results").mkdir(parents=True)
    monkeypatch.setenv("EMBEDBOOK_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(datasets, "data_folder", lambda: tmp_path / "data")
    monkeypatch.setattr(experiments, "list_grids", lambda: ["toy"])
    monkeypatch.setattr(experiments, "find_grid", lambda name: toy_grid())
    elsewhere = Results(tmp_path / "elsewhere")
    run_grid(toy_grid(), results=elsewhere, limit=5)
    write_tables(toy_grid(), tmp_path / "data" / "results", results=elsewhere)
    return tmp_path


def call(*arguments: str) -> str:
    done = CliRunner().invoke(app, ["experiment", *arguments])
    assert done.exit_code == 0, done.output
    return done.output


def test_stored_runs_count_as_done(book) -> None:
    assert "5 of 12 runs done" in call("list")
    assert "5 of 12 runs done" in call("status", "toy")


def test_a_grid_goes_on_from_the_stored_tables(book) -> None:
    assert "7 to run" in call("run", "toy", "--dry-run")
    assert "7 runs added, 12 of 12" in call("run", "toy")
    stored = (book / "data" / "results" / "toy.csv").read_bytes()
    assert "12 of 12 runs done" in call("table", "toy")
    written = (book / "data" / "results" / "toy.csv").read_bytes()
    assert written.startswith(stored)
    assert written.count(b"\n") == 1 + SIZE


def test_anew_takes_over_nothing(book) -> None:
    assert "12 runs added" in call("run", "toy", "--anew")


def test_a_run_is_made_again_if_asked(book) -> None:
    assert "8 runs added" in call("run", "toy", "--again", ToySpec(0).digest)
    done = CliRunner().invoke(app, ["experiment", "run", "toy", "--again", "0123456789ab"])
    assert isinstance(done.exception, ValueError)
    assert "toy has no run '0123456789ab'" in str(done.exception)


def test_what_no_specification_plans_any_more_is_left(book) -> None:
    file = book / "data" / "results" / "toy.csv"
    file.write_text(file.read_text().replace(ToySpec(0).digest, "0123456789ab"))
    assert "4 of 12 runs done" in call("status", "toy")
