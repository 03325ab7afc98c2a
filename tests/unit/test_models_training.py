"""Training stops at the best epoch, repeats itself exactly, says nothing, and refuses what would spoil a model."""

from __future__ import annotations

import dataclasses
import math
import random

import keras
import numpy as np
import pytest

from embedbook.models import Adam, Training, convolution_classifier, fit_classifier, mean_classifier, predict_proba

V = 40
QUICK = Training(epochs=8, batch_size=16, learning_rate=0.02, patience=3)


def reviews(n: int, seed: int, noise: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """Texts of 2 to 12 ids; those of class 1 hold more ids of the upper half. `noise` of the labels are turned."""
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 2, size=n)
    upper = rng.random((n, 12)) < np.where(y == 1, 0.75, 0.25)[:, None]
    x = np.where(upper, rng.integers(V // 2, V, size=(n, 12)), rng.integers(2, V // 2, size=(n, 12)))
    x[np.arange(12) >= rng.integers(2, 13, size=n)[:, None]] = 0
    return x.astype("int32"), np.where(rng.random(n) < noise, 1 - y, y)


def small(kind=mean_classifier, **options) -> keras.Model:
    extra = {"filters": 6, "widths": (2, 3)} if kind is convolution_classifier else {}
    return kind(V, 8, **{"seed": 0, **extra, **options})


@pytest.mark.parametrize("kind", [mean_classifier, convolution_classifier])
def test_it_learns(kind):
    model = small(kind)
    history = fit_classifier(model, *reviews(300, 0), validation=reviews(100, 1), training=QUICK)
    x, y = reviews(200, 2)
    assert (predict_proba(model, x).argmax(axis=1) == y).mean() > 0.8
    assert history.train_loss[0] > history.train_loss[-1]
    assert history.seconds > 0


def test_the_optimizer_is_the_merged_one():
    model = small()
    fit_classifier(model, *reviews(40, 0), validation=reviews(20, 1), training=dataclasses.replace(QUICK, epochs=1))
    assert type(model.optimizer) is Adam
    assert float(model.optimizer.learning_rate.numpy()) == pytest.approx(QUICK.learning_rate)


@pytest.mark.parametrize("monitor", ["loss", "accuracy"])
def test_the_model_is_left_at_its_best_epoch(monitor):
    # Noisy labels and a high rate: it overfits after a few epochs.
    training = Training(epochs=30, batch_size=16, learning_rate=0.03, patience=3, monitor=monitor)
    model = small()
    x_dev, y_dev = reviews(200, 1, noise=0.3)
    history = fit_classifier(model, *reviews(120, 0, noise=0.3), validation=(x_dev, y_dev), training=training)

    assert history.epochs < training.epochs
    assert history.epochs == history.best_epoch + training.patience
    best = np.argmin(history.dev_loss) if monitor == "loss" else np.argmax(history.dev_accuracy)
    assert history.best_epoch == best + 1
    lengths = {len(getattr(history, name)) for name in ("train_loss", "train_accuracy", "dev_loss", "dev_accuracy")}
    assert lengths == {history.epochs}

    probabilities = predict_proba(model, x_dev)
    loss = -np.log(probabilities[np.arange(len(y_dev)), y_dev]).mean()
    assert loss == pytest.approx(history.best_loss, rel=1e-5)
    assert (probabilities.argmax(axis=1) == y_dev).mean() == pytest.approx(history.best_accuracy)
    assert loss < history.dev_loss[-1] or monitor == "accuracy"


def test_keras_measures_the_same_loss_and_accuracy():
    model = small()
    x_dev, y_dev = reviews(300, 1)
    history = fit_classifier(model, *reviews(100, 0), validation=(x_dev, y_dev), training=QUICK)
    loss, accuracy = model.evaluate(x_dev, y_dev, verbose=0)
    assert (history.best_loss, history.best_accuracy) == pytest.approx((loss, accuracy), rel=1e-5)


def test_the_last_epoch_can_be_the_best():
    training = dataclasses.replace(QUICK, epochs=2)
    history = fit_classifier(small(), *reviews(100, 0), validation=reviews(50, 1), training=training)
    assert history.best_epoch == history.epochs == 2


@pytest.mark.parametrize("kind", [mean_classifier, convolution_classifier])
def test_equal_seeds_give_equal_weights_whatever_the_global_seeds_are(kind):
    def run(model_seed: int, training_seed: int, global_seed: int) -> tuple[list[np.ndarray], tuple[float, ...]]:
        keras.utils.set_random_seed(global_seed)
        model = small(kind, seed=model_seed, dropout=0.5)
        training = Training(epochs=2, batch_size=25, learning_rate=0.01, seed=training_seed)
        history = fit_classifier(model, *reviews(100, 0), validation=reviews(50, 1), training=training)
        return model.get_weights(), history.dev_loss

    weights, losses = run(1, 2, 3)
    again, losses_again = run(1, 2, 4)
    assert losses == losses_again
    for one, other in zip(weights, again, strict=True):
        np.testing.assert_array_equal(one, other)
    assert run(5, 2, 3)[1] != losses
    assert run(1, 5, 3)[1] != losses


def test_batches_of_similar_length_hold_every_text_once_an_epoch():
    x, y = reviews(100, 0)
    shapes: dict[int, list[tuple[int, int]]] = {1: [], 100: []}
    for bucketing, seen in shapes.items():
        model = small()
        train = model.train_on_batch

        def spy(batch, labels, train=train, seen=seen, **options):
            seen.append(batch.shape)
            return train(batch, labels, **options)

        model.train_on_batch = spy
        training = dataclasses.replace(QUICK, epochs=2, batch_size=10, bucketing=bucketing)
        fit_classifier(model, x, y, validation=reviews(50, 1), training=training)
        assert sum(texts for texts, _ in seen) == 200
    cells = {bucketing: sum(texts * width for texts, width in seen) for bucketing, seen in shapes.items()}
    assert cells[100] < cells[1], "texts of similar length need less padding"


def test_an_epoch_can_be_several_passes():
    x, y = reviews(30, 0)
    runs = [
        fit_classifier(small(), x, y, validation=reviews(20, 1), training=dataclasses.replace(QUICK, **options))
        for options in ({"epochs": 3, "patience": 9}, {"epochs": 1, "patience": 9, "passes": 3})
    ]
    assert runs[1].epochs == 1
    assert runs[1].dev_loss[0] == pytest.approx(runs[0].dev_loss[-1], rel=1e-5)


def test_the_readers_random_numbers_are_left_alone():
    random.seed(0)
    np.random.seed(0)  # noqa: NPY002 - the global generator is what must not be touched
    before = (random.getstate(), np.random.get_state()[1].tolist())  # noqa: NPY002
    fit_classifier(small(), *reviews(40, 0), validation=reviews(20, 1), training=Training(epochs=1))
    assert (random.getstate(), np.random.get_state()[1].tolist()) == before  # noqa: NPY002


def test_it_is_silent_over_many_models(capfd, caplog):
    for seed in range(6):  # TensorFlow would complain at the fifth
        model = small(seed=seed)
        training = Training(epochs=2, batch_size=4, seed=seed)
        fit_classifier(model, *reviews(64, 0), validation=reviews(20, 1), training=training)
        predict_proba(model, reviews(20, 2)[0])
    assert capfd.readouterr() == ("", "")
    assert caplog.messages == []  # TensorFlow would log that it had to compile so often


def test_texts_may_have_other_lengths_in_development():
    x, y = reviews(60, 0)
    x_dev, y_dev = reviews(30, 1)
    results = [
        fit_classifier(small(), x, y, validation=(longer, y_dev), training=dataclasses.replace(QUICK, epochs=2))
        for longer in (x_dev, np.pad(x_dev, ((0, 0), (0, 9))))
    ]
    assert results[0].dev_loss == pytest.approx(results[1].dev_loss, rel=1e-5)


# --- What is refused -------------------------------------------------------------------------------------------------


def test_empty_texts_are_named():
    x, y = reviews(40, 0)
    x[[3, 17]] = 0
    good = reviews(20, 1)
    model = small()
    before = model.get_weights()
    with pytest.raises(ValueError, match=r'x holds 2 empty text.* rows 3, 17; .*empty="oov"'):
        fit_classifier(model, x, y, validation=good)
    with pytest.raises(ValueError, match=r"validation x holds 2 empty text"):
        fit_classifier(model, *good, validation=(x, y))
    with pytest.raises(ValueError, match=r"x holds 2 empty text"):
        predict_proba(model, x)
    for one, other in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_many_bad_rows_make_a_short_message():
    with pytest.raises(
        ValueError, match=r"30 empty text\(s\), padding alone, in rows 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, …;"
    ):
        predict_proba(small(), np.zeros((30, 4), dtype=int))


@pytest.mark.parametrize("bad", [-1, V, 10**6])
def test_ids_outside_the_vocabulary_are_named(bad):
    x, y = reviews(40, 0)
    x[5, 0] = bad
    with pytest.raises(ValueError, match=rf"x holds ids outside 0 to {V - 1}.* rows 5;"):
        fit_classifier(small(), x, y, validation=reviews(20, 1))
    with pytest.raises(ValueError, match="ids outside"):
        predict_proba(small(), x)


@pytest.mark.parametrize("x", [np.ones(4, dtype=int), np.ones((2, 3)), np.ones((0, 3), dtype=int), [["a"]]])
def test_texts_must_be_an_array_of_ids(x):
    with pytest.raises(ValueError, match="encode_texts"):
        predict_proba(small(), x)


def test_bad_labels_are_named():
    x, y = reviews(40, 0)
    good = reviews(20, 1)
    with pytest.raises(ValueError, match="all 40 training texts have the label 1"):
        fit_classifier(small(), x, np.ones_like(y), validation=good)
    for bad in (2, -1):
        wrong = y.copy()
        wrong[7] = bad
        with pytest.raises(ValueError, match="y holds labels outside 0 to 1, the model's classes, in rows 7"):
            fit_classifier(small(), x, wrong, validation=good)
        with pytest.raises(ValueError, match="validation y holds labels outside"):
            fit_classifier(small(), *good, validation=(x, wrong))
    with pytest.raises(ValueError, match="y holds 39 labels for 40 texts"):
        fit_classifier(small(), x, y[:-1], validation=good)
    with pytest.raises(ValueError, match="whole numbers"):
        fit_classifier(small(), x, y / 2, validation=good)
    with pytest.raises(ValueError, match="flat list"):
        fit_classifier(small(), x, np.eye(2, dtype=int)[y], validation=good)
    with pytest.raises(ValueError, match="validation must be a tuple"):
        fit_classifier(small(), x, y, validation=None)


def test_a_loss_that_is_not_finite_is_reported():
    model = small()
    model.get_layer("classes").set_weights([np.full((8, 2), np.nan), np.zeros(2)])
    with pytest.raises(FloatingPointError, match="learning_rate"):
        fit_classifier(model, *reviews(40, 0), validation=reviews(20, 1))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("epochs", 0),
        ("epochs", 2.5),
        ("batch_size", 0),
        ("batch_size", True),
        ("learning_rate", 0),
        ("learning_rate", -0.1),
        ("learning_rate", math.inf),
        ("learning_rate", math.nan),
        ("learning_rate", "fast"),
        ("patience", 0),
        ("monitor", "f1"),
        ("seed", -1),
        ("seed", None),
    ],
)
def test_settings_are_checked(name, value):
    with pytest.raises(ValueError, match=f"{name} must be"):
        Training(**{name: value})


def test_settings_cannot_be_changed_later():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Training().seed = 1
