"""Read word vectors from an R data file: the few parts of R's serialisation that a table of words and vectors needs.

R's format is described in *R Internals*, section 1.8 "Serialization Formats": each item begins with four bytes of
flags, whose lowest eight bits are its type; numbers are big-endian (XDR). Nothing in a file is run: functions, language
objects and environments are refused, lengths are checked against what is left of the file, and depth is limited.
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embedbook.vectors.errors import VectorsError
from embedbook.vectors.reading import Reader, open_reader
from embedbook.vectors.streams import ArrayStream

__all__ = ["nearest_bfloat16", "open_rdata", "read_rdata"]

_LARGEST = 2**29  # bytes, unpacked
_DEEPEST = 50

# Types of items, by R's own names.
_SYMSXP, _LISTSXP, _CHARSXP, _LGLSXP, _INTSXP, _REALSXP = 1, 2, 9, 10, 13, 14
_STRSXP, _VECSXP, _EXTPTRSXP, _ALTREP, _NILVALUE, _REFSXP = 16, 19, 22, 238, 254, 255
_HAS_ATTRIBUTES, _HAS_TAG = 0x200, 0x400
_LATIN1 = 4 << 12


class _Vector(list[Any]):
    """A list of R objects with attributes, such as the columns of a data frame."""

    attributes: dict[str, Any]


def open_rdata(path: Path) -> ArrayStream:
    """Open an .rda file that holds one data frame with the columns ``word`` and ``vec``.

    If every number has six decimals and is within 5e-7 of a bfloat16 number, then the file holds bfloat16 numbers that
    were rounded, as the R package PsychWordVec did with Google's vectors, and each is moved to the nearest bfloat16
    number. That restores the original but for numbers below 0.00025, which bfloat16 tells apart and six decimals
    do not; none is moved further than the rounding moved it.

    Parameters
    ----------
    path : pathlib.Path
        The file, packed with gzip, bzip2, xz or not at all.

    Raises
    ------
    VectorsError
        If the file is damaged, holds anything but plain data, or no such table.
    """
    reader = open_reader(path)
    try:
        objects = read_rdata(reader)
    finally:
        reader.close()
    columns = next(
        (found for table in objects.values() if "vec" in (found := _columns(table)) and "word" in found), None
    )
    if columns is None:
        raise VectorsError(
            f"{path} holds no data frame with the columns word and vec ({', '.join(objects) or 'nothing'})"
        )
    words, rows = columns["word"], columns["vec"]
    if (
        not isinstance(words, list)
        or not isinstance(rows, list)
        or not all(isinstance(word, str) for word in words)
        or not all(isinstance(row, np.ndarray) for row in rows)
        or len({len(row) for row in rows}) != 1
    ):
        raise VectorsError(f"{path}: the column word must hold text and the column vec number vectors of one length")
    return ArrayStream(str(path), list(words), _restore(np.array(list(rows), dtype=np.float64)))


def _columns(table: Any) -> dict[str, Any]:
    """Return the columns of a data frame by name; none if it is something else."""
    names = table.attributes.get("names") if isinstance(table, _Vector) else None
    return dict(zip(names, table, strict=False)) if isinstance(names, list) else {}


def _restore(numbers: NDArray[np.float64]) -> NDArray[np.float32]:
    """Undo the rounding of bfloat16 numbers to six decimals, if that is what these numbers are."""
    with np.errstate(over="ignore", invalid="ignore"):
        single = numbers.astype(np.float32)
        nearest = nearest_bfloat16(single)
        six_decimals = np.abs(np.round(numbers, 6) - numbers) <= 1e-15 * np.abs(numbers)
        close = np.abs(nearest.astype(np.float64) - numbers) <= 5.001e-7
    return nearest if (six_decimals & close).all() else single


def nearest_bfloat16(numbers: NDArray[np.float32]) -> NDArray[np.float32]:
    """Round each float32 to the nearest number with an 8-bit significand (bfloat16), ties to even.

    Parameters
    ----------
    numbers : float32 array
        Finite numbers.

    Returns
    -------
    float32 array of the same shape
        Their lower 16 bits are zero.
    """
    bits = np.ascontiguousarray(numbers, dtype=np.float32).view(np.uint32)
    rounded = bits + np.uint32(0x7FFF) + ((bits >> np.uint32(16)) & np.uint32(1))
    return (rounded & np.uint32(0xFFFF0000)).view(np.float32)


def read_rdata(reader: Reader) -> dict[str, Any]:
    """Return the objects of an R data file by name: lists, arrays of numbers, lists of strings.

    Parameters
    ----------
    reader : Reader
        The unpacked bytes.

    Raises
    ------
    VectorsError
        If the file is damaged, too large, or holds anything but plain data.
    """
    pieces = []
    size = 0
    while piece := reader.read(2**22):
        pieces.append(piece)
        size += len(piece)
        if size > _LARGEST:
            raise VectorsError(f"{reader.name} unpacks to more than {_LARGEST:,} bytes; it was not read")
    content = b"".join(pieces)
    if content[:7] not in (b"RDX2\nX\n", b"RDX3\nX\n"):
        raise VectorsError(f"{reader.name} is no R data file in R's binary XDR form; save it in R with save(...)")
    try:
        return _Parser(content, reader.name).objects()
    except (struct.error, UnicodeDecodeError, IndexError, TypeError) as error:
        raise VectorsError(f"{reader.name} is damaged ({error}); fetch it again") from None


class _Parser:
    """Walks through the items of one serialised R value."""

    def __init__(self, content: bytes, name: str) -> None:
        self._content = content
        self._name = name
        self._position = 7
        self._references: list[Any] = []

    def objects(self) -> dict[str, Any]:
        version, _, _ = self._integer(), self._integer(), self._integer()
        if version == 3:
            self._bytes(self._integer())  # the native encoding, which matters only for strings not marked UTF-8
        elif version != 2:
            raise self._refusal(f"version {version}")
        pairs = self._item(0)
        return pairs if isinstance(pairs, dict) else {}

    def _item(self, depth: int) -> Any:
        if depth > _DEEPEST:
            raise self._refusal("lists nested too deeply")
        flags = self._integer()
        kind = flags & 0xFF
        if kind == _NILVALUE:
            return None
        if kind == _LISTSXP:
            return self._pairs(flags, depth)
        if kind == _SYMSXP:
            symbol = self._item(depth + 1)
            self._references.append(symbol)
            return symbol
        if kind == _REFSXP:
            return self._references[(flags >> 8 or self._integer()) - 1]
        if kind == _CHARSXP:
            return self._string(flags)
        if kind == _EXTPTRSXP:  # data.table's reference to itself: an address that means nothing here
            self._references.append(None)
            self._item(depth + 1)
            self._item(depth + 1)
            value: Any = None
        elif kind == _ALTREP:
            return self._compact(depth)
        elif kind in (_LGLSXP, _INTSXP):
            value = self._numbers(">i4")
        elif kind == _REALSXP:
            value = self._numbers(">f8")
        elif kind in (_STRSXP, _VECSXP):
            value = _Vector(self._item(depth + 1) for _ in range(self._length(4)))
        else:
            raise self._refusal(f"an item of type {kind}")
        attributes = self._item(depth + 1) if flags & _HAS_ATTRIBUTES else None
        if isinstance(value, _Vector):
            value.attributes = attributes if isinstance(attributes, dict) else {}
        return value

    def _pairs(self, flags: int, depth: int) -> dict[str, Any]:
        """Read a pairlist: values with names, one after the other until NULL."""
        pairs: dict[str, Any] = {}
        while flags & 0xFF == _LISTSXP:
            if flags & _HAS_ATTRIBUTES:
                self._item(depth + 1)
            name = self._item(depth + 1) if flags & _HAS_TAG else f"[{len(pairs) + 1}]"
            pairs[str(name)] = self._item(depth + 1)
            flags = self._integer()
        if flags & 0xFF != _NILVALUE:
            raise self._refusal("a list without end")
        return pairs

    def _compact(self, depth: int) -> Any:
        """Read a value in R's compact form (since R 3.5), of which sequences and wrapped vectors are plain data."""
        information = self._item(depth + 1)
        name = next(iter(information.values()), None) if isinstance(information, dict) else None
        if name in ("compact_intseq", "compact_realseq"):
            self._item(depth + 1)
            value: Any = np.empty(0)  # row numbers, which nobody needs
        elif name in ("wrap_real", "wrap_integer", "wrap_string", "wrap_list") and self._integer() & 0xFF == _LISTSXP:
            value = self._item(depth + 1)
            self._item(depth + 1)  # whether it is sorted
        else:
            raise self._refusal(f"a compact value of class {name}")
        attributes = self._item(depth + 1)
        if isinstance(value, _Vector) and isinstance(attributes, dict):
            value.attributes = attributes
        return value

    def _numbers(self, kind: str) -> NDArray[Any]:
        length = self._length(int(kind[2]))
        return np.frombuffer(self._bytes(length * int(kind[2])), dtype=kind)

    def _string(self, flags: int) -> str | None:
        length = self._integer()
        if length == -1:
            return None  # NA
        return self._bytes(length).decode("latin-1" if flags & _LATIN1 else "utf-8")

    def _length(self, item_size: int) -> int:
        length = self._integer()
        if length == -1:  # a long vector
            length = (self._integer() << 32) + self._integer()
        if length < 0 or length * item_size > len(self._content) - self._position:
            raise self._refusal("a vector longer than the file")
        return length

    def _bytes(self, length: int) -> bytes:
        if not 0 <= length <= len(self._content) - self._position:
            raise self._refusal("a string longer than the file")
        self._position += length
        return self._content[self._position - length : self._position]

    def _integer(self) -> int:
        (value,) = struct.unpack_from(">i", self._content, self._position)
        self._position += 4
        return int(value)

    def _refusal(self, what: str) -> VectorsError:
        return VectorsError(
            f"{self._name} holds {what} at byte {self._position:,}; only tables of words and numbers are read"
        )
