"""The table of co-occurrence counts, and how it is stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse

from embedbook.glove.compiling import compiled
from embedbook.glove.storage import Scratch, read_archive, write_archive

__all__ = ["Cooccurrences"]

_KIND = "co-occurrence table"


@dataclass(frozen=True, eq=False)
class Cooccurrences:
    """How often words occur near each other: the non-zero cells X_ij of Pennington et al. (2014), section 3.

    Row i is a word, column j a word of its context. A symmetric table (X_ij = X_ji, what a window to both sides gives)
    stores each pair once, with row ≤ column, and the stored cell stands for both.

    Parameters
    ----------
    rows, columns : np.ndarray, (n,) int32
        Positions in `words`.
    counts : np.ndarray, (n,) float64
        The weighted counts, above zero.
    words : tuple of str
        The vocabulary, V words.
    symmetric : bool
        Whether each stored cell off the diagonal stands for two.
    word_counts : np.ndarray, (V,) int64, optional
        How often each word occurs in the corpus.

    Raises
    ------
    ValueError
        If the arrays do not fit together, a count is not a positive number, a position lies outside the vocabulary,
        or a symmetric table has a cell below the diagonal. Each cell must be given once; this is not checked here.
    """

    rows: np.ndarray
    columns: np.ndarray
    counts: np.ndarray
    words: tuple[str, ...]
    symmetric: bool = True
    word_counts: np.ndarray | None = None
    _scratch: Scratch | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        arrays = {"rows": np.int32, "columns": np.int32, "counts": np.float64}
        for name, dtype in arrays.items():
            array = np.asarray(getattr(self, name))
            if array.ndim != 1 or len(array) != len(self.counts):
                raise ValueError("rows, columns and counts must be one-dimensional and of equal length")
            if array.dtype.kind not in ("iu" if dtype is np.int32 else "iuf"):
                raise ValueError(f"{name} must be {np.dtype(dtype)}, not {array.dtype}")
            if array.dtype == np.int64 and dtype is np.int32 and len(array) and array.max() > np.iinfo(np.int32).max:
                raise ValueError(f"{name} holds {array.max()}, which lies outside the vocabulary")
            object.__setattr__(self, name, np.ascontiguousarray(array, dtype=dtype))
        object.__setattr__(self, "words", tuple(self.words))
        if len(set(self.words)) < len(self.words):
            raise ValueError("the vocabulary of a co-occurrence table must name each word once")
        if self.word_counts is not None and len(self.word_counts) != len(self.words):
            raise ValueError(f"word_counts has {len(self.word_counts)} entries for {len(self.words)} words")
        bad = _first_bad_cell(self.rows, self.columns, self.counts, len(self.words), self.symmetric)
        if bad >= 0:
            row, column, count = int(self.rows[bad]), int(self.columns[bad]), float(self.counts[bad])
            if not (np.isfinite(count) and count > 0):
                raise ValueError(
                    f"cell {bad} (row {row}, column {column}) has the count {count}; counts must be finite "
                    "and above 0: leave empty cells out"
                )
            if not (0 <= row < len(self.words) and 0 <= column < len(self.words)):
                raise ValueError(
                    f"cell {bad} (row {row}, column {column}) lies outside the vocabulary of {len(self.words)} words"
                )
            raise ValueError(
                f"cell {bad} (row {row}, column {column}) lies below the diagonal; a symmetric table stores only "
                "row <= column: swap the two, or pass symmetric=False with both halves"
            )

    def __repr__(self) -> str:
        shape = f"{len(self.words):,} × {len(self.words):,}"
        return f"Cooccurrences({shape}, {self.nonzero:,} cells{', symmetric' if self.symmetric else ''})"

    @property
    def nonzero(self) -> int:
        """Number of non-zero cells of the whole table, each pair of a symmetric table counted twice."""
        if not self.symmetric:
            return len(self.counts)
        return 2 * len(self.counts) - int(np.count_nonzero(self.rows == self.columns))

    def count(self, word: str, context: str) -> float:
        """Return X for one word and one context word; 0.0 if they never met.

        Raises
        ------
        KeyError
            If one of the two is not in the vocabulary.
        """
        try:
            row, column = self.words.index(word), self.words.index(context)
        except ValueError:
            missing = word if word not in self.words else context
            raise KeyError(f"{missing!r} is not in the vocabulary") from None
        if self.symmetric:
            row, column = min(row, column), max(row, column)
        return float(self.counts[(self.rows == row) & (self.columns == column)].sum())

    def to_scipy(self) -> scipy.sparse.csr_matrix:
        """Return the whole table (both halves) as a V × V float64 matrix."""
        shape = (len(self.words), len(self.words))
        matrix = scipy.sparse.coo_matrix((self.counts, (self.rows, self.columns)), shape=shape).tocsr()
        if self.symmetric:
            matrix = matrix + scipy.sparse.triu(matrix, k=1).T
        return scipy.sparse.csr_matrix(matrix)

    @classmethod
    def from_scipy(cls, matrix: Any, words: Sequence[str], *, symmetric: bool | None = None) -> Cooccurrences:
        """Make a table from a sparse or dense V × V matrix.

        Parameters
        ----------
        matrix : scipy sparse matrix or np.ndarray, (V, V)
            The counts; entries given twice are added up, stored zeros are left out.
        words : sequence of str
            The V words.
        symmetric : bool, optional
            Whether `matrix` is the upper half of a symmetric table. By default it is taken to be one if no cell lies
            below the diagonal.

        Raises
        ------
        ValueError
            If the matrix is not square, has another size than the vocabulary, or holds a negative or infinite count.
        """
        csr = scipy.sparse.csr_matrix(matrix, dtype=np.float64, copy=True)
        if csr.shape != (len(words), len(words)):
            raise ValueError(f"the matrix is {csr.shape[0]} × {csr.shape[1]} but there are {len(words)} words")
        csr.sum_duplicates()
        csr.eliminate_zeros()
        coo = csr.tocoo()
        if symmetric is None:
            symmetric = bool((coo.row <= coo.col).all())
        return cls(coo.row, coo.col, coo.data, tuple(words), symmetric)

    def save(self, path: str | Path) -> None:
        """Write the table to one .npz file (arrays and JSON, no pickle), whole or not at all."""
        arrays = {"rows": self.rows, "columns": self.columns, "counts": self.counts}
        if self.word_counts is not None:
            arrays["word_counts"] = self.word_counts
        write_archive(path, {"kind": _KIND, "symmetric": self.symmetric, "words": self.words}, arrays)

    @classmethod
    def load(cls, path: str | Path) -> Cooccurrences:
        """Read what `save` wrote.

        Raises
        ------
        FileNotFoundError
            If there is no such file.
        ValueError
            If the file is something else, or damaged.
        """
        meta, arrays = read_archive(path, _KIND)
        try:
            return cls(
                arrays["rows"],
                arrays["columns"],
                arrays["counts"],
                tuple(meta["words"]),
                bool(meta["symmetric"]),
                arrays.get("word_counts"),
            )
        except KeyError as error:
            raise ValueError(f"{path} is damaged: {error} is missing") from error


@compiled()
def _first_bad_cell(rows: np.ndarray, columns: np.ndarray, counts: np.ndarray, words: int, symmetric: bool) -> int:
    """Return the position of the first cell that cannot be, or -1."""
    for i in range(len(rows)):
        row, column = rows[i], columns[i]
        fits = 0 <= row < words and 0 <= column < words and (row <= column or not symmetric)
        if not (fits and 0.0 < counts[i] < np.inf):
            return i
    return -1
