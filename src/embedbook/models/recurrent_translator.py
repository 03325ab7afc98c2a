"""A recurrent translator: bidirectional GRU encoder, GRU decoder, attention between them."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

from embedbook.models.seeds import child_seeds
from embedbook.models.translators import Embeddings, Translator, padding_mask, shares

__all__ = ["RecurrentTranslator", "recurrent_translator"]

_FAR_BELOW = -1e9  # a score that the softmax turns into 0


@keras.saving.register_keras_serializable(package="embedbook")
class RecurrentTranslator(Translator):
    """Made by `recurrent_translator`, where its parts are described."""

    def __init__(
        self,
        source_size: int,
        target_size: int,
        dimensions: int,
        hidden: int,
        *,
        source_matrix: np.ndarray | None = None,
        target_matrix: np.ndarray | None = None,
        initial_scale: float = 0.1,
        trainable: bool = True,
        tied: bool = True,
        dropout: float = 0.2,
        seed: int = 0,
        **options: Any,
    ) -> None:
        super().__init__(source_size, target_size, **options)
        seeds = child_seeds(seed, 18)
        layers = keras.layers

        def start(which: int) -> keras.initializers.Initializer:
            return keras.initializers.GlorotUniform(seed=seeds[which])

        def gru(units: int, which: int, name: str) -> keras.layers.GRU:
            return layers.GRU(
                units,
                return_sequences=True,
                return_state=True,
                kernel_initializer=start(which),
                recurrent_initializer=keras.initializers.Orthogonal(seed=seeds[which + 1]),
                seed=seeds[15],  # it draws nothing, but has a state, and that shall be the same in every process
                name=name,
            )

        table: dict[str, Any] = {"scale": initial_scale, "trainable": trainable}
        self.source_words = Embeddings(
            source_size, dimensions, matrix=source_matrix, seed=seeds[0], name="source_words", **table
        )
        self.target_words = Embeddings(
            target_size + 1, dimensions, matrix=target_matrix, seed=seeds[1], name="target_words", **table
        )
        self.read_onward = gru(hidden // 2, 2, "read_onward")
        self.read_back = gru(hidden // 2, 4, "read_back")
        self.read_back.go_backwards = True
        self.bridge = layers.Dense(hidden, activation="tanh", kernel_initializer=start(6), name="bridge")
        self.decoder = gru(hidden, 7, "decoder")
        self.keys = layers.Dense(hidden, use_bias=False, kernel_initializer=start(9), name="keys")
        self.combine = layers.Dense(dimensions, activation="tanh", kernel_initializer=start(10), name="combine")
        self.output_bias = self.add_weight(shape=(target_size + 1,), initializer="zeros", name="output_bias")
        self.output_words = None
        if not tied:
            self.output_words = Embeddings(target_size + 1, dimensions, seed=seeds[11], name="output_words")
        # Built at once, so that a translator can be asked in any order: all of a sentence, or step by step.
        for layer, width in (
            (self.read_onward, dimensions),
            (self.read_back, dimensions),
            (self.decoder, dimensions),
            (self.bridge, hidden),
            (self.keys, hidden),
            (self.combine, 2 * hidden),
        ):
            layer.build((None, None, width))
        self.drop_source = layers.Dropout(dropout, seed=seeds[12])
        self.drop_target = layers.Dropout(dropout, seed=seeds[13])
        self.drop_output = layers.Dropout(dropout, seed=seeds[14])

    def encode(self, source: Any, training: bool | None = None) -> tuple[Any, ...]:
        """Return the source's states (n × S × hidden), the same as attention keys, its mask, the first state."""
        mask = padding_mask(source)
        vectors = self.drop_source(self.source_words(source), training=training)
        real = ops.cast(mask, "bool")
        onward, last = self.read_onward(vectors, mask=real)
        back, first = self.read_back(vectors, mask=real)
        states = ops.concatenate([onward, ops.flip(back, axis=1)], axis=-1)
        begin = self.bridge(ops.concatenate([last, first], axis=-1))
        return states, self.keys(states), mask, begin

    def decode(self, before: Any, memory: tuple[Any, ...], training: bool | None = None) -> Any:
        """See `Translator.decode`."""
        reached, context = self._attended(before, memory, training)
        return self._logits(reached, context, training)

    def first_state(self, memory: tuple[Any, ...]) -> tuple[Any, ...]:
        """See `Translator.first_state`."""
        return (memory[3],)

    def step(self, last: Any, state: tuple[Any, ...], memory: tuple[Any, ...]) -> tuple[Any, tuple[Any, ...]]:
        """See `Translator.step`."""
        reached, _ = self.decoder.cell(self.target_words(last), [state[0]])
        context = self._look(reached[:, None], memory)[1]
        return self._logits(reached[:, None], context, False)[:, 0], (reached,)

    def attend(self, before: Any, memory: tuple[Any, ...]) -> Any:
        """See `Translator.attend`."""
        vectors = self.target_words(before)
        reached, _ = self.decoder(vectors, initial_state=memory[3])
        return self._look(reached, memory)[0]

    def _attended(self, before: Any, memory: tuple[Any, ...], training: bool | None) -> tuple[Any, Any]:
        vectors = self.drop_target(self.target_words(before), training=training)
        # Padding follows the last word, so the decoder may run through it: nothing that counts comes after.
        reached, _ = self.decoder(vectors, initial_state=memory[3])
        return reached, self._look(reached, memory)[1]

    @staticmethod
    def _look(reached: Any, memory: tuple[Any, ...]) -> tuple[Any, Any]:
        """Return weights (n × T × S) and the mean of the source's states by these weights (n × T × hidden)."""
        states, keys, mask, _ = memory
        scores = ops.matmul(reached, ops.transpose(keys, (0, 2, 1))) / float(keys.shape[-1]) ** 0.5
        weights = shares(scores + (1.0 - mask[:, None, :]) * _FAR_BELOW)
        return weights, ops.matmul(weights, states)

    def _logits(self, reached: Any, context: Any, training: bool | None) -> Any:
        combined = self.combine(ops.concatenate([reached, context], axis=-1))
        words = self.target_words if self.output_words is None else self.output_words
        return words.scores(self.drop_output(combined, training=training)) + self.output_bias


