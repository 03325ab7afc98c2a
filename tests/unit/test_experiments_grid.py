"""Grids are cached, survive being killed, are shared by processes and clusters, and always end with the same table."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from toy_grid import ToySpec, run_toy, toy_grid

from embedbook.experiments import (
    Grid,
    GridError,
    Result,
    Results,
    Spec,
    cost_table,
    outlook,
    read_costs,
    restore_results,
    result_table,
    run_grid,
    write_tables,
)


@pytest.fixture
def results(tmp_path) -> Results:
    return Results(tmp_path / "results")


@pytest.fixture
def diary(tmp_path) -> Path:
    file = tmp_path / "diary.txt"
    file.touch()
    return file


def lines(file: Path) -> list[str]:
    return file.read_text(encoding="utf-8").splitlines()


# --- Specifications ---------------------------------------------------------------------------------------------------


def test_equal_specifications_have_one_key_and_others_another() -> None:
    assert ToySpec(1, 2).key == ToySpec(number=1, seed=2).key
    assert len({ToySpec(1, 2).key, ToySpec(2, 1).key, ToySpec(1).key, replace(ToySpec(1), seconds=1.0).key}) == 4
    assert ToySpec(1).digest != ToySpec(2).digest


def test_a_grid_with_a_run_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="'twice' holds a specification twice"):
        Grid("twice", "", (ToySpec(1), ToySpec(1)), run_toy)


# --- Running ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("workers", [1, 2])
def test_each_run_is_made_once(workers, results, diary) -> None:
    grid = toy_grid(diary=str(diary))
    assert run_grid(grid, results=results, workers=workers) == 12
    assert run_grid(grid, results=results, workers=workers) == 0
    assert len(lines(diary)) == 12
    table = result_table(grid, results=results)
    assert table.root.tolist() == [number**0.5 for number in range(6) for _ in (0, 1)]


def test_a_limit_stops_earlier_and_the_rest_follows(results) -> None:
    grid = toy_grid()
    assert run_grid(grid, results=results, limit=5) == 5
    assert outlook(grid, results=results).done == 5
    assert run_grid(grid, results=results) == 7


def test_one_failed_run_costs_no_other_and_is_named(results) -> None:
    grid = toy_grid(size=3, first=-1)
    with pytest.raises(GridError, match=r"2 of 6 runs of 'toy' failed.*'number': -1.*below zero"):
        run_grid(grid, results=results)
    assert len(result_table(grid, results=results)) == 4


@pytest.mark.parametrize("options", [{"workers": 0}, {"limit": 0}])
def test_numbers_below_one_are_refused(options, results) -> None:
    with pytest.raises(ValueError, match="must be 1 or more"):
        run_grid(toy_grid(), results=results, **options)


def test_a_killed_grid_ends_with_the_same_table(tmp_path, diary) -> None:
    """Killed five times at random; then the table holds the same bytes as one from a run through."""
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    for folder in (whole, killed):
        folder.mkdir()
    script = [sys.executable, str(Path(__file__).with_name("toy_grid.py"))]

    def start(folder: Path) -> subprocess.Popen:
        return subprocess.Popen([*script, str(folder / "results"), str(folder), "0.2", str(diary)])

    assert start(whole).wait(timeout=120) == 0
    once = len(lines(diary))
    chance = random.Random(20)
    kills = 0
    while kills < 5:
        process = start(killed)
        # Killed at some moment after its first run, or it would never come to one on a slow machine.
        before = len(lines(diary))
        while len(lines(diary)) == before and process.poll() is None:
            time.sleep(0.02)
        time.sleep(chance.uniform(0, 0.25))
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
            kills += 1
        process.wait(timeout=60)
        if process.returncode == 0:
            break
    assert start(killed).wait(timeout=120) == 0
    assert kills == 5
    assert (whole / "toy.csv").read_bytes() == (killed / "toy.csv").read_bytes()
    # Of each kill at most the run under way is lost.
    assert len(lines(diary)) - once <= once + kills


def test_two_processes_share_a_grid(tmp_path, diary) -> None:
    folder = tmp_path / "results"
    command = [sys.executable, str(Path(__file__).with_name("toy_grid.py")), str(folder), str(tmp_path), "0.5"]
    processes = [subprocess.Popen([*command, str(diary)]) for _ in range(2)]
    assert [process.wait(timeout=120) for process in processes] == [0, 0]
    runs = [line.split() for line in lines(diary)]
    assert len(runs) == 12, "no run was made twice"
    assert len({process for process, *_ in runs}) == 2, "both took part"


# --- A cluster --------------------------------------------------------------------------------------------------------


def test_a_dask_cluster_that_loses_a_worker_loses_nothing(results, diary) -> None:
    distributed = pytest.importorskip("distributed")
    grid = toy_grid(seconds=0.4, diary=str(diary))
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as cluster:

        def kill_one_worker() -> None:
            while len(lines(diary)) < 3:
                time.sleep(0.05)
            os.kill(int(lines(diary)[-1].split()[0]), signal.SIGKILL)

        killer = threading.Thread(target=kill_one_worker)
        killer.start()
        added = run_grid(grid, results=results, scheduler=cluster.scheduler_address)
        killer.join()
    assert added == 12
    assert result_table(grid, results=results).root.tolist() == [number**0.5 for number in range(6) for _ in (0, 1)]


def test_a_scheduler_that_is_not_there_is_named(results) -> None:
    with pytest.raises(GridError, match=r"no Dask scheduler answers at tcp://127\.0\.0\.1:9"):
        run_grid(toy_grid(), results=results, scheduler="tcp://127.0.0.1:9")


# --- Tables and time --------------------------------------------------------------------------------------------------


def test_the_table_depends_on_results_alone(tmp_path, results) -> None:
    grid = toy_grid(seconds=0.01)
    run_grid(grid, results=results)
    files = write_tables(grid, tmp_path, results=results)
    first = files[0].read_bytes()
    other = Results(tmp_path / "again")
    run_grid(Grid(grid.name, grid.title, grid.specs[::-1], grid.run), results=other)
    write_tables(grid, tmp_path, results=other)
    assert files[0].read_bytes() == first
    costs = pd.read_csv(files[1])
    assert costs.columns.tolist() == ["run", "seconds", "peak_mb", "date"]
    assert costs.run.tolist() == result_table(grid, results=results).run.tolist()
    assert (cost_table(grid, results=results).peak_mb > 0).all()


def test_results_come_back_from_tables_that_then_stay_the_same(tmp_path, results) -> None:
    """Numbers whole and broken, large and missing, texts, and a checksum that looks like a number."""
    grid = toy_grid(2)
    for place, spec in enumerate(grid.specs):
        metrics = {
            "whole": 1_234_567 + place,
            "broken": 1 / (3 + place),
            "partly": float("nan") if place else 2.0,
            "setting": "C 0.1" if place else "C 1",
        }
        origin = {"data_sha256": "012345678901", "spaces_sha256": "", "machine": "any"}
        cost = {"seconds": 1.25, "peak_mb": float("nan"), "date": "2026-11-22", "times": {"seconds_train": 0.5}}
        results.keep(spec, Result(metrics=metrics, origin=origin, **cost))
    files = write_tables(grid, tmp_path, results=results)
    before = [file.read_bytes() for file in files]
    other = Results(tmp_path / "new")
    assert restore_results(grid, tmp_path, results=other) == 4
    assert other[grid.specs[0]].metrics["whole"] == 1_234_567
    assert other[grid.specs[1]].origin["data_sha256"] == "012345678901"
    assert restore_results(grid, tmp_path, results=other) == 0
    write_tables(grid, tmp_path, results=other)
    assert [file.read_bytes() for file in files] == before


def test_what_this_machine_has_is_not_taken_from_tables(tmp_path, results) -> None:
    grid = toy_grid()
    assert restore_results(grid, tmp_path, results=results) == 0  # there are no tables yet
    run_grid(grid, results=results, limit=3)
    file, _ = write_tables(grid, tmp_path, results=results)
    file.write_text(file.read_text().replace(",0.0,", ",7.0,"))
    assert restore_results(grid, tmp_path, results=results) == 0
    assert results[grid.specs[0]].metrics["root"] == 0.0


def test_an_empty_table_is_not_written(tmp_path, results) -> None:
    with pytest.raises(ValueError, match="embedbook experiment run toy"):
        write_tables(toy_grid(), tmp_path, results=results)
    assert not list(tmp_path.glob("*.csv"))


def test_time_left_follows_like_runs(tmp_path, results) -> None:
    grid = toy_grid(seconds=0.05)
    assert outlook(grid, results=results).seconds_left is None
    run_grid(grid, results=results, limit=6)
    ahead = outlook(grid, results=results)
    assert (ahead.done, ahead.total) == (6, 12)
    assert 6 * 0.05 <= ahead.seconds_left < 6 * 0.5
    # A machine that has run nothing can go by a stored table.
    write_tables(grid, tmp_path, results=results)
    known = read_costs(tmp_path, "toy")
    assert len(known) == 6
    assert outlook(grid, results=Results(tmp_path / "new"), known=known).seconds_left == pytest.approx(
        12 * 0.1, abs=0.6
    )
    assert read_costs(tmp_path, "other") == []


def test_a_result_that_is_not_there_is_a_key_error(results) -> None:
    with pytest.raises(KeyError):
        results[ToySpec(1)]
    assert isinstance(ToySpec(1), Spec)
