"""What vectors are worth by themselves: agreement with people's judgement of word pairs, and analogies solved."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from embedbook.datasets import AnalogySection, WordPairs, load_analogies, load_similarity
from embedbook.evaluation.intervals import Interval
from embedbook.vectors import keyed_vectors, nearest

if TYPE_CHECKING:
    import pandas as pd
    from gensim.models import KeyedVectors

__all__ = [
    "AnalogyScore",
    "SectionScore",
    "SimilarityScore",
    "analogy_score",
    "evaluate_vectors",
    "similarity_score",
]

# Rank correlation of so few pairs says nothing, and their bootstrap less.
_FEWEST_PAIRS = 3
# Numbers that the bootstrap holds at a time: 32 MB for each of its arrays.
_RESAMPLED_AT_ONCE = 4_000_000
# A vocabulary with fewer words in capitals than this share is one in lower case; <UNK> and the like are no argument.
_FEW_CAPITALS = 0.01


@dataclass(frozen=True)
class SimilarityScore:
    """How well the similarity of vectors agrees with people's judgement.

    Parameters
    ----------
    name : str
        Name of the set of word pairs.
    spearman : float
        Spearman's rank correlation between cosine similarity and judgement, from -1 to 1; NaN if fewer than three
        pairs are covered, or all of them look alike.
    interval : Interval
        The same with its bootstrap interval; ``n`` is the number of covered pairs.
    covered, total : int
        Pairs whose two words both have vectors, and all pairs.
    """

    name: str
    spearman: float
    interval: Interval
    covered: int
    total: int


@dataclass(frozen=True)
class SectionScore:
    """How many questions of one section were answered rightly.

    Parameters
    ----------
    name : str
        Name of the section.
    correct, answerable, total : int
        Questions answered rightly, questions whose four words all have vectors, and all questions.
    interval : Interval
        The accuracy with Wilson's interval; ``n`` is the number of answerable questions.
    """

    name: str
    correct: int
    answerable: int
    total: int
    interval: Interval

    @property
    def accuracy(self) -> float:
        """The share of the answerable questions that were answered rightly, from 0 to 1; NaN if none is answerable."""
        return self.interval.mean


@dataclass(frozen=True)
class AnalogyScore(SectionScore):
    """How many analogy questions were answered rightly, overall and by section.

    Parameters
    ----------
    name, correct, answerable, total, interval
        As in `SectionScore`, over all sections.
    sections : tuple of SectionScore
        One for each section, in their order.
    """

    sections: tuple[SectionScore, ...]


def similarity_score(
    vectors: KeyedVectors,
    pairs: WordPairs,
    *,
    lower: bool | None = None,
    confidence: float = 0.95,
    resamples: int = 1000,
    seed: int = 0,
) -> SimilarityScore:
    """Compare the cosine similarity of word vectors with people's judgement of the same pairs.

    Parameters
    ----------
    vectors : gensim.models.KeyedVectors
        The vectors. A pair with a word that has none is left out: look at `covered` before comparing two scores.
    pairs : WordPairs
        The pairs and their judgements.
    lower : bool, optional
        Look the pairs' words up in lower case; by default if the vocabulary is in lower case.
    confidence : float
        Level of the interval, between 0 and 1.
    resamples, seed : int
        Of the bootstrap over covered pairs.

    Returns
    -------
    SimilarityScore
        NaN, and no error, where fewer than three pairs are covered, so that one set of ten does not stop the others.

    Raises
    ------
    ValueError
        If `confidence` or `resamples` is out of range, or a vector holds NaN or infinity.

    References
    ----------
    Spearman (1904), "The proof and measurement of association between two things", American Journal of Psychology 15.
    The percentile bootstrap: Efron and Tibshirani (1993), *An Introduction to the Bootstrap*, chapter 13.

    Examples
    --------
    >>> similarity_score(vectors, load_similarity("men")[0]).interval  # doctest: +SKIP
    Interval(mean=0.68, low=0.66, high=0.70, n=2945)
    """
    _check_confidence(confidence)
    if isinstance(resamples, bool) or not isinstance(resamples, (int, np.integer)) or resamples < 1:
        raise ValueError(f"resamples must be a whole number, 1 or more, not {resamples!r}")
    rows = _rows(vectors, pairs.pairs, _is_lower(vectors) if lower is None else lower, len(vectors))
    covered = np.flatnonzero(rows.min(axis=1) >= 0)
    if len(covered) < _FEWEST_PAIRS:
        return _similarity(pairs, math.nan, math.nan, math.nan, len(covered))
    first, second = (_unit(vectors, rows[covered, side]) for side in (0, 1))
    cosines = np.einsum("ij,ij->i", first, second)
    judged = pairs.scores[covered]
    spearman = float(_spearman(cosines, judged))
    if math.isnan(spearman):
        return _similarity(pairs, math.nan, math.nan, math.nan, len(covered))
    low, high = _bootstrap(cosines, judged, confidence, int(resamples), seed)
    return _similarity(pairs, spearman, low, high, len(covered))


def analogy_score(
    vectors: KeyedVectors,
    questions: Sequence[AnalogySection],
    *,
    top: int | None = None,
    lower: bool | None = None,
    confidence: float = 0.95,
) -> AnalogyScore:
    """Answer analogy questions by 3CosAdd: the word nearest to b - a + c, which is none of a, b and c.

    All three vectors are scaled to length 1 first. An answer is right only if it is the very word asked for. The
    numbers are those of gensim's ``evaluate_word_analogies``, which answers one question at a time.

    Parameters
    ----------
    vectors : gensim.models.KeyedVectors
        The vectors, the most frequent words first.
    questions : sequence of AnalogySection
        The questions, such as `load_analogies` gives.
    top : int, optional
        Use only the first so many words, in questions and among possible answers. More words make more questions
        answerable and each of them harder, so compare scores for the same `top`.
    lower : bool, optional
        Put the questions in lower case; by default if the vocabulary is in lower case.
    confidence : float
        Level of the intervals, between 0 and 1. They take the questions as independent, which those with a pair in
        common are not quite.

    Returns
    -------
    AnalogyScore
        Accuracies are NaN where no question is answerable.

    Raises
    ------
    ValueError
        If there is no question, `top` is not a whole number from 1 on, `confidence` is out of range, or a vector holds
        NaN or infinity.

    References
    ----------
    Mikolov, Yih and Zweig (2013), "Linguistic Regularities in Continuous Space Word Representations", NAACL, section 4.
    The name 3CosAdd: Levy and Goldberg (2014), "Linguistic Regularities in Sparse and Explicit Word Representations",
    CoNLL, section 3. The interval: Wilson (1927), JASA 22, 209-212.

    Examples
    --------
    >>> analogy_score(vectors, load_analogies()).interval.percent()  # doctest: +SKIP
    '41.3 [40.5, 42.1]'
    """
    _check_confidence(confidence)
    if top is not None and (isinstance(top, bool) or not isinstance(top, (int, np.integer)) or top < 1):
        raise ValueError(f"top must be a whole number, 1 or more, not {top!r}")
    asked = [question for section in questions for question in section.questions]
    if not asked:
        raise ValueError("there are no questions; give sections that hold some")
    limit = len(vectors) if top is None else min(int(top), len(vectors))
    rows = _rows(vectors, asked, _is_lower(vectors) if lower is None else lower, limit)
    answerable = rows.min(axis=1) >= 0
    correct = np.zeros(len(asked), dtype=bool)
    correct[answerable] = _answers(vectors, rows[answerable, :3], limit) == rows[answerable, 3]

    sections = []
    begin = 0
    for section in questions:
        part = slice(begin, begin + len(section.questions))
        sections.append(SectionScore(section.name, *_counts(correct[part], answerable[part], confidence)))
        begin = part.stop
    return AnalogyScore("all", *_counts(correct, answerable, confidence), sections=tuple(sections))


def evaluate_vectors(
    vectors: KeyedVectors, *, mode: Literal["auto", "real", "sample"] | None = None, top: int | None = None
) -> pd.DataFrame:
    """Score vectors on all sets of word pairs and on the analogy questions.

    Parameters
    ----------
    vectors : gensim.models.KeyedVectors
        The vectors, the most frequent words first.
    mode : {"auto", "real", "sample"}, optional
        By default what `EMBEDBOOK_DATA` says. The sample holds two of the ten sets and all analogies.
    top : int, optional
        As in `analogy_score`, for the analogies only.

    Returns
    -------
    pandas.DataFrame
        One row a measurement: `set`; `metric` ("spearman" or "accuracy"); `value` with its 95 % interval from `low` to
        `high`, from 0 to 1, or -1 to 1 for spearman; `covered` of `total` pairs or questions. Of the analogies there
        is a row for all ("analogies"), for those about meaning and about grammar, and for each section. Where nothing
        is covered `value`, `low` and `high` are NaN.

    Raises
    ------
    ValueError
        If the vectors have not one pair or question's words, or hold NaN or infinity.
    embedbook.datasets.DataError
        If the sets are missing or damaged.
    """
    import pandas as pd

    sets, questions = load_similarity(mode=mode), load_analogies(mode=mode)
    lower = _is_lower(vectors)
    rows: list[tuple[str, str, float, float, float, int, int]] = []
    for pairs in sets:
        score = similarity_score(vectors, pairs, lower=lower)
        rows.append((pairs.name, "spearman", *_bounds(score.interval), score.covered, score.total))
    answered = analogy_score(vectors, questions, top=top, lower=lower)
    kinds = [section.is_syntactic for section in questions]
    semantic, syntactic = (
        _together(name, [one for one, is_it in zip(answered.sections, kinds, strict=True) if is_it == kind])
        for name, kind in (("semantic", False), ("syntactic", True))
    )
    named: list[tuple[str, SectionScore]] = [("analogies", answered)]
    named += [(f"analogies: {one.name}", one) for one in (semantic, syntactic, *answered.sections)]
    rows += [(name, "accuracy", *_bounds(one.interval), one.answerable, one.total) for name, one in named]
    table = pd.DataFrame(rows, columns=["set", "metric", "value", "low", "high", "covered", "total"])
    if not table["covered"].any():
        raise ValueError(
            "the vectors have the words of no pair and of no question; are they of English words, in the usual "
            "spelling?"
        )
    return table


def _similarity(pairs: WordPairs, spearman: float, low: float, high: float, covered: int) -> SimilarityScore:
    return SimilarityScore(pairs.name, spearman, Interval(spearman, low, high, covered), covered, len(pairs))


def _spearman(first: NDArray, second: NDArray, axis: int = -1) -> NDArray:
    """Return Spearman's correlation along an axis: Pearson's, of ranks. NaN where one side is constant."""
    ranks = []
    for values in (first, second):
        ranked = stats.rankdata(values, axis=axis)
        ranks.append(ranked - ranked.mean(axis=axis, keepdims=True))
    spread = np.sqrt((ranks[0] ** 2).sum(axis=axis) * (ranks[1] ** 2).sum(axis=axis))
    together = (ranks[0] * ranks[1]).sum(axis=axis)
    return np.divide(together, spread, out=np.full_like(together, np.nan), where=spread > 0)


def _bootstrap(cosines: NDArray, judged: NDArray, confidence: float, resamples: int, seed: int) -> tuple[float, float]:
    with warnings.catch_warnings():
        # Of very few pairs a resample may be one pair, several times, which has no correlation and is left out here.
        warnings.simplefilter("ignore", stats.DegenerateDataWarning)
        resampled = stats.bootstrap(
            (cosines, judged),
            _spearman,
            paired=True,
            vectorized=True,
            n_resamples=resamples,
            batch=max(1, _RESAMPLED_AT_ONCE // len(cosines)),
            method="percentile",
            rng=np.random.default_rng(seed),
        ).bootstrap_distribution
    usable = resampled[~np.isnan(resampled)]
    if not len(usable):
        return math.nan, math.nan
    low, high = np.quantile(usable, [(1 - confidence) / 2, (1 + confidence) / 2])
    return float(low), float(high)


def _answers(vectors: KeyedVectors, given: NDArray[np.intp], limit: int) -> NDArray[np.intp]:
    """Return the row of the answer to each question (rows of a, b and c); -1 if there is no other word."""
    if not len(given):
        return np.empty(0, dtype=np.intp)
    searched = vectors
    if limit < len(vectors):
        searched = keyed_vectors(vectors.index_to_key[:limit], vectors.vectors[:limit])
    a, b, c = (_unit(vectors, given[:, place]) for place in range(3))
    found = nearest(searched, b - a + c, top=1, exclude=given.tolist())
    return np.array([searched.key_to_index[words[0][0]] if words else -1 for words in found], dtype=np.intp)


def _unit(vectors: KeyedVectors, rows: NDArray[np.intp]) -> NDArray[np.float32]:
    """Return some vectors scaled to length 1; zeros stay zeros."""
    taken = np.asarray(vectors.vectors[rows], dtype=np.float32)
    if not np.isfinite(taken).all():
        bad = rows[~np.isfinite(taken).all(axis=1)][0]
        raise ValueError(
            f"the vector of {vectors.index_to_key[bad]!r} holds NaN or infinity; find out where it comes from, or "
            "leave the word out"
        )
    lengths = np.linalg.norm(taken, axis=1, keepdims=True)
    return (taken / np.where(lengths == 0, 1, lengths)).astype(np.float32, copy=False)


def _rows(vectors: KeyedVectors, tuples: Sequence[tuple[str, ...]], lower: bool, limit: int) -> NDArray[np.intp]:
    """Return the row of each word, tuples × words; -1 for words without a vector among the first `limit`."""
    known = vectors.key_to_index
    rows = np.array(
        [[known.get(word.lower() if lower else word, -1) for word in words] for words in tuples], dtype=np.intp
    )
    return np.where(rows < limit, rows, -1)


def _is_lower(vectors: KeyedVectors) -> bool:
    capitals = sum(word != word.lower() for word in vectors.index_to_key)
    return capitals <= _FEW_CAPITALS * len(vectors)


def _counts(
    correct: NDArray[np.bool_], answerable: NDArray[np.bool_], confidence: float
) -> tuple[int, int, int, Interval]:
    right, tried = int(correct.sum()), int(answerable.sum())
    return right, tried, len(correct), _wilson(right, tried, confidence)


def _wilson(right: int, tried: int, confidence: float = 0.95) -> Interval:
    if not tried:
        return Interval(math.nan, math.nan, math.nan, 0)
    bounds = stats.binomtest(right, tried).proportion_ci(confidence, method="wilson")
    return Interval(right / tried, float(bounds.low), float(bounds.high), tried)


def _together(name: str, sections: Sequence[SectionScore]) -> SectionScore:
    right = sum(section.correct for section in sections)
    tried = sum(section.answerable for section in sections)
    return SectionScore(name, right, tried, sum(section.total for section in sections), _wilson(right, tried))


def _bounds(interval: Interval) -> tuple[float, float, float]:
    return interval.mean, interval.low, interval.high


def _check_confidence(confidence: float) -> None:
    if not 0 < confidence < 1:
        raise ValueError(f"confidence must be between 0 and 1, such as 0.95, not {confidence!r}")
