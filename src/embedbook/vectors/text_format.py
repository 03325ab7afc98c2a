"""Read vectors from text: GloVe's format, and word2vec's, which has a header."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from embedbook.vectors.errors import Repairs, VectorsError
from embedbook.vectors.reading import Reader
from embedbook.vectors.streams import MAX_DIMENSIONS, Block

__all__ = ["MAX_LINE", "TextStream", "decode_word", "is_number", "parse_header", "trailing_numbers"]

MAX_LINE = 2**20
"""Longest line that is read, in bytes: 40,000 numbers with all their digits."""

_BLOCK = 4 * 2**20
_LOOK_AT_LINES = 100
_HEADER = re.compile(rb" *([0-9]{1,15}) +([0-9]{1,15}) *\r?\n")
_NUMBER = re.compile(rb"[+-]?(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]+)?|nan|inf|infinity)\Z", re.IGNORECASE)
_FIELD = re.compile(rb"[^ ]+")
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"

Errors = Literal["strict", "replace"]


def parse_header(head: bytes) -> tuple[int, int] | None:
    """Return (count, dimensions) if a file begins with the header line of word2vec, else None.

    Parameters
    ----------
    head : bytes
        The first 100 bytes of the file.
    """
    found = _HEADER.match(head)
    return (int(found[1]), int(found[2])) if found else None


def is_number(field: bytes) -> bool:
    """Tell whether a field is written as a number, infinity and NaN included.

    Parameters
    ----------
    field : bytes
        What stands between two spaces.
    """
    return _NUMBER.match(field) is not None


def trailing_numbers(line: bytes) -> int:
    """Return how many fields at the end of a line are numbers, not counting the first field, which is a word.

    Parameters
    ----------
    line : bytes
        The line, with its line end or without.
    """
    count = 0
    for field in reversed(_FIELD.findall(line.rstrip(b"\r\n"))[1:]):
        if not is_number(field):
            break
        count += 1
    return count


def decode_word(word: bytes, errors: Errors, repairs: Repairs, name: str, place: str) -> str:
    """Decode one word, or say where a byte is that is not UTF-8.

    Parameters
    ----------
    word : bytes
        The word.
    errors : {"strict", "replace"}
        Whether such a byte is an error or becomes U+FFFD, which `repairs` notes.
    repairs : Repairs
        Of the file.
    name, place : str
        The file and the place in it, as messages should name them.

    Raises
    ------
    VectorsError
        If a byte is not UTF-8 and `errors` is "strict".
    """
    try:
        return word.decode("utf-8")
    except UnicodeDecodeError as error:
        if errors == "replace":
            repairs.add("words with bytes that are not UTF-8, replaced by U+FFFD", place)
            return word.decode("utf-8", "replace")
        raise VectorsError(
            f"{name}, {place}: the word {word[:40]!r} is not UTF-8 (byte {error.start + 1}); "
            'mend the file or pass errors="replace"'
        ) from None


class TextStream:
    """Vectors written as text, one a line: the word, then its numbers, parted by spaces.

    The last `dimensions` fields of a line are the vector, so a word may hold spaces (as some of GloVe 840B's do),
    unless the field before the vector is a number too: that is taken for an extra column and refused. Windows line ends
    and a byte order mark are repaired and noted. A last line without line end is refused, since nothing tells whether
    its last number is complete.

    Parameters
    ----------
    reader : Reader
        The bytes, at their beginning.
    header : bool
        Whether the first line gives count and dimensions (word2vec) or there is none (GloVe). Without header the
        dimensions are the most common number of numbers in the first 100 lines.
    errors : {"strict", "replace"}
        What to do with words that are not UTF-8.

    Raises
    ------
    VectorsError
        If the first lines are no vectors.
    """

    unit = "line"

    def __init__(self, reader: Reader, *, header: bool, errors: Errors = "strict") -> None:
        self.name = reader.name
        self.repairs = Repairs(reader.name)
        self.declared: int | None = None
        self._reader = reader
        self._errors = errors
        self._lines_before = 0
        if reader.peek(3) == _BYTE_ORDER_MARK:
            reader.read(3)
            self.repairs.add("byte order mark left out")
        if header:
            head = reader.peek(100)
            found = parse_header(head)
            if found is None:
                raise VectorsError(f'{self.name}, line 1: no header "COUNT DIMENSIONS"; is it format="glove"?')
            self.declared, self.dimensions = found
            reader.read(head.index(b"\n") + 1)
            self._lines_before = 1
        else:
            self.dimensions = self._guess_dimensions()
        if not 0 < self.dimensions <= MAX_DIMENSIONS or self.declared == 0:
            raise VectorsError(
                f"{self.name}, line 1: the header says {self.declared} vectors of {self.dimensions} dimensions; "
                f"there must be one vector at least, of 1 to {MAX_DIMENSIONS:,} dimensions"
            )

    def progress(self) -> tuple[int, int]:
        """Return (bytes done, bytes in all)."""
        return self._reader.position, self._reader.size

    def close(self) -> None:
        """Close the file."""
        self._reader.close()

    def blocks(self) -> Iterator[Block]:
        """Yield the lines in order."""
        line = self._lines_before  # lines done
        last = line  # the last line that was not empty
        blank = None  # the first line that was
        rest = b""
        while piece := self._reader.read(_BLOCK):
            data = rest + piece
            begins, ends = self._line_spans(data, line)
            rest = data[ends[-1] + 1 :] if len(ends) else data
            if len(rest) > MAX_LINE:
                raise self._too_long(line + len(ends) + 1)
            ends = self._without_carriage_returns(data, begins, ends, line)
            lines = np.arange(line + 1, line + 1 + len(ends))
            line += len(ends)

            filled = begins != ends
            if blank is None and not filled.all():
                blank = int(lines[~filled][0])
            begins, ends, lines = begins[filled], ends[filled], lines[filled]
            if len(lines):
                last = int(lines[-1])
                self._check_end(last, blank)
                yield self._block(data, begins, ends, lines)
        if rest:
            raise VectorsError(
                f"{self.name}, line {line + 1} has no line end, so the file may be cut off in the middle of a number; "
                "fetch it again or, if it is complete, end its last line"
            )
        vectors = last - self._lines_before
        if vectors == 0:
            raise VectorsError(f"{self.name} holds no vectors")
        if self.declared is not None and vectors < self.declared:
            raise VectorsError(
                f"{self.name}, line {last}: the file ends after {vectors:,} of the {self.declared:,} vectors "
                "that its header says; fetch it again"
            )

    def _check_end(self, last: int, blank: int | None) -> None:
        """Refuse lines after the end: behind an empty line, or behind the last line that the header promised."""
        if blank is not None and last > blank:
            raise VectorsError(f"{self.name}, line {blank} is empty; remove it")
        if self.declared is not None and last - self._lines_before > self.declared:
            raise VectorsError(
                f"{self.name}, line {self.declared + self._lines_before + 1}: the header says "
                f"{self.declared:,} vectors, but more lines follow; correct the header"
            )

    def _guess_dimensions(self) -> int:
        head = self._reader.peek(MAX_LINE)
        lines = head.split(b"\n", _LOOK_AT_LINES)
        if len(lines) > 1:
            lines.pop()  # it may go on behind what was looked at
        elif len(head) == MAX_LINE:
            raise self._too_long(1)
        counts = Counter(trailing_numbers(line) for line in lines if line.strip())
        if not counts:
            raise VectorsError(f"{self.name} holds no vectors")
        dimensions = max(counts, key=lambda count: (counts[count], count))
        if dimensions == 0:
            raise VectorsError(
                f"{self.name}, line 1: expected a word and its numbers, parted by spaces, "
                f"not {head[:40]!r}; if the file is in another format, name it"
            )
        return dimensions

    def _line_spans(self, data: bytes, line: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        ends = np.flatnonzero(np.frombuffer(data, dtype=np.uint8) == ord("\n")).astype(np.int64, copy=False)
        begins = np.empty_like(ends)
        begins[:1] = 0
        begins[1:] = ends[:-1] + 1
        too_long = np.flatnonzero(ends - begins > MAX_LINE)
        if len(too_long):
            raise self._too_long(line + 1 + int(too_long[0]))
        return begins, ends

    def _too_long(self, line: int) -> VectorsError:
        return VectorsError(f"{self.name}, line {line} is longer than {MAX_LINE:,} bytes; this is no file of vectors")

    def _without_carriage_returns(
        self, data: bytes, begins: NDArray[np.int64], ends: NDArray[np.int64], line: int
    ) -> NDArray[np.int64]:
        characters = np.frombuffer(data, dtype=np.uint8)
        returns = (characters[np.maximum(ends - 1, 0)] == ord("\r")) & (ends > begins)
        if returns.any():
            first = line + 1 + int(np.argmax(returns))
            self.repairs.add("Windows line ends turned into plain ones", f"line {first}", int(returns.sum()))
        return ends - returns

    def _block(
        self, data: bytes, begins: NDArray[np.int64], ends: NDArray[np.int64], lines: NDArray[np.int64]
    ) -> Block:
        from embedbook.vectors.decimals import count_fields  # numba takes a quarter of a second to import

        characters = np.frombuffer(data, dtype=np.uint8)
        word_ends = np.empty_like(begins)
        fields = np.empty_like(begins)
        count_fields(characters, begins, ends, word_ends, fields)
        for odd in np.flatnonzero(fields != self.dimensions + 1).tolist():
            line = data[begins[odd] : ends[odd]]
            word_ends[odd] = begins[odd] + self._word_length(line, int(fields[odd]), int(lines[odd]))

        spans = zip(begins.tolist(), word_ends.tolist(), strict=True)
        raw_words = [data[begin:end] for begin, end in spans]
        try:
            words = [word.decode("utf-8") for word in raw_words]
        except UnicodeDecodeError:
            words = [
                decode_word(word, self._errors, self.repairs, self.name, f"line {line}")
                for word, line in zip(raw_words, lines.tolist(), strict=True)
            ]
        return Block(words, lines.tolist(), self._rows_of(data, word_ends, ends, lines))

    def _word_length(self, line: bytes, fields: int, number: int) -> int:
        """Return how many bytes of an odd line are its word, or say what is wrong with the line."""
        expected = f"{self.dimensions} numbers are expected after the word"
        if fields <= self.dimensions:
            raise VectorsError(
                f"{self.name}, line {number}: only {fields - 1}, where {expected}; "
                "the line is cut off, or its fields are not parted by spaces"
            )
        starts = [field.start() for field in _FIELD.finditer(line)]
        before = line[: starts[-self.dimensions]].rstrip(b" ")
        if line.startswith(b" "):
            raise VectorsError(f"{self.name}, line {number} begins with a space, so its word is empty; mend the line")
        if is_number(before.rpartition(b" ")[2]):
            raise VectorsError(
                f"{self.name}, line {number}: {trailing_numbers(line)} numbers, where {expected}; "
                "if it is no extra column but a word with a number in it, remove the line"
            )
        return len(before)

    def _rows_of(
        self, data: bytes, begins: NDArray[np.int64], ends: NDArray[np.int64], lines: NDArray[np.int64]
    ) -> Callable[[NDArray[np.intp]], NDArray[np.float32]]:
        def rows(wanted: NDArray[np.intp]) -> NDArray[np.float32]:
            from embedbook.vectors.decimals import PARSED, parse_rows

            parsed = np.empty((len(wanted), self.dimensions), dtype=np.float32)
            characters = np.frombuffer(data, dtype=np.uint8)
            status = parse_rows(characters, begins[wanted], ends[wanted], parsed)
            for row in np.flatnonzero(status != PARSED).tolist():
                index = wanted[row]
                parsed[row] = self._parse_exactly(data[begins[index] : ends[index]], int(lines[index]))
            return parsed

        return rows

    def _parse_exactly(self, numbers: bytes, line: int) -> NDArray[np.float32]:
        fields = [field for field in numbers.split(b" ") if field]
        for position, field in enumerate(fields, 1):
            if not is_number(field):
                raise VectorsError(f"{self.name}, line {line}: number {position} is {field[:40]!r}, which is no number")
        with np.errstate(over="ignore"):  # infinite numbers are reported by whoever takes the row
            return np.array([float(field) for field in fields]).astype(np.float32)
