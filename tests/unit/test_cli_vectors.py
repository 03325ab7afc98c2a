"""`embedbook vectors`: answers on standard output, one line for each error, nothing half-written."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from embedbook import cli
from embedbook.vectors import load

TEXT = "king 1 0.9 0\nqueen 1 1 0.1\nman 0 0.9 0\nwoman 0 1 0.1\ncat 0 0 1\n"


@pytest.fixture(autouse=True)
def group(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(cli._GROUPS, "vectors", "embedbook.cli.vectors")


@pytest.fixture
def glove(tmp_path: Path) -> Path:
    path = tmp_path / "vectors.txt"
    path.write_text(TEXT, encoding="utf-8")
    return path


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    code = cli.main(["vectors", *map(str, arguments)])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_info_shows_what_a_file_holds(capsys: pytest.CaptureFixture[str], glove: Path) -> None:
    code, out, err = run(capsys, "info", glove)
    assert (code, err) == (0, "")
    assert "glove" in out
    assert "dimensions   3" in out
    assert "king queen man woman cat" in out
    assert "words        5\n" in run(capsys, "info", glove, "--check")[1]


def test_convert_makes_a_store_that_info_knows(capsys: pytest.CaptureFixture[str], glove: Path) -> None:
    store = glove.with_name("store")
    code, out, _ = run(capsys, "convert", glove, store, "--name", "Mine", "--dtype", "float16")
    assert code == 0
    assert "5 words × 3 (store)" in out
    assert load(store).index_to_key == ["king", "queen", "man", "woman", "cat"]
    code, out, _ = run(capsys, "info", store, "--check")
    assert code == 0
    for part in ("Mine", "vectors.txt", "float16", "all of it is in order"):
        assert part in out


def test_trim_keeps_the_words_of_a_file(capsys: pytest.CaptureFixture[str], glove: Path) -> None:
    words = glove.with_name("words.txt")
    words.write_text("cat\nking\n\nunicorn\n", encoding="utf-8")
    target = glove.with_name("small.bin")
    code, out, _ = run(capsys, "trim", glove, target, "--words", words)
    assert code == 0
    assert "not in the source: 1 (unicorn)" in out
    assert load(target).index_to_key == ["king", "cat"]
    code, _, err = run(capsys, "trim", glove, target, "--top", 2)
    assert (code, err.count("\n")) == (2, 1)
    assert "exists already" in err
    assert run(capsys, "trim", glove, target, "--top", 2, "--force")[0] == 0
    assert load(target).index_to_key == ["king", "queen"]
    assert run(capsys, "trim", glove, glove.with_name("none.bin"))[0] == 2


def test_neighbours_and_analogies_are_shown(capsys: pytest.CaptureFixture[str], glove: Path) -> None:
    code, out, _ = run(capsys, "neighbours", glove, "king", "cat", "--top", 2)
    assert code == 0
    assert [line.split()[:1] for line in out.splitlines()][:3] == [["king"], ["queen"], ["man"]]
    assert "\n\ncat\n" in out
    code, out, _ = run(capsys, "analogy", glove, "man", "king", "woman", "--top", 1)
    assert (code, out.split()[0]) == (0, "queen")


def test_repairs_are_warnings_of_one_line(capsys: pytest.CaptureFixture[str], glove: Path) -> None:
    glove.write_bytes((TEXT + "king 0 0 0\n").replace("\n", "\r\n").encode())
    code, _, err = run(capsys, "neighbours", glove, "king")
    assert code == 0
    assert [line.split(": ")[:2] for line in err.splitlines()] == [["embedbook", "warning"]] * 2


def test_progress_is_shown_when_asked_for(capsys: pytest.CaptureFixture[str], glove: Path) -> None:
    code, _, err = run(capsys, "convert", glove, glove.with_name("store"), "--progress")
    assert code == 0
    assert "Converting" in err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("info", "missing.txt"), "missing.txt does not exist"),
        (("neighbours", "{glove}", "unicorn"), "not in the vectors: 'unicorn'"),
        (("analogy", "{glove}", "man", "king", "Woman"), "not in the vectors: 'Woman'; 'woman' is"),
        (("convert", "{glove}", "{folder}/out.xyz"), "cannot tell the format"),
        (("convert", "{glove}", "{folder}/out.txt", "--to", "csv"), "there is no format 'csv'"),
        (("convert", "{broken}", "{folder}/out"), "broken.txt, line 6: only 1"),
        (("info", "{broken}", "--check"), "broken.txt, line 6: only 1"),
        (("trim", "{glove}", "{folder}/out", "--words", "{folder}/none.txt"), "none.txt, the list of words"),
        (("trim", "{glove}", "{folder}/out", "--top", "0"), "--top"),
        (("neighbours", "{glove}"), "Missing argument"),
    ],
)
def test_every_error_is_one_line_and_leaves_nothing(
    capsys: pytest.CaptureFixture[str], glove: Path, arguments: tuple[str, ...], message: str
) -> None:
    broken = glove.with_name("broken.txt")
    broken.write_text(TEXT + "dog 1\n", encoding="utf-8")
    places = {"glove": glove, "broken": broken, "folder": glove.parent}
    code, out, err = run(capsys, *(argument.format(**places) for argument in arguments))
    assert code == 2
    assert message in err
    assert err.startswith("embedbook: ")
    assert err.count("\n") == 1
    assert out == ""
    assert sorted(path.name for path in glove.parent.iterdir()) == ["broken.txt", "vectors.txt"]


def test_a_converted_file_has_the_same_numbers(capsys: pytest.CaptureFixture[str], glove: Path) -> None:
    target = glove.with_name("packed.vec.gz")
    assert run(capsys, "convert", glove, target)[0] == 0
    np.testing.assert_array_equal(load(target).vectors, load(glove).vectors)


def test_vectors_can_be_named_as_the_registry_names_them(capsys: pytest.CaptureFixture[str], mirror: Path) -> None:
    code, out, _ = run(capsys, "analogy", "word2vec-googlenews-8000", "man", "king", "woman", "--top", 1)
    assert (code, out.split()[0]) == (0, "queen")
