"""The invented languages: related as they are said to be, one sense a sentence, the same on every machine."""

from __future__ import annotations

from collections import Counter

import pytest

from embedbook.datasets import INVENTED_LANGUAGES, invented_pairs, invented_text


def test_the_same_seed_gives_the_same_pairs_everywhere() -> None:
    pairs = invented_pairs("tarvian", 20, seed=3)
    assert (pairs.source, pairs.target) == (invented_pairs("tarvian", 20, seed=3).source, pairs.target)
    assert pairs.target != invented_pairs("tarvian", 20, seed=4).target
    # Written down from one run: a change of Python's generator or of the rules would change the stored chapter.
    assert invented_pairs("tarvian", 10).target[0] == "the ducks slept ."


def test_both_languages_say_the_same_english() -> None:
    tarvian, torvian = (invented_pairs(language, 300) for language in INVENTED_LANGUAGES)
    assert tarvian.target == torvian.target
    assert len(set(tarvian.target)) == 300
    assert {name: len(rows) for name, rows in (tarvian.official_split or {}).items()} == {
        "train": 240,
        "dev": 30,
        "test": 30,
    }


def test_the_languages_are_related_by_sound_and_differ_in_order() -> None:
    tarvian, torvian = (invented_pairs(language, 300).source for language in INVENTED_LANGUAGES)
    shift = str.maketrans("pta", "bdo")
    alike = sum(
        bool({word.translate(shift).removesuffix("n") for word in one.split()[:-1]} & set(other.split()[:-1]))
        for one, other in zip(tarvian, torvian, strict=True)
    )
    assert alike == 300
    assert (
        sum(one.translate(shift).replace("n ", " ") == other for one, other in zip(tarvian, torvian, strict=True)) < 150
    )


@pytest.mark.parametrize("language", INVENTED_LANGUAGES)
def test_no_sentence_has_two_translations(language: str) -> None:
    pairs = invented_pairs(language, 1000)
    english = {}
    for source, target in zip(pairs.source, pairs.target, strict=True):
        english.setdefault(source, set()).add(target)
    assert [source for source, targets in english.items() if len(targets) > 1] == []


def test_what_is_said_makes_sense() -> None:
    words = Counter(
        (sentence.split()[place], sentence.split()[place + 2])
        for sentence in invented_text("english", 4000)
        for place in range(len(sentence.split()) - 2)
    )
    eaten = {noun for (verb, noun), _ in words.items() if verb in ("eat", "eats", "ate")}
    assert {"apple", "egg"} <= eaten
    assert not {"hammer", "boat", "coat", "milk"} & eaten


def test_text_has_more_words_than_the_pairs() -> None:
    pairs = invented_pairs("tarvian", 400)
    train = {word for row in (pairs.official_split or {})["train"] for word in pairs.source[row].split()}
    text = {word for sentence in invented_text("tarvian", 8000) for word in sentence.split()}
    assert len(text) > 1.3 * len(train)
    assert len(train - text) / len(train) < 0.02


def test_bad_requests_are_refused() -> None:
    with pytest.raises(ValueError, match="there is no invented language 'elvish'; there are tarvian, torvian"):
        invented_pairs("elvish")
    with pytest.raises(ValueError, match="there are english, tarvian, torvian"):
        invented_text("elvish")
    with pytest.raises(ValueError, match="count must be 10 or more"):
        invented_pairs(count=9)
    with pytest.raises(ValueError, match="count must be 1 or more"):
        invented_text("english", 0)
