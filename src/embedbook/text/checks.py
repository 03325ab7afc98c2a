"""Checks that vocabularies and arrays share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np


def checked_token_lists(token_lists: Iterable[Sequence[str]]) -> Iterable[Sequence[str]]:
    """Yield the token lists; refuse a string, whose letters would otherwise pass for words."""
    if isinstance(token_lists, str):
        raise ValueError("token_lists must be a list of token lists, not a string; call tokenize first")
    for index, tokens in enumerate(token_lists):
        if isinstance(tokens, str):
            raise ValueError(f"token list {index} is a string, not a list of tokens; call tokenize first")
        yield tokens


def require_positive(name: str, value: int) -> None:
    """Raise a ValueError unless `value` is a whole number from 1 on."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < 1:
        raise ValueError(f"{name} must be a whole number, 1 or more, not {value!r}")
