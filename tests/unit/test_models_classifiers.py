"""Every kind of classifier: padding never changes a prediction, seeds decide it, and a saved one predicts the same."""

from __future__ import annotations

import subprocess
import sys

import keras
import numpy as np
import pytest

from embedbook.models import Training, convolution_classifier, fit_classifier, mean_classifier, predict_proba

V, D = 30, 8
KINDS = [mean_classifier, convolution_classifier]
SMALL = {mean_classifier: {}, convolution_classifier: {"filters": 7, "widths": (2, 3, 4, 5)}}


@pytest.fixture(scope="module")
def texts() -> np.ndarray:
    """Twelve texts of 1 to 9 tokens."""
    rng = np.random.default_rng(3)
    x = rng.integers(1, V, size=(12, 9)).astype("int32")
    for row, length in enumerate(rng.permutation(np.r_[1:10, 1:4])):
        x[row, length:] = 0
    return x


def build(kind, **options) -> keras.Model:
    return kind(V, D, **{"seed": 0, **SMALL[kind], **options})


def trained(kind, texts, **options) -> keras.Model:
    model = build(kind, **options)
    y = np.arange(len(texts)) % model.output_shape[-1]
    fit_classifier(model, texts, y, validation=(texts, y), training=Training(epochs=3, batch_size=4))
    return model


@pytest.fixture(scope="module", params=KINDS)
def model(request, texts) -> keras.Model:
    """A trained model of each kind, not to be trained further."""
    return trained(request.param, texts)


@pytest.mark.parametrize("extra", [1, 2, 40])
def test_padding_never_changes_a_prediction(model, extra, texts):
    padded = np.pad(texts, ((0, 0), (0, extra)))
    np.testing.assert_allclose(predict_proba(model, padded), predict_proba(model, texts), rtol=0, atol=1e-6)


