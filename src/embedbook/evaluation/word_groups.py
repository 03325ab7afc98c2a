"""Groups of words to probe for: categories from the analogy questions, and families of one stem."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Literal

from embedbook.datasets import AnalogySection, load_analogies

__all__ = ["CATEGORY_SOURCES", "word_categories", "word_families"]

#: Each category: the sections of the analogy questions that list its words, and the side of their pairs.
CATEGORY_SOURCES: dict[str, tuple[tuple[str, tuple[int, ...]], ...]] = {
    "capitals": (("capital-common-countries", (0,)), ("capital-world", (0,))),
    "countries": (
        ("capital-common-countries", (1,)),
        ("capital-world", (1,)),
        ("currency", (0,)),
        ("gram6-nationality-adjective", (0,)),
    ),
    "nationalities": (("gram6-nationality-adjective", (1,)),),
    "currencies": (("currency", (1,)),),
    "US cities": (("city-in-state", (0,)),),
    "US states": (("city-in-state", (1,)),),
    "family": (("family", (0, 1)),),
    "adjectives": (
        ("gram1-adjective-to-adverb", (0,)),
        ("gram2-opposite", (0, 1)),
        ("gram3-comparative", (0,)),
        ("gram4-superlative", (0,)),
    ),
    "comparatives": (("gram3-comparative", (1,)),),
    "superlatives": (("gram4-superlative", (1,)),),
    "adverbs": (("gram1-adjective-to-adverb", (1,)),),
    "nouns": (("gram8-plural", (0,)),),
    "plurals": (("gram8-plural", (1,)),),
    "verbs": (("gram5-present-participle", (0,)), ("gram9-plural-verbs", (0,))),
    "third person": (("gram9-plural-verbs", (1,)),),
    "participles": (("gram5-present-participle", (1,)), ("gram7-past-tense", (0,))),
    "past tense": (("gram7-past-tense", (1,)),),
}


def word_categories(
    words: Collection[str] | None = None,
    *,
    fewest: int = 1,
    sections: Sequence[AnalogySection] | None = None,
    mode: Literal["auto", "real", "sample"] | None = None,
) -> dict[str, tuple[str, ...]]:
    """Sort words into categories, such as capitals, family or past tenses, by the analogy questions they occur in.

    Parameters
    ----------
    words : collection of str, optional
        Only these words, such as those that all spaces have; by default all words of the questions.
    fewest : int
        Leave out categories with fewer words than this.
    sections : sequence of AnalogySection, optional
        The questions; by default those of `embedbook.datasets.load_analogies`.
    mode : {"auto", "real", "sample"}, optional
        As in `load_analogies`, where `sections` are not given.

    Returns
    -------
    dict of str to tuple of str
        The categories of `CATEGORY_SOURCES`, their words in lower case and alphabetical order. A word that belongs to
        two of them ("georgia", "singapore") is in none.

    Raises
    ------
    ValueError
        If `fewest` is below 1, or no category has so many words.

    References
    ----------
    The questions: Mikolov et al. (2013), arXiv:1301.3781, table 1.

    Examples
    --------
    >>> word_categories({"paris", "rome", "mother", "father"}, mode="sample")
    {'capitals': ('paris', 'rome'), 'family': ('father', 'mother')}
    """
    if isinstance(fewest, bool) or not isinstance(fewest, int) or fewest < 1:
        raise ValueError(f"fewest must be a whole number, 1 or more, not {fewest!r}")
    questions = {one.name: one.questions for one in (load_analogies(mode=mode) if sections is None else sections)}
    members: dict[str, set[str]] = {}
    for category, sources in CATEGORY_SOURCES.items():
        # A question is two pairs: its words 0 and 2 are one side, 1 and 3 the other.
        members[category] = {
            question[place + side].lower()
            for section, sides in sources
            for question in questions.get(section, ())
            for side in sides
            for place in (0, 2)
        }
    belongs: dict[str, list[str]] = defaultdict(list)
    for category, found in members.items():
        for word in found:
            if words is None or word in words:
                belongs[word].append(category)
    sorted_out: dict[str, list[str]] = {category: [] for category in CATEGORY_SOURCES}
    for word, categories in belongs.items():
        if len(categories) == 1:
            sorted_out[categories[0]].append(word)
    kept = {name: tuple(sorted(found)) for name, found in sorted_out.items() if len(found) >= fewest}
    if not kept:
        raise ValueError(
            f"no category has {fewest} or more of the words; are they English, in lower case, and common enough?"
        )
    return kept


def word_families(words: Iterable[str]) -> list[str]:
    """Name the family of each word: its stem by Porter's rules, which "love", "loved" and "loving" share.

    A probe that is trained on "loved" and tested on "loving" is asked something that it was told. Give the families as
    groups, and it is not.

    Parameters
    ----------
    words : iterable of str
        Words in lower case.

    Returns
    -------
    list of str
        A stem for each word.

    References
    ----------
    Porter (1980), "An algorithm for suffix stripping", Program 14, 130-137.

    Examples
    --------
    >>> word_families(["love", "loved", "loving", "cat"])
    ['love', 'love', 'love', 'cat']
    """
    from gensim.parsing.porter import PorterStemmer

    stemmer = PorterStemmer()
    return [stemmer.stem(word) for word in words]
