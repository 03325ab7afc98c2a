"""Skip-gram with negative sampling: the Keras model, and the stream of words, contexts and labels it learns from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import keras
import numpy as np

__all__ = ["keep_probability", "noise_distribution", "skipgram_model", "skipgram_pairs"]

# So many tokens are turned into pairs, and shuffled, at a time: it bounds the memory (about 20 MB for a window of 5).
_BLOCK = 200_000


def skipgram_model(vocabulary_size: int, dimensions: int = 100, *, seed: int | None = None) -> keras.Model:
    """Build skip-gram as two `Embedding` layers and a dot product.

    The layer "words" holds the vectors v that are kept after training, the layer "contexts" the vectors u that words
    have when they are predicted. The output is the score u · v, a logit: train it with
    ``keras.losses.BinaryCrossentropy(from_logits=True)`` and `embedbook.models.Adam`. That loss is the negative of the
    paper's equation (4) divided by the number of contexts a word is shown with, 1 + k.

    Parameters
    ----------
    vocabulary_size : int
        V, the number of ids.
    dimensions : int
        d, the length of a vector.
    seed : int, optional
        Decides the initial vectors v; the vectors u start at zero, as in the authors' program.

    Returns
    -------
    keras.Model
        Uncompiled; from a list of two arrays, words (n, int32) and contexts (n × m, int32), to scores (n × m).

    Raises
    ------
    ValueError
        If a size is not a whole number of at least 1.

    References
    ----------
    Mikolov et al. (2013), "Distributed representations of words and phrases and their compositionality", section 2.2.
    """
    vocabulary_size = _whole("vocabulary_size", vocabulary_size, least=1)
    dimensions = _whole("dimensions", dimensions, least=1)
    seed = None if seed is None else _whole("seed", seed, least=0)
    reach = 0.5 / dimensions
    small = keras.initializers.RandomUniform(-reach, reach, seed=seed)
    word = keras.Input((), dtype="int32", name="word")
    context = keras.Input((None,), dtype="int32", name="context")
    v = keras.layers.Embedding(vocabulary_size, dimensions, embeddings_initializer=small, name="words")(word)
    u = keras.layers.Embedding(vocabulary_size, dimensions, embeddings_initializer="zeros", name="contexts")(context)
    scores = keras.layers.Dot(axes=(1, 2), name="scores")([v, u])
    return keras.Model([word, context], scores, name="skipgram_model")


def keep_probability(counts: Sequence[int] | np.ndarray, threshold: float | None) -> np.ndarray:
    """Return with which probability each word stays in the text when frequent words are subsampled.

    A word of relative frequency f stays with probability min(1, √(t / f)).

    Parameters
    ----------
    counts : array-like of int, shape (V,)
        How often each id occurs in the text.
    threshold : float or None
        t; words rarer than t always stay. None keeps every word.

    Returns
    -------
    numpy.ndarray of float, shape (V,)
        0 for ids that do not occur.

    Raises
    ------
    ValueError
        If a count is negative, all are zero, or the threshold is not above 0.

    References
    ----------
    Mikolov et al. (2013), "Distributed representations", equation (5), which gives 1 minus this. The authors' program,
    and gensim, keep a little more: √(t / f) + t / f.
    """
    counts = _checked_counts(counts)
    if threshold is None:
        return (counts > 0).astype(float)
    if not 0 < threshold < np.inf:
        raise ValueError(f"the subsampling threshold must be above 0, such as 0.001, or None, not {threshold!r}")
    frequency = counts / counts.sum()
    keep = np.zeros(len(counts))
    seen = counts > 0
    keep[seen] = np.minimum(1.0, np.sqrt(threshold / frequency[seen]))
    return keep


def noise_distribution(counts: Sequence[int] | np.ndarray, power: float = 0.75) -> np.ndarray:
    """Return with which probability each word is drawn as a negative sample: its count to a power, normalised.

    Parameters
    ----------
    counts : array-like of int, shape (V,)
        How often each id occurs in the text.
    power : float
        1 gives the words' own frequencies, 0 the same share to each word that occurs.

    Returns
    -------
    numpy.ndarray of float, shape (V,)
        Sums to 1; 0 for ids that do not occur.

    Raises
    ------
    ValueError
        If a count is negative or all are zero, or the power is not a finite number.

    References
    ----------
    Mikolov et al. (2013), "Distributed representations", section 2.2, where 3/4 was found best.
    """
    counts = _checked_counts(counts)
    if not np.isfinite(power):
        raise ValueError(f"power must be a finite number such as 0.75, not {power!r}")
    weights = np.zeros(len(counts))
    seen = counts > 0
    weights[seen] = counts[seen] ** power
    return weights / weights.sum()


def skipgram_pairs(
    texts: Iterable[Sequence[int]],
    counts: Sequence[int] | np.ndarray,
    *,
    window: int = 5,
    dynamic_window: bool = True,
    negatives: int = 5,
    subsample: float | None = 1e-3,
    power: float = 0.75,
    batch_size: int = 1024,
    seed: int = 0,
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Go through texts once and yield batches of words, contexts and labels for `skipgram_model`.

    Each word is shown with one true context word from its window, in column 0, and with `negatives` words drawn from
    `noise_distribution`. A drawn word may by chance be the true one, as in the paper's equation (4). Words that
    subsampling takes out leave no gap: their neighbours come closer, as in the authors' program.

    Parameters
    ----------
    texts : iterable of sequences of int
        The ids of each text; windows do not reach over its ends. Ids whose count is 0 are left out.
    counts : array-like of int, shape (V,)
        How often each id occurs. Give 0 to the ids of padding and out-of-vocabulary words.
    window : int
        Greatest distance of a context word, in words.
    dynamic_window : bool
        Draw each word's own window from 1 to `window`, so that near words count more.
    negatives : int
        k, negative samples a pair; 0 for none.
    subsample : float or None
        t of `keep_probability`; None keeps every word.
    power : float
        As in `noise_distribution`.
    batch_size : int
        Pairs a batch; the last one may be smaller.
    seed : int
        Decides subsampling, windows, order and negative samples. Give each epoch its own.

    Yields
    ------
    words : numpy.ndarray of int32, shape (n,)
    contexts : numpy.ndarray of int32, shape (n, 1 + negatives)
    labels : numpy.ndarray of float32, shape (n, 1 + negatives)
        1 in column 0, else 0.

    Raises
    ------
    ValueError
        If a number is out of range, or a text holds an id that `counts` has no place for. It is raised when the first
        batch is asked for.

    References
    ----------
    Mikolov et al. (2013), "Distributed representations", sections 2.2 and 2.3.
    """
    window = _whole("window", window, least=1)
    negatives = _whole("negatives", negatives, least=0)
    batch_size = _whole("batch_size", batch_size, least=1)
    rng = np.random.default_rng(_whole("seed", seed, least=0))
    keep = keep_probability(counts, subsample)
    noise_limits = np.cumsum(noise_distribution(counts, power))
    noise_limits /= noise_limits[-1]  # rounding must not leave a gap below 1 that no word fills
    for ids, text_numbers in _blocks(texts, len(keep)):
        kept = rng.random(len(ids)) < keep[ids]
        words, contexts = _pairs(ids[kept], text_numbers[kept], window, dynamic_window, rng)
        order = rng.permutation(len(words))
        for first in range(0, len(order), batch_size):
            rows = order[first : first + batch_size]
            shown = np.empty((len(rows), 1 + negatives), dtype=np.int32)
            shown[:, 0] = contexts[rows]
            shown[:, 1:] = np.searchsorted(noise_limits, rng.random((len(rows), negatives)), side="right")
            labels = np.zeros(shown.shape, dtype=np.float32)
            labels[:, 0] = 1
            yield words[rows], shown, labels


