"""Embedding matrices: one row of pretrained numbers for each id of a vocabulary, and what part of it was found."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from embedbook.text import Coverage, Vocabulary
from embedbook.vectors.errors import VectorsError

if TYPE_CHECKING:
    from gensim.models import KeyedVectors

__all__ = ["Case", "EmbeddingMatrix", "Oov", "embedding_matrix"]

Oov = Literal["zeros", "mean", "random", "unk", "subword"]
Case = Literal["exact", "any"]

_UNKNOWN_NAMES = ("<unk>", "<UNK>", "UNK", "unk")


@dataclass(frozen=True)
class EmbeddingMatrix:
    """Weights for a Keras `Embedding` layer, and how they came about.

    Parameters
    ----------
    matrix : float32 array, shape (len(vocabulary), d)
        Row i belongs to id i. Row 0 (padding) is zeros, row 1 (out-of-vocabulary) follows the policy `oov`.
    found : bool array, shape (len(vocabulary),)
        Which rows are pretrained vectors; False for rows 0 and 1.
    coverage : embedbook.text.Coverage
        Which part of the vocabulary's words was found: of its distinct words (by type), and of its running words in the
        texts it was made from (by token). Words that the vocabulary itself left out are not counted.
    oov : str
        The policy for the words that were not found.
    """

    matrix: NDArray[np.float32]
    found: NDArray[np.bool_]
    coverage: Coverage
    oov: Oov


def embedding_matrix(
    vocabulary: Vocabulary,
    vectors: KeyedVectors,
    *,
    oov: Oov = "zeros",
    seed: int = 0,
    scale: float | None = None,
    case: Case = "exact",
) -> EmbeddingMatrix:
    """Make the weights of an embedding layer from pretrained vectors.

    Parameters
    ----------
    vocabulary : embedbook.text.Vocabulary
        Gives the ids.
    vectors : gensim.models.KeyedVectors
        Gives the vectors, d dimensions.
    oov : {"zeros", "mean", "random", "unk", "subword"}
        What words get that have no pretrained vector, and id 1:

        - "zeros": zeros, so they say nothing;
        - "mean": the mean of the vectors that were found;
        - "random": numbers drawn evenly from [-scale, scale];
        - "unk": the vector of the word ``<unk>`` (or ``UNK``, ``unk``) in `vectors`;
        - "subword": a guess from the spelling, see `embedbook.vectors.guess_vectors`; id 1, which has no spelling, gets
          the mean.
    seed : int
        Of the random numbers.
    scale : float, optional
        See "random"; by default such that random and pretrained vectors have the same variance.
    case : {"exact", "any"}
        "any" tries a word that is not found also in lower case, with a capital, and in capitals: Google News has
        "London" and not "london".

    Returns
    -------
    EmbeddingMatrix

    Raises
    ------
    VectorsError
        If an option is unknown, no word is found at all, or "unk" is asked for and `vectors` has no such word.

    References
    ----------
    The scale of "random": Kim 2014, *Convolutional Neural Networks for Sentence Classification*, section 4.3.

    Examples
    --------
    >>> weights = embedding_matrix(vocabulary, vectors, oov="random", seed=1)  # doctest: +SKIP
    >>> keras.layers.Embedding(*weights.matrix.shape, weights=[weights.matrix])  # doctest: +SKIP
    """
    if oov not in get_args(Oov):
        raise VectorsError(f"oov must be one of {', '.join(get_args(Oov))}, not {oov!r}")
    if case not in get_args(Case):
        raise VectorsError(f'case must be "exact" or "any", not {case!r}')
    if scale is not None and (oov != "random" or not scale > 0):
        raise VectorsError(f'scale must be above 0 and goes with oov="random"; got scale={scale!r}, oov={oov!r}')

    first = len(vocabulary) - len(vocabulary.words)
    rows = np.array([_row_of(word, vectors, case) for word in vocabulary.words], dtype=np.intp)
    known = rows >= 0
    if not known.any():
        raise VectorsError(
            "no word of the vocabulary is in the vectors; are they of the same language, and in the same case "
            '(case="any" tries others)?'
        )
    matrix = np.zeros((len(vocabulary), vectors.vector_size), dtype=np.float32)
    found = np.concatenate([np.zeros(first, dtype=np.bool_), known])
    pretrained = np.asarray(vectors.vectors[rows[known]], dtype=np.float32)
    matrix[found] = pretrained
    to_fill = ~found
    to_fill[Vocabulary.PADDING] = False
    unknown_words = [word for word, is_known in zip(vocabulary.words, known, strict=True) if not is_known]
    matrix[to_fill] = _fill(oov, unknown_words, vectors, pretrained, seed, scale)

    counts = np.array(vocabulary.counts, dtype=np.float64)
    by_type = float(known.mean())
    by_token = float(counts[known].sum() / counts.sum()) if counts.any() else by_type
    return EmbeddingMatrix(matrix, found, Coverage(by_type, by_token), oov)


def _fill(
    oov: Oov,
    unknown_words: list[str],
    vectors: KeyedVectors,
    pretrained: NDArray[np.float32],
    seed: int,
    scale: float | None,
) -> NDArray[np.float32]:
    """Return a row for id 1 and one for each unknown word."""
    shape = (1 + len(unknown_words), pretrained.shape[1])
    if oov == "random":
        half_width = scale if scale is not None else float(np.sqrt(3) * pretrained.std())
        return np.random.default_rng(seed).uniform(-half_width, half_width, shape).astype(np.float32)
    if oov == "unk":
        name = next((name for name in _UNKNOWN_NAMES if name in vectors.key_to_index), None)
        if name is None:
            raise VectorsError(f'oov="unk" needs one of {", ".join(_UNKNOWN_NAMES)} in the vectors; choose another')
        return np.broadcast_to(vectors.vectors[vectors.key_to_index[name]], shape)
    if oov == "zeros":
        return np.zeros(shape, dtype=np.float32)
    filled = np.broadcast_to(pretrained.mean(axis=0, dtype=np.float64).astype(np.float32), shape)
    if oov == "subword" and unknown_words:
        from embedbook.vectors.subwords import guess_vectors

        filled = filled.copy()
        filled[1:] = guess_vectors(unknown_words, vectors.index_to_key, vectors.vectors)
    return filled


def _row_of(word: str, vectors: KeyedVectors, case: Case) -> int:
    positions: dict[str, int] = vectors.key_to_index
    row = positions.get(word, -1)
    if row < 0 and case == "any":
        row = next((positions[other] for other in _other_cases(word) if other in positions), -1)
    return row


def _other_cases(word: str) -> Iterator[str]:
    yield word.lower()
    yield word.capitalize()
    yield word.upper()
