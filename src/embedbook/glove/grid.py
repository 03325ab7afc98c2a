"""Arrange co-occurrence cells into blocks that fit the cache and can be trained side by side without a lock."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np

from embedbook.glove.compiling import compiled
from embedbook.glove.cooccurrences import Cooccurrences
from embedbook.glove.storage import ArrayWriter, Scratch

# A block needs two groups of words, vectors and sums of squared gradients, which together should fill a core's second
# cache; but each word should also be met some ten times before its group gives way to the next. Measured on 10 million
# tokens, 32 groups were best for 50 and for 100 dimensions (8 groups 18 and 39 % slower, 128 groups 27 and 28 %).
_GROUP_BYTES = 1 << 20
_MOST_GROUPS = 64
_LARGEST_GROUP = 1 << 16  # positions within a group are 16 bits
_CELLS_AT_ONCE = 1 << 22


@dataclass(frozen=True, eq=False)
class Grid:
    """The cells of a co-occurrence table, sorted into G × G blocks and shuffled within each.

    The words are dealt into G groups with about equally many cells. Block (a, b) holds the cells whose row is in group
    a and whose column is in group b; of a symmetric table only blocks with a ≤ b are stored, and block (b, a) is the
    same cells with row and column exchanged.

    Training walks through the grid along its diagonals. The G blocks of a (wrapped) diagonal share no row and no
    column, so threads may work on them at the same time and the outcome does not depend on who does which: stratified
    stochastic gradient descent. And while a block is worked on, the vectors that it needs stay in the cache.

    Parameters
    ----------
    word_of : np.ndarray, (V,) int64
        The words in the order of their groups; the reverse of `place_of`.
    place_of : np.ndarray, (V,) int64
        Where each word stands in that order.
    group_starts : np.ndarray, (G + 1,) int64
        Group g is ``word_of[group_starts[g]:group_starts[g + 1]]``.
    block_starts : np.ndarray, (G * G + 1,) int64
        Block (a, b) is cells ``block_starts[a * G + b]`` to ``block_starts[a * G + b + 1]``.
    rows, columns : np.ndarray, (cells,) uint16
        Positions within the group.
    weights, targets : np.ndarray, (cells,) float32 or float64
        f(X) and log X of each cell.
    symmetric : bool
        As in the table.

    References
    ----------
    R. Gemulla, E. Nijkamp, P. J. Haas, Y. Sismanis: Large-scale matrix factorization with distributed stochastic
    gradient descent, KDD 2011, section 4 (interchangeable blocks, strata).
    """

    word_of: np.ndarray
    place_of: np.ndarray
    group_starts: np.ndarray
    block_starts: np.ndarray
    rows: np.ndarray
    columns: np.ndarray
    weights: np.ndarray
    targets: np.ndarray
    symmetric: bool
    _scratch: Scratch | None = field(default=None, repr=False)

    @property
    def groups(self) -> int:
        """Number of groups of words, G."""
        return len(self.group_starts) - 1

    def strata(self, seed: int, epoch: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yield the diagonals of one epoch in random order: the row groups and the column groups of their blocks."""
        random = np.random.default_rng([seed, epoch])
        row_groups, column_groups = random.permutation(self.groups), random.permutation(self.groups)
        for shift in random.permutation(self.groups):
            yield row_groups, np.roll(column_groups, -shift)

    def visits(self, seed: int, epoch: int) -> tuple[np.ndarray, np.ndarray]:
        """Return row and column (word ids) of every cell in the order in which one thread trains on them."""
        rows: list[np.ndarray] = []
        columns: list[np.ndarray] = []
        for row_groups, column_groups in self.strata(seed, epoch):
            for a, b in zip(row_groups.tolist(), column_groups.tolist(), strict=True):
                swap = self.symmetric and a > b
                first, second = (b, a) if swap else (a, b)
                block = slice(*self.block_starts[first * self.groups + second :][:2])
                r = self.word_of[self.group_starts[first] + self.rows[block].astype(np.int64)]
                c = self.word_of[self.group_starts[second] + self.columns[block].astype(np.int64)]
                rows.append(c if swap else r)
                columns.append(r if swap else c)
                if self.symmetric and a == b:
                    rows.append(c[r != c])
                    columns.append(r[r != c])
        return np.concatenate(rows), np.concatenate(columns)


