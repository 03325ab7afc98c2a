"""Maps of a space: every word's place on a plane, so that words which are near in the space mostly stay near."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["GRID", "draw_map", "onto_grid"]

#: Places are whole numbers from 0 to this.
GRID = 1023


def draw_map(vectors: NDArray[np.floating], *, seed: int = 0) -> NDArray[np.uint16]:
    """Lay out a space by UMAP on cosine distance.

    Parameters
    ----------
    vectors : array of float, shape (words, dimensions)
        The vectors.
    seed : int
        Decides all that is random.

    Returns
    -------
    uint16 array, shape (words, 2)
        Places from 0 to `GRID`.

    References
    ----------
    McInnes, Healy & Melville 2018, *UMAP: Uniform Manifold Approximation and Projection for Dimension Reduction*.
    """
    import umap

    # A fixed seed makes UMAP run in one thread; said here, it need not warn that it does.
    layout = umap.UMAP(n_neighbors=15, min_dist=0.25, metric="cosine", random_state=seed, n_jobs=1)
    return onto_grid(np.asarray(layout.fit_transform(np.asarray(vectors, dtype=np.float32))))


def onto_grid(layout: NDArray[np.floating]) -> NDArray[np.uint16]:
    """Move a layout onto the grid; left stays left and above stays above, but empty stretches become short.

    Along each axis a word's place is the mean of where it lies and of its rank. UMAP may put parts of a space very far
    from each other, and true to scale each part would be a speck.

    Parameters
    ----------
    layout : array of float, shape (words, 2)
        Places of any size.

    Returns
    -------
    uint16 array, shape (words, 2)
        Places from 0 to `GRID`.
    """
    low, high = layout.min(axis=0), layout.max(axis=0)
    share = (layout - low) / np.maximum(high - low, 1e-9)
    rank = layout.argsort(axis=0, kind="stable").argsort(axis=0) / max(len(layout) - 1, 1)
    return np.rint((share + rank) / 2 * GRID).astype(np.uint16)
