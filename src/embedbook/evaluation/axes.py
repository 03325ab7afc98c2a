"""A direction in a space of word vectors: where each word lies along it, and what is left without it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from embedbook.evaluation.intervals import Interval
from embedbook.evaluation.resampling import bootstrap_weights, check_resampling, percentile_interval, weighted_auc

__all__ = ["Axis", "LexiconAgreement", "drift_axis", "lexicon_agreement", "mean_axis", "output_axis"]

# With fewer words on a side the order of two lists says nothing.
_FEWEST_WORDS = 3


@dataclass(frozen=True, eq=False)
class Axis:
    """A direction in a space of d dimensions.

    Parameters
    ----------
    direction : float array, shape (d,)
        The direction. Its length is kept: it is the unit in which `project` answers.

    Raises
    ------
    ValueError
        If the direction is not a row of finite numbers, or all of them are 0.
    """

    direction: NDArray[np.float64]

    def __post_init__(self) -> None:
        # The dataclass is frozen for its users; this is the one place where its field gets its final type.
        direction = np.array(self.direction, dtype=np.float64)
        if direction.ndim != 1 or not np.isfinite(direction).all():
            raise ValueError(f"direction must be one row of finite numbers, not an array of shape {direction.shape}")
        if not direction.any():
            raise ValueError("direction is zero, so it points nowhere; are the two sides the same?")
        direction.setflags(write=False)
        object.__setattr__(self, "direction", direction)

    def project(self, rows: ArrayLike) -> NDArray[np.float64]:
        """Return where vectors lie along the axis.

        Parameters
        ----------
        rows : array of float, shape (n, d)
            The vectors.

        Returns
        -------
        numpy.ndarray of float64, shape (n,)
            Dot products with the direction. For the axis of `output_axis` that is what each word adds to the log-odds
            of the second class, before it is divided by the number of words of the text.
        """
        return self._checked(rows) @ self.direction

    def remove(self, rows: ArrayLike) -> NDArray[np.float64]:
        """Return vectors without their part along the axis.

        Parameters
        ----------
        rows : array of float, shape (n, d)
            The vectors; left unchanged.

        Returns
        -------
        numpy.ndarray of float64, shape (n, d)
            The parts at a right angle to the axis.
        """
        unit = self.direction / np.linalg.norm(self.direction)
        checked = self._checked(rows)
        return checked - np.outer(checked @ unit, unit)

    def share(self, rows: ArrayLike) -> float:
        """Return which share of the vectors' squared lengths lies along the axis.

        Parameters
        ----------
        rows : array of float, shape (n, d)
            The vectors, such as what training has added to them.

        Returns
        -------
        float
            From 0 to 1; 1/d is to be expected of vectors that know nothing of the axis. NaN if all vectors are zero.
        """
        checked = self._checked(rows)
        total = float((checked**2).sum())
        along = float((self.project(checked) ** 2).sum()) / float(self.direction @ self.direction)
        return along / total if total > 0 else float("nan")

    def _checked(self, rows: ArrayLike) -> NDArray[np.float64]:
        matrix = np.asarray(rows, dtype=np.float64)
        if matrix.ndim != 2 or matrix.shape[1] != len(self.direction):
            raise ValueError(f"the axis lies in {len(self.direction)} dimensions; rows of shape {matrix.shape} do not")
        return matrix


def output_axis(kernel: ArrayLike) -> Axis:
    """Return the axis along which a two-class model with mean pooling reads its word vectors.

    Such a model averages the vectors and applies one linear layer with softmax, so that a word enters the log-odds of
    the second class by its dot product with the difference of the layer's two columns, and by nothing else.

    Parameters
    ----------
    kernel : array of float, shape (d, 2)
        The weights of the output layer, such as ``model.get_layer("classes").get_weights()[0]``.

    Returns
    -------
    Axis
        Pointing to the second class.

    Raises
    ------
    ValueError
        If the shape is another, or the two columns are the same.

    Examples
    --------
    >>> output_axis([[0.0, 2.0], [1.0, 1.0]]).project([[3.0, 5.0]])
    array([6.])
    """
    columns = np.asarray(kernel, dtype=np.float64)
    if columns.ndim != 2 or columns.shape[1] != 2:
        raise ValueError(
            f"kernel must have two columns, one a class (d × 2), not the shape {columns.shape}; a model of more "
            "classes has no single axis"
        )
    return Axis(columns[:, 1] - columns[:, 0])


def mean_axis(high: ArrayLike, low: ArrayLike) -> Axis:
    """Return the axis from the mean of some vectors to the mean of others.

    Words that make an axis must not be used to judge it: keep others for that.

    Parameters
    ----------
    high, low : array of float, shapes (n, d) and (m, d)
        Vectors of the words that shall come out high and low. Scale them to length 1 first if long vectors shall not
        count for more.

    Returns
    -------
    Axis
        Pointing from low to high.

    Raises
    ------
    ValueError
        If one of the two is empty, or dimensions differ, or both have the same mean.

    References
    ----------
    As the "semantic projection" of Grand, Blank, Pereira and Fedorenko (2022), Nature Human Behaviour 6, 975-987.
    """
    first, second = (np.asarray(side, dtype=np.float64) for side in (high, low))
    for name, side in (("high", first), ("low", second)):
        if side.ndim != 2 or not len(side):
            raise ValueError(f"{name} must hold at least one vector, n × d, not the shape {side.shape}")
    if first.shape[1] != second.shape[1]:
        raise ValueError(f"high has {first.shape[1]} dimensions and low {second.shape[1]}; they must be as many")
    return Axis(first.mean(axis=0) - second.mean(axis=0))


def drift_axis(before: ArrayLike, after: ArrayLike, *, towards: Axis | None = None) -> Axis:
    """Return the one direction in which training has moved vectors most.

    It is the first right singular vector of ``after - before``: of all directions the one with the largest share of
    the squared movement, which `Axis.share` gives.

    Parameters
    ----------
    before, after : array of float, shape (n, d)
        The same words' vectors before and after training.
    towards : Axis, optional
        Turn the axis to the side to which this one points; otherwise its largest number is positive.

    Returns
    -------
    Axis
        Of length 1.

    Raises
    ------
    ValueError
        If the two differ in shape, are not finite, or nothing has moved.

    Examples
    --------
    >>> drift_axis([[0.0, 0.0], [0.0, 1.0]], [[3.0, 0.0], [-2.0, 1.0]]).direction
    array([1., 0.])
    """
    first, last = (np.asarray(side, dtype=np.float64) for side in (before, after))
    if first.shape != last.shape or first.ndim != 2:
        raise ValueError(f"before and after must both be n × d, not {first.shape} and {last.shape}")
    moved = last - first
    if not np.isfinite(moved).all():
        raise ValueError("before or after holds values that are not finite; did training fail?")
    if not moved.any():
        raise ValueError("before and after are the same, so there is no direction of movement")
    # The eigenvectors of a d × d matrix: a table of many words need not be decomposed as a whole.
    direction = np.linalg.eigh(moved.T @ moved)[1][:, -1]
    reference = towards.direction if towards is not None else np.eye(len(direction))[np.abs(direction).argmax()]
    if len(reference) != len(direction):
        raise ValueError(f"towards lies in {len(reference)} dimensions and the vectors in {len(direction)}")
    return Axis(direction if direction @ reference >= 0 else -direction)


@dataclass(frozen=True)
class LexiconAgreement:
    """How well an order of words agrees with lists of words of praise and of blame.

    Parameters
    ----------
    auc : Interval
        How often a word of praise stands above a word of blame: 1 always, 0.5 by chance.
    correlation : Interval
        The point-biserial correlation: Pearson's between score and list, from -1 to 1; NaN where all scores are equal.
    positive, negative : int
        How many words of either list there were.
    """

    auc: Interval
    correlation: Interval
    positive: int
    negative: int


def lexicon_agreement(
    words: Sequence[str],
    scores: ArrayLike,
    *,
    positive: Collection[str],
    negative: Collection[str],
    groups: Sequence[object] | None = None,
    confidence: float = 0.95,
    resamples: int = 1000,
    seed: int = 0,
) -> LexiconAgreement:
    """Compare scores of words, such as their places on an axis, with a lexicon of opinion words.

    Parameters
    ----------
    words : sequence of str, length n
        The words. Those that are in neither list, or in both, are left out.
    scores : array of float, shape (n,)
        A score for each; larger should mean praise.
    positive, negative : collection of str
        The two lists.
    groups : sequence of length n, optional
        Words with the same entry are drawn together for the intervals, such as `word_families` gives.
    confidence, resamples, seed : float, int, int
        Of the bootstrap over words.

    Returns
    -------
    LexiconAgreement

    Raises
    ------
    ValueError
        If words, scores and groups differ in number, a score is not finite, or fewer than three words of a list are
        there.

    References
    ----------
    Tate (1954), "Correlation between a discrete and a continuous variable. Point-biserial correlation", Annals of
    Mathematical Statistics 25. A lexicon to use: Hu and Liu (2004), KDD, 168-177.
    """
    check_resampling(confidence, resamples)
    numbers = np.asarray(scores, dtype=np.float64)
    if numbers.shape != (len(words),):
        raise ValueError(f"there are {len(words)} words but scores of shape {numbers.shape}; give one score a word")
    if groups is not None and len(groups) != len(words):
        raise ValueError(f"there are {len(words)} words but {len(groups)} groups; give one a word")
    if not np.isfinite(numbers).all():
        raise ValueError(f"the score of {words[int(np.flatnonzero(~np.isfinite(numbers))[0])]!r} is not finite")
    is_high = np.array([word in positive and word not in negative for word in words], dtype=np.bool_)
    is_low = np.array([word in negative and word not in positive for word in words], dtype=np.bool_)
    for name, side in (("positive", is_high), ("negative", is_low)):
        if side.sum() < _FEWEST_WORDS:
            raise ValueError(
                f"only {int(side.sum())} of the words are in the {name} list, and {_FEWEST_WORDS} are needed; are "
                "words and lexicon in the same language and case?"
            )
    kept = np.flatnonzero(is_high | is_low)
    families = None if groups is None else [groups[row] for row in kept.tolist()]
    weights = bootstrap_weights(len(kept), groups=families, resamples=int(resamples), seed=seed)
    # The first row is the sample itself, so that value and interval come from one formula.
    weights = np.vstack([np.ones((1, len(kept)), dtype=np.float32), weights])
    aucs = weighted_auc(numbers[kept], is_high[kept], weights)
    correlations = _weighted_correlation(numbers[kept], is_high[kept].astype(np.float64), weights)
    return LexiconAgreement(
        auc=percentile_interval(float(aucs[0]), aucs[1:], n=len(kept), confidence=confidence),
        correlation=percentile_interval(float(correlations[0]), correlations[1:], n=len(kept), confidence=confidence),
        positive=int(is_high.sum()),
        negative=int(is_low.sum()),
    )


def _weighted_correlation(
    first: NDArray[np.float64], second: NDArray[np.float64], weights: NDArray[np.float32]
) -> NDArray[np.float64]:
    """Return Pearson's correlation for each row of weights; NaN where one side is constant."""
    shares = weights.astype(np.float64)
    shares /= shares.sum(axis=1, keepdims=True)
    # Centred once beforehand: the variance below is a difference, and large means would eat its digits.
    first, second = first - first.mean(), second - second.mean()
    means = shares @ first, shares @ second
    together = shares @ (first * second) - means[0] * means[1]
    variances = [shares @ side**2 - mean**2 for side, mean in zip((first, second), means, strict=True)]
    spread = np.sqrt(np.maximum(variances[0], 0) * np.maximum(variances[1], 0))
    smallest = 1e-12 * (np.abs(first).max() + 1e-300)
    return np.divide(together, spread, out=np.full(len(weights), np.nan), where=spread > smallest)
