"""A file is there as a whole or not at all."""

import multiprocessing
from pathlib import Path

import pytest

from embedbook.whole_files import replaced_when_whole


def test_what_was_written_takes_the_place_of_the_file(tmp_path: Path) -> None:
    file = tmp_path / "scores.csv"
    file.write_text("old")
    with replaced_when_whole(file) as temporary:
        temporary.write_text("new")
        assert file.read_text() == "old"
    assert file.read_text() == "new"
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize("before", ["old", None], ids=["there before", "not there before"])
def test_a_failure_leaves_everything_as_it_was(tmp_path: Path, before: str | None) -> None:
    file = tmp_path / "scores.csv"
    if before is not None:
        file.write_text(before)
    with pytest.raises(RuntimeError, match="half way"), replaced_when_whole(file) as temporary:
        temporary.write_text("ne")
        raise RuntimeError("half way")
    assert {each.name: each.read_text() for each in tmp_path.iterdir()} == ({"scores.csv": before} if before else {})


def test_a_missing_folder_is_the_writers_error(tmp_path: Path) -> None:
    with (
        pytest.raises(FileNotFoundError, match="nowhere"),
        replaced_when_whole(tmp_path / "nowhere" / "a.csv") as temporary,
    ):
        temporary.write_text("new")


def _write_often(file: Path, letter: str) -> None:
    for _ in range(200):
        with replaced_when_whole(file) as temporary:
            temporary.write_text(letter * 10_000)


def test_two_processes_may_write_one_file(tmp_path: Path) -> None:
    file = tmp_path / "shared.txt"
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_write_often, args=(file, letter)) for letter in "ab"]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [writer.exitcode for writer in writers] == [0, 0]
    assert file.read_text() in {"a" * 10_000, "b" * 10_000}
    assert list(tmp_path.iterdir()) == [file]
