"""What all readers of vectors share: words and rows in blocks, checked and selected on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from embedbook.vectors.errors import Repairs, VectorsError

__all__ = ["ArrayStream", "Block", "Progress", "Selection", "Stream", "select"]

Progress = Callable[[int, int], None]
"""Called now and then with (bytes done, bytes in all)."""

ROWS_AT_ONCE = 8192
MAX_DIMENSIONS = 65_536


@dataclass(frozen=True)
class Block:
    """Some consecutive words of a file, whose vectors are read only when asked for.

    Parameters
    ----------
    words : list of str
        The words.
    places : sequence of int
        Number of the line, record or row that each word stands in, for messages.
    rows : callable
        Takes the indices of the words whose vectors are wanted, returns them as float32 (wanted × dimensions).
    """

    words: list[str]
    places: Sequence[int]
    rows: Callable[[NDArray[np.intp]], NDArray[np.float32]]


class Stream(Protocol):
    """Words and vectors of one file, in the file's order."""

    name: str
    unit: str  # what `Block.places` counts: "line", "record" or "row"
    dimensions: int
    declared: int | None  # how many vectors the file says it has, if it says so
    repairs: Repairs

    def blocks(self) -> Iterator[Block]:
        """Yield all words in order; raises `VectorsError` where the file is damaged."""
        ...

    def progress(self) -> tuple[int, int]:
        """Return (bytes done, bytes in all)."""
        ...

    def close(self) -> None:
        """Close the file."""
        ...


class ArrayStream:
    """Words and an array that are there as a whole, as a stream.

    Parameters
    ----------
    name : str
        The file, as messages should name it.
    words : list of str
        One word a row.
    matrix : array of floats, shape (words, dimensions)
        The vectors, of any float type, memory-mapped or not.
    """

    unit = "row"

    def __init__(self, name: str, words: list[str], matrix: NDArray[np.floating]) -> None:
        if matrix.ndim != 2 or matrix.dtype.kind != "f" or not 0 < matrix.shape[1] <= MAX_DIMENSIONS:
            raise VectorsError(
                f"{name} holds an array of {matrix.dtype} with shape {matrix.shape}; "
                "vectors are a table of floats, words × dimensions"
            )
        if len(words) != len(matrix):
            raise VectorsError(f"{name}: {len(words):,} words for {len(matrix):,} vectors; they must be as many")
        if not words:
            raise VectorsError(f"{name} holds no vectors")
        self.name = name
        self.words = words
        self.matrix = matrix
        self.dimensions = matrix.shape[1]
        self.declared: int | None = len(words)
        self.repairs = Repairs(name)
        self._done = 0

    def blocks(self) -> Iterator[Block]:
        """Yield the rows in order."""
        for begin in range(0, len(self.words), ROWS_AT_ONCE):
            end = min(begin + ROWS_AT_ONCE, len(self.words))
            self._done = end
            yield Block(self.words[begin:end], range(begin + 1, end + 1), self._rows_from(begin))

    def progress(self) -> tuple[int, int]:
        """Return (bytes done, bytes in all)."""
        return self._done * self.matrix[:1].nbytes, self.matrix.nbytes

    def close(self) -> None:
        """Do nothing: the arrays are closed when nobody needs them."""

    def _rows_from(self, begin: int) -> Callable[[NDArray[np.intp]], NDArray[np.float32]]:
        def rows(wanted: NDArray[np.intp]) -> NDArray[np.float32]:
            with np.errstate(over="ignore"):  # what is too large for float32 becomes infinite and is reported as such
                return self.matrix[begin + wanted].astype(np.float32, copy=False)

        return rows


class Selection:
    """Which words to take from a stream.

    Parameters
    ----------
    words : iterable of str, optional
        Take these words only; all by default.
    top : int, optional
        Take the first `top` of them, in the file's order; pretrained vectors have the most frequent words first.

    Raises
    ------
    VectorsError
        If `words` is one string or empty, or `top` is not a whole number from 1 on.
    """

    def __init__(self, words: Iterable[str] | None = None, top: int | None = None) -> None:
        if isinstance(words, str):
            raise VectorsError(f"words must be a list of words, not the string {words!r}; write [{words!r}]")
        self.words = None if words is None else dict.fromkeys(words)
        if self.words is not None and not self.words:
            raise VectorsError("words is empty; leave it out to take all words")
        if top is not None and (isinstance(top, bool) or not isinstance(top, (int, np.integer)) or top < 1):
            raise VectorsError(f"top must be a whole number from 1 on, not {top!r}")
        self.top = None if top is None else int(top)

    @property
    def everything(self) -> bool:
        """Whether all words are taken."""
        return self.words is None and self.top is None

    @property
    def limit(self) -> int | None:
        """How many words there can be at most, if that is known."""
        limits = [limit for limit in (self.top, None if self.words is None else len(self.words)) if limit is not None]
        return min(limits, default=None)


def select(
    stream: Stream, selection: Selection, progress: Progress | None = None
) -> Iterator[tuple[list[str], NDArray[np.float32]]]:
    """Yield the selected words of a stream with their vectors, in blocks.

    Each word is yielded once: if it occurs again, the first vector counts and the repair is noted.

    Parameters
    ----------
    stream : Stream
        An open stream.
    selection : Selection
        Which words to take. Reading ends as soon as there can be no more of them.
    progress : callable, optional
        Told (bytes done, bytes in all) after each block.

    Yields
    ------
    words : list of str
    vectors : float32 array, shape (len(words), dimensions)

    Raises
    ------
    VectorsError
        If a selected word is empty, or a selected vector holds a number that is not finite.
    """
    taken: set[str] = set()
    limit = selection.limit
    for block in stream.blocks():
        picked: list[int] = []
        for index, word in enumerate(block.words):
            if selection.words is not None and word not in selection.words:
                continue
            if word in taken:
                place = f"{stream.unit} {block.places[index]}, {word!r}"
                stream.repairs.add("duplicate words left out, the first vector of each kept", place)
                continue
            if not word:
                raise VectorsError(f"{stream.name}, {stream.unit} {block.places[index]}: the word is empty")
            taken.add(word)
            picked.append(index)
            if len(taken) == limit:
                break
        if picked:
            rows = block.rows(np.array(picked, dtype=np.intp))
            if not np.isfinite(rows).all():
                row, column = np.argwhere(~np.isfinite(rows))[0]
                raise VectorsError(
                    f"{stream.name}, {stream.unit} {block.places[picked[row]]}: number {column + 1} of the vector of "
                    f"{block.words[picked[row]]!r} is not finite (or too large for float32); remove or mend the line"
                )
            yield [block.words[index] for index in picked], rows
        if progress is not None:
            progress(*stream.progress())
        if len(taken) == limit:
            return
