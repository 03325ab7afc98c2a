"""Read gensim's .kv files without running what they say.

A .kv file is a pickle, and a pickle is a program. Here it is run by an unpickler that knows a handful of names and
gives an inert stand-in for each: no class of gensim or NumPy is ever called, arrays are made afterwards from the bytes
the stand-ins collected, and any other name is refused before anything is done with it.
"""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embedbook.vectors.array_format import read_array
from embedbook.vectors.errors import VectorsError
from embedbook.vectors.streams import ArrayStream

__all__ = ["open_kv"]

_FLOATS = ("f2", "f4", "f8")


class _Record:
    """Stands in for an object of the pickle; keeps what it is given, does nothing."""

    arguments: tuple[Any, ...] = ()
    state: Any = None

    def __init__(self, *arguments: Any) -> None:
        self.arguments = arguments

    def __setstate__(self, state: Any) -> None:
        self.state = state


class _KeyedVectors(_Record):
    """Stands in for gensim's `KeyedVectors`."""


def _stand_ins() -> dict[tuple[str, str], type[_Record]]:
    keyed = "gensim.models.keyedvectors"
    names: dict[tuple[str, str], type[_Record]] = {
        (keyed, name): _KeyedVectors for name in ("KeyedVectors", "Word2VecKeyedVectors", "EuclideanKeyedVectors")
    }
    inert = [(keyed, "Vocab"), (keyed, "CompatVocab"), ("numpy", "ndarray"), ("numpy", "dtype"), ("_codecs", "encode")]
    for core in ("numpy.core", "numpy._core"):  # NumPy 1 and NumPy 2
        inert += [(f"{core}.multiarray", "_reconstruct"), (f"{core}.multiarray", "scalar")]
        inert += [(f"{core}.numeric", "_frombuffer")]
    return names | dict.fromkeys(inert, _Record)


# The unpickler written in Python, since the one in C makes room for as many objects as a hostile file says it has.
class _Unpickler(pickle._Unpickler):
    _names = _stand_ins()

    def find_class(self, module: str, name: str) -> Any:
        try:
            return self._names[module, name]
        except KeyError:
            raise pickle.UnpicklingError(f"it asks for {module}.{name}") from None


def open_kv(path: Path, *, mmap: bool = True) -> ArrayStream:
    """Open a file that gensim's ``KeyedVectors.save`` wrote.

    Parameters
    ----------
    path : pathlib.Path
        The .kv file; a large array lies in ``NAME.vectors.npy`` beside it.
    mmap : bool
        Map that array into memory instead of reading it.

    Raises
    ------
    VectorsError
        If the file is no pickle of plain `KeyedVectors`, or asks for any name that such a pickle does not need.
    """
    try:
        with path.open("rb") as file:
            content = _Unpickler(file).load()
    except FileNotFoundError:
        raise VectorsError(f"{path} does not exist; check the path") from None
    except Exception as error:  # a hostile pickle can make the unpickler raise nearly anything
        raise VectorsError(
            f"{path} is not gensim KeyedVectors as .save writes them, or not only ({error}); nothing of it was run. "
            "If you trust it, load it with gensim and save its vectors with embedbook.vectors.save"
        ) from None
    if not isinstance(content, _KeyedVectors) or not isinstance(content.state, dict):
        raise VectorsError(f"{path} is a pickle of something else than gensim KeyedVectors; it was not loaded")

    state = content.state
    words = next((state[key] for key in ("index_to_key", "index2word", "index2entity") if key in state), None)
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise VectorsError(f"{path} has no list of words; save it again with a recent gensim")
    array = next((state[key] for key in ("vectors", "syn0") if key in state), None)
    if array is None:
        matrix = read_array(path.with_name(f"{path.name}.vectors.npy"), mmap=mmap)
    else:
        matrix = _array_of(path, array)
    return ArrayStream(str(path), words, matrix)


def _array_of(path: Path, array: Any) -> NDArray[np.floating]:
    """Make an array from the bytes that its stand-in collected."""
    try:
        if array.state is not None:
            _, shape, dtype, fortran, content = array.state
        else:
            content, dtype, shape, order = array.arguments
            fortran = order == "F"
        if isinstance(content, _Record):  # old pickles write bytes as text to be encoded
            content = content.arguments[0].encode("latin1")
        letter = dtype.arguments[0]
        byte_order = dtype.state[1] if dtype.state is not None else "="
        if letter not in _FLOATS or byte_order not in ("<", ">", "=", "|"):
            raise TypeError("not an array of floats")
        numbers = np.frombuffer(content, dtype=f"{byte_order}{letter}")
        rows, columns = (int(length) for length in shape)
        return numbers.reshape((rows, columns), order="F" if fortran else "C").copy()
    except (AttributeError, IndexError, TypeError, ValueError) as error:
        raise VectorsError(f"{path} holds no table of floats as its vectors ({error}); it was not loaded") from None