def test_a_text_alone_is_predicted_as_among_longer_ones(model, texts):
    together = predict_proba(model, texts)
    for row, text in enumerate(texts):
        alone = predict_proba(model, text[text != 0][None, :])
        np.testing.assert_allclose(alone[0], together[row], rtol=0, atol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_padding_takes_no_part_in_training(kind, texts):
    y = np.arange(len(texts)) % 2
    models = []
    for x in (texts, np.pad(texts, ((0, 0), (0, 6)))):
        model = build(kind)
        before = model.get_layer("embedding").get_weights()[0][0]
        fit_classifier(model, x, y, validation=(x, y), training=Training(epochs=3, batch_size=4))
        np.testing.assert_array_equal(model.get_layer("embedding").get_weights()[0][0], before)
        models.append(model)
    for one, other in zip(*(model.get_weights() for model in models), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("n_classes", [2, 5])
def test_probabilities_for_any_number_of_classes(kind, n_classes, texts):
    probabilities = predict_proba(trained(kind, texts, n_classes=n_classes), texts)
    assert probabilities.shape == (len(texts), n_classes)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_the_seed_decides_all_initial_weights(kind):
    weights = [build(kind, seed=seed).get_weights() for seed in (4, 4, 5, None)]
    for same, again, other, unseeded in zip(*weights, strict=True):
        np.testing.assert_array_equal(same, again)
        if same.any():  # biases start at zero whatever the seed
            assert (same != other).any()
            assert (same != unseeded).any()


def test_word_dropout_drops_whole_words_and_only_in_training():
    layer = build(convolution_classifier, word_dropout=0.5).get_layer("word_dropout")
    vectors = np.ones((20, 30, D), dtype="float32")
    dropped = keras.ops.convert_to_numpy(layer(vectors, training=True))
    assert set(np.unique(dropped)) == {0.0, 2.0}  # the others count double, so that the mean keeps its size
    assert (dropped == dropped[:, :, :1]).all()
    assert 0.4 < (dropped == 0).mean() < 0.6
    np.testing.assert_array_equal(keras.ops.convert_to_numpy(layer(vectors, training=False)), vectors)
    assert build(mean_classifier, word_dropout=0.5).get_layer("mean").word_dropout == 0.5


def test_filters_of_different_widths_start_differently():
    model = convolution_classifier(V, D, filters=5, widths=(2, 3), seed=0)
    narrow, wide = (model.get_layer(f"width_{width}").get_weights()[0] for width in (2, 3))
    assert not np.isclose(narrow / np.abs(narrow).max(), wide[:2] / np.abs(wide).max()).any()


@pytest.mark.parametrize("kind", KINDS)
def test_given_vectors_are_the_initial_ones(kind, texts):
    matrix = np.random.default_rng(0).normal(size=(V, D)).astype("float32")
    model = build(kind, embedding_matrix=matrix)
    np.testing.assert_array_equal(model.get_layer("embedding").get_weights()[0], matrix)
    moved = trained(kind, texts, embedding_matrix=matrix, word_dropout=0.0).get_layer("embedding").get_weights()[0]
    used = np.unique(texts[texts != 0])
    assert (moved[used] != matrix[used]).any(axis=1).all()
    static = trained(kind, texts, embedding_matrix=matrix, trainable=False)
    np.testing.assert_array_equal(static.get_layer("embedding").get_weights()[0], matrix)
    assert not static.get_layer("embedding").trainable


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("shape", [(V, D + 1), (V - 2, D), (D,), (V, D, 1)])
def test_a_matrix_of_another_shape_is_refused(kind, shape):
    with pytest.raises(ValueError, match=r"embedding_matrix has the shape .* 30 × 8; it needs one row an id"):
        build(kind, embedding_matrix=np.zeros(shape))


def test_a_matrix_with_holes_is_refused():
    matrix = np.zeros((V, D))
    matrix[3] = np.nan
    with pytest.raises(ValueError, match="not finite"):
        mean_classifier(V, D, embedding_matrix=matrix)


@pytest.mark.parametrize("kind", KINDS)
def test_a_saved_model_predicts_the_same_in_another_process(kind, texts, tmp_path):
    matrix = np.random.default_rng(0).normal(size=(V, D)).astype("float32")
    model = trained(kind, texts, embedding_matrix=matrix, dropout=0.3)
    expected = predict_proba(model, texts)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(predict_proba(loaded, texts), expected)
    if kind is convolution_classifier:  # once is enough; a fresh process costs ten seconds
        np.save(tmp_path / "texts.npy", texts)
        program = (
            "import sys, pathlib, keras, numpy as np; from embedbook.models import predict_proba;"
            "folder = pathlib.Path(sys.argv[1]); model = keras.saving.load_model(folder / 'model.keras');"
            "np.save(folder / 'found.npy', predict_proba(model, np.load(folder / 'texts.npy')))"
        )
        run = subprocess.run([sys.executable, "-c", program, tmp_path], capture_output=True, text=True, check=False)
        assert run.returncode == 0, run.stderr
        np.testing.assert_allclose(np.load(tmp_path / "found.npy"), expected, rtol=1e-6)


def test_a_saved_configuration_does_not_hold_the_matrix():
    model = mean_classifier(V, D, embedding_matrix=np.full((V, D), 0.123456))
    assert "0.123456" not in model.to_json()


@pytest.mark.parametrize("kind", KINDS)
def test_models_come_uncompiled_and_read_any_length(kind):
    model = build(kind)
    assert not model.compiled
    assert model.input_shape == (None, None)
    assert model.inputs[0].dtype == "int32"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"vocabulary_size": 2}, "vocabulary_size"),
        ({"vocabulary_size": 9.5}, "vocabulary_size"),
        ({"dimensions": 0}, "dimensions"),
        ({"n_classes": 1}, "n_classes"),
        ({"dropout": 1.0}, "dropout"),
        ({"dropout": -0.1}, "dropout"),
        ({"word_dropout": 1.0}, "word_dropout"),
        ({"seed": -1}, "seed"),
    ],
)
def test_bad_sizes_are_named(kind, options, message):
    with pytest.raises(ValueError, match=f"{message} must be"):
        kind(**{"vocabulary_size": V, "dimensions": D, **options})


@pytest.mark.parametrize("widths", [(), (3, 3)])
def test_widths_must_differ(widths):
    with pytest.raises(ValueError, match="widths must name"):
        convolution_classifier(V, D, widths=widths)


def test_sizes_may_come_from_numpy():
    assert mean_classifier(np.int64(V), np.int32(D), np.int64(3)).output_shape == (None, 3)
