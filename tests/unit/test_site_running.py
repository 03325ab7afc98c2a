"""Chapters whose outputs are out of date run side by side, and the build finds what they printed."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from jupyter_cache import get_cache

from embedbook.site import execution, running


def write_chapter(book: Path, name: str, code: str, seconds: float = 0) -> Path:
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(code)],
        metadata={
            "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
            "embedbook": {"seconds": seconds},
        },
    )
    file = book / f"{name}.ipynb"
    nbformat.write(notebook, file)
    return file


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """A book of two chapters and a page without code."""
    (tmp_path / "_config.yml").write_text("execute: {timeout: 60}\n", encoding="utf-8")
    toc = "format: jb-book\nroot: intro\nchapters:\n- file: one\n- file: two\n"
    (tmp_path / "_toc.yml").write_text(toc, encoding="utf-8")
    (tmp_path / "intro.md").write_text("# Hello\n", encoding="utf-8")
    write_chapter(tmp_path, "one", "print(6 * 7)", seconds=1)
    write_chapter(tmp_path, "two", "from pathlib import Path\nprint(Path.cwd().name)", seconds=2)
    write_chapter(tmp_path, "not-in-the-contents", "1 / 0")
    return tmp_path


def printed(book: Path, chapter: str) -> str:
    notebook = nbformat.read(book / f"{chapter}.ipynb", as_version=4)
    _, merged = get_cache(execution.cache_folder(book)).merge_match_into_notebook(notebook)
    return merged.cells[0].outputs[0]["text"].strip()


def test_chapters_run_once_and_leave_their_outputs(book: Path) -> None:
    assert [chapter.stem for chapter in running.out_of_date(book)] == ["two", "one"]
    assert len(running.run_chapters(book, jobs=2)) == 2
    assert printed(book, "one") == "42"
    assert printed(book, "two") == book.name  # a chapter runs in its own folder
    assert running.run_chapters(book) == []


def test_chapters_side_by_side_share_the_processors(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "processors", lambda: 4)
    write_chapter(book, "one", "import os\nprint(os.environ['OMP_NUM_THREADS'])")
    running.run_chapters(book, jobs=2)
    assert printed(book, "one") == "2"


def test_a_changed_chapter_runs_again_and_changed_code_makes_all_run_again(book: Path) -> None:
    running.run_chapters(book)
    write_chapter(book, "one", "print('new')")
    assert [chapter.stem for chapter in running.run_chapters(book)] == ["one"]
    assert printed(book, "one") == "new"
    (book / "src").mkdir()
    (book / "src" / "helper.py").write_text("x = 1\n", encoding="utf-8")
    assert len(running.out_of_date(book)) == 2


def test_a_failing_chapter_is_named_with_its_traceback_and_the_others_are_kept(
    book: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write_chapter(book, "one", "1 / 0", seconds=1)
    monkeypatch.chdir(book)
    assert running.main(["--jobs", "1"]) == 1
    message = capsys.readouterr().err
    assert "one.ipynb stopped with an error" in message
    assert "ZeroDivisionError" in message
    assert printed(book, "two") == book.name
    assert [chapter.stem for chapter in running.out_of_date(book)] == ["one"]


def test_the_number_of_jobs_is_checked(book: Path) -> None:
    with pytest.raises(ValueError, match="jobs must be 1 or more, not 0"):
        running.run_chapters(book, jobs=0)