def number_of_groups(words: int, bytes_per_word: int) -> int:
    """Return G: enough groups for the cache and for several threads, few enough that a block is worth its start."""
    for_cache = -(-words * bytes_per_word // _GROUP_BYTES)
    for_threads = min(16, words // 32)
    return max(1, min(max(for_cache, for_threads), _MOST_GROUPS), -(-words // (_LARGEST_GROUP // 2)))


def arrange(
    table: Cooccurrences,
    *,
    groups: int,
    x_max: float,
    alpha: float,
    seed: int,
    dtype: np.dtype,
    workers: int,
    memory_limit: int,
    spill_folder: str | Path | None = None,
) -> Grid:
    """Arrange the cells of `table` with `workers` threads; on disk, if they need more than `memory_limit` bytes."""
    words = len(table.words)
    group_of = _deal(table, groups)
    word_of = np.argsort(group_of, kind="stable")
    place_of = np.empty(words, dtype=np.int64)
    place_of[word_of] = np.arange(words)
    group_starts = np.searchsorted(group_of[word_of], np.arange(groups + 1)).astype(np.int64)
    local = (place_of - group_starts[group_of]).astype(np.uint16)

    sizes = np.zeros(groups * groups, dtype=np.int64)
    for part in _parts(table):
        _count_blocks(table.rows[part], table.columns[part], group_of, groups, table.symmetric, sizes)
    block_starts = np.concatenate([[0], np.cumsum(sizes)])

    per_cell = 2 * np.dtype(np.uint16).itemsize + 2 * dtype.itemsize
    kinds = {"rows": np.dtype(np.uint16), "columns": np.dtype(np.uint16), "weights": dtype, "targets": dtype}
    fits = block_starts[-1] * per_cell <= memory_limit
    scratch = None if fits else Scratch(spill_folder)
    files = {name: ArrayWriter(scratch.path / name, kind) for name, kind in kinds.items()} if scratch else {}
    first = 0
    while first < len(sizes):
        last = len(sizes)
        if not fits:  # as many blocks as memory holds; the table is read once for each such pass
            room = block_starts[first] + memory_limit // per_cell
            last = max(first + 1, int(np.searchsorted(block_starts, room, side="right")) - 1)
        arrays = {name: np.empty(block_starts[last] - block_starts[first], dtype=kind) for name, kind in kinds.items()}
        starts = block_starts[first : last + 1] - block_starts[first]
        free = starts[:-1].copy()
        for part in _parts(table):
            _fill_blocks(
                table.rows[part],
                table.columns[part],
                table.counts[part],
                group_of,
                local,
                groups,
                table.symmetric,
                first,
                free,
                arrays["rows"],
                arrays["columns"],
                arrays["weights"],
            )
        with ThreadPoolExecutor(workers) as pool:
            edges = np.linspace(0, len(free), min(len(free), workers * 4) + 1).astype(int).tolist()
            shuffle = partial(_shuffle_and_weigh, starts, first, seed, float(x_max), float(alpha), *arrays.values())
            list(pool.map(shuffle, edges[:-1], edges[1:]))
        for name, file in files.items():
            file.write(arrays[name])
        first = last
    if files:
        arrays = {name: np.asarray(file.finish()) for name, file in files.items()}
    return Grid(
        word_of=word_of,
        place_of=place_of,
        group_starts=group_starts,
        block_starts=block_starts,
        symmetric=table.symmetric,
        _scratch=scratch,
        **arrays,
    )


def _parts(table: Cooccurrences) -> Iterator[slice]:
    for begin in range(0, len(table.counts), _CELLS_AT_ONCE):
        yield slice(begin, begin + _CELLS_AT_ONCE)


def _deal(table: Cooccurrences, groups: int) -> np.ndarray:
    """Deal the words into groups, the one with most cells first, each to the group with fewest cells so far."""
    words = len(table.words)
    degrees = np.zeros(words, dtype=np.int64)
    for part in _parts(table):
        degrees += np.bincount(table.rows[part], minlength=words) + np.bincount(table.columns[part], minlength=words)
    largest = min(_LARGEST_GROUP, -(-words // groups) * 2)
    group_of = np.empty(words, dtype=np.int64)
    _deal_words(np.argsort(-degrees, kind="stable"), degrees, groups, largest, group_of)
    return group_of


@compiled()
def _deal_words(order: np.ndarray, degrees: np.ndarray, groups: int, largest: int, group_of: np.ndarray) -> None:
    loads = np.zeros(groups, dtype=np.int64)
    sizes = np.zeros(groups, dtype=np.int64)
    for word in order:
        best = -1
        for group in range(groups):
            if sizes[group] < largest and (best < 0 or loads[group] < loads[best]):
                best = group
        group_of[word] = best
        loads[best] += degrees[word] + 1
        sizes[best] += 1


@compiled()
def _count_blocks(
    rows: np.ndarray, columns: np.ndarray, group_of: np.ndarray, groups: int, symmetric: bool, sizes: np.ndarray
) -> None:
    for i in range(len(rows)):
        a, b = group_of[rows[i]], group_of[columns[i]]
        if symmetric and a > b:
            a, b = b, a
        sizes[a * groups + b] += 1


@compiled()
def _fill_blocks(
    rows: np.ndarray,
    columns: np.ndarray,
    counts: np.ndarray,
    group_of: np.ndarray,
    local: np.ndarray,
    groups: int,
    symmetric: bool,
    first_block: int,
    free: np.ndarray,
    block_rows: np.ndarray,
    block_columns: np.ndarray,
    block_counts: np.ndarray,
) -> None:
    """Put the cells of the blocks from `first_block` on, len(free) of them, into their places."""
    for i in range(len(rows)):
        row, column = rows[i], columns[i]
        a, b = group_of[row], group_of[column]
        if symmetric and a > b:
            a, b = b, a
            row, column = column, row
        block = a * groups + b - first_block
        if 0 <= block < len(free):
            at = free[block]
            block_rows[at] = local[row]
            block_columns[at] = local[column]
            block_counts[at] = counts[i]
            free[block] = at + 1


@compiled()
def _shuffle_and_weigh(
    starts: np.ndarray,
    first_block: int,
    seed: int,
    x_max: float,
    alpha: float,
    rows: np.ndarray,
    columns: np.ndarray,
    weights: np.ndarray,
    targets: np.ndarray,
    begin_block: int,
    end_block: int,
) -> None:
    """Shuffle each block (Fisher and Yates, splitmix64), and turn the counts in `weights` into f(X) and log X."""
    for block in range(begin_block, end_block):
        begin, size = starts[block], starts[block + 1] - starts[block]
        state = np.uint64(seed) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(first_block + block)
        for i in range(size - 1, -1, -1):
            state += np.uint64(0x9E3779B97F4A7C15)
            mixed = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
            mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
            mixed ^= mixed >> np.uint64(31)
            at, other = begin + i, begin + np.int64((mixed >> np.uint64(1)) % np.uint64(i + 1))
            rows[at], rows[other] = rows[other], rows[at]
            columns[at], columns[other] = columns[other], columns[at]
            weights[at], weights[other] = weights[other], weights[at]
            count = weights[at]  # nothing comes to this place any more
            targets[at] = np.log(count)
            weights[at] = 1.0 if count >= x_max else (count / x_max) ** alpha
