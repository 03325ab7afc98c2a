"""Sorted runs of counts on disk, and their merging into one table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from embedbook.glove.sorting import Workspace, merge_rows
from embedbook.glove.storage import ArrayWriter

BYTES_PER_SUM = 12  # column int32, sum int64


class Run:
    """Rows 0 to V - 1 of a table of sums, columns ascending; grown from the front, in memory or on disk."""

    def __init__(self, words: int) -> None:
        self.lengths = np.zeros(words, dtype=np.int64)
        self._columns: list[np.ndarray] = []
        self._values: list[np.ndarray] = []
        self._files: tuple[ArrayWriter, ArrayWriter] | None = None

    def add(self, first_row: int, lengths: np.ndarray, columns: np.ndarray, values: np.ndarray) -> None:
        """Append the rows from `first_row` on."""
        self.lengths[first_row : first_row + len(lengths)] = lengths
        self._columns.append(columns)
        self._values.append(values)
        if self._files:
            self._flush()

    @property
    def bytes_in_memory(self) -> int:
        """Size of the sums that are not on disk."""
        return sum(len(columns) for columns in self._columns) * BYTES_PER_SUM

    def spill(self, path: Path) -> None:
        """Move the sums to files that begin with `path`; what is added later goes there too."""
        if self._files is None:
            self._files = (
                ArrayWriter(path.with_suffix(".columns"), np.int32),
                ArrayWriter(path.with_suffix(".sums"), np.int64),
            )
        self._flush()

    def _flush(self) -> None:
        assert self._files is not None
        for file, pieces in zip(self._files, (self._columns, self._values), strict=True):
            for piece in pieces:
                file.write(piece)
            pieces.clear()

    def take(self) -> tuple[np.ndarray, np.ndarray]:
        """Return columns and sums as one array each, and forget them."""
        if self._files:
            return self._files[0].finish(), self._files[1].finish()
        columns = np.concatenate([np.empty(0, np.int32), *self._columns])
        self._columns.clear()
        values = np.concatenate([np.empty(0, np.int64), *self._values])
        self._values.clear()
        return columns, values

    def discard(self) -> None:
        """Remove the files."""
        for file in self._files or ():
            file.discard()


def merged(runs: Sequence[Run], words: int, batch: int) -> Iterator[tuple[int, np.ndarray, np.ndarray, np.ndarray]]:
    """Add runs up; yield (first row, row lengths, columns, sums) of about `batch` cells at a time."""
    workspace = Workspace(words)
    parts = [run.take() for run in runs]
    starts = np.zeros((len(runs), words + 1), dtype=np.int64)
    for run, start in zip(runs, starts, strict=True):
        np.cumsum(run.lengths, out=start[1:])
    total = starts.sum(axis=0)
    first = 0
    while first < words:
        last = max(first + 1, int(np.searchsorted(total, total[first] + batch, side="right")) - 1)
        begins, ends = starts[:, first:last], starts[:, first + 1 : last + 1]
        low, high = starts[:, first], starts[:, last]
        # Each run's rows are read in one piece and laid one after the other.
        shift = np.concatenate([[0], np.cumsum(high - low)[:-1]]) - low
        run_columns = np.concatenate([columns[a:b] for (columns, _), a, b in zip(parts, low, high, strict=True)])
        run_values = np.concatenate([values[a:b] for (_, values), a, b in zip(parts, low, high, strict=True)])
        columns = np.empty(len(run_columns), dtype=np.int32)
        values = np.empty(len(run_columns), dtype=np.int64)
        lengths = np.zeros(last - first, dtype=np.int64)
        written = merge_rows(
            begins + shift[:, None],
            ends + shift[:, None],
            run_columns,
            run_values,
            workspace.sums,
            workspace.touched,
            workspace.bits,
            columns,
            values,
            lengths,
        )
        yield first, lengths, columns[:written], values[:written]
        first = last
