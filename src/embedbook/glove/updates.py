"""One AdaGrad step for each cell of a block: the compiled loop in which training spends its time."""

from __future__ import annotations

import numpy as np

from embedbook.glove.compiling import FAST_SUMS, compiled

_LANES = 8  # values of float32 in a vector register of 256 bits
_ALIGNMENT = 64


def row_width(dimensions: int) -> int:
    """Return how many values one word takes: its vector, its bias, a constant 1, and zeros to fill up the register."""
    return -(-(dimensions + 2) // _LANES) * _LANES


def parameter_array(words: int, dimensions: int, dtype: np.dtype) -> np.ndarray:
    """Return zeros of shape (words, 2, width): values, and their sums of squares, one word in one piece of memory.

    The array begins at a cache line, so that no register is loaded from two lines.
    """
    shape = (words, 2, row_width(dimensions))
    size = int(np.prod(shape)) * dtype.itemsize
    raw = np.zeros(size + _ALIGNMENT, dtype=np.uint8)
    begin = -raw.ctypes.data % _ALIGNMENT
    return raw[begin : begin + size].view(dtype).reshape(shape)


@compiled(fastmath=FAST_SUMS)
def train_cells(
    words: np.ndarray,
    contexts: np.ndarray,
    rows: np.ndarray,
    columns: np.ndarray,
    weights: np.ndarray,
    targets: np.ndarray,
    dimensions: int,
    learning_rate: float,
    clip: float,
    skip_diagonal: bool,
) -> float:
    """Train on cells one after the other; return the sum of ½ f(X) (w·c + b + b' − log X)², each before its step.

    A word is stored as (w, b, 1, 0 …) and a context as (c, 1, b', 0 …): their product is w·c + b + b', and one loop
    updates vectors and biases alike. The two ones are put back after each step.
    """
    width = words.shape[2]
    total = 0.0
    for i in range(len(rows)):
        row, column = rows[i], columns[i]  # unsigned: a signed index may be negative, and then no vector loop is made
        if skip_diagonal and row == column:
            continue
        residual = -targets[i]
        for k in range(width):
            residual += words[row, 0, k] * contexts[column, 0, k]
        weighted = weights[i] * residual
        total += weighted * residual
        step = learning_rate * min(max(weighted, -clip), clip)
        for k in range(width):
            w, c = words[row, 0, k], contexts[column, 0, k]
            w_squares, c_squares = words[row, 1, k], contexts[column, 1, k]
            w_gradient, c_gradient = step * c, step * w
            words[row, 0, k] = w - w_gradient / np.sqrt(w_squares)
            contexts[column, 0, k] = c - c_gradient / np.sqrt(c_squares)
            words[row, 1, k] = w_squares + w_gradient * w_gradient
            contexts[column, 1, k] = c_squares + c_gradient * c_gradient
        words[row, 0, dimensions + 1] = 1.0
        contexts[column, 0, dimensions] = 1.0
    return 0.5 * total


@compiled()
def train_blocks(
    words: np.ndarray,
    contexts: np.ndarray,
    group_starts: np.ndarray,
    block_starts: np.ndarray,
    rows: np.ndarray,
    columns: np.ndarray,
    weights: np.ndarray,
    targets: np.ndarray,
    symmetric: bool,
    row_groups: np.ndarray,
    column_groups: np.ndarray,
    first: int,
    last: int,
    dimensions: int,
    learning_rate: float,
    clip: float,
    losses: np.ndarray,
) -> None:
    """Train on the blocks `first` to `last` of one diagonal; write the loss of each."""
    groups = len(group_starts) - 1
    for i in range(first, last):
        a, b = row_groups[i], column_groups[i]
        swap = symmetric and a > b
        block = b * groups + a if swap else a * groups + b
        begin, end = block_starts[block], block_starts[block + 1]
        r, c, f, t = rows[begin:end], columns[begin:end], weights[begin:end], targets[begin:end]
        if swap:
            r, c = c, r
        w = words[group_starts[a] : group_starts[a + 1]]
        v = contexts[group_starts[b] : group_starts[b + 1]]
        losses[i] = train_cells(w, v, r, c, f, t, dimensions, learning_rate, clip, False)
        if symmetric and a == b:
            losses[i] += train_cells(w, v, c, r, f, t, dimensions, learning_rate, clip, True)


@compiled()
def objective(
    word_vectors: np.ndarray,
    context_vectors: np.ndarray,
    word_biases: np.ndarray,
    context_biases: np.ndarray,
    rows: np.ndarray,
    columns: np.ndarray,
    counts: np.ndarray,
    symmetric: bool,
    x_max: float,
    alpha: float,
) -> float:
    """Return J of equation 8 in double precision; a symmetric cell off the diagonal counts in both directions."""
    total = 0.0
    for i in range(len(rows)):
        weight = 1.0 if counts[i] >= x_max else (counts[i] / x_max) ** alpha
        target = np.log(counts[i])
        row, column = rows[i], columns[i]
        for _ in range(2 if symmetric and row != column else 1):
            residual = np.float64(word_biases[row]) + context_biases[column] - target
            for k in range(word_vectors.shape[1]):
                residual += np.float64(word_vectors[row, k]) * context_vectors[column, k]
            total += weight * residual * residual
            row, column = column, row
    return total
