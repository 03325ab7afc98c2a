"""The whole comparison with a trainer that trains nothing: files, resuming, time, Ctrl-C, vectors."""

from __future__ import annotations

import csv
import json
import sys
import time
import types
from pathlib import Path
from typing import Any

import pytest
from comparison_support import Trainer, sentences, write_csv, write_vectors

from embedbook.comparison import ComparisonError, Options, Progress, Reading, Result, compare, parse_sizes
from embedbook.comparison.deadline import Deadline, OutOfTime
from embedbook.comparison.ledger import read_runs
from embedbook.comparison.pretrained import check_vectors, load_spaces


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    return write_csv(tmp_path / "t.csv", sentences(300))


@pytest.fixture
def vectors(tmp_path: Path) -> Path:
    return write_vectors(tmp_path / "v.txt")


@pytest.fixture(autouse=True)
def no_tensorflow(monkeypatch: pytest.MonkeyPatch) -> None:
    """The trainer of these tests needs none, and loading it takes long."""
    monkeypatch.setitem(sys.modules, "embedbook.models", types.ModuleType("embedbook.models"))


def options(texts: Path, *vectors: Path, **more: Any) -> Options:
    usual = {"file": texts, "out": texts.with_name("out"), "vectors": tuple(map(str, vectors)), "seeds": 3}
    return Options(**{**usual, **more})


def run(given: Options, trainer: Any = None, **more: Any) -> tuple[Result, list[str], list[str]]:
    said: list[str] = []
    warned: list[str] = []
    result = compare(given, progress=Progress(said.append), warn=warned.append, train=trainer or Trainer(), **more)
    return result, said, warned


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_three_files_tell_the_same_story(texts: Path, vectors: Path) -> None:
    result, said, warned = run(options(texts, vectors), Trainer(static=0.05, nonstatic=0.01))
    out = texts.with_name("out")
    assert names(out) == ["report.html", "results.csv", "summary.json"]
    assert result.stop == "complete"
    assert warned == []
    assert any("4 methods × 100, 240 texts × 3 seeds = 24 runs" in line for line in said)
    assert any(line.startswith("Estimate: ") for line in said)
    rows = list(csv.DictReader((out / "results.csv").open(encoding="utf-8")))
    assert len(rows) == 24
    assert {row["arm"] for row in rows} == {"bag of words", "learned", "v frozen", "v fine-tuned"}
    summary = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    assert summary["advice"]["method"] == "v frozen" == result.findings.advice.arm
    assert summary["advice"]["headline"] in (out / "report.html").read_text(encoding="utf-8")
    assert summary["data"]["training_texts"] == 240
    assert summary["run"]["command"].startswith("embedbook compare ")
    assert summary["run"]["peak_memory_mb"] is None or summary["run"]["peak_memory_mb"] > 10


def test_every_method_gets_the_same_texts(texts: Path, vectors: Path) -> None:
    seen: dict[tuple[int, int], set[tuple[str, ...]]] = {}

    class Watching(Trainer):
        def __call__(self, arm: Any, parts: Any, spaces: Any, **more: Any) -> Any:
            key = (len(parts.train.labels), more["seed"])
            everything = tuple(
                " ".join(words) for part in (parts.train, parts.dev, parts.test) for words in part.tokens
            )
            seen.setdefault(key, set()).add(everything)
            assert parts.n_classes == 2
            return super().__call__(arm, parts, spaces, **more)

    run(options(texts, vectors), Watching())
    assert len(seen) == 6
    assert all(len(different) == 1 for different in seen.values())


@pytest.mark.parametrize(("model", "frozen"), [("mean", "linear"), ("cnn", "cnn"), ("linear", "linear")])
def test_the_mean_of_frozen_vectors_is_fitted_exactly(texts: Path, vectors: Path, model: Any, frozen: str) -> None:
    used: dict[str, set[str]] = {}

    class Watching(Trainer):
        def __call__(self, arm: Any, parts: Any, spaces: Any, **more: Any) -> Any:
            used.setdefault(arm.kind, set()).add(more["model"])
            return super().__call__(arm, parts, spaces, **more)

    run(options(texts, vectors, model=model), Watching())
    assert used.pop("static") == {frozen}
    assert used and all(models == {model} for models in used.values())
    report = texts.with_name("out").joinpath("report.html").read_text(encoding="utf-8")
    assert ("fitted exactly" in report) == (model == "mean")


def test_the_same_command_goes_on_and_ends_alike(texts: Path, vectors: Path) -> None:
    class Stopping(Trainer):
        def __call__(self, *given: Any, **more: Any) -> Any:
            if len(self.calls) == 10:
                raise KeyboardInterrupt
            return super().__call__(*given, **more)

    given = options(texts, vectors)
    stopped, _, _ = run(given, Stopping())
    out = texts.with_name("out")
    assert stopped.stop == "interrupted"
    assert len(read_runs(out / "results.csv")) == 10
    assert "Stopped by Ctrl-C after 10 runs" in (out / "report.html").read_text(encoding="utf-8")
    trainer = Trainer()
    resumed, said, _ = run(given, trainer)
    assert len(trainer.calls) == 14
    assert any("10 done already" in line for line in said)
    whole, _, _ = run(options(texts, vectors, out=texts.with_name("other")))
    assert resumed.findings == whole.findings
    again = Trainer()
    run(given, again)
    assert again.calls == []


