"""`embedbook compare`: a table and a plain recommendation, and one line for everything that is wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from comparison_support import sentences, write_csv, write_vectors

from embedbook import cli, comparison
from embedbook.comparison import running


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder with a table of texts and vectors for them."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("EMBEDBOOK_DATA", "sample")
    write_csv(tmp_path / "texts.csv", sentences(300))
    write_vectors(tmp_path / "mine.txt")
    return tmp_path


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    code = cli.main(["compare", *map(str, arguments)])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_it_plans_measures_and_recommends(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    code, out, err = run(capsys, "texts.csv", "--vectors", "mine.txt", "--model", "linear", "--sizes", "50,all")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0].startswith("texts.csv: 300 texts, 2 classes (negative 150, positive 150); 240 texts to train on")
    assert lines[1].startswith("Vectors mine: mine.txt; ")
    assert any(line.startswith("Plan: 2 methods × 50, 240 texts × 5 seeds = 20 runs") for line in lines)
    table = lines[lines.index("") + 1 :]
    assert table[0].split() == ["accuracy", "(%)", "50", "240"]
    assert [line.split("  ")[0] for line in table[1:4]] == ["commonest class", "bag of words", "mine averaged"]
    assert "With all 240 texts: use " in out
    assert "The report: texts-comparison/report.html" in out
    assert sorted(path.name for path in (folder / "texts-comparison").iterdir()) == [
        "report.html",
        "results.csv",
        "summary.json",
    ]


def test_networks_are_trained_for_three_classes(
    capsys: pytest.CaptureFixture[str], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "_PATIENCE", 10)  # here it matters that they are trained, not how well
    write_csv(folder / "three.csv", sentences(60, classes=("bad", "good", "so so")))
    arguments = ("--vectors", "mine.txt", "--sizes", "30", "--seeds", "1", "--out", "three")
    code, out, err = run(capsys, "three.csv", *arguments)
    assert (code, err) == (0, "")
    assert "No recommendation: fewer than 3 repetitions" in out
    summary = json.loads((folder / "three" / "summary.json").read_text(encoding="utf-8"))
    assert {score["method"] for score in summary["scores"]} == {
        "bag of words",
        "learned",
        "mine frozen",
        "mine fine-tuned",
        "commonest class",
    }
    assert summary["run"]["ended"] == "complete"


def test_without_vectors_the_books_own_are_taken(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    code, out, _ = run(capsys, "texts.csv", "--model", "linear", "--sizes", "50", "--seeds", "1")
    assert code == 0
    assert out.count("the book's own small sample (8,000 words × 50)") == 2
    assert "word2vec averaged" in out


def test_ctrl_c_leaves_a_report_and_the_code_130(
    capsys: pytest.CaptureFixture[str], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from embedbook.experiments import classification

    calls = []

    def impatient(*given: Any, **more: Any) -> Any:
        calls.append(given)
        if len(calls) == 7:
            raise KeyboardInterrupt
        return classification.train_arm(*given, **more)

    def interrupted(*given: Any, **more: Any) -> Any:
        return real(*given, **more, train=impatient)

    real: Callable[..., Any] = comparison.compare
    monkeypatch.setattr(comparison, "compare", interrupted)
    arguments = ("texts.csv", "--vectors", "mine.txt", "--model", "linear", "--sizes", "50,all")
    code, out, err = run(capsys, *arguments)
    assert (code, err) == (130, "embedbook: stopped by Ctrl-C\n")
    assert "after 6 runs; the same command goes on from here" in out
    assert "after 6 runs" in (folder / "texts-comparison" / "report.html").read_text(encoding="utf-8")
    monkeypatch.setattr(comparison, "compare", real)
    code, out, _ = run(capsys, *arguments)
    assert code == 0
    assert "6 done already" in out


def test_warnings_are_lines_on_standard_error(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    rows = sentences(300)
    write_csv(folder / "texts.csv", [*rows, *rows[:5], ["", "positive"]])
    write_vectors(folder / "foreign.txt", ["хорошо", "плохо", "фильм"])
    arguments = ("--vectors", "foreign.txt", "--vectors", "mine=mine.txt", "--model", "linear", "--sizes", "50")
    code, out, err = run(capsys, "texts.csv", *arguments)
    assert code == 0
    warnings = err.splitlines()
    assert all(line.startswith("embedbook: warning: ") for line in warnings)
    for part, line in zip(("1 empty text left out", "5 repetitions", "another language?"), warnings, strict=True):
        assert part in line
    assert "foreign averaged" not in out


def test_every_line_of_the_table_fits_however_many_sizes(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    sizes = ",".join(str(size) for size in range(30, 240, 20))
    code, out, _ = run(
        capsys, "texts.csv", "--vectors", "mine.txt", "--model", "linear", "--sizes", sizes, "--seeds", "1"
    )
    assert code == 0
    header = next(line for line in out.splitlines() if line.startswith("accuracy"))
    assert header.split()[2:] == ["30", "150", "170", "190", "210", "230"]


def test_the_help_names_every_option(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "--help")
    assert code == 0
    for option in ("--text", "--label", "--vectors", "--sizes", "--seeds", "--model", "--budget", "--out", "--group"):
        assert option in out
    assert cli.main(["--help"]) == 0
    assert "compare" in capsys.readouterr().out


# --- Bad input: one line, code 2, nothing written --------------------------------------------------------------------

GOOD_ROWS = sentences(300)


def table(rows: list[list[str]]) -> bytes:
    return "\n".join(["text,label", *(",".join(row) for row in rows), ""]).encode()


@pytest.mark.parametrize(
    ("content", "arguments", "message"),
    [
        pytest.param(None, (), "bad.csv does not exist", id="missing file"),
        pytest.param(table(GOOD_ROWS), ("--text", "txet"), "did you mean 'text'?", id="wrong column"),
        pytest.param(b"", (), "bad.csv is empty", id="empty file"),
        pytest.param(
            table([[t, "a"] for t, _ in GOOD_ROWS]), (), "every label in column 'label' is 'a'", id="one class"
        ),
        pytest.param(table([*GOOD_ROWS, ["a b", "odd"]]), (), "'odd' (1)", id="class with one text"),
        pytest.param(
            table([["", label] for _, label in GOOD_ROWS]), (), "all 300 texts are empty", id="all texts empty"
        ),
        pytest.param(table([*GOOD_ROWS, ["a b", "nan"]]), (), "of 301 rows, 1 without a label", id="NaN label"),
        pytest.param(
            table([*GOOD_ROWS, ["x" * 5_000_000, "positive"]]), (), "line 302: a cell of more", id="5 MB cell"
        ),
        pytest.param(
            table([["é", "positive"], *GOOD_ROWS]) + "è".encode("cp1252") + b",positive\n",
            (),
            "mixes encodings",
            id="mixed encodings",
        ),
        pytest.param(table(GOOD_ROWS), ("--sizes", "0"), "--sizes must be", id="size zero"),
        pytest.param(table(GOOD_ROWS), ("--sizes", "-100"), "--sizes must be", id="negative size"),
        pytest.param(table(GOOD_ROWS), ("--sizes", "9999"), "at most 240", id="size beyond the data"),
        pytest.param(table(GOOD_ROWS), ("--sizes", "many"), "'many' is no number", id="size that is no number"),
        pytest.param(table(GOOD_ROWS), ("--out", "bad.csv/out"), "cannot write to", id="unwritable folder"),
        pytest.param(table(GOOD_ROWS), ("--out", "bad.csv"), "is a file", id="folder that is a file"),
        pytest.param(table(GOOD_ROWS), ("--budget", "0"), "--budget must be", id="no budget"),
        pytest.param(table(GOOD_ROWS), ("--seeds", "-1"), "--seeds must be", id="no seeds"),
        pytest.param(table(GOOD_ROWS), ("--model", "huge"), "--model must be", id="unknown model"),
        pytest.param(table(GOOD_ROWS), ("--vectors", "none.vec"), "--vectors none.vec", id="missing vectors"),
        pytest.param(table(GOOD_ROWS), ("--vectors", "broken.txt"), "broken.txt, line 2", id="damaged vectors"),
        pytest.param(table(GOOD_ROWS), ("--test", "none.csv"), "none.csv does not exist", id="missing test file"),
        pytest.param(table(GOOD_ROWS), ("--group", "user"), "no column 'user'", id="missing group"),
        pytest.param(table(GOOD_ROWS), ("--encoding", "utf-88"), "'utf-88' is unknown", id="unknown encoding"),
        pytest.param(table(GOOD_ROWS), ("--wrong",), "No such option", id="unknown option"),
    ],
)
def test_bad_input_is_one_line_and_leaves_nothing(
    capsys: pytest.CaptureFixture[str],
    folder: Path,
    content: bytes | None,
    arguments: tuple[str, ...],
    message: str,
) -> None:
    if content is not None:
        (folder / "bad.csv").write_bytes(content)
    (folder / "broken.txt").write_text("film 0.1 0.2\nplot 0.1\n", encoding="utf-8")
    before = sorted(path.name for path in folder.rglob("*"))
    vectors = () if "--vectors" in arguments else ("--vectors", "mine.txt")
    code, out, err = run(capsys, "bad.csv", *vectors, *arguments)
    assert code == 2
    assert message in err
    assert err.startswith("embedbook: ")
    assert err.count("\n") == 1
    assert len(err) < 500
    assert "Traceback" not in out + err
    assert sorted(path.name for path in folder.rglob("*")) == before
