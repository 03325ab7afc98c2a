"""What all translators of the book share: how they are asked, and the words that they read and write."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from keras import ops

from embedbook.text import Vocabulary

__all__ = ["Translator", "as_graph", "boundary_id", "masked_cross_entropy", "padding_mask", "shares"]


def boundary_id(vocabulary_size: int) -> int:
    """Return the id that begins and ends every target sentence: the one after the last word.

    Parameters
    ----------
    vocabulary_size : int
        V, ``len(vocabulary)`` of the target's vocabulary. The translator's target ids run from 0 to V.

    Returns
    -------
    int
    """
    return vocabulary_size


class Translator(keras.Model):
    """Base of the translators: a Keras model from source ids and the translation so far to the next word.

    Calling it on a pair of arrays, source ids (n × S) and the target ids before each word (n × T, the boundary first),
    gives one score for each target id at each place (n × T × V + 1, logits). To write a translation word by word,
    `encode` the source once, ask for its `first_state`, and take a `step` for each word.

    Source ids are padded with 0 on the right, and the amount of padding does not matter.

    Parameters
    ----------
    source_size, target_size : int
        Number of ids of the source's and the target's vocabulary, padding and OOV included, the boundary not.
    """

    def __init__(self, source_size: int, target_size: int, **options: Any) -> None:
        super().__init__(**options)
        self.source_size = _checked_size("source_size", source_size)
        self.target_size = _checked_size("target_size", target_size)

    @property
    def boundary(self) -> int:
        """The id that begins and ends a target sentence."""
        return boundary_id(self.target_size)

    def call(self, inputs: tuple[Any, Any], training: bool | None = None) -> Any:
        """Return the logits of every place at once; what comes before each place is given, not guessed."""
        source, before = inputs
        memory = self.encode(source, training=training)
        return self.decode(before, memory, training=training)

    def encode(self, source: Any, training: bool | None = None) -> tuple[Any, ...]:
        """Return what the decoder needs of the source: tensors whose first axis is the sentence."""
        raise NotImplementedError

    def decode(self, before: Any, memory: tuple[Any, ...], training: bool | None = None) -> Any:
        """Return the logits of every place (n × T × V + 1), given the ids before each (n × T)."""
        raise NotImplementedError

    def first_state(self, memory: tuple[Any, ...]) -> tuple[Any, ...]:
        """Return the state before the first word: tensors whose first axis is the sentence."""
        raise NotImplementedError

    def step(self, last: Any, state: tuple[Any, ...], memory: tuple[Any, ...]) -> tuple[Any, tuple[Any, ...]]:
        """Return the logits of the next word (n × V + 1) and the state after reading the last ids (n)."""
        raise NotImplementedError

    def attend(self, before: Any, memory: tuple[Any, ...]) -> Any:
        """Return how much each place attends to each source word (n × T × S); rows sum to 1."""
        raise NotImplementedError


def as_graph(function: Callable[..., Any], *, matrices_of_ids: int | None = None) -> Callable[..., Any]:
    """Let TensorFlow compile a function as a whole; elsewhere it is returned as it is.

    Compiling takes about half a second and halves the time of each call, so it is for functions called many times.

    Parameters
    ----------
    function : callable
        From tensors to tensors.
    matrices_of_ids : int, optional
        It takes so many matrices of ids and nothing else, so it need be compiled only once for all their shapes.

    Returns
    -------
    callable
        With the same results, to rounding.
    """
    if keras.backend.backend() != "tensorflow":
        return function
    import tensorflow as tf

    if matrices_of_ids is None:
        graph: Callable[..., Any] = tf.function(function, reduce_retracing=True)
    else:
        graph = tf.function(function, input_signature=[tf.TensorSpec((None, None), tf.int32)] * matrices_of_ids)
    return graph


def padding_mask(ids: Any) -> Any:
    """Say which ids are words.

    Parameters
    ----------
    ids : array or tensor of int
        Padded with 0.

    Returns
    -------
    tensor of float32, of the shape of `ids`
        1 for a word, 0 for padding.
    """
    return ops.cast(ops.not_equal(ids, Vocabulary.PADDING), "float32")


def shares(scores: Any) -> Any:
    """Return the softmax of scores; Keras' own warns of rows of one number, which sentences of one word have.

    Parameters
    ----------
    scores : tensor of float

    Returns
    -------
    tensor of float, of the shape of `scores`
        Rows (last axis) sum to 1.
    """
    powers = ops.exp(scores - ops.max(scores, axis=-1, keepdims=True))
    return powers / ops.sum(powers, axis=-1, keepdims=True)


def masked_cross_entropy(label_smoothing: float = 0.0) -> Any:
    """Return the loss of a translator: mean cross-entropy of the words of a batch, padding left out.

    Parameters
    ----------
    label_smoothing : float
        Share of the probability that the target gives to all ids alike, from 0 to below 1.

    Returns
    -------
    callable
        From ids (n × T, padded with 0) and logits (n × T × V) to one number, nats a word.

    Raises
    ------
    ValueError
        If `label_smoothing` is out of range.

    References
    ----------
    Szegedy et al. (2016), "Rethinking the Inception Architecture for Computer Vision", section 7.
    """
    if not 0 <= label_smoothing < 1:
        raise ValueError(f"label_smoothing must be a share from 0 to below 1, not {label_smoothing!r}")

    def loss(truth: Any, logits: Any) -> Any:
        truth = ops.cast(truth, "int32")  # Keras hands over float32, which holds all ids exactly
        mask = padding_mask(truth)
        if label_smoothing:
            # Dense targets and one fused kernel: the sum of two losses would walk through all logits several times.
            size = logits.shape[-1]
            soft = ops.one_hot(truth, size) * (1 - label_smoothing) + label_smoothing / size
            each = ops.categorical_crossentropy(soft, logits, from_logits=True)
        else:
            each = ops.sparse_categorical_crossentropy(truth, logits, from_logits=True)
        return ops.sum(each * mask) / ops.maximum(ops.sum(mask), 1.0)

    return loss


class Embeddings(keras.layers.Layer):
    """A table of vectors that can be read by id and, as the output layer of a translator, the other way round.

    Parameters
    ----------
    size, dimensions : int
        Its shape, ids × d.
    matrix : numpy.ndarray of float, shape (size, dimensions), optional
        Initial vectors; drawn evenly from ±`scale`·√3 by default.
    scale : float
        Standard deviation of the entries where no matrix is given.
    trainable : bool
        Whether training moves the vectors.
    seed : int or None
        Of the random vectors.
    """

    def __init__(
        self,
        size: int,
        dimensions: int,
        *,
        matrix: np.ndarray | None = None,
        scale: float = 0.1,
        trainable: bool = True,
        seed: int | None = None,
        **options: Any,
    ) -> None:
        super().__init__(trainable=trainable, **options)
        if matrix is None:
            initial: Any = keras.initializers.RandomUniform(-scale * 3**0.5, scale * 3**0.5, seed=seed)
        else:
            matrix = np.asarray(matrix, dtype=np.float32)
            if matrix.shape != (size, dimensions):
                raise ValueError(
                    f"{self.name}: the matrix has the shape {matrix.shape}, but ids × dimensions is {size} × "
                    f"{dimensions}; it needs one row an id, special ids included. Are the vectors of other dimensions?"
                )
            if not np.isfinite(matrix).all():
                raise ValueError(f"{self.name}: the matrix holds values that are not finite")

            def initial(shape: Any, dtype: Any = None) -> Any:
                return ops.convert_to_tensor(matrix, dtype=dtype)

        self.table = self.add_weight(shape=(size, dimensions), initializer=initial, trainable=trainable, name="table")
        self.built = True

    def call(self, ids: Any) -> Any:
        """Return the vector of each id."""
        return ops.take(self.table, ids, axis=0)

    def scores(self, vectors: Any) -> Any:
        """Return the inner product of each vector (… × d) with that of every id (… × ids)."""
        return ops.matmul(vectors, ops.transpose(self.table))


def _checked_size(name: str, size: int) -> int:
    if isinstance(size, bool) or not isinstance(size, (int, np.integer)) or size < 3:
        raise ValueError(f"{name} must be a whole number, 3 or more (padding, OOV and one word), not {size!r}")
    return int(size)
