"""One seed for a whole run, and from it one for each of its random parts."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["child_seeds"]


def child_seeds(seed: int | None, count: int) -> list[Any]:
    """Derive a seed for each random part of a model or run, so that no two parts draw the same numbers.

    Parameters
    ----------
    seed : int, optional
        That of the whole, 0 or more; without one, the parts have none either.
    count : int
        How many to derive. The first ones are the same for any count.

    Returns
    -------
    list of int or None
        Numbers of 31 bits, which Keras wants.

    Raises
    ------
    ValueError
        If `seed` is not a whole number from 0 on.
    """
    if seed is None:
        return [None] * count
    if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)) or seed < 0:
        raise ValueError(f"seed must be a whole number, 0 or more, not {seed!r}")
    return [int(number >> 1) for number in np.random.SeedSequence(int(seed)).generate_state(count)]
