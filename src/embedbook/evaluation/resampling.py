"""The bootstrap over words: how far a measure would move if other words had been looked at."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from embedbook.evaluation.intervals import Interval

__all__ = ["bootstrap_weights", "check_resampling", "percentile_interval", "weighted_auc"]


def bootstrap_weights(
    n: int, *, groups: Sequence[object] | NDArray | None = None, resamples: int = 1000, seed: int = 0
) -> NDArray[np.float32]:
    """Draw words with replacement, again and again, and say how often each was drawn.

    A measure that can be written with one weight a word is then computed for all resamples by a few products of
    matrices.

    Parameters
    ----------
    n : int
        Number of words.
    groups : sequence of length n, optional
        Words with the same entry are drawn together ("love", "loved"), since they are not independent.
    resamples : int
        How often to draw.
    seed : int
        Decides the draws.

    Returns
    -------
    numpy.ndarray of float32, shape (resamples, n)
        How often each word came in each resample.

    References
    ----------
    Efron and Tibshirani (1993), *An Introduction to the Bootstrap*, chapters 6 and 13.
    """
    members = np.arange(n) if groups is None else np.unique(np.asarray(groups), return_inverse=True)[1].ravel()
    number = int(members.max()) + 1
    rng = np.random.default_rng(seed)
    drawn = rng.multinomial(number, np.full(number, 1 / number), size=resamples)
    return drawn.astype(np.float32)[:, members]


def percentile_interval(value: float, resampled: ArrayLike, *, n: int, confidence: float = 0.95) -> Interval:
    """Put the percentile interval of resampled values around a measured one.

    Parameters
    ----------
    value : float
        The measured value.
    resampled : array-like of float
        The same measure for each resample; NaN where it was not defined, which is left out.
    n : int
        Number of words behind the value.
    confidence : float
        Level of the interval, between 0 and 1.

    Returns
    -------
    Interval
        Its ends are NaN where the measure was defined for no resample.
    """
    usable = np.asarray(resampled, dtype=float)
    usable = usable[np.isfinite(usable)]
    if not len(usable):
        return Interval(value, math.nan, math.nan, n)
    low, high = np.quantile(usable, [(1 - confidence) / 2, (1 + confidence) / 2])
    return Interval(value, float(low), float(high), n)


def weighted_auc(
    scores: NDArray[np.float64],
    positive: NDArray[np.bool_],
    weights: NDArray[np.float32],
    strata: NDArray[np.intp] | None = None,
) -> NDArray[np.float64]:
    """Say how often a positive word scores above a negative one, for each row of weights; ties count one half.

    Parameters
    ----------
    scores : float array, shape (n,)
        What the words are ordered by.
    positive : bool array, shape (n,)
        Which words should come out high.
    weights : float array, shape (m, n)
        Weights of the words, one row a resample.
    strata : int array, shape (n,), optional
        Compare only words of the same stratum, such as the words of one fold of a cross-validation, whose scores come
        from one model.

    Returns
    -------
    numpy.ndarray of float64, shape (m,)
        The area under the ROC curve; NaN where there is no pair to compare.
    """
    high, low = np.flatnonzero(positive), np.flatnonzero(~positive)
    above = np.greater.outer(scores[high], scores[low]).astype(np.float32)
    above += np.float32(0.5) * np.equal.outer(scores[high], scores[low])
    compared = np.ones_like(above)
    if strata is not None:
        compared = np.equal.outer(strata[high], strata[low]).astype(np.float32)
        above *= compared
    won = np.einsum("mi,mi->m", weights[:, high] @ above, weights[:, low], dtype=np.float64)
    pairs = np.einsum("mi,mi->m", weights[:, high] @ compared, weights[:, low], dtype=np.float64)
    return np.divide(won, pairs, out=np.full(len(weights), np.nan), where=pairs > 0)


def check_resampling(confidence: float, resamples: int) -> None:
    """Raise a ValueError unless a bootstrap can be made with these settings.

    Parameters
    ----------
    confidence : float
        Must lie between 0 and 1.
    resamples : int
        Must be a whole number, 1 or more.
    """
    if not 0 < confidence < 1:
        raise ValueError(f"confidence must be between 0 and 1, such as 0.95, not {confidence!r}")
    if isinstance(resamples, bool) or not isinstance(resamples, (int, np.integer)) or resamples < 1:
        raise ValueError(f"resamples must be a whole number, 1 or more, not {resamples!r}")