def recurrent_translator(
    source_size: int,
    target_size: int,
    dimensions: int = 128,
    *,
    hidden: int = 256,
    source_matrix: np.ndarray | None = None,
    target_matrix: np.ndarray | None = None,
    initial_scale: float = 0.1,
    trainable: bool = True,
    tied: bool = True,
    dropout: float = 0.2,
    seed: int = 0,
) -> RecurrentTranslator:
    """Build a translator of gated recurrent units with attention.

    A GRU reads the source from left to right and another from right to left; a third writes the translation, its first
    state made from their last ones. Each of its states looks at those of the source (scaled general attention) and is
    combined with what it sees to a vector of d dimensions, whose inner product with each word's vector is that word's
    score. Attention comes after the recurrence, not into it, so that in training all places are computed at once.

    Parameters
    ----------
    source_size, target_size : int
        Number of ids of each vocabulary, ``len(vocabulary)``.
    dimensions : int
        d, the length of a word vector.
    hidden : int
        Units of the decoder; each direction of the encoder has half as many.
    source_matrix : numpy.ndarray of float, shape (source_size, d), optional
        Initial vectors of the source's words; random by default.
    target_matrix : numpy.ndarray of float, shape (target_size + 1, d), optional
        Initial vectors of the target's words; the last row is the boundary's.
    initial_scale : float
        Standard deviation of random initial vectors.
    trainable : bool
        Whether training moves the word vectors (non-static) or leaves them (static).
    tied : bool
        Use the target's word vectors for the output as well (Press & Wolf 2017); else it has vectors of its own.
    dropout : float
        Share of the numbers set to zero in word vectors and before the output.
    seed : int
        Decides initial weights and dropout.

    Returns
    -------
    RecurrentTranslator
        Uncompiled.

    Raises
    ------
    ValueError
        If a size is out of range or a matrix has the wrong shape.

    References
    ----------
    Cho et al. (2014) for the units; Luong, Pham & Manning (2015), sections 3.1 and 3.3, for the attention, without
    their feeding of the attended vector into the next step; Press & Wolf (2017), "Using the Output Embedding to Improve
    Language Models".
    """
    if hidden < 2 or hidden % 2:
        raise ValueError(f"hidden must be an even number, 2 or more, not {hidden!r}")
    return RecurrentTranslator(
        source_size,
        target_size,
        dimensions,
        hidden,
        source_matrix=source_matrix,
        target_matrix=target_matrix,
        initial_scale=initial_scale,
        trainable=trainable,
        tied=tied,
        dropout=dropout,
        seed=seed,
        name="recurrent_translator",
    )
