"""The report: one file that loads nothing, says everything in words and numbers, and trusts no label."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from comparison_support import Trainer, sentences, write_csv, write_vectors

from embedbook.comparison import Options, compare
from embedbook.comparison.chart import looks
from embedbook.plots import ARMS

EVIL = '<script>alert("x")</script>'


class Page(HTMLParser):
    """Collects what a page holds, and notices what is not closed."""

    VOID = frozenset({"meta", "link", "br", "img"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] not in ("script", "style"):
            self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture(autouse=True)
def no_tensorflow(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys
    import types

    monkeypatch.setitem(sys.modules, "embedbook.models", types.ModuleType("embedbook.models"))


def make(tmp_path: Path, *, classes: tuple[str, ...] = ("negative", "positive"), **more: Any) -> str:
    rows = sentences(300, classes=classes)
    texts = write_csv(tmp_path / "my <texts>.csv", [*rows, rows[0]])
    options = Options(texts, tmp_path / "out", vectors=(str(write_vectors(tmp_path / "v.txt")),), seeds=3, **more)
    compare(options, train=Trainer(static=0.05))
    return (tmp_path / "out" / "report.html").read_text(encoding="utf-8")


def test_the_page_is_whole_and_loads_nothing(tmp_path: Path) -> None:
    html = make(tmp_path)
    page = Page(html)
    assert "default-src 'none'" in html
    assert not re.search(r"https?://|src=|@import|url\(", html)
    assert [link["href"] for link in page.all("link")] == ["data:,"]
    assert page.all("html")[0]["lang"] == "en"
    assert len(html) < 150_000
    for part in (
        "Learning curves",
        "All scores",
        "Pretrained or not?",
        "How it was measured",
        "1 repetition of other texts",
    ):
        assert part in page.text


def test_the_drawings_have_words_and_the_tables_captions(tmp_path: Path) -> None:
    page = Page(make(tmp_path))
    assert [drawing["data-metric"] for drawing in page.all("svg")] == ["accuracy", "macro_f1"]
    ids = {attributes["id"] for _, attributes in page.tags if "id" in attributes}
    for drawing in page.all("svg"):
        assert drawing["role"] == "img"
        assert set((drawing["aria-labelledby"] or "").split()) <= ids
    arms = [group["data-arm"] for group in page.all("g") if group.get("class") == "arm"]
    assert len(arms) == 2 * 5
    buttons = {button["data-arm"] for button in page.all("button") if "data-arm" in button}
    assert set(arms) == buttons
    assert len(page.all("table")) == len(page.all("caption")) == 5
    assert all(cell.get("scope") in ("row", "col") for cell in page.all("th"))
    assert "commonest class" in page.text


def test_names_from_outside_cannot_become_part_of_the_page(tmp_path: Path) -> None:
    html = make(tmp_path, classes=(EVIL, "a & b"))
    assert EVIL not in html
    assert len(Page(html).all("script")) == 1
    assert EVIL in Page(html).text
    assert "my <texts>.csv" in Page(html).text


def test_imbalance_is_said_and_macro_f1_comes_first(tmp_path: Path) -> None:
    page = Page(make(tmp_path, classes=("a", "a", "a", "a", "b")))
    assert "The classes are imbalanced (the largest has 80% of the texts)" in page.text
    assert [drawing["data-metric"] for drawing in page.all("svg")] == ["macro_f1", "accuracy"]
    assert "Macro-F1 of each method" in page.text


def test_one_size_alone_can_be_drawn(tmp_path: Path) -> None:
    page = Page(make(tmp_path, sizes=(None,)))
    assert len(page.all("svg")) == 2


def test_methods_look_as_everywhere_in_the_book() -> None:
    kinds = {"bag of words": "bag", "learned": "learned", "GloVe frozen": "static", "mine fine-tuned": "nonstatic"}
    vectors = {"bag of words": "", "learned": "", "GloVe frozen": "GloVe", "mine fine-tuned": "mine"}
    found = looks(kinds, vectors)
    assert found["bag of words"].colour == ARMS["one-hot"].colour
    assert found["learned"].colour == ARMS["learned"].colour
    assert found["GloVe frozen"].colour == ARMS["glove"].colour
    assert found["GloVe frozen"].dash
    assert not found["mine fine-tuned"].dash
    assert len({look.colour for look in found.values()}) == 4
