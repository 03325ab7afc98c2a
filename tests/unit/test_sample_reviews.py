"""The sample reviews are what their datasheet says: balanced, varied, and neither too easy nor too hard."""

from __future__ import annotations

import collections
import csv
import re
from pathlib import Path

import numpy as np
import pytest
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS, CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

FILE = Path(__file__).parents[2] / "data" / "sample" / "reviews.csv"
# Words that carry a sentence's frame; everything else is content and is blanked out.
FRAME_WORDS = ENGLISH_STOP_WORDS | {"n't", "'s", "i", "a"}


@pytest.fixture(scope="module")
def rows() -> list[dict[str, str]]:
    with FILE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9']+", text.lower())


def test_there_are_about_two_thousand_in_at_least_eight_domains(rows) -> None:
    assert 1900 <= len(rows) <= 2200
    assert len({row["domain"] for row in rows}) >= 8


def test_every_domain_is_balanced(rows) -> None:
    counts = collections.Counter((row["domain"], row["label"]) for row in rows)
    for domain in {row["domain"] for row in rows}:
        assert counts[domain, "positive"] == counts[domain, "negative"] > 0


def test_each_is_one_sentence_of_six_to_thirty_words(rows) -> None:
    lengths = [len(row["text"].split()) for row in rows]
    assert min(lengths) >= 6
    assert max(lengths) <= 30
    assert [row["text"] for row in rows if not re.search(r"[.!?]$", row["text"])] == []


def test_no_two_are_alike(rows) -> None:
    plain = collections.Counter(" ".join(words(row["text"])) for row in rows)
    assert [text for text, count in plain.items() if count > 1] == []


def test_no_opening_and_no_frame_comes_more_than_five_times(rows) -> None:
    openings = collections.Counter(tuple(words(row["text"])[:3]) for row in rows)
    frames = collections.Counter(
        tuple(word if word in FRAME_WORDS else "_" for word in words(row["text"])) for row in rows
    )
    assert {opening: n for opening, n in openings.items() if n > 5} == {}
    assert {frame: n for frame, n in frames.items() if n > 5} == {}


def test_pets_are_spoken_of_both_ways(rows) -> None:
    for animal in ("cat", "dog"):
        labels = {row["label"] for row in rows if {animal, animal + "s"} & set(words(row["text"]))}
        assert labels == {"positive", "negative"}


def test_contrast_and_negation_occur_with_both_labels(rows) -> None:
    for label in ("positive", "negative"):
        texts = [" ".join(words(row["text"])) for row in rows if row["label"] == label]
        assert sum(bool(re.search(r"\b(but|yet|though|although|despite)\b", text)) for text in texts) > 50
        assert sum(bool(re.search(r"\b(not|never|no|nothing)\b|n't\b", text)) for text in texts) > 50


def test_a_linear_bag_of_words_finds_them_neither_easy_nor_hopeless(rows) -> None:
    texts = [row["text"] for row in rows]
    labels = np.array([row["label"] for row in rows])
    accuracies = []
    for seed in range(5):
        train, test, y_train, y_test = train_test_split(
            texts, labels, test_size=0.2, stratify=labels, random_state=seed
        )
        bag = CountVectorizer(binary=True)
        model = LogisticRegression(max_iter=1000).fit(bag.fit_transform(train), y_train)
        accuracies.append(model.score(bag.transform(test), y_test))
    assert 0.75 < np.mean(accuracies) < 0.93
