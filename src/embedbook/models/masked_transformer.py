"""A small Transformer that guesses hidden words, and so gives each word a vector that depends on its sentence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from embedbook.models.optimizers import Adam
from embedbook.models.seeds import child_seeds

__all__ = ["MaskedTransformer", "context_vectors", "fit_masked_transformer", "masked_transformer"]

_ROWS_AT_A_TIME = 256  # bounds memory; changes no result
_FIRST_GUESS = 0.05  # size of the output layer's first weights


@dataclass(frozen=True, eq=False)
class MaskedTransformer:
    """Two models that share their layers.

    Parameters
    ----------
    encoder : keras.Model
        From "ids" (n texts × T tokens, padded with 0) to context vectors (n × T × d).
    guesser : keras.Model
        From "ids" and "places" (n × k, which tokens to guess) to probabilities (n × k × V).
    mask_id : int
        The id that stands in for a hidden word: V, one more than the vocabulary has.
    """

    encoder: keras.Model
    guesser: keras.Model
    mask_id: int


@keras.saving.register_keras_serializable(package="embedbook")
class _Places(keras.layers.Layer):
    """Adds a learned vector for each place, and passes on which tokens are real."""

    def __init__(self, longest: int, seed: int | None = None, **options: Any) -> None:
        super().__init__(**options)
        self.longest, self.seed = longest, seed

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        initial = keras.initializers.RandomNormal(stddev=0.02, seed=self.seed)
        self.table = self.add_weight(name="places", shape=(self.longest, input_shape[-1]), initializer=initial)

    def call(self, vectors: Any) -> Any:
        return vectors + self.table[: keras.ops.shape(vectors)[1]]

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "longest": self.longest, "seed": self.seed}


@keras.saving.register_keras_serializable(package="embedbook")
class _Pick(keras.layers.Layer):
    """Takes the vectors at the given places of each text."""

    def call(self, vectors: Any, places: Any) -> Any:
        return keras.ops.take_along_axis(vectors, places[..., None], axis=1)


def masked_transformer(
    vocabulary_size: int,
    dimensions: int = 50,
    *,
    blocks: int = 2,
    heads: int = 5,
    longest: int = 40,
    embedding_matrix: np.ndarray | None = None,
    dropout: float = 0.1,
    seed: int | None = None,
) -> MaskedTransformer:
    """Build a Transformer encoder that guesses hidden words from both sides of their context.

    Word vector + vector of the place → blocks of self-attention and a two-layer network, each added to what it got and
    normalised → for guessing, one linear layer with softmax over the vocabulary. It is BERT in the small: no sentence
    pairs, and every hidden word is replaced by the mask.

    Parameters
    ----------
    vocabulary_size : int
        V, padding (0) and out-of-vocabulary (1) included.
    dimensions : int
        d, of word and context vectors; a multiple of `heads`.
    blocks, heads : int
        How many blocks, and how many attentions side by side in each.
    longest : int
        The most tokens that a text may have.
    embedding_matrix : numpy.ndarray of float, shape (V, d), optional
        Initial word vectors, such as static ones; random by default.
    dropout : float
        Share of the numbers set to zero in training, after each part of a block.
    seed : int, optional
        Decides the initial weights and the dropout.

    Returns
    -------
    MaskedTransformer

    Raises
    ------
    ValueError
        If `dimensions` is not a multiple of `heads`, or the matrix has another shape than V × d.

    References
    ----------
    Vaswani et al. (2017), "Attention is all you need", section 3; Devlin et al. (2019), "BERT", section 3.1, task 1.
    """
    if dimensions % heads:
        raise ValueError(f"dimensions ({dimensions}) must be a multiple of heads ({heads})")
    seeds = child_seeds(seed, 1 + 5 * blocks)
    rows = np.random.default_rng(seed).normal(0, 0.1, size=(vocabulary_size + 1, dimensions))
    if embedding_matrix is not None:
        if np.shape(embedding_matrix) != (vocabulary_size, dimensions):
            raise ValueError(
                f"embedding_matrix has the shape {np.shape(embedding_matrix)}, but vocabulary_size × dimensions is "
                f"{vocabulary_size} × {dimensions}"
            )
        rows[:vocabulary_size] = embedding_matrix
    ids = keras.Input((None,), dtype="int32", name="ids")
    table = keras.layers.Embedding(vocabulary_size + 1, dimensions, weights=[rows.astype("float32")], name="embedding")
    real = keras.ops.not_equal(ids, 0)[:, None, :]  # which tokens may be attended to
    vectors = _Places(longest, seeds.pop(), name="places")(table(ids))
    for number in range(blocks):
        vectors = _block(number, vectors, real, heads, dropout, [seeds.pop() for _ in range(5)])
    encoder = keras.Model(ids, vectors, name="encoder")
    places = keras.Input((None,), dtype="int32", name="places_to_guess")
    guess = keras.layers.Dense(vocabulary_size, activation="softmax", name="words")
    guesser = keras.Model([ids, places], guess(_Pick(name="pick")(vectors, places)), name="guesser")
    # A guess begins as a comparison with the words' own vectors, and so needs not learn all words anew.
    kernel = rows[:vocabulary_size].T * (_FIRST_GUESS / rows.std())
    guess.set_weights([kernel.astype("float32"), np.zeros(vocabulary_size, "float32")])
    return MaskedTransformer(encoder, guesser, vocabulary_size)


def fit_masked_transformer(
    model: MaskedTransformer,
    ids: np.ndarray,
    *,
    steps: int,
    batch_size: int = 64,
    hidden: int = 4,
    learning_rate: float = 2e-3,
    seed: int = 0,
    watch: Callable[[int, float], None] | None = None,
) -> np.ndarray:
    """Train in place: hide some tokens of each text, and guess them.

    A model that has not been trained before first gets the frequencies of the words, as the bias of its guesses.

    Parameters
    ----------
    model : MaskedTransformer
        From `masked_transformer`.
    ids : numpy.ndarray of int, shape (n texts, T tokens)
        Padded with 0; a text needs at least one token.
    steps : int
        How many batches.
    batch_size : int
        Texts a batch, drawn with replacement.
    hidden : int
        How many tokens of each text are hidden, drawn with replacement; out-of-vocabulary ones are not counted.
    learning_rate : float
        Of Adam, falling to a tenth of it along half a cosine.
    seed : int
        Decides which texts and tokens are drawn.
    watch : callable, optional
        Called with the step and its loss.

    Returns
    -------
    numpy.ndarray of float, shape (steps,)
        The mean cross-entropy of the hidden words in each batch, in nats.

    Raises
    ------
    ValueError
        If a text has no token.
    FloatingPointError
        If the loss stops being a finite number.
    """
    lengths = (ids != 0).sum(axis=1)
    if lengths.min() == 0:
        raise ValueError(f"text {int(lengths.argmin())} has no token; drop it, or give it an out-of-vocabulary one")
    words = model.guesser.get_layer("words")
    kernel, bias = words.get_weights()
    if not bias.any():  # else it has been trained before
        # How frequent words are need not be learnt step by step.
        frequencies = np.bincount(ids[ids > 0], minlength=len(bias)) + 1.0
        words.set_weights([kernel, np.log(frequencies / frequencies.sum())])
    schedule = keras.optimizers.schedules.CosineDecay(learning_rate, steps, alpha=0.1)
    model.guesser.compile(
        optimizer=Adam(schedule), loss="sparse_categorical_crossentropy", weighted_metrics=[], jit_compile=False
    )
    rng = np.random.default_rng(seed)
    losses = np.empty(steps)
    for step in range(steps):
        rows = rng.integers(len(ids), size=batch_size)
        shown = ids[rows].copy()
        places = (rng.random((batch_size, hidden)) * lengths[rows, None]).astype("int32")
        truth = np.take_along_axis(shown, places, axis=1)
        np.put_along_axis(shown, places, model.mask_id, axis=1)
        known = (truth > 1).astype("float32")
        known /= max(float(known.mean()), 1 / known.size)  # so that the loss is the mean of the known words alone
        batch = {"ids": shown, "places_to_guess": places}
        losses[step] = model.guesser.train_on_batch(batch, truth, sample_weight=known)
        if not np.isfinite(losses[step]):
            raise FloatingPointError(f"the loss is not finite in step {step}; lower learning_rate ({learning_rate})")
        if watch is not None:
            watch(step, float(losses[step]))
    return losses


def context_vectors(model: MaskedTransformer, ids: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Return the vector of one token of each text, in its context.

    Parameters
    ----------
    model : MaskedTransformer
        Trained.
    ids : numpy.ndarray of int, shape (n texts, T tokens)
        Padded with 0.
    places : numpy.ndarray of int, shape (n texts,)
        Which token.

    Returns
    -------
    numpy.ndarray of float32, shape (n texts, d)
    """
    parts = []
    for first in range(0, len(ids), _ROWS_AT_A_TIME):
        part = slice(first, first + _ROWS_AT_A_TIME)
        vectors = np.asarray(model.encoder(ids[part], training=False))
        parts.append(vectors[np.arange(len(vectors)), places[part]])
    return np.concatenate(parts)


def _block(number: int, vectors: Any, real: Any, heads: int, dropout: float, seeds: list[Any]) -> Any:
    """Self-attention, then two layers for each token by itself; each added to what came in, and normalised."""
    d = vectors.shape[-1]
    initial = [keras.initializers.GlorotUniform(seed=seed) for seed in seeds[:3]]
    attention = keras.layers.MultiHeadAttention(
        heads, d // heads, kernel_initializer=initial[0], name=f"attention_{number}"
    )
    mixed = attention(vectors, vectors, attention_mask=real)
    mixed = keras.layers.Dropout(dropout, seed=seeds[3], name=f"attention_dropout_{number}")(mixed)
    vectors = keras.layers.LayerNormalization(name=f"attention_norm_{number}")(vectors + mixed)
    wide = keras.layers.Dense(4 * d, activation="gelu", kernel_initializer=initial[1], name=f"wide_{number}")(vectors)
    narrow = keras.layers.Dense(d, kernel_initializer=initial[2], name=f"narrow_{number}")(wide)
    narrow = keras.layers.Dropout(dropout, seed=seeds[4], name=f"dropout_{number}")(narrow)
    return keras.layers.LayerNormalization(name=f"norm_{number}")(vectors + narrow)
