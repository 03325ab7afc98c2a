"""Read vectors in word2vec's binary format: a header line, then for each word its name, a space and float32 numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from embedbook.vectors.errors import Repairs, VectorsError
from embedbook.vectors.reading import Reader
from embedbook.vectors.streams import MAX_DIMENSIONS, Block
from embedbook.vectors.text_format import Errors, decode_word, parse_header

__all__ = ["MAX_WORD", "BinaryStream"]

MAX_WORD = 10_000
"""Longest word that is read, in bytes; the original program allows 2,000."""

_BLOCK = 4 * 2**20


class BinaryStream:
    """Vectors as the original word2vec program and gensim write them with ``binary``.

    Parameters
    ----------
    reader : Reader
        The bytes, at their beginning.
    errors : {"strict", "replace"}
        What to do with words that are not UTF-8.

    Raises
    ------
    VectorsError
        If there is no header, or the file is too short for what the header says.
    """

    unit = "record"

    def __init__(self, reader: Reader, *, errors: Errors = "strict") -> None:
        self.name = reader.name
        self.repairs = Repairs(reader.name)
        self._reader = reader
        self._errors = errors
        head = reader.peek(100)
        found = parse_header(head)
        if found is None:
            raise VectorsError(f'{self.name}, line 1: no header "COUNT DIMENSIONS", so this is no word2vec file')
        count, self.dimensions = found
        if count == 0 or not 0 < self.dimensions <= MAX_DIMENSIONS:
            raise VectorsError(
                f"{self.name}, line 1: the header says {count:,} vectors of {self.dimensions:,} dimensions; "
                f"there must be one vector at least, of 1 to {MAX_DIMENSIONS:,} dimensions"
            )
        self.declared: int | None = count
        self._row_bytes = 4 * self.dimensions
        self._header_bytes = head.index(b"\n") + 1
        least = self._header_bytes + count * (2 + self._row_bytes)
        if not reader.packed and reader.size < least:
            raise VectorsError(
                f"{self.name} has {reader.size:,} bytes, but the {count:,} vectors of its header need {least:,} "
                "or more; the file is cut off, or its header is wrong; fetch it again"
            )
        reader.read(self._header_bytes)

    def progress(self) -> tuple[int, int]:
        """Return (bytes done, bytes in all)."""
        return self._reader.position, self._reader.size

    def close(self) -> None:
        """Close the file."""
        self._reader.close()

    def blocks(self) -> Iterator[Block]:
        """Yield the records in order."""
        assert self.declared is not None
        done = 0
        data = b""
        block = max(_BLOCK, MAX_WORD + 2 * self._row_bytes)
        while done < self.declared:
            piece = self._reader.read(block)
            data += piece
            raw_words, offsets, end = self._records(data, done, self.declared - done)
            if not raw_words and not piece:
                raise VectorsError(
                    f"{self.name}, record {done + 1}: the file ends after {done:,} of the {self.declared:,} vectors "
                    "that its header says; fetch it again"
                )
            if not raw_words:
                continue
            places = range(done + 1, done + 1 + len(raw_words))
            words = [
                decode_word(word, self._errors, self.repairs, self.name, f"record {place}")
                for word, place in zip(raw_words, places, strict=True)
            ]
            yield Block(words, places, self._rows_of(data, offsets))
            done += len(raw_words)
            data = data[end:]
        left = data + self._reader.read(100)
        if left.strip(b"\r\n"):
            raise VectorsError(
                f"{self.name}: bytes follow after record {done:,}, the last one that the header says; "
                "the header is wrong, or the file is damaged"
            )

    def _records(self, data: bytes, done: int, most: int) -> tuple[list[bytes], list[int], int]:
        """Return the words that are complete in `data`, where their numbers begin, and where the last record ends."""
        words: list[bytes] = []
        offsets: list[int] = []
        position = 0
        while len(words) < most:
            space = data.find(b" ", position, position + MAX_WORD)
            if space < 0:
                if len(data) - position >= MAX_WORD:
                    raise VectorsError(
                        f"{self.name}, record {done + len(words) + 1}: no word of less than {MAX_WORD:,} bytes; "
                        "the dimensions in the header are wrong, or the file is damaged"
                    )
                break
            end = space + 1 + self._row_bytes
            if end > len(data):
                break
            words.append(data[position:space].lstrip(b"\n"))  # the original program ends each record with a line end
            offsets.append(space + 1)
            position = end
        return words, offsets, position

    def _rows_of(self, data: bytes, offsets: list[int]) -> Callable[[NDArray[np.intp]], NDArray[np.float32]]:
        def rows(wanted: NDArray[np.intp]) -> NDArray[np.float32]:
            pieces = b"".join(data[offsets[index] : offsets[index] + self._row_bytes] for index in wanted.tolist())
            numbers = np.frombuffer(pieces, dtype="<f4").reshape(len(wanted), self.dimensions)
            return numbers.astype(np.float32, copy=False)

        return rows
