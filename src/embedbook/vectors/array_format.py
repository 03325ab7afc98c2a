"""Read vectors from NumPy's .npy and .npz files, whose words stand in a text file beside them."""

from __future__ import annotations

import struct
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embedbook.vectors.errors import VectorsError
from embedbook.vectors.reading import FREE_BYTES, MAX_RATIO
from embedbook.vectors.streams import ArrayStream

__all__ = ["find_vocabulary", "open_npy", "open_npz", "read_array", "read_table", "read_words", "vocabulary_path"]

_BAD_ARRAY = (
    OSError,
    ValueError,
    EOFError,
    LookupError,
    zipfile.BadZipFile,
    NotImplementedError,
    RuntimeError,
    zlib.error,
    struct.error,
)


def open_npy(path: Path, vocabulary: Path | None = None, *, mmap: bool = True) -> ArrayStream:
    """Open an .npy file and its list of words.

    Parameters
    ----------
    path : pathlib.Path
        The array, words × dimensions.
    vocabulary : pathlib.Path, optional
        The words, one a line; by default looked for beside the array, see `find_vocabulary`.
    mmap : bool
        Map the array into memory instead of reading it.
    """
    words = read_words(vocabulary or find_vocabulary(path))
    return ArrayStream(str(path), words, read_array(path, mmap=mmap))


def open_npz(path: Path, vocabulary: Path | None = None) -> ArrayStream:
    """Open an .npz file, which must hold one table of floats, and its list of words.

    Parameters
    ----------
    path : pathlib.Path
        The archive.
    vocabulary : pathlib.Path, optional
        The words, one a line; by default looked for beside the archive, see `find_vocabulary`.
    """
    words = read_words(vocabulary or find_vocabulary(path))
    return ArrayStream(str(path), words, read_table(path))


def read_table(path: Path) -> NDArray[Any]:
    """Read the one table, words × dimensions, of an .npz file; pickled objects in it are refused.

    Parameters
    ----------
    path : pathlib.Path
        The archive; arrays in it that are no tables do not matter.

    Raises
    ------
    VectorsError
        If it is damaged or packed suspiciously tight, or holds no table or several.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            for info in archive.infolist():
                if info.file_size > FREE_BYTES + MAX_RATIO * info.compress_size:
                    raise VectorsError(
                        f"{path}: {info.filename} declares {info.file_size:,} bytes packed into "
                        f"{info.compress_size:,}; it looks like a zip bomb and was not read"
                    )
        with np.load(path, allow_pickle=False) as arrays:
            tables = {name: array for name in arrays.files if (array := arrays[name]).ndim == 2}
    except VectorsError:
        raise
    except (*_BAD_ARRAY, MemoryError) as error:
        raise _damaged(path, error) from None
    if len(tables) != 1:
        raise VectorsError(f"{path} holds {len(tables)} tables ({', '.join(tables) or 'none'}); it must hold just one")
    return next(iter(tables.values()))


def read_array(path: Path, *, mmap: bool) -> NDArray[Any]:
    """Read or map one .npy file; pickled objects in it are refused.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    mmap : bool
        Map it into memory, read-only, instead of reading it.

    Raises
    ------
    VectorsError
        If it is missing, damaged or holds objects.
    """
    try:
        array = np.load(path, mmap_mode="r" if mmap else None, allow_pickle=False)
    except FileNotFoundError:
        raise VectorsError(f"{path} does not exist; it belongs to the vectors beside it") from None
    except (*_BAD_ARRAY, MemoryError) as error:
        raise _damaged(path, error) from None
    if not isinstance(array, np.ndarray):
        raise VectorsError(f"{path} is no .npy file")
    return array


def read_words(path: Path) -> list[str]:
    """Read a list of words, UTF-8, one a line; only "\\n" ends a line, since words may hold rarer line ends.

    Parameters
    ----------
    path : pathlib.Path
        The list.

    Raises
    ------
    VectorsError
        If it cannot be read, or a line is not UTF-8.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise VectorsError(f"{path}, the list of words, cannot be opened: {error.strerror or error}") from None
    try:
        words = content.decode("utf-8").split("\n")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise VectorsError(f"{path}, line {line}: the word is not UTF-8; save the list of words as UTF-8") from None
    if words[-1] == "":
        words.pop()
    return words


def vocabulary_path(path: Path) -> Path:
    """Return where the words of an array are written: ``x.vocab.txt`` for ``x.npz``.

    Parameters
    ----------
    path : pathlib.Path
        The file of the array.
    """
    return path.with_name(f"{path.stem}.vocab.txt")


def find_vocabulary(path: Path) -> Path:
    """Return the list of words beside an array: for ``x.npz``, ``x.vocab.txt``, ``x.words.txt`` or ``x.txt``.

    Parameters
    ----------
    path : pathlib.Path
        The file of the array.

    Raises
    ------
    VectorsError
        If there is none of these.
    """
    choices = [vocabulary_path(path), path.with_name(f"{path.stem}.words.txt"), path.with_suffix(".txt")]
    for choice in choices:
        if choice.is_file():
            return choice
    raise VectorsError(
        f"{path} has no list of words beside it ({', '.join(choice.name for choice in choices)}); "
        "name it with vocabulary=..."
    )


def _damaged(path: Path, error: BaseException) -> VectorsError:
    return VectorsError(f"{path} cannot be read as NumPy arrays of numbers ({error}); fetch or write it again")