def _blocks(texts: Iterable[Sequence[int]], size: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Join texts to blocks of at least `_BLOCK` tokens: their ids, and for each the number of its text."""
    block: list[np.ndarray] = []
    tokens = 0
    for number, text in enumerate(texts):
        ids = np.asarray(text, dtype=np.int64 if len(text) == 0 else None)
        if ids.ndim != 1 or not np.issubdtype(ids.dtype, np.integer):
            raise ValueError(f"text {number} must be a flat list of ids, whole numbers, not {ids.dtype} {ids.shape}")
        if ids.size and (ids.min() < 0 or ids.max() >= size):
            wrong = ids.min() if ids.min() < 0 else ids.max()
            raise ValueError(f"text {number} holds the id {wrong}, but counts has places for 0 to {size - 1} only")
        block.append(ids)
        tokens += len(ids)
        if tokens >= _BLOCK:
            yield _joined(block)
            block, tokens = [], 0
    if tokens:
        yield _joined(block)


def _joined(block: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    numbers = np.repeat(np.arange(len(block)), [len(ids) for ids in block])
    return np.concatenate(block).astype(np.int32), numbers


def _pairs(
    ids: np.ndarray, text_numbers: np.ndarray, window: int, dynamic_window: bool, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Return all pairs of a word and a word inside its window."""
    reach = rng.integers(1, window + 1, size=len(ids)) if dynamic_window else np.full(len(ids), window)
    words, contexts = [], []
    for distance in range(1, min(window, len(ids) - 1) + 1):
        same_text = text_numbers[distance:] == text_numbers[:-distance]
        right = same_text & (reach[:-distance] >= distance)
        left = same_text & (reach[distance:] >= distance)
        words += [ids[:-distance][right], ids[distance:][left]]
        contexts += [ids[distance:][right], ids[:-distance][left]]
    if not words:
        return np.empty(0, np.int32), np.empty(0, np.int32)
    return np.concatenate(words), np.concatenate(contexts)


def _checked_counts(counts: Sequence[int] | np.ndarray) -> np.ndarray:
    """Return the counts as floats after making sure that they are counts."""
    array = np.asarray(counts, dtype=float)
    if array.ndim != 1 or not np.isfinite(array).all() or (array < 0).any():
        raise ValueError("counts must be a flat list of numbers, none negative: one for each id")
    if not array.any():
        raise ValueError("counts are all 0; count the ids of the texts first")
    return array


def _whole(name: str, value: int, *, least: int) -> int:
    """Return `value` as an int, or raise a ValueError unless it is a whole number from `least` on."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < least:
        raise ValueError(f"{name} must be a whole number, {least} or more, not {value!r}")
    return int(value)