def test_more_seeds_and_sizes_add_to_what_is_there(texts: Path, vectors: Path) -> None:
    run(options(texts, vectors))
    trainer = Trainer()
    result, _, _ = run(options(texts, vectors, seeds=4, sizes=(50, 100, None)), trainer)
    assert len(trainer.calls) == 4 * 4 + 2 * 4
    assert result.findings.sizes == (50, 100, 240)


def test_a_changed_file_is_noticed(texts: Path, vectors: Path) -> None:
    run(options(texts, vectors))
    before = texts.with_name("out").joinpath("results.csv").read_bytes()
    write_csv(texts, [*sentences(300)[:-1], ["another text altogether", "positive"]])
    with pytest.raises(ComparisonError, match=r"other texts or settings.*--fresh"):
        run(options(texts, vectors))
    assert texts.with_name("out").joinpath("results.csv").read_bytes() == before
    assert len(run(options(texts, vectors, fresh=True))[0].findings.scores) > 0
    with pytest.raises(ComparisonError, match="other texts or settings"):
        run(options(texts, vectors, reading=Reading(max_words=3)))


def test_changed_vectors_are_run_again(texts: Path, vectors: Path) -> None:
    run(options(texts, vectors))
    write_vectors(vectors, dimensions=5)
    trainer = Trainer()
    _, _, warned = run(options(texts, vectors), trainer)
    assert {name for name, _, _ in trainer.calls} == {"v static", "v fine-tuned"}
    assert "vectors v changed" in warned[0]


def test_a_damaged_table_of_runs_is_an_error(texts: Path, vectors: Path) -> None:
    run(options(texts, vectors))
    table = texts.with_name("out") / "results.csv"
    table.write_bytes(table.read_bytes()[:500])
    with pytest.raises(ComparisonError, match=r"results\.csv is not a table of runs.*--fresh"):
        run(options(texts, vectors))


def test_time_is_kept_and_what_was_left_out_is_said(texts: Path, vectors: Path) -> None:
    class Slow(Trainer):
        def __call__(self, arm: Any, parts: Any, spaces: Any, **more: Any) -> Any:
            time.sleep(len(parts.train.labels) / 50)
            return super().__call__(arm, parts, spaces, **more)

    started = time.monotonic()
    result, said, _ = run(options(texts, vectors, budget=24 / 60, sizes=(50, 100)), Slow())
    # The runs would take 36 seconds without a limit; the machine may have other things to do.
    assert time.monotonic() - started < 34
    assert any(line.startswith("Left out to stay inside the time: ") for line in said)
    assert result.stop == "out of time"
    assert "was enough for" in result.how_it_ended
    assert names(texts.with_name("out")) == ["report.html", "results.csv", "summary.json"]


def test_a_run_that_never_ends_is_cut_off(texts: Path, vectors: Path) -> None:
    class Stuck(Trainer):
        def __call__(self, *given: Any, **more: Any) -> Any:
            while len(self.calls) == 3:
                time.sleep(0.01)
            return super().__call__(*given, **more)

    started = time.monotonic()
    result, _, _ = run(options(texts, vectors, budget=5 / 60), Stuck())
    assert time.monotonic() - started < 15
    assert (result.stop, result.runs) == ("out of time", 3)
    with pytest.raises(ComparisonError, match=r"--budget 0\.0501: not one run was finished"):
        stuck = Stuck()
        stuck.calls = [("", 0, 0)] * 3
        run(options(texts, vectors, budget=3.006 / 60, out=texts.with_name("none")), stuck)
    assert not texts.with_name("none").exists()


def test_a_deadline_that_was_not_heard_rings_again() -> None:
    heard = []

    class Deaf:
        def __del__(self) -> None:
            try:
                time.sleep(0.3)
                while True:  # as Python does with what arrives in here
                    time.sleep(0.01)
            except OutOfTime:
                heard.append("dropped")

    with pytest.raises(OutOfTime), Deadline(0.05):
        one = Deaf()
        del one
        while True:
            time.sleep(0.01)
    assert heard == ["dropped"]


def test_a_deadline_rings_and_leaves_ctrl_c_alone() -> None:
    with pytest.raises(OutOfTime), Deadline(0.05):
        while True:
            time.sleep(0.01)
    with Deadline(60):
        pass
    with pytest.raises(KeyboardInterrupt), Deadline(60):
        raise KeyboardInterrupt
    with pytest.raises(ZeroDivisionError), Deadline(60):
        raise ZeroDivisionError
    with pytest.raises(OutOfTime), Deadline(0):
        raise AssertionError
    time.sleep(0.1)


