"""Write vectors to files: save them, convert a file to another format, trim one to the words that are needed."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from embedbook.vectors.errors import VectorsError
from embedbook.vectors.formats import Format, open_stream, target_format
from embedbook.vectors.streams import ArrayStream, Progress, Selection, Stream, select
from embedbook.vectors.text_format import Errors
from embedbook.vectors.writing import open_writer

if TYPE_CHECKING:
    from gensim.models import KeyedVectors

__all__ = ["Conversion", "convert", "save", "trim"]

Dtype = Literal["float32", "float16"]


@dataclass(frozen=True)
class Conversion:
    """What was written.

    Parameters
    ----------
    path : pathlib.Path
        The file, or the folder of a store.
    format : str
        Its format.
    count, dimensions : int
        Its size, words × dimensions.
    missing : tuple of str
        Words that were asked for but are not in the source, in the order they were asked for.
    repairs : dict of str to int
        How often which flaw of the source was repaired.
    """

    path: Path
    format: str
    count: int
    dimensions: int
    missing: tuple[str, ...]
    repairs: dict[str, int]


def save(
    vectors: KeyedVectors,
    path: str | os.PathLike[str],
    *,
    format: Format | None = None,
    dtype: Dtype = "float32",
    name: str | None = None,
    source: str = "",
) -> Conversion:
    """Write vectors to a file or store.

    Parameters
    ----------
    vectors : gensim.models.KeyedVectors
        The vectors.
    path : path
        What to write. It is replaced if it exists, and only when the new one is complete.
    format : str, optional
        One of `FORMATS`; by default told from the name: .txt GloVe, .vec word2vec text, .bin word2vec binary, these
        with .gz or .zip packed, .npz, .npy, .kv, and a name without ending a store.
    dtype : {"float32", "float16"}
        Type of the numbers in a store, .npy or .npz file. float16 halves the size and keeps three digits.
    name, source : str, optional
        What a store says about itself; `source` should let a reader find where the vectors come from.

    Returns
    -------
    Conversion

    Raises
    ------
    VectorsError
        If the format cannot hold a word, or the file cannot be written.
    """
    words = vectors.index_to_key
    if not all(isinstance(word, str) for word in words):
        raise VectorsError("the keys of these vectors are not all words; only vectors of words are saved")
    stream = ArrayStream("vectors", words, vectors.vectors)
    return _write(stream, Path(path), Selection(), format, dtype, name, source, None)


def convert(
    source: str | os.PathLike[str],
    target: str | os.PathLike[str],
    *,
    format: Format | None = None,
    target_format: Format | None = None,
    words: Iterable[str] | None = None,
    top: int | None = None,
    dtype: Dtype = "float32",
    name: str | None = None,
    vocabulary: str | os.PathLike[str] | None = None,
    errors: Errors = "strict",
    progress: Progress | None = None,
) -> Conversion:
    """Write the vectors of one file in another format, block by block.

    Memory holds the words and a few thousand vectors, so the source may be larger than memory (for .kv and R data
    files, which are read as a whole, it may not).

    Parameters
    ----------
    source : path
        A file, a store's folder, or ``archive.zip::member``.
    target : path
        What to write. It is replaced if it exists, and only when the new one is complete.
    format, target_format : str, optional
        Formats of source and target; by default told from the content of the one and the name of the other.
    words, top : optional
        Take these words only, or the first `top`; see `load`.
    dtype, name : optional
        See `save`.
    vocabulary, errors, progress : optional
        See `load`.

    Returns
    -------
    Conversion

    Raises
    ------
    VectorsError
        If the source is damaged or holds none of the words, or the target cannot be written. Nothing is left of the
        target then, and what was there before stays.
    """
    selection = Selection(words, top)
    stream = open_stream(source, format=format, vocabulary=vocabulary, errors=errors)
    try:
        origin = _origin(source, stream)
        return _write(stream, Path(target), selection, target_format, dtype, name, origin, progress)
    finally:
        stream.close()


def trim(
    source: str | os.PathLike[str],
    target: str | os.PathLike[str],
    *,
    words: Iterable[str] | None = None,
    top: int | None = None,
    format: Format | None = None,
    target_format: Format | None = None,
    dtype: Dtype = "float32",
    vocabulary: str | os.PathLike[str] | None = None,
    errors: Errors = "strict",
    progress: Progress | None = None,
) -> Conversion:
    """Keep only some words of a file of vectors, in the file's order; memory holds only these words.

    Parameters
    ----------
    source, target : path
        What to read and what to write.
    words : iterable of str, optional
        The words to keep.
    top : int, optional
        Keep the first `top` words (of `words`, if given); the rest of the source is not read.
    format, target_format, dtype, vocabulary, errors, progress : optional
        See `convert`.

    Returns
    -------
    Conversion
        Its `missing` lists the words that the source lacks.

    Raises
    ------
    VectorsError
        As `convert`, and if neither `words` nor `top` is given.
    """
    if words is None and top is None:
        raise VectorsError("trim needs the words to keep, or how many to keep (top)")
    return convert(
        source,
        target,
        format=format,
        target_format=target_format,
        words=words,
        top=top,
        dtype=dtype,
        vocabulary=vocabulary,
        errors=errors,
        progress=progress,
    )


def _write(
    stream: Stream,
    path: Path,
    selection: Selection,
    format: Format | None,
    dtype: str,
    name: str | None,
    source: str,
    progress: Progress | None,
) -> Conversion:
    chosen = target_format(path, format)
    found: set[str] = set()
    with open_writer(path, chosen, stream.dimensions, dtype=dtype, name=name, source=source) as writer:
        for words, rows in select(stream, selection, progress):
            writer.write(words, np.asarray(rows))
            if selection.words is not None:
                found.update(words)
        if writer.count == 0:
            raise VectorsError(f"{stream.name} holds none of the words asked for; check their spelling and case")
    stream.repairs.warn(stacklevel=4)
    complete = selection.top is None or writer.count < selection.top
    missing = () if selection.words is None or not complete else tuple(w for w in selection.words if w not in found)
    return Conversion(path, chosen, writer.count, stream.dimensions, missing, stream.repairs.counts)


def _origin(source: str | os.PathLike[str], stream: Stream) -> str:
    """Return what a store says about where it comes from: the file's name, and what the file itself says if a store."""
    name = Path(source).name
    if stream.unit == "row" and (Path(source) / "meta.json").is_file():
        from embedbook.vectors.store import open_store

        earlier = open_store(source).meta
        return earlier.source or earlier.name
    return name
