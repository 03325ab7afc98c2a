"""Two invented languages with their English: pairs of sentences, and plain text, for machines without real ones.

Both languages come from one stock of roots and are as alike as neighbours on a map: Torvian has undergone three changes
of sound and puts its words in another order. Which words meet follows from what they mean (people eat food, dogs chase
cats), so that vectors learned from plain text know something that a few pairs do not show. All of it is drawn at
random from the rules in this file and the words of `invented_lexicon`; nothing is taken from anywhere.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from embedbook.datasets.invented_lexicon import (
    ADJECTIVES,
    ADVERBS,
    CONNECTIVES,
    INTRANSITIVES,
    NOUNS,
    PLACES,
    TRANSITIVES,
    Verb,
)
from embedbook.datasets.parallel import ParallelTexts

__all__ = ["INVENTED_LANGUAGES", "invented_pairs", "invented_text"]

#: The languages that sentences can be had in, beside their English.
INVENTED_LANGUAGES = ("tarvian", "torvian")

_PARTS = (("train", 0.8), ("dev", 0.1), ("test", 0.1))
_SHIFTS = str.maketrans({"p": "b", "t": "d", "a": "o"})  # what became of Tarvian sounds in Torvian
_PREPOSITIONS = ("in", "near", "behind")


class _Noun(NamedTuple):
    """A noun phrase: what it is, whether there are several, whether it is a known one, and how it is."""

    singular: str
    plural: str
    several: bool
    known: bool
    adjective: str


class _Clause(NamedTuple):
    """Who does what to whom, where and how."""

    subject: _Noun
    verb: Verb
    past: bool
    object: _Noun | None
    place: tuple[str, str] | None
    adverb: str


def invented_pairs(language: str = "tarvian", count: int = 800, *, seed: int = 0) -> ParallelTexts:
    """Draw sentences of an invented language with their English.

    Parameters
    ----------
    language : {"tarvian", "torvian"}
        The source's language.
    count : int
        Number of pairs, at least ten; no two have the same English. A tenth is "dev", a tenth "test".
    seed : int
        Decides which.

    Returns
    -------
    ParallelTexts

    Raises
    ------
    ValueError
        If there is no such language, or `count` is below ten.

    Examples
    --------
    >>> pairs = invented_pairs("tarvian", 10)
    >>> pairs
    ParallelTexts('invented-tarvian-en': 10 sample pairs, tarvian to en)
    """
    _require(language, INVENTED_LANGUAGES)
    if count < 10:
        raise ValueError(f"count must be 10 or more, so that dev and test hold a pair each, not {count}")
    drawn: dict[str, str] = {}
    for clauses in _clauses(random.Random(f"pairs {seed}")):
        drawn.setdefault(_say(clauses, "english"), _say(clauses, language))
        if len(drawn) == count:
            break
    ends, first, split = [round(share * count) for _, share in _PARTS[1:]], 0, {}
    for (part, _), size in zip(_PARTS, (count - sum(ends), *ends), strict=True):
        split[part] = list(range(first, first + size))
        first += size
    return ParallelTexts(
        name=f"invented-{language}-en",
        title=f"{language.capitalize()}, an invented language, with its English",
        source=tuple(drawn.values()),
        target=tuple(drawn),
        languages=(language, "en"),
        origin="sample",
        citation="drawn from the rules of embedbook.datasets.invented_languages",
        licence="CC BY 4.0",
        official_split=split,  # type: ignore[arg-type]  # lists become arrays there
    )


def invented_text(language: str, count: int = 5000, *, seed: int = 0) -> list[str]:
    """Draw plain sentences of a language: what there is plenty of.

    Parameters
    ----------
    language : {"english", "tarvian", "torvian"}
        The language.
    count : int
        Number of sentences; some come more than once, as short sentences do.
    seed : int
        Decides which. The sentences are other ones than those of `invented_pairs` with the same seed, but for chance.

    Returns
    -------
    list of str
        Words with spaces between them.

    Raises
    ------
    ValueError
        If there is no such language, or `count` is below 1.
    """
    _require(language, ("english", *INVENTED_LANGUAGES))
    if count < 1:
        raise ValueError(f"count must be 1 or more, not {count}")
    drawn = _clauses(random.Random(f"text {language} {seed}"))
    return [_say(clauses, language) for clauses, _ in zip(drawn, range(count), strict=False)]


def _require(language: str, known: Sequence[str]) -> None:
    if language not in known:
        raise ValueError(f"there is no invented language {language!r}; there are {', '.join(known)}")


# --- What is said ----------------------------------------------------------------------------------------------------


def _clauses(rng: random.Random) -> Iterator[list[_Clause]]:
    while True:
        yield [_clause(rng), _clause(rng)] if rng.random() < 0.15 else [_clause(rng)]


def _clause(rng: random.Random) -> _Clause:
    verb = _draw(TRANSITIVES, rng) if rng.random() < 0.7 else _draw(INTRANSITIVES, rng)
    place = (_draw(_PREPOSITIONS, rng), _draw(PLACES, rng)) if rng.random() < 0.3 else None
    return _Clause(
        subject=_noun(_draw(verb.subjects, rng), rng),
        verb=verb,
        past=rng.random() < 0.4,
        object=_noun(_draw(verb.objects, rng), rng) if verb.objects else None,
        place=place,
        adverb=_draw(ADVERBS, rng) if rng.random() < 0.2 else "",
    )


def _noun(kind: str, rng: random.Random) -> _Noun:
    singular, plural = _draw(NOUNS[kind], rng)
    adjective = _draw(ADJECTIVES[kind], rng) if rng.random() < 0.35 else ""
    several = kind != "drink" and rng.random() < 0.3
    return _Noun(singular, plural, several, rng.random() < 0.6, adjective)


def _draw(choices: Sequence, rng: random.Random):  # type: ignore[no-untyped-def]
    """Draw the first of several most often: word k with a weight of 1 / (k + 1), as words are in texts."""
    return rng.choices(choices, [1 / (rank + 2) for rank in range(len(choices))])[0]


# --- How it is said --------------------------------------------------------------------------------------------------


def _say(clauses: Sequence[_Clause], language: str) -> str:
    one = _english if language == "english" else _tarvian if language == "tarvian" else _torvian
    if len(clauses) == 1:
        return f"{one(clauses[0])} ."
    connective = CONNECTIVES[clauses[0].past != clauses[1].past]
    said = connective if language == "english" else _word(connective, language)
    return f"{one(clauses[0])} {said} {one(clauses[1])} ."


def _english(clause: _Clause) -> str:
    verb = clause.verb.base if clause.subject.several else clause.verb.third
    words = [_english_noun(clause.subject), clause.verb.past if clause.past else verb]
    if clause.object:
        words.append(_english_noun(clause.object))
    if clause.place:
        words.append(f"{clause.place[0]} the {clause.place[1]}")
    return " ".join([*words, *filter(None, [clause.adverb])])


def _english_noun(noun: _Noun) -> str:
    words = [word for word in (noun.adjective, noun.plural if noun.several else noun.singular) if word]
    if noun.known:
        article = ["the"]
    elif noun.several or noun.singular in _UNCOUNTED:
        article = []
    else:
        article = ["an" if words[0][0] in "aeiou" else "a"]
    return " ".join([*article, *words])


_UNCOUNTED = frozenset(singular for singular, _ in NOUNS["drink"])


def _tarvian(clause: _Clause) -> str:
    """Say it with the verb at the end, adjectives behind their nouns, and an ending for the object."""
    words = [_foreign_noun(clause.subject, "tarvian", ending="")]
    if clause.place:
        words.append(f"{_word(clause.place[1], 'tarvian')} {_word(clause.place[0], 'tarvian')}")
    if clause.object:
        words.append(_foreign_noun(clause.object, "tarvian", ending="n"))
    if clause.adverb:
        words.append(_word(clause.adverb, "tarvian"))
    return " ".join([*words, _word(clause.verb.base, "tarvian", "ta" if clause.past else "")])


def _torvian(clause: _Clause) -> str:
    """Say it with the verb in the middle, adjectives before their nouns, and the ending that is left of the other's."""
    words = [_foreign_noun(clause.subject, "torvian", ending="")]
    words.append(_word(clause.verb.base, "torvian", "ta" if clause.past else ""))
    if clause.object:
        words.append(_foreign_noun(clause.object, "torvian", ending=""))
    if clause.place:
        words.append(f"{_word(clause.place[0], 'torvian')} {_word(clause.place[1], 'torvian')}")
    return " ".join([*words, *([_word(clause.adverb, "torvian")] if clause.adverb else [])])


