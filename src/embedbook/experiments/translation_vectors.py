"""Where the word vectors of a translator begin: random, pretrained, turned onto the other language, or shuffled."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from embedbook.text import Coverage, Vocabulary

if TYPE_CHECKING:
    from gensim.models import KeyedVectors

__all__ = ["InitialVectors", "initial_vectors", "learn_dictionary", "random_vectors"]


class InitialVectors(NamedTuple):
    """The first word vectors of one side."""

    matrix: np.ndarray
    """float32, ids × d; row 0, padding, is zeros."""
    coverage: Coverage | None
    """Which part of the vocabulary is pretrained; None for random vectors."""


def random_vectors(size: int, dimensions: int, *, scale: float, seed: int) -> np.ndarray:
    """Draw vectors evenly, so that their numbers have a given standard deviation.

    Parameters
    ----------
    size, dimensions : int
        Shape of the matrix.
    scale : float
        The standard deviation.
    seed : int
        Decides the draw; another scale gives the same vectors, longer or shorter.

    Returns
    -------
    numpy.ndarray of float32, shape (size, dimensions)
    """
    width = math.sqrt(3)
    drawn = np.random.default_rng(seed).uniform(-width, width, (size, dimensions))
    return (drawn * scale).astype(np.float32)


def initial_vectors(
    vocabulary: Vocabulary,
    spaces: dict[str, KeyedVectors] | KeyedVectors | None,
    dimensions: int,
    *,
    scale: float,
    seed: int,
    extra: int = 0,
    shuffled: bool = False,
) -> InitialVectors:
    """Make the first word vectors of one side of a translator.

    Words without a pretrained vector, and special ids, get random ones. Every vector, pretrained or random, is of one
    scale: the pretrained of a space are multiplied by one number, which leaves all angles as they are.

    Parameters
    ----------
    vocabulary : Vocabulary
        Gives the ids.
    spaces : gensim.models.KeyedVectors, dict of str to KeyedVectors, or None
        Pretrained vectors; by the code of the language if words carry one ("gl:casa"); None for random vectors.
    dimensions : int
        d.
    scale : float
        Standard deviation of all numbers of the matrix.
    seed : int
        Decides what is random. The random vectors of a word do not depend on `spaces`.
    extra : int
        Rows to add at the end, for ids that are no words.
    shuffled : bool
        Deal the pretrained vectors to the wrong words, at random.

    Returns
    -------
    InitialVectors

    Raises
    ------
    ValueError
        If pretrained vectors have other dimensions.
    embedbook.vectors.VectorsError
        If a space knows no word of the vocabulary; perhaps it is of another language.
    """
    matrix = random_vectors(len(vocabulary) + extra, dimensions, scale=scale, seed=seed)
    matrix[Vocabulary.PADDING] = 0
    if spaces is None:
        return InitialVectors(matrix, None)
    if not isinstance(spaces, dict):
        spaces = {"": spaces}
    rng = np.random.default_rng([seed, 1])
    first = len(vocabulary) - len(vocabulary.words)
    known = np.zeros(len(vocabulary), dtype=bool)
    for language, space in spaces.items():
        if space.vector_size != dimensions:
            raise ValueError(
                f"the pretrained vectors{' of ' + language if language else ''} have {space.vector_size} dimensions, "
                f"but the translator {dimensions}; give vectors of {dimensions}"
            )
        tag = f"{language}:" if language else ""
        ids = np.array([first + i for i, word in enumerate(vocabulary.words) if word.startswith(tag)])
        rows, found = _looked_up([vocabulary.words[i - first].removeprefix(tag) for i in ids], space, language)
        if shuffled:
            rows = rows[rng.permutation(len(rows))]
        matrix[ids[found]] = rows * np.float32(scale / rows.std())
        known[ids[found]] = True
    counts = np.array((0,) * first + vocabulary.counts, dtype=float)
    by_token = float(counts[known].sum() / counts.sum())
    return InitialVectors(matrix, Coverage(float(known[first:].mean()), by_token))


def learn_dictionary(
    source: Sequence[Sequence[str]], target: Sequence[Sequence[str]], *, min_count: int = 3
) -> list[tuple[str, str]]:
    """Learn which words translate each other from pairs of sentences.

    Two words form an entry if each is the other's best partner by Dice's coefficient: twice the number of pairs with
    both, divided by the number of pairs with the one plus that with the other.

    Parameters
    ----------
    source, target : sequence of sequences of str
        n tokenised sentences and their translations.
    min_count : int
        Leave out words that occur in fewer pairs.

    Returns
    -------
    list of (str, str)
        The most certain first.

    References
    ----------
    Smadja, McKeown & Hatzivassiloglou (1996), "Translating Collocations for Bilingual Lexicons", section 4, for Dice's
    coefficient.
    """
    import scipy.sparse as sparse

    sides = []
    for sentences in (source, target):
        counts = Counter(word for tokens in sentences for word in set(tokens))
        words = sorted(word for word, count in counts.items() if count >= min_count and any(map(str.isalnum, word)))
        ids = {word: number for number, word in enumerate(words)}
        cells = [(row, ids[word]) for row, tokens in enumerate(sentences) for word in set(tokens) if word in ids]
        rows, columns = zip(*cells, strict=True) if cells else ((), ())
        matrix = sparse.csr_matrix((np.ones(len(cells)), (rows, columns)), shape=(len(sentences), len(words)))
        sides.append((words, matrix, np.array([counts[word] for word in words])))
    (sources, s, s_counts), (targets, t, t_counts) = sides
    if not sources or not targets:
        return []
    both = (s.T @ t).tocoo()
    dice = sparse.csr_matrix(
        (2 * both.data / (s_counts[both.row] + t_counts[both.col]), (both.row, both.col)), shape=both.shape
    )
    best_target = np.asarray(dice.argmax(axis=1)).ravel()
    best_source = np.asarray(dice.argmax(axis=0)).ravel()
    entries = [(float(dice[i, j]), sources[i], targets[j]) for i, j in enumerate(best_target) if best_source[j] == i]
    return [(one, other) for value, one, other in sorted(entries, key=lambda e: (-e[0], e[1])) if value > 0]


def _looked_up(words: list[str], space: KeyedVectors, language: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the vectors of the words that the space has, and which these are."""
    from embedbook.vectors import VectorsError

    found = np.array([word in space.key_to_index for word in words], dtype=bool)
    if not found.any():
        raise VectorsError(
            f"the pretrained vectors know none of the {len(words):,} words{' of ' + language if language else ''}; are "
            "they of another language?"
        )
    rows = np.asarray(space.vectors[[space.key_to_index[word] for word in words if word in space.key_to_index]])
    return rows.astype(np.float32), np.flatnonzero(found)
