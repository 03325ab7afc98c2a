"""Scores of translations: BLEU with its signature, the paired bootstrap, words by frequency, repetition."""

from __future__ import annotations

import math
import os

import pytest

from embedbook.evaluation import (
    paired_bootstrap,
    phrase_differences,
    repetition_rate,
    score_translations,
    word_scores,
)

REFERENCES = [
    f"the {animal} sees a {colour} house ." for animal in ("cat", "dog", "fox") for colour in ("red", "big")
] * 4


def test_a_perfect_translation_has_100_and_the_signature_says_how() -> None:
    scores = score_translations(REFERENCES, REFERENCES)
    assert scores.bleu == pytest.approx(100)
    assert scores.chrf == pytest.approx(100)
    assert "tok:none" in scores.bleu_signature
    assert "version:" in scores.chrf_signature


def test_bleu_is_that_of_its_definition() -> None:
    scores = score_translations(["the cat sees a house ."], ["the cat sees a red house ."])
    precisions = (6 / 6, 4 / 5, 2 / 4, 1 / 3)
    expected = 100 * math.exp(1 - 7 / 6) * math.prod(precisions) ** 0.25
    assert scores.bleu == pytest.approx(expected)


def test_the_bootstrap_sees_a_difference_and_not_where_there_is_none() -> None:
    worse = [line.replace("red house", "blue hat") for line in REFERENCES]
    test = paired_bootstrap(worse, REFERENCES, REFERENCES, samples=200)
    assert test.difference > 5
    assert test.p_value < 0.05
    assert test.system == pytest.approx(100)
    swapped = [line.replace("red house", "blue hat") if i % 4 < 2 else line for i, line in enumerate(REFERENCES)]
    other = [line.replace("red house", "blue hat") if i % 4 >= 2 else line for i, line in enumerate(REFERENCES)]
    assert paired_bootstrap(swapped, other, REFERENCES, samples=200).p_value > 0.05
    assert paired_bootstrap(worse, REFERENCES, REFERENCES, samples=200) == test
    assert "SACREBLEU_SEED" not in os.environ
    assert paired_bootstrap(worse, REFERENCES, REFERENCES, metric="chrF", samples=50).difference > 0


def test_uneven_or_missing_sentences_are_refused() -> None:
    with pytest.raises(ValueError, match="1 translations and 2 references"):
        score_translations(["a"], ["a", "b"])
    with pytest.raises(ValueError, match="at least one"):
        score_translations([], [])
    with pytest.raises(ValueError, match="not one string"):
        score_translations("a", ["a"])
    with pytest.raises(ValueError, match="unknown metric 'TER'"):
        paired_bootstrap(["a"], ["a"], ["a"], metric="TER")


def test_words_are_scored_by_how_often_they_were_seen() -> None:
    counts = {"the": 500, "cat": 3, "dog": 3}
    written = [["the", "the", "cat"], ["the", "zebra"]]
    expected = [["the", "dog", "cat"], ["the", "zebra", "the"]]
    rare, middle, common = word_scores(written, expected, counts, bands=((0, 1), (1, 10), (10, None)))
    assert rare[1:] == (1.0, 1.0, 1.0, 1)
    assert middle[1:] == (1.0, 0.5, pytest.approx(2 / 3), 2)
    assert common[1:] == (pytest.approx(2 / 3), pytest.approx(2 / 3), pytest.approx(2 / 3), 3)
    (nothing,) = word_scores([["a"]], [["b"]], {"a": 5, "b": 5}, bands=((5, None),))
    assert (nothing.precision, nothing.recall, nothing.f_measure) == (0, 0, 0)
    assert math.isnan(word_scores([["a"]], [["a"]], {"a": 5}, bands=((0, 1), (1, None)))[0].f_measure)
    with pytest.raises(ValueError, match="no band holds words with 0"):
        word_scores([["a"]], [["a"]], {}, bands=((1, None),))


def test_repetition_counts_what_stood_before_in_the_sentence() -> None:
    assert repetition_rate([["a", "b", "a", "b", "a", "b"]]) == pytest.approx(3 / 5)
    assert repetition_rate([["a", "b", "c"], ["a", "b", "c"]]) == 0  # other sentences do not count
    assert repetition_rate([["a", "a", "a"]], n=1) == pytest.approx(2 / 3)
    assert repetition_rate([["a"]]) == 0
    with pytest.raises(ValueError, match="n must be 1 or more"):
        repetition_rate([["a"]], n=0)


def test_phrases_that_only_one_system_gets_right() -> None:
    references = [["a", "red", "house"], ["a", "dog"]]
    baseline = [["a", "house"], ["a", "dog"]]
    system = [["a", "red", "house"], ["a", "cat"]]
    found = phrase_differences(baseline, system, references, n=(1, 2), count=2)
    assert [each.phrase for each in found[:2]] == [("a", "red"), ("red", "house")]
    assert all(each.system > each.baseline for each in found[:2])
    assert {each.phrase for each in found[2:]} == {("dog",), ("a", "dog")}
    assert ("a",) not in {each.phrase for each in found}
