"""The book's own store: a folder of vectors that opens in a blink, because nothing in it needs to be parsed.

=============  =========================================================================================
vectors.npy    float32 or float16, words × dimensions; mapped into memory when opened
words.txt      the words in the same order, UTF-8, one a line
norms.npy      float32, the length of each vector, so that the first search for neighbours need not read
               all vectors twice
meta.json      name, count, dimensions, dtype, source, and the sha256 of each of the other files
=============  =========================================================================================
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from embedbook.vectors.array_format import read_array, read_words
from embedbook.vectors.errors import VectorsError
from embedbook.vectors.streams import ArrayStream

__all__ = ["Meta", "Store", "file_sha256", "open_store", "verify_store"]

FORMAT = "embedbook-vectors-1"
VECTORS, WORDS, NORMS, META = "vectors.npy", "words.txt", "norms.npy", "meta.json"


@dataclass(frozen=True)
class Meta:
    """What meta.json says about a store."""

    name: str
    count: int
    dimensions: int
    dtype: str
    source: str
    sha256: dict[str, str]
    format: str = FORMAT

    def to_json(self) -> str:
        """Return the content of meta.json."""
        return json.dumps(asdict(self), indent=2, ensure_ascii=False) + "\n"


@dataclass(frozen=True)
class Store:
    """An open store.

    Parameters
    ----------
    path : pathlib.Path
        Its folder.
    meta : Meta
        Its meta.json.
    words : list of str
        Its words.
    vectors : array of float32 or float16, shape (count, dimensions)
        Its vectors, memory-mapped and read-only unless opened otherwise.
    norms : float32 array, shape (count,)
        The length of each vector.
    """

    path: Path
    meta: Meta
    words: list[str]
    vectors: NDArray[np.floating]
    norms: NDArray[np.float32]

    def stream(self) -> ArrayStream:
        """Return the vectors as a stream of checked rows."""
        return ArrayStream(str(self.path), self.words, self.vectors)


def open_store(path: str | os.PathLike[str], *, mmap: bool = True) -> Store:
    """Open a store.

    The words and norms are compared with their checksums, the vectors (too large for that in a blink) with the shape,
    type and length that meta.json says; `verify_store` compares all.

    Parameters
    ----------
    path : path
        The folder.
    mmap : bool
        Map the vectors into memory instead of reading them.

    Raises
    ------
    VectorsError
        If a file is missing, or does not agree with meta.json.
    """
    folder = Path(path)
    meta = _read_meta(folder)
    _advise_soon(folder / VECTORS)
    for name in (WORDS, NORMS):
        _compare(folder / name, meta)
    vectors = read_array(folder / VECTORS, mmap=mmap)
    norms = read_array(folder / NORMS, mmap=False)
    words = read_words(folder / WORDS)
    shape = (meta.count, meta.dimensions)
    if vectors.shape != shape or vectors.dtype != np.dtype(meta.dtype):
        raise VectorsError(
            f"{folder / VECTORS} is {vectors.dtype} {vectors.shape}, but meta.json says {meta.dtype} {shape}; "
            "convert the original again"
        )
    if len(words) != meta.count or norms.shape != (meta.count,):
        raise VectorsError(
            f"{folder} has {len(words):,} words and {norms.shape} norms for {meta.count:,} vectors; "
            "convert the original again"
        )
    return Store(folder, meta, words, vectors, norms.astype(np.float32, copy=False))


def verify_store(path: str | os.PathLike[str]) -> Meta:
    """Compare every file of a store with its checksum and return what meta.json says.

    Parameters
    ----------
    path : path
        The folder.

    Raises
    ------
    VectorsError
        If a file is missing or not the one that was written.
    """
    folder = Path(path)
    meta = _read_meta(folder)
    for name in (VECTORS, WORDS, NORMS):
        _compare(folder / name, meta)
    open_store(folder)
    return meta


def file_sha256(path: Path) -> str:
    """Return the sha256 of a file as hexadecimal digits.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    """
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(2**22):
            digest.update(piece)
    return digest.hexdigest()


def _read_meta(folder: Path) -> Meta:
    path = folder / META
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        meta = Meta(**{name: content[name] for name in Meta.__dataclass_fields__})
    except FileNotFoundError:
        raise VectorsError(
            f"{folder} is no store of vectors: it has no {META}; name the file of vectors in it"
        ) from None
    except (OSError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise VectorsError(f"{path} is damaged ({type(error).__name__}: {error}); convert the original again") from None
    if (
        meta.format != FORMAT
        or meta.dtype not in ("float32", "float16")
        or not all(isinstance(number, int) and number > 0 for number in (meta.count, meta.dimensions))
        or not isinstance(meta.sha256, dict)
    ):
        raise VectorsError(f"{path} does not describe a store of the form {FORMAT}; convert the original again")
    return meta


def _compare(path: Path, meta: Meta) -> None:
    try:
        found = file_sha256(path)
    except OSError as error:
        raise VectorsError(f"{path} cannot be read ({error.strerror}); convert the original again") from None
    if found != meta.sha256.get(path.name):
        raise VectorsError(f"{path} is not the file that {META} describes (sha256); convert the original again")


def _advise_soon(path: Path) -> None:
    """Ask the system to read a file ahead while the rest is prepared; where that is impossible nothing is lost."""
    if not hasattr(os, "posix_fadvise"):
        return
    try:
        with path.open("rb") as file:
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_WILLNEED)
    except OSError:
        pass
