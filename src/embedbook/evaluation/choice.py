"""Which of several methods to take, where the best may take more than its lead is worth."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from embedbook.evaluation.intervals import PairedDifference

__all__ = ["Choice", "choose_simplest"]


@dataclass(frozen=True)
class Choice:
    """What `choose_simplest` found.

    Parameters
    ----------
    method : str
        The one to take.
    outdone : mapping of str to str
        The methods that a simpler one equals or passes in the mean, each with the simplest that does.
    """

    method: str
    outdone: Mapping[str, str]


def choose_simplest(
    methods: Sequence[str], best: str, difference: Callable[[str, str], PairedDifference | None]
) -> Choice:
    """Take the simplest method that the best is not shown to beat: its lead's interval begins at 0 or below.

    A method that a simpler one equals or passes in the mean is never taken: it could win by scattering widely.

    Parameters
    ----------
    methods : sequence of str
        The simplest first.
    best : str
        One of them.
    difference : callable
        Gives the difference of two methods, the first minus the second; None if it is not known.

    Returns
    -------
    Choice

    Raises
    ------
    ValueError
        If the best is none of the methods.

    Examples
    --------
    >>> from embedbook.evaluation import paired_difference
    >>> scores = {"counts": [60, 62, 64], "wild": [40, 62, 80], "vectors": [70, 71, 72]}
    >>> choose_simplest(list(scores), "vectors", lambda a, b: paired_difference(scores[a], scores[b]))
    Choice(method='vectors', outdone={'wild': 'counts'})
    """
    if best not in methods:
        raise ValueError(f"the best, {best!r}, is none of the methods: {', '.join(methods)}")
    outdone = {}
    for place, method in enumerate(methods):
        for simpler in methods[:place]:
            gap = difference(method, simpler)
            if gap is not None and gap.mean <= 0:
                outdone[method] = simpler
                break
    for method in methods[: methods.index(best)]:
        gap = difference(best, method)
        if gap is not None and gap.low <= 0 and method not in outdone:
            return Choice(method, outdone)
    return Choice(best, outdone)
