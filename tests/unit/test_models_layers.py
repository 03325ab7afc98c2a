"""Masked pooling reads words and nothing else."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from embedbook.models.layers import ConvolutionMax, MaskedMean

LENGTHS = (1, 2, 5)


@pytest.fixture
def vectors() -> np.ndarray:
    """Token vectors of three texts of 1, 2 and 5 tokens; what stands at padding is not zero, to tempt the layers."""
    return np.random.default_rng(0).normal(size=(len(LENGTHS), max(LENGTHS), 4)).astype("float32")


def mask_of(lengths, columns) -> np.ndarray:
    return np.arange(columns) < np.array(lengths)[:, None]


def result(layer, vectors, mask) -> np.ndarray:
    return keras.ops.convert_to_numpy(layer(vectors, mask=mask))


def longer(vectors, extra) -> np.ndarray:
    """The same texts with columns of padding behind them, filled with something that is not zero."""
    return np.concatenate([vectors, np.full((len(vectors), extra, vectors.shape[2]), 7.0, dtype="float32")], axis=1)


def test_the_mean_is_over_words_only(vectors):
    found = result(MaskedMean(), vectors, mask_of(LENGTHS, 5))
    expected = [text[:length].mean(axis=0) for text, length in zip(vectors, LENGTHS, strict=True)]
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_word_dropout_drops_whole_words_and_only_in_training():
    layer = MaskedMean(0.5, seed=3)
    words = np.tile(np.eye(30, dtype="float32"), (20, 1, 1))  # so the mean tells what became of each word
    mask = mask_of([20] * 20, 30)
    weights = 20 * keras.ops.convert_to_numpy(layer(words, mask=mask, training=True))
    assert set(np.unique(weights[:, :20])) == {0.0, 2.0}  # the others count double, so that the mean keeps its size
    assert (weights[:, 20:] == 0).all()
    assert 0.4 < (weights[:, :20] == 0).mean() < 0.6
    np.testing.assert_allclose(20 * result(layer, words, mask), mask.astype("float32"), rtol=1e-6)


def test_word_dropout_is_dropout_of_vectors(vectors):
    layer, dropout = MaskedMean(0.3, seed=3), keras.layers.Dropout(0.3, noise_shape=(None, None, 1), seed=3)
    mask = mask_of(LENGTHS, 5)
    for _ in range(3):
        dropped = keras.ops.convert_to_numpy(dropout(vectors, training=True))
        expected = [text[:length].mean(axis=0) for text, length in zip(dropped, LENGTHS, strict=True)]
        found = keras.ops.convert_to_numpy(layer(vectors, mask=mask, training=True))
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("share", [-0.1, 1.0, float("nan")])
def test_word_dropout_must_leave_something(share):
    with pytest.raises(ValueError, match="word_dropout must be a share"):
        MaskedMean(share)


@pytest.mark.parametrize("width", [1, 2, 3, 4, 7])
def test_the_convolution_is_the_one_on_paper(vectors, width):
    layer = ConvolutionMax(6, width, seed=1)
    found = result(layer, vectors, mask_of(LENGTHS, 5))
    kernel, bias = (weight.numpy() for weight in layer.weights)  # width × d × filters, and filters
    before = (width - 1) // 2
    for row, length in enumerate(LENGTHS):
        text = np.zeros((length + width - 1, 4), dtype="float32")
        text[before : before + length] = vectors[row, :length]
        windows = np.stack([text[start : start + width] for start in range(length)])
        responses = np.einsum("swd,wdf->sf", windows, kernel) + bias
        np.testing.assert_allclose(found[row], np.maximum(responses, 0).max(axis=0), rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("layer", [MaskedMean(), *(ConvolutionMax(8, width, seed=1) for width in (1, 2, 3, 4, 5))])
@pytest.mark.parametrize("extra", [1, 3, 50])
def test_padding_changes_nothing(layer, extra, vectors):
    plain = result(layer, vectors, mask_of(LENGTHS, 5))
    padded = result(layer, longer(vectors, extra), mask_of(LENGTHS, 5 + extra))
    np.testing.assert_allclose(padded, plain, rtol=1e-6, atol=1e-6)


def test_padding_never_wins_the_maximum():
    # Every response to the one word is negative; padding answers with the bias, which would beat it.
    layer = ConvolutionMax(1, 1)
    layer.build((None, None, 1))
    layer.set_weights([np.array([[[-5.0]]]), np.array([2.0])])
    alone = result(layer, np.ones((1, 1, 1), dtype="float32"), mask_of([1], 1))
    padded = result(layer, np.ones((1, 4, 1), dtype="float32"), mask_of([1], 4))
    assert alone.tolist() == padded.tolist() == [[0.0]]


@pytest.mark.parametrize("layer", [MaskedMean(), ConvolutionMax(3, 2)])
def test_a_text_of_padding_alone_gives_zeros_not_nan(layer, vectors):
    found = result(layer, vectors, mask_of((0, 2, 5), 5))
    assert (found[0] == 0).all()
    assert np.isfinite(found).all()


@pytest.mark.parametrize("layer", [MaskedMean(), ConvolutionMax(3, 2)])
def test_an_input_without_a_mask_is_refused(layer, vectors):
    with pytest.raises(ValueError, match="mask_zero=True"):
        layer(vectors)


@pytest.mark.parametrize("layer", [MaskedMean(), ConvolutionMax(3, 2)])
def test_the_mask_comes_from_the_embedding_and_ends_at_the_layer(layer):
    ids = keras.Input((None,), dtype="int32")
    text = layer(keras.layers.Embedding(9, 4, mask_zero=True)(ids))
    assert text.shape == (None, 4 if isinstance(layer, MaskedMean) else 3)
    assert getattr(text, "_keras_mask", None) is None
    model = keras.Model(ids, text)
    np.testing.assert_allclose(model(np.array([[3, 4]])), model(np.array([[3, 4, 0, 0]])), atol=1e-6)


@pytest.mark.parametrize("layer", [MaskedMean(0.3, seed=5, name="mean"), ConvolutionMax(3, 2, seed=5, name="filters")])
def test_a_layer_comes_back_from_its_configuration(layer, vectors):
    again = keras.layers.deserialize(keras.layers.serialize(layer))
    assert type(again) is type(layer)
    assert again.get_config() == layer.get_config()
    mask = mask_of(LENGTHS, 5)
    np.testing.assert_array_equal(result(again, vectors, mask), result(layer, vectors, mask))


@pytest.mark.parametrize(("filters", "width"), [(0, 3), (3, 0), (2.5, 3), (3, True)])
def test_sizes_must_be_whole_numbers(filters, width):
    with pytest.raises(ValueError, match="must be a whole number"):
        ConvolutionMax(filters, width)
