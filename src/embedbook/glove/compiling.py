"""Compile the inner loops with numba, and keep the machine code between processes where a folder can be written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba

# What the loops over dimensions need to become vector instructions: sums in any order, fused multiply-add, and the
# processor's estimate of 1/sqrt refined by one Newton step. "nnan" and "ninf" are left out on purpose: with them the
# compiler may assume that no value is ever NaN, and a diverging run could go unnoticed.
FAST_SUMS = {"reassoc", "contract", "arcp", "afn", "nsz"}


def compiled(**options: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Decorate a function so that numba compiles it on first use, without the interpreter's lock.

    numba keeps the machine code beside the source, or in the user's cache folder where the source cannot be written.
    Where neither can, it refuses to define the function at all; such a machine compiles anew in each process.
    """

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        try:
            return numba.njit(cache=True, nogil=True, error_model="numpy", **options)(function)
        except RuntimeError:
            return numba.njit(nogil=True, error_model="numpy", **options)(function)

    return decorate
