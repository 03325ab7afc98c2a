"""Texts as arrays of word ids, padded to one length."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Literal

import numpy as np

from embedbook.text.checks import require_positive
from embedbook.text.tokens import tokenize
from embedbook.text.vocabulary import Vocabulary

__all__ = ["encode_texts", "pad"]


def pad(sequences: Iterable[Sequence[int]], *, length: int | None = None) -> np.ndarray:
    """Put sequences of different lengths into one array, with zeros on the right.

    Parameters
    ----------
    sequences : iterable of sequences of int
        The ids of each text.
    length : int, optional
        The number of columns; longer sequences are cut there. By default as long as the longest (at least 1).

    Returns
    -------
    numpy.ndarray of int32, shape (n texts, T tokens)

    Raises
    ------
    ValueError
        If there is no sequence, `length` is not a whole number from 1 on, or an id is negative or not whole.
    """
    rows = list(sequences)
    if not rows:
        raise ValueError("there are no sequences to pad")
    if length is None:
        length = max(1, *map(len, rows))
    require_positive("length", length)
    largest = np.iinfo(np.int32).max
    padded = np.full((len(rows), length), Vocabulary.PADDING, dtype=np.int32)
    for index, row in enumerate(rows):
        ids = np.asarray(row[:length])
        if ids.size == 0:
            continue
        if ids.ndim != 1 or not np.issubdtype(ids.dtype, np.integer) or ids.min() < 0 or ids.max() > largest:
            raise ValueError(f"sequence {index} is not a list of ids (whole numbers, 0 or more): {list(row)[:8]!r}")
        padded[index, : len(ids)] = ids
    return padded


def encode_texts(
    texts: Collection[str],
    vocabulary: Vocabulary,
    *,
    length: int | None = None,
    empty: Literal["error", "oov"] = "error",
) -> np.ndarray:
    """Tokenise texts, look their words up and pad them to one array.

    Parameters
    ----------
    texts : collection of str
        The texts, not yet tokenised.
    vocabulary : Vocabulary
        Gives the ids; unknown words become `Vocabulary.OOV`.
    length : int, optional
        The number of columns; longer texts are cut there. By default as long as the longest text.
    empty : {"error", "oov"}
        What to do with a text that has no token. A row of padding alone has no mean, and one such row can turn all
        weights of a model into NaN; so the default refuses it, and "oov" gives it one unknown word.

    Returns
    -------
    numpy.ndarray of int32, shape (n texts, T tokens)

    Raises
    ------
    ValueError
        If a text is empty (the message names the rows) or not a string, if there are no texts, or if an option is bad.
    """
    if empty not in ("error", "oov"):
        raise ValueError(f'empty must be "error" or "oov", not {empty!r}')
    if isinstance(texts, str):
        raise ValueError("texts must be a list of texts, not one string; write [text]")
    sequences = []
    empty_rows = []
    for row, text in enumerate(texts):
        if not isinstance(text, str):
            raise ValueError(f"text {row} is {text!r} ({type(text).__name__}), not a string; drop or fill it")
        tokens = tokenize(text)
        if not tokens:
            empty_rows.append(row)
        sequences.append(vocabulary.encode(tokens) or [Vocabulary.OOV])
    if not sequences:
        raise ValueError("there are no texts to encode")
    if empty_rows and empty == "error":
        shown = ", ".join(map(str, empty_rows[:10])) + (", …" if len(empty_rows) > 10 else "")
        raise ValueError(
            f"{len(empty_rows)} of {len(sequences)} texts have no token (rows {shown}); "
            'drop them, or pass empty="oov" to treat each as one unknown word'
        )
    return pad(sequences, length=length)
