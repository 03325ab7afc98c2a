"""A small Transformer translator, to ask whether what holds for the recurrent one holds for a stronger model."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
from keras import ops

from embedbook.models.seeds import child_seeds
from embedbook.models.translators import Embeddings, Translator, padding_mask, shares

__all__ = ["TransformerTranslator", "transformer_translator"]

_FAR_BELOW = -1e9  # a score that the softmax turns into 0


def _dense(inputs: int, units: int, seeds: Iterator[int], **options: Any) -> keras.layers.Dense:
    layer = keras.layers.Dense(units, kernel_initializer=keras.initializers.GlorotUniform(seed=next(seeds)), **options)
    layer.build((None, None, inputs))
    return layer


def _norm(dimensions: int) -> keras.layers.LayerNormalization:
    layer = keras.layers.LayerNormalization(epsilon=1e-5)
    layer.build((None, None, dimensions))
    return layer


class _Attention(keras.layers.Layer):
    """Several heads of attention, whose keys and values can be made once and kept."""

    def __init__(self, dimensions: int, heads: int, seeds: Iterator[int], **options: Any) -> None:
        super().__init__(**options)
        self.heads, self.width = heads, dimensions // heads
        self.queries, self.keys, self.values, self.out = (_dense(dimensions, dimensions, seeds) for _ in range(4))
        self.built = True

    def remember(self, vectors: Any) -> tuple[Any, Any]:
        """Return keys and values of some places, each n × heads × places × width."""
        return self._parted(self.keys(vectors)), self._parted(self.values(vectors))

    def call(self, vectors: Any, remembered: tuple[Any, Any], bias: Any) -> Any:
        """Return what each place reads from those remembered; `bias` is added to the scores."""
        seen = ops.matmul(self.weights_of(vectors, remembered, bias), remembered[1])
        seen = ops.transpose(seen, (0, 2, 1, 3))
        return self.out(ops.reshape(seen, (*ops.shape(seen)[:2], self.heads * self.width)))

    def weights_of(self, vectors: Any, remembered: tuple[Any, Any], bias: Any) -> Any:
        """Return the attention weights, n × heads × places × places remembered."""
        queries = self._parted(self.queries(vectors))
        scores = ops.matmul(queries, ops.transpose(remembered[0], (0, 1, 3, 2))) / self.width**0.5
        return shares(scores + bias)

    def _parted(self, vectors: Any) -> Any:
        parted = ops.reshape(vectors, (*ops.shape(vectors)[:2], self.heads, self.width))
        return ops.transpose(parted, (0, 2, 1, 3))


class _Block(keras.layers.Layer):
    """One layer: attention to its own side, to the source (in the decoder), and two dense layers."""

    def __init__(
        self,
        dimensions: int,
        heads: int,
        inner: int,
        dropout: float,
        seeds: Iterator[int],
        *,
        crossing: bool,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.own = _Attention(dimensions, heads, seeds, name="own")
        self.crossing = crossing
        if crossing:
            self.cross = _Attention(dimensions, heads, seeds, name="cross")
        self.widen = _dense(dimensions, inner, seeds, activation="relu")
        self.narrow = _dense(inner, dimensions, seeds)
        self.norms = [_norm(dimensions) for _ in range(3 if crossing else 2)]
        self.drop = keras.layers.Dropout(dropout, seed=next(seeds))
        self.built = True

    def call(
        self,
        vectors: Any,
        own_bias: Any,
        past: tuple[Any, Any] | None = None,
        source: tuple[Any, Any] | None = None,
        source_bias: Any = None,
        training: bool | None = None,
    ) -> tuple[Any, tuple[Any, Any]]:
        """Return the new vectors, and keys and values of all places of the own side so far."""
        normed = self.norms[0](vectors)
        remembered = self.own.remember(normed)
        if past is not None:
            remembered = tuple(ops.concatenate(pair, axis=2) for pair in zip(past, remembered, strict=True))
        vectors = vectors + self.drop(self.own(normed, remembered, own_bias), training=training)
        if self.crossing:
            seen = self.cross(self.norms[1](vectors), source, source_bias)
            vectors = vectors + self.drop(seen, training=training)
        changed = self.narrow(self.widen(self.norms[-1](vectors)))
        return vectors + self.drop(changed, training=training), remembered


@keras.saving.register_keras_serializable(package="embedbook")
class TransformerTranslator(Translator):
    """Made by `transformer_translator`, where its parts are described."""

    def __init__(
        self,
        source_size: int,
        target_size: int,
        dimensions: int,
        *,
        layers: int,
        heads: int,
        inner: int,
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
        seeds = iter(child_seeds(seed, 18 * layers + 8))
        self.dimensions = dimensions
        table: dict[str, Any] = {"scale": initial_scale, "trainable": trainable}
        self.source_words = Embeddings(
            source_size, dimensions, matrix=source_matrix, seed=next(seeds), name="source_words", **table
        )
        self.target_words = Embeddings(
            target_size + 1, dimensions, matrix=target_matrix, seed=next(seeds), name="target_words", **table
        )
        self.encoder_blocks = [
            _Block(dimensions, heads, inner, dropout, seeds, crossing=False, name=f"encoder_{i}") for i in range(layers)
        ]
        self.decoder_blocks = [
            _Block(dimensions, heads, inner, dropout, seeds, crossing=True, name=f"decoder_{i}") for i in range(layers)
        ]
        self.encoder_norm = _norm(dimensions)
        self.decoder_norm = _norm(dimensions)
        self.combine = _dense(dimensions, dimensions, seeds)
        self.output_bias = self.add_weight(shape=(target_size + 1,), initializer="zeros", name="output_bias")
        self.output_words = None
        if not tied:
            self.output_words = Embeddings(target_size + 1, dimensions, seed=next(seeds), name="output_words")
        self.drop_words = keras.layers.Dropout(dropout, seed=next(seeds))

    def encode(self, source: Any, training: bool | None = None) -> tuple[Any, ...]:
        """Return the bias that hides padding, and for each decoder layer keys and values of the source."""
        bias = (1.0 - padding_mask(source)[:, None, None, :]) * _FAR_BELOW
        vectors = self._read(self.source_words, source, 0, training)
        for block in self.encoder_blocks:
            vectors, _ = block(vectors, bias, training=training)
        vectors = self.encoder_norm(vectors)
        return bias, *(part for block in self.decoder_blocks for part in block.cross.remember(vectors))

    def decode(self, before: Any, memory: tuple[Any, ...], training: bool | None = None) -> Any:
        """See `Translator.decode`."""
        return self._logits(self._reached(before, memory, training))

    def first_state(self, memory: tuple[Any, ...]) -> tuple[Any, ...]:
        """Return keys and values of no place yet, for each decoder layer."""
        nothing = memory[1][:, :, :0]
        return (nothing,) * (2 * len(self.decoder_blocks))

    def step(self, last: Any, state: tuple[Any, ...], memory: tuple[Any, ...]) -> tuple[Any, tuple[Any, ...]]:
        """See `Translator.step`."""
        places = ops.shape(state[0])[2]
        vectors = self._read(self.target_words, ops.convert_to_tensor(last)[:, None], places, False)
        nothing_hidden = ops.zeros((1, 1, 1, 1))
        after: list[Any] = []
        for number, block in enumerate(self.decoder_blocks):
            past = state[2 * number : 2 * number + 2]
            vectors, remembered = block(
                vectors, nothing_hidden, past, self._of_source(memory, number), memory[0], training=False
            )
            after.extend(remembered)
        return self._logits(self.decoder_norm(vectors))[:, 0], tuple(after)

    def attend(self, before: Any, memory: tuple[Any, ...]) -> Any:
        """Return the mean over the heads of the last layer; see `Translator.attend`."""
        vectors = self._reached(before, memory, False, layers=len(self.decoder_blocks) - 1)
        block = self.decoder_blocks[-1]
        normed = block.norms[0](vectors)
        vectors = vectors + block.own(normed, block.own.remember(normed), self._past_only(before))
        source = self._of_source(memory, len(self.decoder_blocks) - 1)
        return ops.mean(block.cross.weights_of(block.norms[1](vectors), source, memory[0]), axis=1)

    def _reached(self, before: Any, memory: tuple[Any, ...], training: bool | None, layers: int | None = None) -> Any:
        vectors = self._read(self.target_words, before, 0, training)
        hidden = self._past_only(before)
        for number, block in enumerate(self.decoder_blocks[:layers]):
            source = self._of_source(memory, number)
            vectors, _ = block(vectors, hidden, None, source, memory[0], training=training)
        return vectors if layers is not None else self.decoder_norm(vectors)

    def _read(self, words: Embeddings, ids: Any, first: int, training: bool | None) -> Any:
        """Return the vectors of words and their places, which begin with number `first`."""
        places = ops.cast(ops.arange(ops.shape(ids)[1]) + first, "float32")[:, None]
        rates = ops.exp(ops.arange(0, self.dimensions, 2, dtype="float32") * (-np.log(1e4) / self.dimensions))
        waves = ops.concatenate([ops.sin(places * rates), ops.cos(places * rates)], axis=-1)
        return self.drop_words(words(ids) * self.dimensions**0.5 + waves[None], training=training)

    @staticmethod
    def _past_only(before: Any) -> Any:
        places = ops.arange(ops.shape(before)[1])
        return ops.cast(places[None, :] > places[:, None], "float32")[None, None] * _FAR_BELOW

    @staticmethod
    def _of_source(memory: tuple[Any, ...], number: int) -> tuple[Any, Any]:
        return memory[1 + 2 * number], memory[2 + 2 * number]

    def _logits(self, reached: Any) -> Any:
        words = self.target_words if self.output_words is None else self.output_words
        return words.scores(self.combine(reached)) + self.output_bias


def transformer_translator(
    source_size: int,
    target_size: int,
    dimensions: int = 128,
    *,
    layers: int = 2,
    heads: int = 4,
    inner: int = 512,
    source_matrix: np.ndarray | None = None,
    target_matrix: np.ndarray | None = None,
    initial_scale: float = 0.1,
    trainable: bool = True,
    tied: bool = True,
    dropout: float = 0.2,
    seed: int = 0,
) -> TransformerTranslator:
    """Build a small Transformer.

    Parameters
    ----------
    source_size, target_size : int
        Number of ids of each vocabulary, ``len(vocabulary)``.
    dimensions : int
        d, the length of a word vector and of every vector after it; even, and a multiple of `heads`.
    layers : int
        Layers of the encoder, and of the decoder.
    heads : int
        Heads of each attention.
    inner : int
        Width between the two dense layers of each block.
    source_matrix, target_matrix, initial_scale, trainable, tied, dropout, seed
        As in `recurrent_translator`. Word vectors are multiplied by √d before their places are added.

    Returns
    -------
    TransformerTranslator
        Uncompiled.

    Raises
    ------
    ValueError
        If a size is out of range or a matrix has the wrong shape.

    References
    ----------
    Vaswani et al. (2017), "Attention Is All You Need", section 3; each part normalised before rather than after, which
    needs no warming up of the learning rate: Xiong et al. (2020), "On Layer Normalization in the Transformer
    Architecture".
    """
    for name, value in (("layers", layers), ("heads", heads), ("inner", inner)):
        if value < 1:
            raise ValueError(f"{name} must be 1 or more, not {value!r}")
    if dimensions % heads or dimensions % 2:
        raise ValueError(f"dimensions must be even and a multiple of heads, {heads}; {dimensions!r} is not")
    return TransformerTranslator(
        source_size,
        target_size,
        dimensions,
        layers=layers,
        heads=heads,
        inner=inner,
        source_matrix=source_matrix,
        target_matrix=target_matrix,
        initial_scale=initial_scale,
        trainable=trainable,
        tied=tied,
        dropout=dropout,
        seed=seed,
        name="transformer_translator",
    )
