"""The words of a run: which of them an arm knows, which share has a vector, and how often each text has each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from embedbook.experiments.parts import Parts
from embedbook.text import Coverage, Vocabulary

if TYPE_CHECKING:
    from gensim.models import KeyedVectors
    from scipy.sparse import csr_array

__all__ = ["bag_of_words", "count_words", "coverage_of", "vocabulary_of"]


def vocabulary_of(parts: Parts, spaces: Sequence[KeyedVectors]) -> Vocabulary:
    """Return every word of the training texts, then those of the other texts that a pretrained space has.

    Parameters
    ----------
    parts : Parts
        The texts of a run.
    spaces : sequence of gensim.models.KeyedVectors
        The arm's pretrained vectors; none for an arm that learns its own.

    Returns
    -------
    Vocabulary
    """
    trained = Vocabulary.fit(parts.train.tokens)
    others = set(chain.from_iterable(chain(parts.dev.tokens, parts.test.tokens))).difference(trained.words)
    more = {word for word in others if any(word in space.key_to_index for space in spaces)}
    return Vocabulary(trained.words + tuple(sorted(more)), trained.counts + (0,) * len(more))


def coverage_of(tokens: Sequence[Sequence[str]], spaces: Sequence[KeyedVectors]) -> Coverage | None:
    """Return which share of texts' words, and of their tokens, has a vector in one of the spaces.

    Parameters
    ----------
    tokens : sequence of sequences of str
        n texts.
    spaces : sequence of gensim.models.KeyedVectors
        Pretrained vectors.

    Returns
    -------
    Coverage or None
        None without a space.
    """
    if not spaces:
        return None
    vocabulary = Vocabulary.fit(tokens)
    counts = np.array(vocabulary.counts, dtype=float)
    known = np.array([any(word in space.key_to_index for space in spaces) for word in vocabulary.words])
    return Coverage(float(known.mean()), float(counts[known].sum() / counts.sum()))


def bag_of_words(tokens: Sequence[Sequence[str]], vocabulary: Vocabulary, *, binary: bool = True) -> csr_array:
    """Return texts as the sum of the one-hot vectors of their words.

    Parameters
    ----------
    tokens : sequence of sequences of str
        n texts.
    vocabulary : Vocabulary
        The words that have a column; others are left out.
    binary : bool
        Count each word once.

    Returns
    -------
    scipy.sparse.csr_array of float64, shape (n, number of words)
        Column i belongs to ``vocabulary.words[i]``.
    """
    counts = count_words(tokens, {word: column for column, word in enumerate(vocabulary.words)})
    if binary:
        counts.data[:] = 1
    return counts


def count_words(tokens: Sequence[Sequence[str]], columns: Mapping[str, int]) -> csr_array:
    """Return how often each text has each word.

    Parameters
    ----------
    tokens : sequence of sequences of str
        n texts.
    columns : mapping of str to int
        The columns of the words that are counted, from 0 on; others are left out.

    Returns
    -------
    scipy.sparse.csr_array of float64, shape (n, number of columns)
    """
    from scipy.sparse import coo_array

    rows, found = [], []
    for row, text in enumerate(tokens):
        known = [columns[word] for word in text if word in columns]
        rows += [row] * len(known)
        found += known
    # Entries that are given twice are added up.
    return coo_array((np.ones(len(rows)), (rows, found)), shape=(len(tokens), len(columns))).tocsr()
