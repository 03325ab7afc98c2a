"""Guess vectors of unknown words from their spelling: each n-gram of characters gets a vector by least squares."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["character_ngrams", "guess_vectors"]

SHORTEST, LONGEST = 3, 6
MOST_KNOWN_WORDS = 20_000
_PENALTY = 0.003
_STEPS = 20


def character_ngrams(word: str) -> list[str]:
    """Return the n-grams of ``<word>`` with 3 to 6 characters, and the whole; the brackets mark beginning and end.

    Parameters
    ----------
    word : str
        One word.

    Returns
    -------
    list of str
        Each n-gram once, sorted.

    References
    ----------
    Bojanowski, Grave, Joulin & Mikolov 2017, *Enriching Word Vectors with Subword Information*, section 3.2.

    Examples
    --------
    >>> character_ngrams("cat")
    ['<ca', '<cat', '<cat>', 'at>', 'cat', 'cat>']
    """
    marked = f"<{word}>"
    pieces = {
        marked[begin : begin + length]
        for length in range(SHORTEST, LONGEST + 1)
        for begin in range(len(marked) - length + 1)
    }
    return sorted(pieces | {marked})


def guess_vectors(words: Sequence[str], known: Sequence[str], vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Guess the vectors of words from those of known words that share n-grams of characters with them.

    Every n-gram g gets a vector z_g such that the mean of a known word's n-gram vectors comes near to its vector v_w:
    the sum over known words of |v_w - m - mean_g z_g|² plus a penalty on |z_g|² is made small, where m is the mean of
    the known vectors. The guess is m plus the mean of the word's n-gram vectors; an n-gram that no known word has
    counts as 0, so a word that shares nothing with any known word gets m.

    Parameters
    ----------
    words : sequence of str
        The words to guess for.
    known : sequence of str
        Words with vectors; the first 20,000 of them are used, which are the most frequent in pretrained vectors.
    vectors : float32 array, shape (known words, dimensions)
        Their vectors.

    Returns
    -------
    float32 array, shape (words, dimensions)

    References
    ----------
    Zhao, Mudgal & Liang 2018, *Generalizing Word Embeddings using Bag of Subwords*, section 2; here with a penalty
    (ridge), and solved by conjugate gradients. The idea of imitating vectors from spelling: Pinter, Guthrie &
    Eisenstein 2017, *Mimicking Word Embeddings using Subword RNNs*.
    """
    known = known[:MOST_KNOWN_WORDS]
    targets = np.asarray(vectors[: len(known)], dtype=np.float32)
    mean = targets.mean(axis=0)
    columns: dict[str, int] = {}
    for word in known:
        for piece in character_ngrams(word):
            columns.setdefault(piece, len(columns))
    weights = _fit(_mean_of_ngrams(known, columns), targets - mean)
    return mean + np.asarray(_mean_of_ngrams(words, columns) @ weights, dtype=np.float32)


def _mean_of_ngrams(words: Sequence[str], columns: dict[str, int]):  # type: ignore[no-untyped-def]
    """Return a sparse matrix, words × n-grams, that takes the mean over each word's n-grams."""
    from scipy.sparse import csr_array

    bounds = [0]
    indices: list[int] = []
    values: list[float] = []
    for word in words:
        pieces = character_ngrams(word)
        found = [columns[piece] for piece in pieces if piece in columns]
        indices += found
        values += [1 / len(pieces)] * len(found)
        bounds.append(len(indices))
    shape = (len(words), len(columns))
    return csr_array((np.array(values, np.float32), np.array(indices, np.int32), np.array(bounds)), shape=shape)


def _fit(features, targets: NDArray[np.float32]) -> NDArray[np.float32]:  # type: ignore[no-untyped-def]
    """Solve (AᵀA + penalty) Z = AᵀY by conjugate gradients, all columns of Y at once."""
    transposed = features.T.tocsr()
    solution = np.zeros((features.shape[1], targets.shape[1]), dtype=np.float32)
    residual = transposed @ targets
    direction = residual.copy()
    size = (residual**2).sum(axis=0)
    for _ in range(_STEPS):
        product = transposed @ (features @ direction) + np.float32(_PENALTY) * direction
        length = size / np.maximum((direction * product).sum(axis=0), np.finfo(np.float32).tiny)
        solution += length * direction
        residual -= length * product
        before, size = size, (residual**2).sum(axis=0)
        direction = residual + size / np.maximum(before, np.finfo(np.float32).tiny) * direction
    return solution
