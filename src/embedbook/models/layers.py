"""Keras layers that read a text of any length to one vector, and to the same vector however much padding follows it."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

__all__ = ["ConvolutionMax", "MaskedMean"]

_PACKAGE = "embedbook"


@keras.saving.register_keras_serializable(package=_PACKAGE)
class MaskedMean(keras.layers.Layer):
    """The mean of the token vectors of each text, padding left out.

    Call it on token vectors (n texts × T tokens × d) that carry a mask, such as the output of
    ``keras.layers.Embedding(..., mask_zero=True)``; it returns n texts × d.

    It differs from `keras.layers.GlobalAveragePooling1D` in two ways: a text that is padding alone gives the zero
    vector instead of 0 / 0 = NaN, and an input without a mask is refused, since its mean would count the padding.

    Parameters
    ----------
    word_dropout : float
        Share of the tokens whose whole vector counts as zero in each training step, from 0 to below 1. The others are
        scaled up, as dropout does. A weight for each token does the same as a `keras.layers.Dropout` on the vectors,
        which would pass over every number of every vector several times, and so would its gradient.
    seed : int, optional
        Decides which.

    Raises
    ------
    ValueError
        If `word_dropout` is out of range, or when called on an input without a mask.

    References
    ----------
    Iyyer et al. (2015), "Deep unordered composition rivals syntactic methods for text classification", where the mean
    and word dropout are described; there the dropped words leave the mean, here they stay in it as zeros.
    """

    def __init__(self, word_dropout: float = 0.0, *, seed: int | None = None, **options: Any) -> None:
        super().__init__(**options)
        require_share("word_dropout", word_dropout)
        self.supports_masking = True
        self.word_dropout = word_dropout
        self.seed = seed
        self._dropout = keras.layers.Dropout(word_dropout, seed=seed)

    def call(self, inputs: Any, mask: Any = None, training: bool | None = None) -> Any:
        """Average over the tokens that `mask` (n texts × T tokens) marks as real."""
        inside = _column_of_ones(mask, inputs, self.name)
        weights = self._dropout(inside, training=training) / ops.maximum(ops.sum(inside, axis=1, keepdims=True), 1)
        return ops.squeeze(ops.matmul(ops.transpose(weights, (0, 2, 1)), inputs), axis=1)

    def compute_mask(self, inputs: Any, mask: Any = None) -> None:
        """Return no mask: there are no tokens any more."""
        return None

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Return (n texts, d)."""
        return (input_shape[0], input_shape[2])

    def get_config(self) -> dict[str, Any]:
        """Return what `from_config` needs to make the same layer again."""
        return {**super().get_config(), "word_dropout": self.word_dropout, "seed": self.seed}


@keras.saving.register_keras_serializable(package=_PACKAGE)
class ConvolutionMax(keras.layers.Layer):
    """The strongest response of each filter to any window of a text: convolution, maximum over time, ReLU.

    Call it on token vectors (n texts × T tokens × d) that carry a mask; it returns n texts × filters.

    The vectors of padding count as zeros, like what lies beyond the ends of the text, and a window centred on padding
    never counts as the strongest. So a text gives the same result whatever length it is padded to.

    Parameters
    ----------
    filters : int
        Number of filters.
    width : int
        Number of tokens that a filter sees at a time.
    seed : int, optional
        Seed of the filters' initial weights (Glorot uniform).

    Raises
    ------
    ValueError
        If `filters` or `width` is not a whole number from 1 on, or when called on an input without a mask.

    References
    ----------
    Kim (2014), "Convolutional neural networks for sentence classification", section 2. Kim applies the non-linearity
    before the maximum; the ReLU is monotone, so the order does not matter and afterwards there is less to compute.
    """

    def __init__(self, filters: int, width: int, *, seed: int | None = None, **options: Any) -> None:
        super().__init__(**options)
        for name, value in (("filters", filters), ("width", width)):
            if isinstance(value, bool) or not isinstance(value, int) or value < 1:
                raise ValueError(f"{name} must be a whole number, 1 or more, not {value!r}")
        self.supports_masking = True
        self.filters = filters
        self.width = width
        self.seed = seed
        self._convolution = keras.layers.Conv1D(
            filters, width, padding="same", kernel_initializer=keras.initializers.GlorotUniform(seed=seed)
        )

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make the filters for vectors of the given length."""
        self._convolution.build(input_shape)
        super().build(input_shape)

    def call(self, inputs: Any, mask: Any = None) -> Any:
        """Convolve the tokens that `mask` (n texts × T tokens) marks as real, and keep each filter's maximum."""
        inside = _column_of_ones(mask, inputs, self.name)
        responses = self._convolution(inputs * inside)
        # Zero at padding leaves the maximum out of it: the ReLU would raise any lower maximum to zero anyway.
        return ops.relu(ops.max(responses * inside, axis=1))

    def compute_mask(self, inputs: Any, mask: Any = None) -> None:
        """Return no mask: there are no tokens any more."""
        return None

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Return (n texts, filters)."""
        return (input_shape[0], self.filters)

    def get_config(self) -> dict[str, Any]:
        """Return what `from_config` needs to make the same layer again."""
        return {**super().get_config(), "filters": self.filters, "width": self.width, "seed": self.seed}


def require_share(name: str, value: float) -> None:
    """Raise a ValueError unless `value` is a share that leaves something."""
    if not 0 <= value < 1:
        raise ValueError(f"{name} must be a share from 0 to below 1, not {value!r}")


def _column_of_ones(mask: Any, inputs: Any, layer: str) -> Any:
    """Return the mask as numbers, n texts × T tokens × 1: one at tokens, zero at padding."""
    if mask is None:
        raise ValueError(
            f"layer {layer!r} cannot tell padding from words, because its input carries no mask; "
            "give the Embedding mask_zero=True, or pass mask="
        )
    return ops.expand_dims(ops.cast(mask, inputs.dtype), -1)