def _foreign_noun(noun: _Noun, language: str, *, ending: str) -> str:
    known = "el" if noun.known else ""
    name = _word(noun.singular, language, ("ri" if noun.several else "") + known + ending)
    if not noun.adjective:
        return name
    adjective = _word(noun.adjective, language)
    return f"{adjective} {name}" if language == "torvian" else f"{name} {adjective}"


def _word(english: str, language: str, ending: str = "") -> str:
    word = _roots()[english] + ending
    return word.translate(_SHIFTS) if language == "torvian" else word


@lru_cache(maxsize=1)
def _roots() -> dict[str, str]:
    """Give each word of the lexicon a root of its own: two or three syllables, drawn once and for all."""
    words = [singular for kind in NOUNS.values() for singular, _ in kind]
    words += [verb.base for verb in (*TRANSITIVES, *INTRANSITIVES)]
    words += [*PLACES, *ADVERBS, *CONNECTIVES, *_PREPOSITIONS]
    words += [adjective for kind in ADJECTIVES.values() for adjective in kind]
    rng = random.Random("roots")
    roots: dict[str, str] = {}
    for word in dict.fromkeys(words):
        while True:
            root = "".join(rng.choice("ptkmsvlr") + rng.choice("aeiou") for _ in range(rng.choice((2, 2, 3))))
            shifted = {each.translate(_SHIFTS) for each in roots.values()}
            if root not in roots.values() and root.translate(_SHIFTS) not in shifted:
                break
        roots[word] = root
    return roots