def test_nothing_is_written_when_the_first_run_fails(texts: Path, vectors: Path) -> None:
    def broken(*given: Any, **more: Any) -> Any:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run(options(texts, vectors), broken)
    assert names(texts.parent) == ["t.csv", "v.txt"]


# --- Vectors ---------------------------------------------------------------------------------------------------------


def test_vectors_are_loaded_for_the_words_of_the_texts(tmp_path: Path) -> None:
    path = write_vectors(tmp_path / "v.vec.txt", ["Good", "BAD", "film", "unused", "."])
    (space,) = load_spaces(check_vectors([f"mine={path}"]), [["good", "film", "."], ["bad", "plot", "7"]])
    assert space.name == "mine"
    assert space.vectors is not None
    assert sorted(space.vectors.key_to_index) == [".", "bad", "film", "good"]
    assert (space.by_token, space.by_type, space.missing) == (0.75, 0.75, ("plot",))
    assert space.warning is None


def test_vectors_of_another_language_are_left_out_or_not_recommended(texts: Path, tmp_path: Path) -> None:
    foreign = write_vectors(tmp_path / "foreign.txt", ["хорошо", "плохо"])
    partly = write_vectors(tmp_path / "partly.txt", ["film", "story", "хорошо"])
    given = options(texts, foreign, partly)
    result, _, warned = run(given, Trainer(static=0.3, nonstatic=0.3))
    assert "vectors foreign know 0.0% of the running words" in warned[0]
    assert "left out" in warned[0]
    assert "compared, but not recommended" in warned[1]
    assert result.findings.arms == ("bag of words", "learned", "partly frozen", "partly fine-tuned")
    assert result.findings.advice.arm in ("bag of words", "learned")
    assert result.findings.differences == ()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["none.txt"], "--vectors none.txt: there is no such file"),
        (["mine=none.txt"], "--vectors none.txt: there is no such file"),
        (["={}"], "should be PATH or NAME=PATH"),
        (["{}", "{}"], "two of the --vectors are called 'v'"),
    ],
)
def test_vectors_that_cannot_be_meant(vectors: Path, given: list[str], message: str) -> None:
    with pytest.raises(ComparisonError, match=message):
        check_vectors([item.format(vectors) for item in given])


def test_the_ready_made_vectors_say_where_they_come_from(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMBEDBOOK_DATA", "sample")
    spaces = load_spaces([], [["a", "good", "film"], ["a", "bad", "plot"]])
    assert [space.name for space in spaces] == ["word2vec", "GloVe"]
    assert all("small sample" in space.source and space.by_type == 1.0 for space in spaces)


# --- Options ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"model": "big"}, "--model must be one of mean, cnn, linear"),
        ({"seeds": 0}, "--seeds must be 1 or more"),
        ({"budget": 0.0}, "--budget must be"),
        ({"budget": float("nan")}, "--budget must be"),
        ({"sizes": (0,)}, "--sizes must be numbers of texts from 1 on"),
        ({"sizes": (-5, 100)}, "--sizes must be numbers of texts from 1 on"),
        ({"reading": Reading(max_rows=0)}, "--rows must be 1 or more"),
        ({"reading": Reading(max_words=-1)}, "--max-words must be 1 or more"),
        ({"reading": Reading(encoding="klingon")}, "--encoding 'klingon' is unknown"),
        ({"reading": Reading(encoding="base64")}, "--encoding 'base64' is unknown"),
        ({"sizes": (2,)}, "--sizes 2: too few"),
        ({"sizes": (100, 5_000)}, r"--sizes 5000: only 240 of 300 texts.*at most 240"),
    ],
)
def test_options_out_of_range(texts: Path, vectors: Path, more: dict[str, Any], message: str) -> None:
    with pytest.raises(ComparisonError, match=message):
        run(options(texts, vectors, **more))
    assert not texts.with_name("out").exists()


def test_sizes_are_read() -> None:
    assert parse_sizes(["100,500", "all"]) == (100, 500, None)
    assert parse_sizes([]) is None
    for wrong in ("many", "1.5", "", "1e3"):
        with pytest.raises(ComparisonError, match="no number of texts"):
            parse_sizes([wrong])


@pytest.mark.parametrize("kind", ["a file", "below a file", "other things"])
def test_the_folder_must_be_one_to_write_to(texts: Path, vectors: Path, kind: str) -> None:
    out = texts.with_name("out")
    if kind == "a file":
        out.write_text("")
    elif kind == "below a file":
        out = texts / "out"
    else:
        out.mkdir()
        (out / "report.html").write_text("mine")
    with pytest.raises(ComparisonError, match="--out"):
        run(options(texts, vectors, out=out))
    assert not list(texts.parent.glob(".*"))


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs a folder that nobody can write to, such as /proc")
def test_an_unwritable_folder_is_an_error_even_for_root(texts: Path, vectors: Path) -> None:
    with pytest.raises(ComparisonError, match="--out /proc/out: cannot write to /proc"):
        run(options(texts, vectors, out=Path("/proc/out")))
