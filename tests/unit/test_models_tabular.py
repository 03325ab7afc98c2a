"""Rows of a table: categories get ids, each column its vectors, and the model learns from both."""

from __future__ import annotations

import keras
import numpy as np
import pandas as pd
import pytest

from embedbook.models import (
    Categories,
    TableArrays,
    Training,
    fit_table_classifier,
    table_classifier,
    table_probabilities,
)

JOBS = pd.DataFrame(
    {
        "job": ["cook", "pilot", "cook", None, "pilot", "cook", "diver"],
        "land": ["b", "a", "b", "a", "b", "a", "b"],
    }
)


def rows(n: int = 300, seed: int = 0) -> tuple[dict[str, int], TableArrays]:
    """Rows whose class hangs on the pair of two categories alone, and a number that says nothing."""
    rng = np.random.default_rng(seed)
    ids = rng.integers(1, [5, 9], size=(n, 2)).astype("int32")
    labels = ((ids[:, 0] > 2) ^ (ids[:, 1] > 4)).astype("int64")
    return {"job": 5, "land": 9}, TableArrays(ids, rng.normal(size=(n, 1)), labels)


QUICK = Training(epochs=30, batch_size=16, learning_rate=0.01, patience=30)


def accuracy(model: keras.Model, arrays: TableArrays) -> float:
    return float((table_probabilities(model, arrays).argmax(axis=1) == arrays.labels).mean())


def test_categories_are_numbered_by_frequency_and_missing_is_one_of_them() -> None:
    categories = Categories.fit(JOBS, ["land", "job"])
    assert categories.names["job"] == ("cook", "pilot", "diver", "missing")
    assert categories.sizes == {"land": 3, "job": 5}
    assert categories.encode(JOBS)[:, 1].tolist() == [1, 2, 1, 4, 2, 1, 3]
    assert categories.encode(JOBS)[:, 0].tolist() == [1, 2, 1, 2, 1, 2, 1]
    assert categories.encode(JOBS).dtype == np.int32


def test_what_training_did_not_see_shares_one_id() -> None:
    categories = Categories.fit(JOBS.iloc[:3], ["job"])
    others = pd.DataFrame({"job": ["diver", None, "pilot"]})
    assert categories.encode(others).ravel().tolist() == [Categories.UNSEEN, Categories.UNSEEN, 2]
    rare = Categories.fit(JOBS, ["job"], min_count=2)
    assert rare.names["job"] == ("cook", "pilot")


def test_numbers_can_be_categories() -> None:
    frame = pd.DataFrame({"age": [30, 31, 30]})
    assert Categories.fit(frame, ["age"]).names["age"] == ("30", "31")


def test_columns_that_cannot_be_encoded_are_named() -> None:
    with pytest.raises(ValueError, match="there is no column 'wage', only job, land"):
        Categories.fit(JOBS, ["wage"])
    with pytest.raises(ValueError, match="there is no column 'job'"):
        Categories.fit(JOBS, ["job"]).encode(JOBS[["land"]])
    with pytest.raises(ValueError, match="'job' has no category that occurs 9 times"):
        Categories.fit(JOBS, ["job"], min_count=9)
    with pytest.raises(ValueError, match="names a category twice"):
        Categories({"job": ("cook", "cook")})


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"ids": np.zeros((3, 2))}, "ids must be integers in 2 axes, not float64"),
        ({"ids": np.zeros(3, int)}, "ids must be integers in 2 axes"),
        ({"ids": np.full((3, 1), -1)}, "start from 0"),
        ({"numbers": np.zeros((2, 1))}, "numbers has 2 rows and labels 3"),
        ({"numbers": np.array([[1.0, np.nan]] * 3)}, r"missing or infinite in the columns \[1\]"),
        ({"labels": np.zeros(3)}, "labels must be integers in 1 axes"),
    ],
)
def test_arrays_that_do_not_fit_together_are_refused(changes, message) -> None:
    fields = {"ids": np.ones((3, 2), int), "numbers": np.zeros((3, 1)), "labels": np.zeros(3, int)}
    with pytest.raises(ValueError, match=message):
        TableArrays(**{**fields, **changes})


def test_each_column_has_its_vectors_no_longer_than_half_its_size() -> None:
    model = table_classifier({"job": 5, "land": 41, "sex": 2}, 3, dimensions=8, seed=0)
    shapes = [model.get_layer(f"embedding_{name}").get_weights()[0].shape for name in ("job", "land", "sex")]
    assert shapes == [(5, 2), (41, 8), (2, 1)]
    model = table_classifier({"job": 5, "land": 41}, 0, dimensions={"job": 4, "land": 3})
    assert model.get_layer("embedding_land").get_weights()[0].shape == (41, 3)
    assert [tensor.name for tensor in model.inputs] == ["ids"]


def test_each_column_reads_its_own_table() -> None:
    sizes, arrays = rows(20)
    model = table_classifier(sizes, 1, hidden=(), seed=0)
    before = table_probabilities(model, arrays)
    table = model.get_layer("embedding_land")
    changed = table.get_weights()[0]
    changed[7] += 1.0
    table.set_weights([changed])
    moved = ~np.isclose(table_probabilities(model, arrays), before, atol=1e-7).all(axis=1)
    np.testing.assert_array_equal(moved, arrays.ids[:, 1] == 7)


