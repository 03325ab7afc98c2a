"""Why one translation is better than another: which words come out right, which phrases, and how much it repeats."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

__all__ = ["FREQUENCY_BANDS", "PhraseDifference", "WordScore", "phrase_differences", "repetition_rate", "word_scores"]

#: Bands of how often a word occurs in the training texts: from, and below.
FREQUENCY_BANDS: tuple[tuple[int, int | None], ...] = (
    (0, 1),
    (1, 2),
    (2, 5),
    (5, 10),
    (10, 100),
    (100, 1000),
    (1000, None),
)


class WordScore(NamedTuple):
    """How well the words of one band of frequency are translated."""

    band: tuple[int, int | None]
    """Occurrences in the training texts: from, and below."""
    precision: float
    """Share of the written words that the reference has too; NaN if none was written."""
    recall: float
    """Share of the reference's words that were written; NaN if there are none."""
    f_measure: float
    """Harmonic mean of the two; NaN if nothing was written and nothing there."""
    n_reference: int
    """Words of this band in the references."""


class PhraseDifference(NamedTuple):
    """An n-gram that one system gets right more often than another."""

    phrase: tuple[str, ...]
    baseline: int
    """How often the baseline writes it where the reference has it."""
    system: int
    """How often the system does."""


def word_scores(
    translations: Sequence[Sequence[str]],
    references: Sequence[Sequence[str]],
    counts: Mapping[str, int],
    *,
    bands: Sequence[tuple[int, int | None]] = FREQUENCY_BANDS,
) -> list[WordScore]:
    """Score single words, apart from their order, by how often they occur in the training texts.

    Parameters
    ----------
    translations, references : sequence of sequences of str
        n tokenised translations and references.
    counts : mapping of str to int
        Occurrences of words in the target side of the training texts; a word that is missing has 0.
    bands : sequence of (int, int or None)
        From so many occurrences on, and below so many.

    Returns
    -------
    list of WordScore
        One for each band.

    Raises
    ------
    ValueError
        If the numbers of sentences differ.

    References
    ----------
    As Qi et al. (2018), section 4.2 and figure 2, and Neubig et al. (2019), "compare-mt", do it: a word counts as right
    as often as it occurs in both the translation and the reference of a sentence.
    """
    _check(translations, references)
    totals = [[0, 0, 0] for _ in bands]
    for written, expected in zip(translations, references, strict=True):
        ours, theirs = Counter(written), Counter(expected)
        for which, counter in enumerate((ours & theirs, ours, theirs)):
            for word, times in counter.items():
                totals[_band(counts.get(word, 0), bands)][which] += times
    return [WordScore(band, *_f_measure(*total), total[2]) for band, total in zip(bands, totals, strict=True)]


def repetition_rate(sentences: Sequence[Sequence[str]], *, n: int = 2) -> float:
    """Return which share of the n-grams stood in the same sentence before.

    Translators that have lost their way write "and the the" or "of the world of the world".

    Parameters
    ----------
    sentences : sequence of sequences of str
        Tokenised sentences.
    n : int
        Length of the n-grams.

    Returns
    -------
    float
        From 0, nothing is repeated, to below 1; 0 if no sentence has n words.

    Raises
    ------
    ValueError
        If n is below 1.
    """
    if n < 1:
        raise ValueError(f"n must be 1 or more, not {n!r}")
    repeated = total = 0
    for sentence in sentences:
        grams = list(_ngrams(sentence, n))
        total += len(grams)
        repeated += len(grams) - len(set(grams))
    return repeated / total if total else 0.0


def phrase_differences(
    baseline: Sequence[Sequence[str]],
    system: Sequence[Sequence[str]],
    references: Sequence[Sequence[str]],
    *,
    n: Sequence[int] = (1, 2, 3, 4),
    count: int = 20,
) -> list[PhraseDifference]:
    """Return the n-grams in whose favour two systems differ most, those of the better system first.

    Parameters
    ----------
    baseline, system, references : sequence of sequences of str
        Translations of two systems, and references, tokenised.
    n : sequence of int
        Lengths of n-grams.
    count : int
        How many to return from either end.

    Returns
    -------
    list of PhraseDifference
        The `count` that `system` gets right more often than `baseline`, by how much more, and then the `count` of which
        the opposite is true; n-grams without a difference are left out.

    Raises
    ------
    ValueError
        If the numbers of sentences differ.
    """
    right = []
    for translations in (baseline, system):
        _check(translations, references)
        counter: Counter[tuple[str, ...]] = Counter()
        for written, expected in zip(translations, references, strict=True):
            for length in n:
                counter.update(Counter(_ngrams(written, length)) & Counter(_ngrams(expected, length)))
        right.append(counter)
    differences = [PhraseDifference(phrase, right[0][phrase], right[1][phrase]) for phrase in {*right[0], *right[1]}]
    ranked = sorted(differences, key=lambda each: (each.baseline - each.system, -len(each.phrase), each.phrase))
    better = [each for each in ranked if each.system > each.baseline][:count]
    worse = [each for each in ranked[::-1] if each.system < each.baseline][:count]
    return better + worse


def _band(occurrences: int, bands: Sequence[tuple[int, int | None]]) -> int:
    for number, (low, high) in enumerate(bands):
        if low <= occurrences and (high is None or occurrences < high):
            return number
    raise ValueError(f"no band holds words with {occurrences} occurrences; the bands are {bands}")


def _f_measure(right: int, written: int, expected: int) -> tuple[float, float, float]:
    nothing = float("nan")
    precision = right / written if written else nothing
    recall = right / expected if expected else nothing
    return precision, recall, 2 * right / (written + expected) if written + expected else nothing


def _ngrams(tokens: Sequence[str], n: int) -> Iterator[tuple[str, ...]]:
    return zip(*(tokens[start:] for start in range(n)), strict=False)


def _check(translations: Sequence[object], references: Sequence[object]) -> None:
    if not len(references) or len(translations) != len(references):
        raise ValueError(f"there are {len(translations):,} translations and {len(references):,} references")
