"""How sure a mean over seeds is: Student's t intervals, and the paired comparison of two methods."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

__all__ = ["Interval", "PairedDifference", "mean_interval", "paired_difference"]


@dataclass(frozen=True)
class Interval:
    """A mean with its confidence interval; ``str`` gives "0.764 [0.758, 0.770]".

    Parameters
    ----------
    mean, low, high : float
        The mean and the ends of the interval, in the unit of the values.
    n : int
        The number of values.
    """

    mean: float
    low: float
    high: float
    n: int

    def __str__(self) -> str:
        return f"{self.mean:.3f} [{self.low:.3f}, {self.high:.3f}]"

    def percent(self, decimals: int = 1) -> str:
        """Return a fraction as per cent: "76.4 [75.8, 77.0]"."""
        mean, low, high = (f"{100 * value:.{decimals}f}" for value in (self.mean, self.low, self.high))
        return f"{mean} [{low}, {high}]"


@dataclass(frozen=True)
class PairedDifference(Interval):
    """The mean of ``a - b`` over pairs, with its interval and the p-value of the paired t test.

    Parameters
    ----------
    mean, low, high : float
        The mean difference and the ends of its interval, in the unit of the values.
    n : int
        The number of pairs.
    p : float
        The two-sided p-value of the hypothesis that the mean difference is 0.
    """

    p: float


def mean_interval(values: ArrayLike, *, confidence: float = 0.95, overlap: float = 0.0) -> Interval:
    """Return the mean of values, such as one accuracy a seed, with Student's t interval.

    Parameters
    ----------
    values : array-like of float, shape (n,)
        Independent values, at least two.
    confidence : float
        How often such an interval holds the true mean, between 0 and 1.
    overlap : float
        Test texts / training texts, where the values come from random divisions of one set of texts: these share
        most of their training texts, so the values are less independent than they look.

    Returns
    -------
    Interval
        ``mean ± t × s × √(1/n + overlap)`` with n - 1 degrees of freedom, in the unit of the values.

    Raises
    ------
    ValueError
        If there are fewer than two values, one is not finite, `confidence` is not between 0 and 1, or `overlap` is
        below 0.

    References
    ----------
    Student (1908), "The probable error of a mean", Biometrika 6, 1–25. The correction for overlap: Nadeau and Bengio
    (2003), "Inference for the generalization error", Machine Learning 52, 239–281, section 3.

    Examples
    --------
    >>> mean_interval([0.75, 0.77, 0.76]).percent()
    '76.0 [73.5, 78.5]'
    """
    numbers = _finite("values", values)
    if not 0 < confidence < 1:
        raise ValueError(f"confidence must be between 0 and 1, such as 0.95, not {confidence!r}")
    if not 0 <= overlap < math.inf:
        raise ValueError(f"overlap must be a ratio from 0 on, such as 0.125, not {overlap!r}")
    mean = float(numbers.mean())
    error = float(numbers.std(ddof=1)) * math.sqrt(1 / numbers.size + overlap)
    reach = float(stats.t.ppf((1 + confidence) / 2, numbers.size - 1)) * error
    return Interval(mean, mean - reach, mean + reach, int(numbers.size))


def paired_difference(
    a: ArrayLike, b: ArrayLike, *, confidence: float = 0.95, overlap: float = 0.0
) -> PairedDifference:
    """Compare two methods that were run on the same seeds and splits.

    Pairing takes out what a seed does to both: an easy test fold is easy for both methods.

    Parameters
    ----------
    a, b : array-like of float, shape (n,)
        The values of the two methods; ``a[i]`` and ``b[i]`` come from the same seed.
    confidence, overlap : float
        As in `mean_interval`; the test allows for the overlap, too.

    Returns
    -------
    PairedDifference
        Of ``a - b``: positive where `a` is larger. Where all differences are the same, the interval is one point, and
        p is 1 if they are 0 and else 0, the limit of the test as their spread vanishes.

    Raises
    ------
    ValueError
        If `a` and `b` differ in length, hold fewer than two values or one that is not finite, or `confidence` is not
        between 0 and 1.

    References
    ----------
    Student (1908), whose example pairs two drugs on the same ten patients.

    Examples
    --------
    >>> round(paired_difference([0.77, 0.78, 0.76], [0.75, 0.77, 0.75]).mean, 4)
    0.0133
    """
    first, second = _finite("a", a), _finite("b", b)
    if first.size != second.size:
        raise ValueError(f"a holds {first.size} values and b {second.size}; give one pair a seed")
    differences = first - second
    interval = mean_interval(differences, confidence=confidence, overlap=overlap)
    # Differences that are equal on paper (0.8 - 0.7, 0.9 - 0.8) differ in the last bits; the t test would believe them.
    negligible = 1e-12 * max(float(np.abs(first).max()), float(np.abs(second).max()))
    if float(np.ptp(differences)) <= negligible:
        mean = interval.mean if abs(interval.mean) > negligible else 0.0
        return PairedDifference(mean, mean, mean, interval.n, p=float(mean == 0))
    error = float(differences.std(ddof=1)) * math.sqrt(1 / differences.size + overlap)
    p = float(2 * stats.t.sf(abs(interval.mean) / error, differences.size - 1))
    return PairedDifference(interval.mean, interval.low, interval.high, interval.n, p=p)


def _finite(name: str, values: ArrayLike) -> np.ndarray:
    """Return the values as an array of at least two finite numbers."""
    numbers = np.asarray(values, dtype=float)
    if numbers.ndim != 1:
        raise ValueError(f"{name} must be a flat list of numbers, not an array of shape {numbers.shape}")
    if numbers.size < 2:
        raise ValueError(f"{name} holds {numbers.size} value(s); a spread needs at least two, so run more seeds")
    if not np.isfinite(numbers).all():
        where = np.flatnonzero(~np.isfinite(numbers)).tolist()
        raise ValueError(f"{name} is not finite at {where}; did a run fail?")
    return numbers
