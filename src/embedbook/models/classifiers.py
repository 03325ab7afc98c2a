"""Text classifiers built on a Keras `Embedding`: the mean of the word vectors, and a convolution over them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from embedbook.models.layers import ConvolutionMax, MaskedMean, require_share
from embedbook.models.seeds import child_seeds

__all__ = ["convolution_classifier", "mean_classifier"]


def mean_classifier(
    vocabulary_size: int,
    dimensions: int = 50,
    n_classes: int = 2,
    *,
    embedding_matrix: np.ndarray | None = None,
    trainable: bool = True,
    multichannel: bool = False,
    word_dropout: float = 0.3,
    dropout: float = 0.5,
    seed: int | None = None,
) -> keras.Model:
    """Build a classifier that sees a text as the mean of its word vectors, in no order.

    Embedding → mean over the words, with word dropout → dropout → one linear layer with softmax. The output is one
    probability a class for any number of classes, two included, so every classifier of the book is read in one way.
    The defaults were chosen on development data of MR.

    Parameters
    ----------
    vocabulary_size : int
        V, the number of ids: ``len(vocabulary)``, padding (0) and out-of-vocabulary (1) included.
    dimensions : int
        d, the length of a word vector.
    n_classes : int
        Number of classes.
    embedding_matrix : numpy.ndarray of float, shape (V, d), optional
        Initial word vectors, one row an id; row 0 is never read. Random and small by default.
    trainable : bool
        Whether training moves the word vectors (non-static) or leaves them (static).
    multichannel : bool
        Read each word twice, as the sum of its vector that training moves and a frozen copy of its initial one. Kim
        (2014) adds up what a filter makes of the two channels; a filter is linear, so that is the same.
    word_dropout : float
        Share of the words whose whole vector is set to zero in each training step, from 0 to below 1; so the model
        cannot lean on a single word of a text that it has seen before.
    dropout : float
        Share of the text vector's dimensions set to zero in each training step, from 0 to below 1.
    seed : int, optional
        Decides the initial weights and the dropout.

    Returns
    -------
    keras.Model
        Uncompiled; from ids (n texts × T tokens, int32, padded with 0) to probabilities (n texts × n classes).

    Raises
    ------
    ValueError
        If a size is not a whole number in range, `embedding_matrix` has another shape than V × d, or `multichannel`
        lacks a matrix or something to train.

    References
    ----------
    Iyyer et al. (2015), "Deep unordered composition rivals syntactic methods for text classification"; how this departs
    from it is said at `MaskedMean`.
    """
    seeds = child_seeds(seed, 4)
    ids = keras.Input((None,), dtype="int32", name="ids")
    vectors = _embedding(vocabulary_size, dimensions, embedding_matrix, trainable, seeds[0])(ids)
    if multichannel:
        vectors = _second_channel(ids, vectors, embedding_matrix, trainable)
    text = MaskedMean(word_dropout, seed=seeds[1], name="mean")(vectors)
    return keras.Model(ids, _classes(text, n_classes, dropout, seeds[2:]), name="mean_classifier")


def convolution_classifier(
    vocabulary_size: int,
    dimensions: int = 100,
    n_classes: int = 2,
    *,
    filters: int = 100,
    widths: Sequence[int] = (3, 4, 5),
    embedding_matrix: np.ndarray | None = None,
    trainable: bool = True,
    multichannel: bool = False,
    word_dropout: float = 0.3,
    dropout: float = 0.5,
    seed: int | None = None,
) -> keras.Model:
    """Build a classifier that looks for short phrases: convolutions over the word vectors, and their maxima.

    Embedding → word dropout → for each width, filters over so many neighbouring words and the maximum of each over
    the text → all side by side → dropout → one linear layer with softmax (one probability a class for any number of
    classes). The defaults were chosen on development data of MR; `filters`, `widths` and `dropout` are Kim's.

    It departs from Kim (2014) in three points: 'same' convolution, so that texts shorter than a filter can be read;
    word dropout; and no limit on the norm of the last layer's weights.

    Parameters
    ----------
    vocabulary_size, dimensions, n_classes, embedding_matrix, trainable, multichannel, word_dropout, dropout, seed
        As in `mean_classifier`.
    filters : int
        Number of filters of each width.
    widths : sequence of int
        How many neighbouring words the filters see; each width once.

    Returns
    -------
    keras.Model
        Uncompiled; from ids (n texts × T tokens, int32, padded with 0) to probabilities (n texts × n classes).

    Raises
    ------
    ValueError
        If a size is not a whole number in range, `embedding_matrix` has another shape than V × d, or `multichannel`
        lacks a matrix or something to train.

    References
    ----------
    Kim (2014), "Convolutional neural networks for sentence classification", section 2.
    """
    widths = tuple(widths)
    if not widths or len(set(widths)) != len(widths):
        raise ValueError(f"widths must name at least one width and each once, not {widths!r}")
    seeds = child_seeds(seed, 4 + len(widths))
    ids = keras.Input((None,), dtype="int32", name="ids")
    vectors = _embedding(vocabulary_size, dimensions, embedding_matrix, trainable, seeds[0])(ids)
    if multichannel:
        vectors = _second_channel(ids, vectors, embedding_matrix, trainable)
    require_share("word_dropout", word_dropout)
    drop_words = keras.layers.Dropout(word_dropout, noise_shape=(None, None, 1), seed=seeds[1], name="word_dropout")
    vectors = drop_words(vectors)
    phrases = [
        ConvolutionMax(filters, width, seed=own_seed, name=f"width_{width}")(vectors)
        for width, own_seed in zip(widths, seeds[4:], strict=True)
    ]
    text = keras.layers.Concatenate(name="phrases")(phrases) if len(phrases) > 1 else phrases[0]
    return keras.Model(ids, _classes(text, n_classes, dropout, seeds[2:4]), name="convolution_classifier")


def _embedding(
    vocabulary_size: int, dimensions: int, matrix: np.ndarray | None, trainable: bool, seed: int | None
) -> keras.layers.Embedding:
    """Return the layer that turns ids into vectors and passes on which of them are padding."""
    vocabulary_size = _whole("vocabulary_size", vocabulary_size, least=3)  # padding, OOV and one word
    dimensions = _whole("dimensions", dimensions, least=1)
    if matrix is not None:
        matrix = np.asarray(matrix)
        if matrix.shape != (vocabulary_size, dimensions):
            raise ValueError(
                f"embedding_matrix has the shape {matrix.shape}, but vocabulary_size × dimensions is "
                f"{vocabulary_size} × {dimensions}; it needs one row an id, those of padding and OOV included"
            )
        if not np.isfinite(matrix).all():
            raise ValueError("embedding_matrix holds values that are not finite; fill the rows of unknown words")
    return keras.layers.Embedding(
        vocabulary_size,
        dimensions,
        mask_zero=True,
        embeddings_initializer=keras.initializers.RandomUniform(-0.05, 0.05, seed=seed),
        weights=matrix,  # not as an initializer, which would write the whole matrix into a saved model's configuration
        trainable=trainable,
        name="embedding",
    )


def _second_channel(ids: Any, vectors: Any, matrix: np.ndarray | None, trainable: bool) -> Any:
    """Return the word vectors plus those of a frozen layer."""
    if matrix is None or not trainable:
        raise ValueError("multichannel needs an embedding_matrix to freeze a copy of, and trainable=True")
    frozen = keras.layers.Embedding(
        *np.shape(matrix), mask_zero=True, weights=np.asarray(matrix), trainable=False, name="embedding_static"
    )
    return keras.layers.Add(name="channels")([vectors, frozen(ids)])


def _classes(text: Any, n_classes: int, dropout: float, seeds: Sequence[int | None]) -> Any:
    """Return the probability of each class, from one vector a text."""
    n_classes = _whole("n_classes", n_classes, least=2)
    require_share("dropout", dropout)
    kept = keras.layers.Dropout(dropout, seed=seeds[0], name="dropout")(text)
    initial = keras.initializers.GlorotUniform(seed=seeds[1])
    return keras.layers.Dense(n_classes, activation="softmax", kernel_initializer=initial, name="classes")(kept)


def _whole(name: str, value: int, *, least: int) -> int:
    """Return `value` as an int, or raise a ValueError unless it is a whole number from `least` on."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < least:
        raise ValueError(f"{name} must be a whole number, {least} or more, not {value!r}")
    return int(value)
