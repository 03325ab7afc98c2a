"""LabelledTexts are checked once, split evenly, and show themselves honestly."""

from __future__ import annotations

import dataclasses
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pytest

from embedbook.datasets import DataError, LabelledTexts


def make(size: int = 10, **changes: Any) -> LabelledTexts:
    fields = {
        "name": "mine",
        "title": "My <texts> & more",
        "texts": tuple(f"text {row}" for row in range(size)),
        "labels": np.arange(size) % 2,
        "classes": ("negative", "positive"),
        "origin": "real",
        "citation": "A <b> & Co. (2000)",
        "licence": "CC0 <1>",
    }
    return LabelledTexts(**{**fields, **changes})


def test_they_are_kept_in_fixed_types() -> None:
    made = make(4, texts=["a", "b", "c", "d"], labels=[0, 1, 1, 1], classes=["negative", "positive"])
    assert made.texts == ("a", "b", "c", "d")
    assert made.labels.dtype == np.int64
    assert len(made) == 4
    assert made.counts == {"negative": 1, "positive": 3}
    assert repr(made) == "LabelledTexts('mine': 4 real texts; negative 1, positive 3)"


def test_nothing_in_them_can_be_changed() -> None:
    labels = np.array([0, 1])
    made = make(2, labels=labels)
    labels[:] = 1
    assert made.labels.tolist() == [0, 1]
    with pytest.raises(ValueError, match="read-only"):
        made.labels[0] = 1
    with pytest.raises(dataclasses.FrozenInstanceError):
        made.name = "other"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"labels": [0, 1, 0]}, "10 texts but 3 labels"),
        ({"labels": [0] * 10}, "at least two classes"),
        ({"labels": [0, 1] * 4 + [2, -1]}, "labels outside 0 to 1 in rows 8, 9"),
        ({"labels": np.zeros((10, 2), dtype=int)}, "one whole number per text"),
        ({"labels": [0.0, 1.0] * 5}, "one whole number per text, got float64"),
        ({"labels": ["0", "1"] * 5}, "one whole number per text"),
        ({"texts": ["a", "", "b", " \n", *"cdefgh"]}, "empty texts in rows 1, 3;"),
        ({"texts": [""] * 10}, "empty texts in rows 0, 1, 2, 3, 4 and 5 more"),
        ({"texts": ["a"] * 9 + [3]}, "not a string in rows 9"),
        ({"texts": "0123456789"}, "one string"),
        ({"texts": [], "labels": []}, "at least two classes"),
        ({"classes": ("only",)}, "two different names"),
        ({"classes": ("same", "same")}, "two different names"),
        ({"origin": "invented"}, "neither 'real' nor 'sample'"),
        ({"official_split": {"train": [0, 10]}}, "indices 10 are outside 0 to 9"),
    ],
)
def test_what_cannot_be_right_is_refused_by_name(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError, match=f"^mine: .*{message}"):
        make(**changes)


def test_a_subset_keeps_order_and_everything_else() -> None:
    whole = make(homepage="https://example.org", official_split={"train": range(6), "test": range(6, 10)})
    part = whole.subset([7, 0, 3])
    assert part.texts == ("text 7", "text 0", "text 3")
    assert part.labels.tolist() == [1, 0, 1]
    assert part.official_split is not None
    assert {name: rows.tolist() for name, rows in part.official_split.items()} == {"train": [1, 2], "test": [0]}
    for field in ("name", "title", "classes", "origin", "citation", "licence", "homepage"):
        assert getattr(part, field) == getattr(whole, field)


def test_a_mask_chooses_too() -> None:
    assert make(4).subset([True, True, False, False]).texts == ("text 0", "text 1")


@pytest.mark.parametrize(
    ("indices", "message"),
    [([0, 10], "indices 10 are"), ([-1, 0], "indices -1"), ([True], "mask"), ([0.5], "whole numbers"), ([0, 2], "two")],
)
def test_a_subset_that_cannot_be_is_refused(indices: list[Any], message: str) -> None:
    with pytest.raises(DataError, match=message):
        make().subset(indices)


def test_a_split_puts_each_text_in_one_part_with_equal_shares_of_classes() -> None:
    whole = make(1000, labels=(np.arange(1000) % 4 == 0).astype(int))
    parts = whole.split((0.6, 0.3, 0.1), seed=3)
    assert [len(part) for part in parts] == [600, 300, 100]
    assert sorted(text for part in parts for text in part.texts) == sorted(whole.texts)
    assert [part.counts["positive"] for part in parts] == [150, 75, 25]
    for part in parts:
        for text, label in zip(part.texts, part.labels, strict=True):
            assert label == (int(text.removeprefix("text ")) % 4 == 0)


def test_a_split_is_shuffled_and_repeatable() -> None:
    whole = make(100, labels=[0] * 50 + [1] * 50)
    first = whole.split(seed=1)
    assert [part.texts for part in first] == [part.texts for part in whole.split(seed=1)]
    assert first[0].texts != whole.split(seed=2)[0].texts
    # Not one class after the other, as they came.
    assert len(set(first[0].labels[:40].tolist())) == 2


@pytest.mark.parametrize("fractions", [(0.5, 0.4), (0.5, 0.6), (1.0, 0.0), (1.5, -0.5), (), (float("nan"), 0.5)])
def test_fractions_that_are_no_division_are_refused(fractions: tuple[float, ...]) -> None:
    with pytest.raises(DataError, match="add up to 1"):
        make().split(fractions, seed=0)


def test_a_class_too_small_for_all_parts_is_named() -> None:
    with pytest.raises(DataError, match="class 'positive' has 2 texts, too few"):
        make(50, labels=[0] * 48 + [1] * 2).split(seed=0)


class Parsed(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str | None] = []
        self.classes: list[str] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value for name, value in attrs if name == "href"]
        self.classes += [value or "" for name, value in attrs if name == "class"]

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_badge_says_what_the_data_are() -> None:
    badge = Parsed(make(homepage='https://example.org/?a=1&b="x"')._repr_html_())
    for part in (
        "Real data",
        "My <texts> & more",
        "10 texts",
        "negative 5, positive 5",
        "CC0 <1>",
        "A <b> & Co. (2000)",
    ):
        assert part in badge.text
    assert badge.classes[0] == "data-badge data-badge--real"
    assert badge.links == ['https://example.org/?a=1&b="x"']
    assert set(badge.tags) == {"div", "span", "a"}


def test_the_badge_of_the_sample_says_so() -> None:
    badge = Parsed(make(origin="sample")._repr_html_())
    assert "Sample data" in badge.text
    assert "Real data" not in badge.text
    assert badge.classes[0] == "data-badge data-badge--sample"


def test_the_badge_links_to_web_pages_only() -> None:
    assert Parsed(make(homepage="javascript:alert(1)")._repr_html_()).links == []