@pytest.mark.parametrize("encoding", ["embedding", "one-hot"])
def test_a_rule_of_two_categories_is_learnt(encoding) -> None:
    sizes, train = rows()
    _, test = rows(200, seed=1)
    model = table_classifier(sizes, 1, encoding=encoding, hidden=(16,), dropout=0.0, seed=0)
    history = fit_table_classifier(model, train, validation=test, training=QUICK)
    assert accuracy(model, test) > 0.95
    assert history.best_loss == min(history.dev_loss)
    assert len(history.train_loss) == history.epochs


def test_a_linear_model_cannot_learn_it() -> None:
    sizes, train = rows()
    model = table_classifier(sizes, 1, hidden=(), seed=0)
    fit_table_classifier(model, train, validation=train, training=QUICK)
    assert accuracy(model, train) < 0.8


def test_one_hot_vectors_are_ones_and_stay_so() -> None:
    sizes, train = rows()
    model = table_classifier(sizes, 1, encoding="one-hot", seed=0)
    fit_table_classifier(model, train, validation=train, training=Training(epochs=1, learning_rate=0.1))
    expected = np.eye(9)
    expected[Categories.UNSEEN] = 0
    np.testing.assert_array_equal(model.get_layer("embedding_land").get_weights()[0], expected)


def test_the_row_of_unseen_categories_is_not_trained() -> None:
    sizes, train = rows()
    model = table_classifier(sizes, 1, seed=0)
    before = model.get_layer("embedding_job").get_weights()[0]
    fit_table_classifier(model, train, validation=train, training=Training(epochs=1, learning_rate=0.1))
    after = model.get_layer("embedding_job").get_weights()[0]
    assert np.abs(after - before).max(axis=1)[Categories.UNSEEN] == 0
    assert np.abs(after - before).max(axis=1)[1:].min() > 0


def test_numbers_alone_are_enough() -> None:
    rng = np.random.default_rng(0)
    numbers = rng.normal(size=(200, 2))
    arrays = TableArrays(np.zeros((200, 0), int), numbers, (numbers.sum(axis=1) > 0).astype(int))
    model = table_classifier({}, 2, seed=0)
    fit_table_classifier(model, arrays, validation=arrays, training=QUICK)
    assert accuracy(model, arrays) > 0.95


def test_equal_seeds_give_equal_models() -> None:
    sizes, train = rows()
    found = []
    for seed in (1, 1, 2):
        model = table_classifier(sizes, 1, seed=seed)
        fit_table_classifier(model, train, validation=train, training=Training(epochs=2, seed=seed))
        found.append(table_probabilities(model, train))
    np.testing.assert_array_equal(found[0], found[1])
    assert not np.allclose(found[0], found[2])


def test_the_best_epoch_is_kept() -> None:
    sizes, train = rows(60)
    _, dev = rows(60, seed=1)
    dev = TableArrays(dev.ids, dev.numbers, 1 - dev.labels)  # the more is learnt, the worse it gets
    model = table_classifier(sizes, 1, hidden=(16,), seed=0)
    history = fit_table_classifier(model, train, validation=dev, training=QUICK)
    probabilities = table_probabilities(model, dev)[np.arange(len(dev)), dev.labels]
    assert -np.log(probabilities).mean() == pytest.approx(history.best_loss, abs=1e-5)
    assert history.best_loss < history.dev_loss[-1]


def test_a_saved_model_predicts_the_same(tmp_path) -> None:
    sizes, train = rows()
    for encoding in ("embedding", "one-hot"):
        model = table_classifier(sizes, 1, encoding=encoding, seed=0)
        model.save(tmp_path / f"{encoding}.keras")
        again = keras.models.load_model(tmp_path / f"{encoding}.keras")
        np.testing.assert_array_equal(table_probabilities(again, train), table_probabilities(model, train))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"sizes": {}, "n_numbers": 0}, "at least one column"),
        ({"encoding": "hash"}, "encoding must be"),
        ({"dropout": 1.0}, "dropout must be a share"),
        ({"sizes": {"job": 1}}, "sizes must be whole numbers, 2 or more"),
        ({"hidden": (8, 0)}, "hidden must be whole numbers, 1 or more"),
        ({"n_classes": 1}, "n_classes must be"),
        ({"dimensions": 0}, "dimensions must be 1 or more"),
        ({"dimensions": {"job": 2}, "sizes": {"job": 3, "land": 4}}, "no entry for land"),
    ],
)
def test_a_model_that_cannot_be_is_refused(options, message) -> None:
    with pytest.raises(ValueError, match=message):
        table_classifier(**{"sizes": {"job": 3}, "n_numbers": 1, **options})


def test_rows_that_the_model_cannot_read_are_refused() -> None:
    sizes, train = rows()
    model = table_classifier(sizes, 1, seed=0)
    with pytest.raises(ValueError, match="numbers has 2 columns, but the model reads 1"):
        table_probabilities(model, TableArrays(train.ids, np.zeros((300, 2)), train.labels))
    with pytest.raises(ValueError, match="embedding_job knows the ids 0 to 4, but there is 8"):
        table_probabilities(model, TableArrays(train.ids[:, ::-1].copy(), train.numbers, train.labels))
    with pytest.raises(ValueError, match="labels go up to 2, but the model has 2 classes"):
        fit_table_classifier(model, TableArrays(train.ids, train.numbers, train.labels + 1), validation=train)
    with pytest.raises(ValueError, match="same label"):
        fit_table_classifier(model, TableArrays(train.ids, train.numbers, 0 * train.labels), validation=train)
