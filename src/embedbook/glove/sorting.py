"""Add up one row of counts at a time: the compiled loops behind counting and merging."""

from __future__ import annotations

import numpy as np

from embedbook.glove.compiling import compiled

# A dense row of sums stays in the processor's cache, so adding to it costs about a nanosecond; what was touched is
# listed on the way, and the list is then put into order through a bit map (or sorted, where it is short).
_DE_BRUIJN = 0x03F79D71B4CB0A89
_BIT_OF = np.zeros(64, dtype=np.int64)
for _bit in range(64):
    _BIT_OF[((_DE_BRUIJN << _bit) & (2**64 - 1)) >> 58] = _bit
_MAGIC = np.uint64(_DE_BRUIJN)
_TOP = np.uint64(58)
_ONE = np.uint64(1)
_ZERO = np.uint64(0)


class Workspace:
    """What one thread needs to add up rows of a table with `words` columns."""

    def __init__(self, words: int) -> None:
        self.sums = np.zeros(words + 1, dtype=np.int64)  # one more, for tokens that are not counted
        self.touched = np.empty(words + 2, dtype=np.int32)
        self.bits = np.zeros(words // 64 + 1, dtype=np.uint64)


@compiled()
def index_words(stream: np.ndarray, first: int, last: int, starts: np.ndarray, places: np.ndarray) -> None:
    """List where each word stands in ``stream[first:last]``: word i at ``places[starts[i]:starts[i + 1]]``."""
    words = len(starts) - 1
    starts[:] = 0
    for place in range(first, last):
        if 0 <= stream[place] < words:
            starts[stream[place] + 1] += 1
    for word in range(words):
        starts[word + 1] += starts[word]
    free = starts.copy()
    for place in range(first, last):
        word = stream[place]
        if 0 <= word < words:
            places[free[word]] = place
            free[word] += 1


@compiled()
def count_rows(
    first: int,
    last: int,
    starts: np.ndarray,
    places: np.ndarray,
    stream: np.ndarray,
    weights: np.ndarray,
    symmetric: bool,
    sums: np.ndarray,
    touched: np.ndarray,
    bits: np.ndarray,
    columns: np.ndarray,
    values: np.ndarray,
    lengths: np.ndarray,
) -> int:
    """Add up rows `first` to `last` of the table; return how many cells were written.

    `weights[k]` is what a word k places away counts; negative ids in `stream` part documents.
    """
    written = 0
    window = len(weights) - 1
    for row in range(first, last):
        listed = 0
        for i in range(starts[row], starts[row + 1]):
            place = places[i]
            for k in range(1, window + 1):
                column = stream[place - k]
                if column < 0:
                    break
                touched[listed] = column
                listed += sums[column] == 0
                sums[column] += weights[k]
            if symmetric:
                for k in range(1, window + 1):
                    column = stream[place + k]
                    if column < 0:
                        break
                    touched[listed] = column
                    listed += sums[column] == 0
                    sums[column] += weights[k]
        lengths[row - first] = _write_row(
            row if symmetric else 0, listed, sums, touched, bits, columns, values, written
        )
        written += lengths[row - first]
    return written


@compiled()
def merge_rows(
    begins: np.ndarray,
    ends: np.ndarray,
    run_columns: np.ndarray,
    run_values: np.ndarray,
    sums: np.ndarray,
    touched: np.ndarray,
    bits: np.ndarray,
    columns: np.ndarray,
    values: np.ndarray,
    lengths: np.ndarray,
) -> int:
    """Add up rows that lie in several runs: run r has row i in ``[begins[r, i]:ends[r, i]]``."""
    written = 0
    for row in range(begins.shape[1]):
        listed = 0
        for run in range(begins.shape[0]):
            for i in range(begins[run, row], ends[run, row]):
                column = run_columns[i]
                touched[listed] = column
                listed += sums[column] == 0
                sums[column] += run_values[i]
        lengths[row] = _write_row(0, listed, sums, touched, bits, columns, values, written)
        written += lengths[row]
    return written


@compiled()
def _write_row(
    lowest: int,
    listed: int,
    sums: np.ndarray,
    touched: np.ndarray,
    bits: np.ndarray,
    columns: np.ndarray,
    values: np.ndarray,
    at: int,
) -> int:
    """Write the touched columns from `lowest` on in ascending order, set all sums back to 0, return the number."""
    words = len(sums) - 1
    kept = 0
    for i in range(listed):
        column = touched[i]
        if lowest <= column < words:
            touched[kept] = column
            kept += 1
        else:
            sums[column] = 0

    if kept < len(bits) // 16:
        touched[:kept].sort()
        for i in range(kept):
            columns[at + i] = touched[i]
            values[at + i] = sums[touched[i]]
            sums[touched[i]] = 0
        return kept

    for i in range(kept):
        bits[touched[i] >> 6] |= _ONE << np.uint64(touched[i] & 63)
    place = at
    for block in range(len(bits)):
        word = bits[block]
        while word != _ZERO:
            lowest_bit = word & (~word + _ONE)
            column = block * 64 + _BIT_OF[(lowest_bit * _MAGIC) >> _TOP]
            columns[place] = column
            values[place] = sums[column]
            sums[column] = 0
            place += 1
            word ^= lowest_bit
        bits[block] = _ZERO
    return kept
