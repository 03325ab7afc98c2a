"""Say what a file of vectors holds, with a look at its beginning or at all of it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from itertools import islice

from embedbook.vectors.formats import Format, open_stream, sniff
from embedbook.vectors.store import Meta, open_store, verify_store
from embedbook.vectors.streams import Progress, Selection, select
from embedbook.vectors.text_format import Errors

__all__ = ["Description", "describe"]

_FIRST_WORDS = 10


@dataclass(frozen=True)
class Description:
    """What a file of vectors holds.

    Parameters
    ----------
    format : str
        One of `FORMATS`.
    count : int or None
        How many words there are: those found if all was read, else what the file says; None if it does not say.
    dimensions : int
        Numbers a vector.
    first_words : tuple of str
        The first ten words or fewer; in pretrained vectors they are the most frequent.
    checked : bool
        Whether all of it was read and found to be in order.
    meta : Meta or None
        What a store says about itself.
    """

    format: Format
    count: int | None
    dimensions: int
    first_words: tuple[str, ...]
    checked: bool
    meta: Meta | None


def describe(
    path: str | os.PathLike[str],
    *,
    format: Format | None = None,
    check: bool = False,
    vocabulary: str | os.PathLike[str] | None = None,
    errors: Errors = "strict",
    progress: Progress | None = None,
) -> Description:
    """Describe a file of vectors.

    Parameters
    ----------
    path : path
        A file, a store's folder, or ``archive.zip::member``.
    check : bool
        Read every vector, and compare the files of a store with their checksums.
    format, vocabulary, errors, progress : optional
        See `load`.

    Returns
    -------
    Description

    Raises
    ------
    VectorsError
        If the file is missing or, as far as it was read, damaged.
    """
    found = format or sniff(path)
    meta = None
    if found == "store":
        meta = verify_store(path) if check else open_store(path).meta
    stream = open_stream(path, format=found, vocabulary=vocabulary, errors=errors)
    try:
        first: list[str] = []
        if check:
            count: int | None = 0
            for words, _ in select(stream, Selection(), progress):
                first += words[: _FIRST_WORDS - len(first)]
                count = (count or 0) + len(words)
        else:
            count = stream.declared
            first = [word for words, _ in islice(select(stream, Selection(top=_FIRST_WORDS)), 2) for word in words]
        stream.repairs.warn()
    finally:
        stream.close()
    return Description(found, count, stream.dimensions, tuple(first), check, meta)
