"""GloVe written plainly in NumPy: for reading, and for checking the compiled trainer against."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["Parameters", "adagrad_step", "gradients", "loss", "ones_like", "train_epoch", "weighting"]


class Parameters(NamedTuple):
    """What GloVe learns; also used for anything with one value for each parameter, such as gradients."""

    W: np.ndarray
    """Word vectors w_i, (V, d)."""
    C: np.ndarray
    """Context vectors w̃_j, (V, d)."""
    b: np.ndarray
    """Word biases, (V,)."""
    c: np.ndarray
    """Context biases, (V,)."""


def weighting(x: ArrayLike, x_max: float = 100.0, alpha: float = 0.75) -> np.ndarray:
    """Return how much each count matters: f(x) = (x / x_max) ** alpha below `x_max`, and 1 from there on.

    Parameters
    ----------
    x : array_like
        Counts, 0 or above, of any shape.
    x_max, alpha : float
        Where the weight reaches 1, and how it rises.

    Returns
    -------
    np.ndarray
        Weights from 0 to 1 in the shape of `x`.

    Raises
    ------
    ValueError
        If a count is negative.

    References
    ----------
    Pennington, Socher & Manning 2014, equation 9.

    Examples
    --------
    >>> weighting([0.0, 100.0, 1000.0]).tolist()
    [0.0, 1.0, 1.0]
    """
    x = np.asarray(x, dtype=float)
    if (x < 0).any():
        raise ValueError("counts must not be negative")
    return np.minimum(x / x_max, 1.0) ** alpha


def _residuals(parameters: Parameters, rows: np.ndarray, columns: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Return w_i·w̃_j + b_i + b̃_j − log X_ij for each cell."""
    W, C, b, c = parameters  # noqa: N806, the paper's names
    return (W[rows] * C[columns]).sum(axis=1) + b[rows] + c[columns] - np.log(counts)


def loss(
    parameters: Parameters,
    rows: np.ndarray,
    columns: np.ndarray,
    counts: np.ndarray,
    *,
    x_max: float = 100.0,
    alpha: float = 0.75,
) -> float:
    """Return J = Σ f(X_ij) (w_i·w̃_j + b_i + b̃_j − log X_ij)² over the given cells.

    Parameters
    ----------
    parameters : Parameters
        Vectors and biases.
    rows, columns : np.ndarray, (cells,) int
        i and j of each cell that is not zero; for a symmetric table both halves.
    counts : np.ndarray, (cells,) float
        X_ij, above 0.
    x_max, alpha : float
        See `weighting`.

    References
    ----------
    Pennington, Socher & Manning 2014, equation 8.
    """
    return float(np.sum(weighting(counts, x_max, alpha) * _residuals(parameters, rows, columns, counts) ** 2))


def gradients(
    parameters: Parameters,
    rows: np.ndarray,
    columns: np.ndarray,
    counts: np.ndarray,
    *,
    x_max: float = 100.0,
    alpha: float = 0.75,
) -> Parameters:
    """Return the derivatives of `loss` by each parameter.

    With r the residual of a cell: ∂J/∂w_i = Σ_j 2 f r w̃_j, ∂J/∂w̃_j = Σ_i 2 f r w_i, ∂J/∂b_i = Σ_j 2 f r, and
    ∂J/∂b̃_j = Σ_i 2 f r.

    Parameters
    ----------
    parameters, rows, columns, counts, x_max, alpha
        As for `loss`.

    Returns
    -------
    Parameters
        A derivative for each value of `parameters`.

    References
    ----------
    From Pennington, Socher & Manning 2014, equation 8, by the chain rule.
    """
    slope = 2 * weighting(counts, x_max, alpha) * _residuals(parameters, rows, columns, counts)
    result = Parameters(*(np.zeros_like(array) for array in parameters))
    np.add.at(result.W, rows, slope[:, None] * parameters.C[columns])
    np.add.at(result.C, columns, slope[:, None] * parameters.W[rows])
    np.add.at(result.b, rows, slope)
    np.add.at(result.c, columns, slope)
    return result


def ones_like(parameters: Parameters) -> Parameters:
    """Return what the sums of squares begin with: a 1 for each parameter.

    Parameters
    ----------
    parameters : Parameters
        Gives the shapes.

    Returns
    -------
    Parameters
        Arrays of ones.
    """
    return Parameters(*(np.ones_like(array) for array in parameters))


def adagrad_step(
    parameters: Parameters,
    squares: Parameters,
    row: int,
    column: int,
    count: float,
    *,
    x_max: float = 100.0,
    alpha: float = 0.75,
    learning_rate: float = 0.05,
    clip: float = 100.0,
) -> float:
    """Take one step on one cell; `parameters` and `squares` are changed in place.

    The step goes down ½ f(X) r², whose derivative by w_i is f(X) r w̃_j. Each value θ with gradient g keeps its own
    sum of squares s, which begins at 1:  θ ← θ − ηg / √s,  then  s ← s + (ηg)².  Values that have moved much move less
    from then on, so rare words still learn when frequent ones have settled. (Dividing by η shows it to be AdaGrad with
    rate 1 whose sums begin at 1/η²: the first steps have rate η.)

    Parameters
    ----------
    parameters, squares : Parameters
        The values θ and their sums s.
    row, column : int
        i and j.
    count : float
        X_ij, above 0.
    x_max, alpha : float
        See `weighting`.
    learning_rate : float
        η.
    clip : float
        Largest absolute value of f(X) r.

    Returns
    -------
    float
        ½ f(X) r² before the step.

    References
    ----------
    Pennington, Socher & Manning 2014, section 4.2; Duchi, Hazan & Singer 2011, JMLR 12, figure 1.
    """
    W, C, b, c = parameters  # noqa: N806, the paper's names
    residual = W[row] @ C[column] + b[row] + c[column] - np.log(count)
    weighted = float(weighting(count, x_max, alpha)) * residual
    slope = float(np.clip(weighted, -clip, clip))

    # All gradients are taken before anything moves.
    scaled = [learning_rate * slope * g for g in (C[column].copy(), W[row].copy(), 1.0, 1.0)]
    for values, sums, index, gradient in zip(parameters, squares, (row, column, row, column), scaled, strict=True):
        values[index] -= gradient / np.sqrt(sums[index])
        sums[index] += gradient**2
    return 0.5 * float(weighted * residual)


def train_epoch(
    parameters: Parameters,
    squares: Parameters,
    rows: np.ndarray,
    columns: np.ndarray,
    counts: np.ndarray,
    *,
    x_max: float = 100.0,
    alpha: float = 0.75,
    learning_rate: float = 0.05,
    clip: float = 100.0,
) -> float:
    """Take one `adagrad_step` for each cell in the given order; return the mean of what the steps return.

    Parameters
    ----------
    parameters, squares : Parameters
        Changed in place.
    rows, columns, counts : np.ndarray, (cells,)
        The cells, for instance in the order of `embedbook.glove.visiting_order`.
    x_max, alpha, learning_rate, clip : float
        See `adagrad_step`.
    """
    total = 0.0
    for row, column, count in zip(rows.tolist(), columns.tolist(), counts.tolist(), strict=True):
        total += adagrad_step(
            parameters,
            squares,
            row,
            column,
            count,
            x_max=x_max,
            alpha=alpha,
            learning_rate=learning_rate,
            clip=clip,
        )
    return total / len(rows)
