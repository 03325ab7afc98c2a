"""Classifiers of table rows: a small `Embedding` for each column of categories, beside the columns of numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import keras
import numpy as np

from embedbook.models.categories import Categories
from embedbook.models.optimizers import Adam
from embedbook.models.seeds import child_seeds
from embedbook.models.training import History, Training, keep_best_epoch, score

__all__ = ["TableArrays", "fit_table_classifier", "table_classifier", "table_probabilities"]

_ROWS_AT_A_TIME = 4096  # bounds the memory of a prediction; changes no result


@dataclass(frozen=True, eq=False)
class TableArrays:
    """The rows of a table as a model reads them.

    Parameters
    ----------
    ids : numpy.ndarray of int, shape (n rows, c columns)
        From `Categories.encode`; c may be 0.
    numbers : numpy.ndarray of float, shape (n rows, k columns)
        Columns of numbers, brought to one scale; k may be 0.
    labels : numpy.ndarray of int, shape (n rows,)
        The class of each row, from 0 on.

    Raises
    ------
    ValueError
        If the shapes do not fit together, there is no row, or a number is not finite.
    """

    ids: np.ndarray
    numbers: np.ndarray
    labels: np.ndarray

    def __post_init__(self) -> None:
        for name, kind, axes in (("ids", np.integer, 2), ("numbers", np.floating, 2), ("labels", np.integer, 1)):
            array = np.asarray(getattr(self, name))
            if array.ndim != axes or not np.issubdtype(array.dtype, kind):
                raise ValueError(f"{name} must be {kind.__name__}s in {axes} axes, not {array.dtype} {array.shape}")
            if len(array) == 0 or len(array) != len(self.labels):
                raise ValueError(
                    f"{name} has {len(array)} rows and labels {len(self.labels)}; give as many, at least 1"
                )
        if not np.isfinite(self.numbers).all():
            places = np.flatnonzero(~np.isfinite(self.numbers).all(axis=0)).tolist()
            raise ValueError(f"numbers are missing or infinite in the columns {places}; fill them in first")
        if min(self.ids.min(initial=0), self.labels.min()) < 0:
            raise ValueError("ids and labels start from 0; encode the categories with Categories.encode")

    def __len__(self) -> int:
        return len(self.labels)


def table_classifier(
    sizes: Mapping[str, int],
    n_numbers: int,
    n_classes: int = 2,
    *,
    encoding: Literal["embedding", "one-hot"] = "embedding",
    dimensions: int | Mapping[str, int] = 8,
    hidden: Sequence[int] = (64, 32),
    dropout: float = 0.2,
    seed: int | None = None,
) -> keras.Model:
    """Build a classifier of table rows: one table of vectors for each column of categories.

    The vectors of a row's categories and its numbers, side by side → hidden layers (ReLU) with dropout → one linear
    layer with softmax. With ``encoding="one-hot"`` everything is the same but the vectors: each category's is a one
    in a place of its own, and is not trained.

    Parameters
    ----------
    sizes : mapping of str to int
        For each column of categories the number of ids: `Categories.sizes`. May be empty.
    n_numbers : int
        k, the number of columns of numbers; may be 0.
    n_classes : int
        Number of classes.
    encoding : {"embedding", "one-hot"}
        Vectors that training moves, or one-hot vectors.
    dimensions : int or mapping of str to int
        The length of a vector, for each column or for all. One number is an upper limit: no column gets more than half
        of its number of ids, and none less than 1.
    hidden : sequence of int
        Units of the hidden layers; none makes a linear model.
    dropout : float
        Share of the units of each hidden layer set to zero in each training step, from 0 to below 1.
    seed : int, optional
        Decides the initial weights and the dropout.

    Returns
    -------
    keras.Model
        Uncompiled; from "ids" (n rows × columns, int32) and "numbers" (n rows × k), each where there is one, to
        probabilities (n rows × n classes). A column's vectors are the weights of the layer "embedding_COLUMN".

    Raises
    ------
    ValueError
        If there is nothing to read, or a size, share or name is out of range.

    References
    ----------
    Guo and Berkhahn (2016), "Entity embeddings of categorical variables", section III.

    Examples
    --------
    >>> table_classifier({"job": 9, "country": 41}, n_numbers=2).output_shape
    (None, 2)
    """
    if not sizes and not n_numbers:
        raise ValueError("a row needs at least one column, of categories or of numbers")
    if encoding not in ("embedding", "one-hot"):
        raise ValueError(f'encoding must be "embedding" or "one-hot", not {encoding!r}')
    if not 0 <= dropout < 1:
        raise ValueError(f"dropout must be a share from 0 to below 1, not {dropout!r}")
    for name, counts, least in (("sizes", sizes.values(), 2), ("hidden", hidden, 1), ("n_classes", [n_classes], 2)):
        if any(count < least for count in counts):
            raise ValueError(f"{name} must be whole numbers, {least} or more, not {list(counts)}")
    seeds = child_seeds(seed, len(sizes) + 2 * len(hidden) + 1)
    inputs, columns = [], []
    if sizes:
        ids = keras.Input((len(sizes),), dtype="int32", name="ids")
        inputs.append(ids)
        lengths = _lengths(sizes, dimensions)
        for place, (column, size) in enumerate(sizes.items()):
            length = size if encoding == "one-hot" else lengths[column]
            columns.append(_vectors(column, size, length, encoding, seeds.pop())(ids[:, place]))
    if n_numbers:
        inputs.append(keras.Input((n_numbers,), dtype="float32", name="numbers"))
        columns.append(inputs[-1])
    row = keras.layers.Concatenate(name="row")(columns) if len(columns) > 1 else columns[0]
    for number, units in enumerate(hidden, start=1):
        initial = keras.initializers.HeUniform(seed=seeds.pop())
        row = keras.layers.Dense(units, activation="relu", kernel_initializer=initial, name=f"hidden_{number}")(row)
        row = keras.layers.Dropout(dropout, seed=seeds.pop(), name=f"dropout_{number}")(row)
    initial = keras.initializers.GlorotUniform(seed=seeds.pop())
    classes = keras.layers.Dense(n_classes, activation="softmax", kernel_initializer=initial, name="classes")(row)
    return keras.Model(inputs, classes, name="table_classifier")


def fit_table_classifier(
    model: keras.Model, rows: TableArrays, *, validation: TableArrays, training: Training | None = None
) -> History:
    """Train a classifier of table rows in place with Adam, and leave it with the weights of its best epoch.

    Parameters
    ----------
    model : keras.Model
        From `table_classifier`.
    rows, validation : TableArrays
        Training and development rows.
    training : Training, optional
        How to train; ``Training()`` by default. `bucketing` means nothing here. In each pass the rows that do not fill
        a last batch sit out, other ones each time.

    Returns
    -------
    History

    Raises
    ------
    ValueError
        If all training rows have one label, or an array does not fit the model.
    FloatingPointError
        If the loss stops being a finite number.
    """
    training = Training() if training is None else training
    if len(np.unique(rows.labels)) < 2:
        raise ValueError("all training rows have the same label; a classifier needs at least two classes")
    feed, dev_feed = _feed(model, rows), _feed(model, validation)
    # The batches of an epoch are alike, and are run in one go: with so small a model, going back to Python after each
    # step takes most of the time.
    batch_size = min(training.batch_size, len(rows))
    model.compile(
        optimizer=Adam(training.learning_rate),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
        jit_compile=False,
        steps_per_execution=len(rows) // batch_size,
    )
    rng = np.random.default_rng(training.seed)

    def one_epoch() -> tuple[float, float]:
        orders = [rng.permutation(len(rows))[: len(rows) // batch_size * batch_size] for _ in range(training.passes)]
        loss, accuracy = np.mean([_pass(model, feed, rows.labels, order, batch_size) for order in orders], axis=0)
        return float(loss), float(accuracy)

    return keep_best_epoch(
        model, training, one_epoch, lambda: score(_probabilities(model, dev_feed), validation.labels)
    )


def table_probabilities(model: keras.Model, rows: TableArrays) -> np.ndarray:
    """Return the probability of each class for each row.

    Parameters
    ----------
    model : keras.Model
        From `table_classifier`.
    rows : TableArrays
        n rows; their labels are not looked at.

    Returns
    -------
    numpy.ndarray of float32, shape (n rows, n classes)

    Raises
    ------
    ValueError
        If the rows have other columns, or larger ids, than the model was built for.
    """
    return _probabilities(model, _feed(model, rows, labelled=False))


def _vectors(column: str, size: int, length: int, encoding: str, seed: int | None) -> keras.layers.Embedding:
    name = f"embedding_{column}"
    if encoding == "embedding":
        # Small, so that the row of unseen categories, which is never trained, says little.
        initial = keras.initializers.RandomUniform(-0.05, 0.05, seed=seed)
        return keras.layers.Embedding(size, length, embeddings_initializer=initial, name=name)
    ones = np.eye(size, dtype="float32")
    ones[Categories.UNSEEN] = 0
    return keras.layers.Embedding(size, length, weights=[ones], trainable=False, name=name)


def _lengths(sizes: Mapping[str, int], dimensions: int | Mapping[str, int]) -> dict[str, int]:
    """Return the length of each column's vectors."""
    if isinstance(dimensions, Mapping):
        absent = [column for column in sizes if column not in dimensions]
        if absent:
            raise ValueError(f"dimensions has no entry for {', '.join(absent)}")
        lengths = {column: dimensions[column] for column in sizes}
    else:
        lengths = {column: min(dimensions, max(1, size // 2)) for column, size in sizes.items()}
    if any(length < 1 for length in lengths.values()):
        raise ValueError(f"dimensions must be 1 or more, not {dimensions!r}")
    return lengths


def _feed(model: keras.Model, rows: TableArrays, *, labelled: bool = True) -> dict[str, np.ndarray]:
    """Return what the model reads, by the names of its inputs, after making sure that it can."""
    feed = {}
    for tensor in model.inputs:
        array = getattr(rows, tensor.name)
        if array.shape[1] != tensor.shape[1]:
            raise ValueError(f"{tensor.name} has {array.shape[1]} columns, but the model reads {tensor.shape[1]}")
        feed[tensor.name] = array.astype(tensor.dtype)
    if "ids" in feed:
        tables = [layer for layer in model.layers if isinstance(layer, keras.layers.Embedding)]
        for place, layer in enumerate(tables):
            largest = feed["ids"][:, place].max()
            if largest >= layer.input_dim:
                raise ValueError(
                    f"{layer.name} knows the ids 0 to {layer.input_dim - 1}, but there is {largest};"
                    " encode the rows with the Categories that the model was built for"
                )
    if labelled and rows.labels.max() >= model.output_shape[-1]:
        raise ValueError(f"labels go up to {rows.labels.max()}, but the model has {model.output_shape[-1]} classes")
    return feed


def _pass(
    model: keras.Model, feed: dict[str, np.ndarray], labels: np.ndarray, order: np.ndarray, batch_size: int
) -> tuple[float, float]:
    """Take one step for each batch of rows in the given order; return the mean loss and accuracy of the rows."""
    batches = {name: array[order] for name, array in feed.items()}
    logs = model.fit(batches, labels[order], batch_size=batch_size, shuffle=False, verbose=0).history
    return logs["loss"][0], logs["accuracy"][0]


def _probabilities(model: keras.Model, feed: dict[str, np.ndarray]) -> np.ndarray:
    count = len(next(iter(feed.values())))
    starts = range(0, count, _ROWS_AT_A_TIME)
    parts = [{name: array[first : first + _ROWS_AT_A_TIME] for name, array in feed.items()} for first in starts]
    return np.concatenate([np.asarray(model(part, training=False)) for part in parts])
