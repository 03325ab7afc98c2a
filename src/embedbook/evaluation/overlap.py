"""How alike two spaces are, over the words that both have: shared neighbours, equal angles, and the best rotation."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from embedbook.evaluation.intervals import Interval
from embedbook.evaluation.resampling import bootstrap_weights, check_resampling, percentile_interval
from embedbook.vectors import align, keyed_vectors

if TYPE_CHECKING:
    from gensim.models import KeyedVectors

__all__ = ["NeighbourOverlap", "RotationFit", "cosine_agreement", "neighbour_overlap", "rotation_fit"]

# Cosines that lie in memory at a time: 64 MB.
_COSINES_AT_ONCE = 16_000_000


@dataclass(frozen=True)
class NeighbourOverlap:
    """How many of their nearest words two spaces share.

    Parameters
    ----------
    jaccard : Interval
        Mean over the words of |A ∩ B| / |A ∪ B|, where A and B are a word's nearest words in the two spaces; from 0 to
        1. The interval is a bootstrap over words.
    null : float
        The mean of the same after the second space's words were dealt anew, so that nothing is shared but by chance.
    null_high : float
        The largest of these.
    p : float
        Share of the deals, the real one included, that reach the real overlap: the one-sided p-value of a permutation
        test.
    top, n : int
        Nearest words looked at for each word, and number of words.
    by_word : dict of str to float
        The Jaccard index of each word.
    """

    jaccard: Interval
    null: float
    null_high: float
    p: float
    top: int
    n: int
    by_word: dict[str, float] = field(repr=False, compare=False)


@dataclass(frozen=True)
class RotationFit:
    """How well one space, turned as a whole, predicts another for words that did not choose the rotation.

    Parameters
    ----------
    cosine : Interval
        Mean cosine between a held-out word's turned vector and its vector in the other space.
    precision : Interval
        Share of the held-out words whose turned vector is nearer to the word itself than to any other held-out word.
    r2 : float
        Share of the held-out vectors' squared lengths that the turned (and scaled) vectors account for; 0 or below if
        they are of no use.
    null_cosine, null_precision, null_r2 : float
        The same after the second space's words were dealt anew; means over the deals.
    p : float
        The one-sided p-value of the permutation test on the cosine.
    n, folds, dimensions : int
        Words, folds, and the larger of the two spaces' dimensions.
    """

    cosine: Interval
    precision: Interval
    r2: float
    null_cosine: float
    null_precision: float
    null_r2: float
    p: float
    n: int
    folds: int
    dimensions: int


def neighbour_overlap(
    first: KeyedVectors,
    second: KeyedVectors,
    *,
    words: Iterable[str] | None = None,
    top: int = 10,
    permutations: int = 200,
    confidence: float = 0.95,
    resamples: int = 1000,
    seed: int = 0,
) -> NeighbourOverlap:
    """Say how many of its nearest words a word keeps from one space to another.

    Parameters
    ----------
    first, second : gensim.models.KeyedVectors
        Two spaces, of any dimensions.
    words : iterable of str, optional
        The words to look at, and to look for neighbours among; those that a space lacks are left out. By default all
        that both have.
    top : int
        How many nearest words (by cosine) count.
    permutations : int
        How often the words are dealt anew for the null.
    confidence, resamples : float, int
        Of the interval, by bootstrap over words.
    seed : int
        Decides deals and resamples.

    Returns
    -------
    NeighbourOverlap

    Raises
    ------
    ValueError
        If a number is out of range, the spaces share no more than `top` words, or a vector is not finite.

    References
    ----------
    Jaccard (1912), "The distribution of the flora in the alpine zone", New Phytologist 11. Neighbours as the measure
    of what a space says: Wendlandt, Kummerfeld and Mihalcea (2018), "Factors Influencing the Surprising Instability of
    Word Embeddings", NAACL, section 3.
    """
    check_resampling(confidence, resamples)
    _require_whole("top", top)
    _require_whole("permutations", permutations)
    shared = _shared_words(first, second, words)
    if len(shared) <= top:
        raise ValueError(f"the spaces share {len(shared)} of the words, which leaves no {top} neighbours for each")
    near = [_nearest(_unit_rows(space, shared), top) for space in (first, second)]
    found = _jaccard(near[0], near[1], top)
    rng = np.random.default_rng(seed)
    dealt = np.array([_jaccard(near[0], _deal(near[1], rng), top).mean() for _ in range(permutations)])
    value = float(found.mean())
    weights = bootstrap_weights(len(shared), resamples=int(resamples), seed=seed)
    means = weights @ found.astype(np.float32) / len(shared)
    return NeighbourOverlap(
        jaccard=percentile_interval(value, means, n=len(shared), confidence=confidence),
        null=float(dealt.mean()),
        null_high=float(dealt.max()),
        p=float((1 + (dealt >= value).sum()) / (1 + permutations)),
        top=int(top),
        n=len(shared),
        by_word=dict(zip(shared, found.tolist(), strict=True)),
    )


def cosine_agreement(
    first: KeyedVectors,
    second: KeyedVectors,
    *,
    words: Iterable[str] | None = None,
    confidence: float = 0.95,
    resamples: int = 200,
    seed: int = 0,
) -> Interval:
    """Correlate the cosines between all pairs of words in one space with those in another.

    It looks at the whole arrangement, near and far, where `neighbour_overlap` looks at the nearest words alone.

    Parameters
    ----------
    first, second : gensim.models.KeyedVectors
        Two spaces, of any dimensions.
    words : iterable of str, optional
        The words to look at, at most some thousand, since all pairs of them are formed; by default all that both have.
    confidence, resamples, seed : float, int, int
        Of the interval, by bootstrap over words (a pair weighs as often as both its words were drawn).

    Returns
    -------
    Interval
        Pearson's correlation, from -1 to 1; NaN where one side is constant.

    Raises
    ------
    ValueError
        If the spaces share fewer than three of the words, or a vector is not finite.

    References
    ----------
    Kriegeskorte, Mur and Bandettini (2008), "Representational similarity analysis", Frontiers in Systems Neuroscience
    2:4.
    """
    check_resampling(confidence, resamples)
    shared = _shared_words(first, second, words)
    if len(shared) < 3:
        raise ValueError(f"the spaces share {len(shared)} of the words; three are needed for a correlation")
    sides: list[NDArray[np.float64]] = []
    for space in (first, second):
        rows = _unit_rows(space, shared).astype(np.float64)
        cosines = rows @ rows.T
        cosines -= cosines[np.triu_indices(len(shared), 1)].mean()  # keeps the digits of the variances below
        np.fill_diagonal(cosines, 0)
        sides.append(cosines)
    weights = bootstrap_weights(len(shared), resamples=int(resamples), seed=seed).astype(np.float64)
    weights = np.vstack([np.ones((1, len(shared))), weights])
    pairs = weights.sum(axis=1) ** 2 - (weights**2).sum(axis=1)

    def mean(values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.einsum("mi,mi->m", weights @ values, weights) / pairs

    a, b = sides
    mean_a, mean_b = mean(a), mean(b)
    spread = np.sqrt(np.maximum(mean(a * a) - mean_a**2, 0) * np.maximum(mean(b * b) - mean_b**2, 0))
    together = mean(a * b) - mean_a * mean_b
    found = np.divide(together, spread, out=np.full(len(weights), np.nan), where=spread > 1e-12)
    return percentile_interval(float(found[0]), found[1:], n=len(shared), confidence=confidence)


def rotation_fit(
    first: KeyedVectors,
    second: KeyedVectors,
    *,
    words: Iterable[str] | None = None,
    folds: int = 5,
    permutations: int = 20,
    confidence: float = 0.95,
    resamples: int = 1000,
    seed: int = 0,
) -> RotationFit:
    """Turn one space onto another by `embedbook.vectors.align`, and test the rotation on held-out words.

    Vectors are centred (the mean over the words is taken off, since all words of a space may lean to one side) and
    scaled to length 1. A space of fewer dimensions gets zeros for those it lacks. In each fold the rotation is fitted
    to the other folds' words.

    Parameters
    ----------
    first, second : gensim.models.KeyedVectors
        The space to turn and the space to meet.
    words : iterable of str, optional
        The words to use; by default all that both have.
    folds : int
        Number of folds, 2 or more.
    permutations : int
        How often the words of the second space are dealt anew for the null.
    confidence, resamples : float, int
        Of the intervals, by bootstrap over words.
    seed : int
        Decides folds, deals and resamples.

    Returns
    -------
    RotationFit

    Raises
    ------
    ValueError
        If a number is out of range or a vector is not finite.
    embedbook.vectors.VectorsError
        If the spaces share too few words for their dimensions.

    References
    ----------
    Schönemann 1966, and Xing, Wang, Liu & Lin 2015, as in `embedbook.vectors.align`; centring: Artetxe, Labaka & Agirre
    2016, "Learning principled bilingual mappings of word embeddings while preserving monolingual invariance", EMNLP,
    section 2.
    """
    check_resampling(confidence, resamples)
    _require_whole("folds", folds, least=2)
    _require_whole("permutations", permutations)
    shared = _shared_words(first, second, words)
    d = max(first.vector_size, second.vector_size)
    x, y = (_centred(_rows(space, shared), d) for space in (first, second))
    rng = np.random.default_rng(seed)
    fold_of = rng.permutation(len(shared)) % folds
    cosines, hits, r2 = _turned(x, y, shared, fold_of)
    dealt = [_turned(x, y[rng.permutation(len(y))], shared, fold_of) for _ in range(permutations)]
    weights = bootstrap_weights(len(shared), resamples=int(resamples), seed=seed)

    def interval(values: NDArray[np.float64]) -> Interval:
        means = weights @ values.astype(np.float32) / len(values)
        return percentile_interval(float(values.mean()), means, n=len(values), confidence=confidence)

    null = np.array([one[0].mean() for one in dealt])
    return RotationFit(
        cosine=interval(cosines),
        precision=interval(hits),
        r2=r2,
        null_cosine=float(null.mean()),
        null_precision=float(np.mean([one[1].mean() for one in dealt])),
        null_r2=float(np.mean([one[2] for one in dealt])),
        p=float((1 + (null >= cosines.mean()).sum()) / (1 + permutations)),
        n=len(shared),
        folds=int(folds),
        dimensions=d,
    )


def _turned(
    x: NDArray[np.float32], y: NDArray[np.float32], words: list[str], fold_of: NDArray[np.intp]
) -> tuple[NDArray[np.float64], NDArray[np.float64], float]:
    """Return for each held-out word its cosine and whether it is its own nearest word; and R² over all of them."""
    cosines, hits = np.empty(len(words)), np.empty(len(words))
    missed = 0.0
    for fold in range(int(fold_of.max()) + 1):
        held = fold_of == fold
        kept = [word for word, out in zip(words, held, strict=True) if not out]
        alignment = align(keyed_vectors(kept, x[~held]), keyed_vectors(kept, y[~held]))
        turned = x[held] @ alignment.rotation.astype(np.float32)
        table = turned @ y[held].T
        cosines[held] = np.diagonal(table)
        hits[held] = table.argmax(axis=1) == np.arange(len(table))
        # Vectors have length 1, so the best scale for the training words is their mean cosine.
        missed += float(((alignment.similarity * turned - y[held]) ** 2).sum())
    return cosines, hits, 1 - missed / float((y**2).sum())


def _centred(rows: NDArray[np.float32], dimensions: int) -> NDArray[np.float32]:
    """Take off the mean, scale each row to length 1, and add columns of zeros up to the dimensions asked for."""
    moved = rows - rows.mean(axis=0, dtype=np.float64).astype(np.float32)
    return np.pad(_scaled(moved), ((0, 0), (0, dimensions - rows.shape[1])))


def _shared_words(first: KeyedVectors, second: KeyedVectors, words: Iterable[str] | None) -> list[str]:
    if isinstance(words, str):
        raise ValueError(f"words must be a list of words, not the string {words!r}")
    asked = first.index_to_key if words is None else words
    return [word for word in dict.fromkeys(asked) if word in first.key_to_index and word in second.key_to_index]


def _rows(space: KeyedVectors, words: list[str]) -> NDArray[np.float32]:
    rows = np.asarray(space.vectors[[space.key_to_index[word] for word in words]], dtype=np.float32)
    if not np.isfinite(rows).all():
        bad = words[int(np.flatnonzero(~np.isfinite(rows).all(axis=1))[0])]
        raise ValueError(f"the vector of {bad!r} holds NaN or infinity; find out where it comes from")
    return rows


def _scaled(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return (rows / np.where(lengths == 0, 1, lengths)).astype(np.float32, copy=False)


def _unit_rows(space: KeyedVectors, words: list[str]) -> NDArray[np.float32]:
    return _scaled(_rows(space, words))


def _nearest(rows: NDArray[np.float32], top: int) -> NDArray[np.intp]:
    """Return the nearest other rows of each row, in no order."""
    found = np.empty((len(rows), top), dtype=np.intp)
    block = max(1, _COSINES_AT_ONCE // len(rows))
    for begin in range(0, len(rows), block):
        cosines = rows[begin : begin + block] @ rows.T
        own = np.arange(len(cosines))
        cosines[own, begin + own] = -np.inf
        found[begin : begin + block] = np.argpartition(cosines, -top, axis=1)[:, -top:]
    return found


def _deal(near: NDArray[np.intp], rng: np.random.Generator) -> NDArray[np.intp]:
    """Give the words of a space other names: who is near whom stays, but nobody is who they were."""
    names = rng.permutation(len(near))
    dealt = np.empty_like(near)
    dealt[names] = names[near]
    return dealt


def _jaccard(first: NDArray[np.intp], second: NDArray[np.intp], top: int) -> NDArray[np.float64]:
    both = (first[:, :, None] == second[:, None, :]).sum(axis=(1, 2))
    return np.asarray(both / (2 * top - both), dtype=np.float64)


def _require_whole(name: str, value: int, least: int = 1) -> None:
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < least:
        raise ValueError(f"{name} must be a whole number, {least} or more, not {value!r}")
