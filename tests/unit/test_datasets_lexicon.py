"""The lexicon has words that praise and words that blame, none of them both."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest
from datasets_support import closed_address, entry, file_entry, isolate, use_registry

from embedbook.datasets import DataError, Lexicon, data_folder, load_lexicon, load_reviews
from embedbook.text import tokenize

POSITIVE = b"; a remark\r\n;\r\n\r\na+\r\nGood\r\nodd\r\n"
NEGATIVE = "; a remark\r\nbad\r\nna\xefve\r\nodd\r\n\r\n".encode("latin-1")


def load(
    monkeypatch: pytest.MonkeyPatch, folder: Path, positive: bytes = POSITIVE, negative: bytes = NEGATIVE
) -> Lexicon:
    isolate(monkeypatch, folder)
    monkeypatch.setenv("EMBEDBOOK_MIRROR", str(folder))
    (folder / "lexicon").mkdir(exist_ok=True)
    entries = []
    for name, content in (("positive-words.txt", positive), ("negative-words.txt", negative)):
        (folder / "lexicon" / name).write_bytes(content)
        entries.append(file_entry(f"lexicon/{name}", content, closed_address(), 3))
    use_registry(monkeypatch, entry("opinion-lexicon", *entries, kind="lexicon"))
    return load_lexicon(mode="real")


def make(**changes: Any) -> Lexicon:
    fields = {"name": "mine", "title": "My <list>", "positive": ["good"], "negative": ["bad"], "origin": "real"}
    return Lexicon(**{**fields, "citation": "Somebody & others", "licence": "CC0", **changes})


def test_words_are_read_without_remarks_in_lower_case(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    lexicon = load(monkeypatch, tmp_path)
    assert lexicon.positive == {"a+", "good"}
    assert lexicon.negative == {"bad", "naïve"}
    assert lexicon.ambiguous == {"odd"}
    assert len(lexicon) == 4
    assert (lexicon.name, lexicon.origin, lexicon.licence) == ("opinion-lexicon", "real", "CC0")


@pytest.mark.parametrize(
    ("positive", "message"),
    [
        (b"good\r\n", r"positive-words\.txt: 1 words were read where the registry says 3"),
        (NEGATIVE, "holds no positive word"),
    ],
)
def test_wrong_files_are_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, positive: bytes, message: str
) -> None:
    with pytest.raises(DataError, match=message):
        load(monkeypatch, tmp_path, positive)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"positive": []}, "holds no positive word"),
        ({"negative": ["good"]}, "holds no positive word"),
        ({"negative": ["Bad"]}, "negative words must be in lower case and not empty, unlike 'Bad'"),
        ({"positive": [" "]}, "positive words must be in lower case and not empty"),
        ({"positive": "good"}, "positive is one string"),
        ({"origin": "other"}, "'other' is neither 'real' nor 'sample'"),
    ],
)
def test_a_lexicon_that_cannot_be_right_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError, match=message):
        make(**changes)


def test_a_lexicon_shows_what_it_is() -> None:
    lexicon = make(positive=["good", "odd"], negative=["bad", "sad", "odd"])
    assert repr(lexicon) == "Lexicon('mine': 1 positive and 2 negative real words; 1 ambiguous left out)"
    for part in ("Real data", "My &lt;list&gt;", "1 positive and 2 negative words", "Somebody &amp; others"):
        assert part in lexicon._repr_html_()


def test_the_sample_has_about_sixty_words_of_each_kind_that_the_sample_reviews_use() -> None:
    lexicon = load_lexicon(mode="sample")
    assert (lexicon.name, lexicon.origin, lexicon.ambiguous) == ("sample", "sample", frozenset())
    assert 55 <= len(lexicon.positive) <= 75
    assert 55 <= len(lexicon.negative) <= 75
    used = {word for text in load_reviews(mode="sample").texts for word in tokenize(text)}
    assert (lexicon.positive | lexicon.negative) - used == set()
    with (data_folder() / "sample" / "lexicon.csv").open(encoding="utf-8", newline="") as file:
        assert len(list(csv.DictReader(file))) == len(lexicon)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("word;polarity\n", r"lexicon\.csv, line 1: must be 'word,polarity'"),
        ("word,polarity\ngood,positive\nbad,no\n", r"lexicon\.csv, line 3: 'bad,no' is no word"),
        ("word,polarity\ngood\n", r"lexicon\.csv, line 2: 'good' is no word"),
    ],
)
def test_a_damaged_sample_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: str, message: str) -> None:
    (tmp_path / "lexicon.csv").write_text(content, encoding="utf-8")
    monkeypatch.setattr("embedbook.datasets.lexicon.sample_folder", lambda: tmp_path)
    with pytest.raises(DataError, match=message):
        load_lexicon(mode="sample")


def test_the_real_lexicon_is_the_published_one(mirror: Path) -> None:
    lexicon = load_lexicon(mode="real")
    assert (len(lexicon.positive), len(lexicon.negative)) == (2003, 4780)
    assert lexicon.ambiguous == {"envious", "enviously", "enviousness"}
    assert "naïve" in lexicon.negative
