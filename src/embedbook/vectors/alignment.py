"""Turn one vector space onto another, so that the same words lie near each other (orthogonal Procrustes)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from embedbook.vectors.errors import VectorsError

if TYPE_CHECKING:
    from gensim.models import KeyedVectors

__all__ = ["Alignment", "align"]


@dataclass(frozen=True)
class Alignment:
    """A rotation (perhaps with a reflection) of one space onto another.

    Parameters
    ----------
    rotation : float64 array, shape (d, d)
        The orthogonal matrix W; a source vector v is turned to v W.
    pairs : tuple of (str, str)
        The source and target words it was fitted to.
    similarity : float
        Mean cosine between the turned source vectors and the target vectors of `pairs`: 1 if they coincide in
        direction.
    """

    rotation: NDArray[np.float64]
    pairs: tuple[tuple[str, str], ...]
    similarity: float

    def apply(self, vectors: KeyedVectors) -> KeyedVectors:
        """Return vectors of the source space turned into the target space.

        Parameters
        ----------
        vectors : gensim.models.KeyedVectors
            Of the source's dimensions; left unchanged. Lengths and the angles between them stay as they are.

        Returns
        -------
        gensim.models.KeyedVectors

        Raises
        ------
        VectorsError
            If the dimensions differ.
        """
        from embedbook.vectors.keyed import keyed_vectors

        if vectors.vector_size != len(self.rotation):
            raise VectorsError(f"the rotation is for {len(self.rotation)} dimensions, not for {vectors.vector_size}")
        turned = vectors.vectors @ self.rotation.astype(np.float32)
        return keyed_vectors(vectors.index_to_key, turned)


def align(
    source: KeyedVectors, target: KeyedVectors, *, words: Iterable[str] | Iterable[tuple[str, str]] | None = None
) -> Alignment:
    """Find the rotation that brings the vectors of the same words in two spaces nearest together.

    With X and Y the vectors of the paired words, each scaled to length 1, the orthogonal W that makes |XW - Y|²
    smallest is U Vᵀ, where U S Vᵀ is the singular value decomposition of Xᵀ Y.

    Parameters
    ----------
    source, target : gensim.models.KeyedVectors
        Two spaces of the same dimensions d; both are left unchanged.
    words : iterable of str or of (str, str), optional
        The words to fit to, or pairs of a source and a target word (a dictionary of two languages). Words that either
        space lacks are left out. By default all words that both have.

    Returns
    -------
    Alignment

    Raises
    ------
    VectorsError
        If the dimensions differ, or fewer than d pairs are known to both, which would leave the rotation undetermined.

    References
    ----------
    Schönemann 1966, *A generalized solution of the orthogonal Procrustes problem*; lengths of 1 and orthogonality for
    word vectors: Xing, Wang, Liu & Lin 2015, *Normalized Word Embedding and Orthogonal Transform for Bilingual Word
    Translation*; by singular value decomposition: Smith, Turban, Hamblin & Hammerla 2017, *Offline bilingual word
    vectors, orthogonal transformations and the inverted softmax*, section 2.
    """
    d = source.vector_size
    if target.vector_size != d:
        raise VectorsError(f"the source has {d} dimensions and the target {target.vector_size}; they must be as many")
    if isinstance(words, str):
        raise VectorsError(f"words must be a list of words or pairs, not the string {words!r}")
    asked = source.index_to_key if words is None else words
    pairs = [(word, word) if isinstance(word, str) else (word[0], word[1]) for word in asked]
    pairs = [pair for pair in pairs if pair[0] in source.key_to_index and pair[1] in target.key_to_index]
    if len(pairs) < d:
        raise VectorsError(
            f"only {len(pairs)} of the words are in both spaces, but a rotation in {d} dimensions needs {d} or more"
        )
    x = _unit_rows(source, [one for one, _ in pairs])
    y = _unit_rows(target, [other for _, other in pairs])
    u, _, vt = np.linalg.svd(x.T @ y)
    rotation = u @ vt
    return Alignment(rotation, tuple(pairs), float(np.mean(np.sum((x @ rotation) * y, axis=1))))


def _unit_rows(vectors: KeyedVectors, words: list[str]) -> NDArray[np.float64]:
    rows = vectors.vectors[[vectors.key_to_index[word] for word in words]].astype(np.float64)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return rows / np.where(lengths == 0, 1, lengths)
