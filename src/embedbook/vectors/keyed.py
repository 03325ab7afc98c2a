"""Load pretrained vectors as gensim `KeyedVectors`, whatever file they come in."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from embedbook.vectors.errors import Repairs, VectorsError
from embedbook.vectors.formats import Format, open_stream
from embedbook.vectors.store import open_store
from embedbook.vectors.streams import ArrayStream, Progress, Selection, Stream, select
from embedbook.vectors.text_format import Errors

if TYPE_CHECKING:
    from gensim.models import KeyedVectors

__all__ = ["keyed_vectors", "load", "normalise"]


def load(
    path: str | os.PathLike[str],
    *,
    format: Format | None = None,
    words: Iterable[str] | None = None,
    top: int | None = None,
    mmap: bool = True,
    vocabulary: str | os.PathLike[str] | None = None,
    errors: Errors = "strict",
    progress: Progress | None = None,
) -> KeyedVectors:
    """Load pretrained vectors.

    Read are GloVe text, word2vec text and binary, these packed with gzip, xz, bzip2 or zip, NumPy arrays with a list of
    words, gensim's .kv, R data files with a table of words and vectors, and the book's own store. No pickle is run: of
    a .kv file only words and numbers are taken.

    Small flaws are repaired with a `VectorsWarning`: a word that occurs twice keeps its first vector; Windows line ends
    and a byte order mark are put right. Anything else that is wrong is an error, a last line without line end among it,
    since nothing tells whether its last number is complete.

    Parameters
    ----------
    path : path
        A file, a store's folder, or ``archive.zip::member``.
    format : str, optional
        One of `FORMATS`; by default told from the content.
    words : iterable of str, optional
        Load these words only, in the file's order. Words that the file lacks are left out.
    top : int, optional
        Load only the first `top` words (of `words`, if given); the rest of the file is not read.
    mmap : bool
        Map the numbers of a store, an .npy or a .kv file into memory: read-only, and read from the disk when first
        used.
    vocabulary : path, optional
        The list of words of an .npy or .npz file; by default looked for beside it.
    errors : {"strict", "replace"}
        Whether a word of a text or binary file that is not UTF-8 is an error, or is repaired with U+FFFD.
    progress : callable, optional
        Told (bytes done, bytes in all) while a long file is read.

    Returns
    -------
    gensim.models.KeyedVectors
        float32, words × dimensions, words in the file's order.

    Raises
    ------
    VectorsError
        If the file is missing, damaged or hostile, or has none of the words. The message names file and line.

    Examples
    --------
    >>> vectors = load("glove.6B.zip::glove.6B.50d.txt", top=50_000)  # doctest: +SKIP
    >>> vectors.most_similar("frog")  # doctest: +SKIP
    """
    selection = Selection(words, top)
    if format in (None, "store") and Path(path).is_dir() and vocabulary is None and selection.words is None:
        return _load_store(Path(path), selection.top, mmap)
    stream = open_stream(path, format=format, vocabulary=vocabulary, errors=errors, mmap=mmap)
    try:
        if isinstance(stream, ArrayStream) and selection.everything and _is_clean(stream, progress):
            result = keyed_vectors(stream.words, stream.matrix)
        else:
            result = keyed_vectors(*_collect(stream, selection, progress))
    finally:
        stream.close()
    stream.repairs.warn()
    return result


def keyed_vectors(
    words: Sequence[str], matrix: NDArray[np.float32], norms: NDArray[np.float32] | None = None
) -> KeyedVectors:
    """Make gensim `KeyedVectors` of words and rows, without copying the rows.

    Parameters
    ----------
    words : sequence of str
        The words, each once.
    matrix : float32 array, shape (words, dimensions)
        One row a word.
    norms : float32 array, shape (words,), optional
        The length of each row, if known; otherwise gensim computes it when it is first needed.

    Returns
    -------
    gensim.models.KeyedVectors

    Raises
    ------
    VectorsError
        If there are not as many words as rows, or a word occurs twice.
    """
    from gensim.models import KeyedVectors

    if matrix.ndim != 2 or len(words) != len(matrix):
        raise VectorsError(f"{len(words):,} words do not go with an array of shape {matrix.shape}; give one row a word")
    keys = list(words)
    positions = dict(zip(keys, range(len(keys)), strict=True))
    if len(positions) != len(keys):
        raise VectorsError("a word occurs twice; keep one vector of each")
    result = KeyedVectors(matrix.shape[1])
    result.index_to_key = keys
    result.key_to_index = positions
    result.next_index = len(keys)
    result.vectors = matrix.astype(np.float32, copy=False)
    result.norms = norms
    return result


def normalise(vectors: KeyedVectors) -> KeyedVectors:
    """Return the vectors with each scaled to length 1; vectors of zeros stay as they are.

    Parameters
    ----------
    vectors : gensim.models.KeyedVectors
        Left unchanged.

    Returns
    -------
    gensim.models.KeyedVectors
        The same words, with their own copy of the numbers.
    """
    norms = np.linalg.norm(vectors.vectors, axis=1)
    scaled = vectors.vectors / np.where(norms == 0, np.float32(1), norms)[:, np.newaxis]
    return keyed_vectors(vectors.index_to_key, scaled.astype(np.float32, copy=False))


def _load_store(path: Path, top: int | None, mmap: bool) -> KeyedVectors:
    """Open a store: nothing to parse, nothing to check word by word, since its writer did."""
    store = open_store(path, mmap=mmap)
    # gensim divides by the norms; where one is 0, dividing by 1 gives a similarity of 0 instead of NaN.
    norms = np.where(store.norms == 0, np.float32(1), store.norms)
    return keyed_vectors(store.words[:top], store.vectors[:top], norms[:top])


def _is_clean(stream: ArrayStream, progress: Progress | None) -> bool:
    """Check every word and number; True if nothing had to be left out, so that the array can be used as it is."""
    kept = sum(len(words) for words, _ in select(stream, Selection(), progress))
    if kept == len(stream.words):
        return True
    stream.repairs = Repairs(stream.name)  # they will be noted again when the rest is collected
    return False


def _collect(stream: Stream, selection: Selection, progress: Progress | None) -> tuple[list[str], NDArray[np.float32]]:
    """Gather the selected words and rows in an array that grows as they come, whatever a header promises."""
    words: list[str] = []
    matrix = np.empty((0, stream.dimensions), dtype=np.float32)
    for more_words, rows in select(stream, selection, progress):
        needed = len(words) + len(more_words)
        if needed > len(matrix):
            matrix.resize((max(needed, len(matrix) * 3 // 2), stream.dimensions), refcheck=False)
        matrix[len(words) : needed] = rows
        words += more_words
    if not words:
        raise VectorsError(f"{stream.name} holds none of the words asked for; check their spelling and case")
    matrix.resize((len(words), stream.dimensions), refcheck=False)
    return words, matrix
