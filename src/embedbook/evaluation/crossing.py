"""Where two learning curves cross: from how many texts on the second method is no longer ahead."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["Crossing", "crossing_point"]


@dataclass(frozen=True)
class Crossing:
    """From which size on one method is no longer ahead of another.

    Parameters
    ----------
    size : float
        The size; NaN if the curves do not cross.
    low, high : float
        95 % interval of it over drawn seeds; an end is 0 or infinity where the curves of those draws do not cross
        inside the sizes that were measured, because the first is never ahead there, or always.
    ahead_at_first, ahead_at_last : float
        Mean lead at the smallest and the largest size, in the unit of the values.
    """

    size: float
    low: float
    high: float
    ahead_at_first: float
    ahead_at_last: float

    def __str__(self) -> str:
        if np.isnan(self.size):
            return "no crossing"
        return f"{_number(self.size)} [{_number(self.low)}, {_number(self.high)}]"


def crossing_point(
    sizes: ArrayLike, first: ArrayLike, second: ArrayLike, *, resamples: int = 2000, seed: int = 0
) -> Crossing:
    """Say from which size on the first method is no longer ahead of the second.

    The mean lead of the first is joined by straight lines over the logarithm of the size; the crossing is where these
    lines come down to zero for the last time. The interval draws seeds with replacement, the same for both methods.

    Parameters
    ----------
    sizes : array-like of float, shape (k,)
        Numbers of training texts, ascending, at least two.
    first, second : array-like of float, shape (n seeds, k)
        What the methods reach; rows belong to the same seeds.
    resamples : int
        How many draws.
    seed : int
        Decides the draws.

    Returns
    -------
    Crossing

    Raises
    ------
    ValueError
        If shapes differ, sizes do not ascend from above 0, there are fewer than two seeds, or a value is not finite.

    References
    ----------
    Efron and Tibshirani (1993), "An Introduction to the Bootstrap", chapter 13: percentile intervals.
    """
    at, one, other = (np.asarray(values, dtype=float) for values in (sizes, first, second))
    if one.shape != other.shape or one.ndim != 2 or at.shape != one.shape[1:]:
        raise ValueError(
            f"first, second and sizes must be n × k, n × k and k, not {one.shape}, {other.shape} and {at.shape}"
        )
    lead = one - other
    if at.size < 2 or not (at > 0).all() or not (np.diff(at) > 0).all():
        raise ValueError("sizes must be at least two, above 0 and ascending")
    if len(lead) < 2:
        raise ValueError("there is one seed; an interval needs at least two")
    if not np.isfinite(lead).all():
        raise ValueError("the values are not all finite; did a run fail?")
    logarithms = np.log(at)
    size = _last_zero(logarithms, lead.mean(axis=0))
    draws = np.random.default_rng(seed).integers(len(lead), size=(resamples, len(lead)))
    found = [_last_zero(logarithms, lead[rows].mean(axis=0)) for rows in draws]
    low, high = np.quantile(found, [0.025, 0.975], method="nearest")
    ends = lead.mean(axis=0)[[0, -1]]
    return Crossing(size if 0 < size < np.inf else np.nan, float(low), float(high), float(ends[0]), float(ends[1]))


def _last_zero(logarithms: np.ndarray, lead: np.ndarray) -> float:
    """Return where the lead comes down to zero for the last time; 0 if it never was, infinity if it still is."""
    if lead[-1] > 0:
        return float("inf")
    ahead = np.flatnonzero(lead > 0)
    if not ahead.size:
        return 0.0
    last = ahead[-1]
    share = lead[last] / (lead[last] - lead[last + 1])
    return float(np.exp(logarithms[last] + share * (logarithms[last + 1] - logarithms[last])))


def _number(size: float) -> str:
    if size == 0:
        return "below all sizes"
    return "beyond all sizes" if np.isinf(size) else f"{float(f'{size:.2g}'):,.0f}"
