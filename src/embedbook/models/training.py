"""Train a text classifier, stop at its best epoch on development data, and ask it for probabilities."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import keras
import numpy as np

from embedbook.models.optimizers import Adam

__all__ = ["History", "Training", "fit_classifier", "keep_best_epoch", "predict_proba", "score"]

_ROWS_AT_A_TIME = 256  # bounds the memory of a prediction; changes no result


@dataclass(frozen=True)
class Training:
    """How to train; the defaults were chosen on development data of MR, on splits that no reported number uses.

    Parameters
    ----------
    epochs : int
        At most so many epochs.
    batch_size : int
        Texts a step.
    learning_rate : float
        Of Adam.
    patience : int
        Stop after so many epochs without a better one.
    monitor : {"loss", "accuracy"}
        What makes an epoch better: a lower loss or a higher accuracy on development data.
    seed : int
        Decides the order of the texts. The initial weights and dropout are decided by the model's own seed.
    bucketing : int
        Sort so many batches' worth of texts by length before they are cut into batches, and shuffle the batches again.
        1 leaves them as drawn; more of it saves the time that padding takes, and makes batches a little less random.
    passes : int
        Passes over the training data in an epoch, after which the development data are looked at. With few texts a
        single pass is over so soon that looking would take most of the time.

    Raises
    ------
    ValueError
        If a value is out of range; the message names it.
    """

    epochs: int = 30
    batch_size: int = 64
    learning_rate: float = 1e-3
    patience: int = 2
    monitor: Literal["loss", "accuracy"] = "loss"
    seed: int = 0
    bucketing: int = 1
    passes: int = 1

    def __post_init__(self) -> None:
        for name, least in (
            ("epochs", 1),
            ("batch_size", 1),
            ("patience", 1),
            ("seed", 0),
            ("bucketing", 1),
            ("passes", 1),
        ):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < least:
                raise ValueError(f"{name} must be a whole number, {least} or more, not {value!r}")
        if not (isinstance(self.learning_rate, (int, float)) and 0 < self.learning_rate < math.inf):
            raise ValueError(f"learning_rate must be a positive number such as 0.001, not {self.learning_rate!r}")
        if self.monitor not in ("loss", "accuracy"):
            raise ValueError(f'monitor must be "loss" or "accuracy", not {self.monitor!r}')


@dataclass(frozen=True)
class History:
    """What happened in training, one entry an epoch.

    Parameters
    ----------
    train_loss, train_accuracy : tuple of float
        Mean over the epoch's batches while the weights were changing and dropout was on.
    dev_loss, dev_accuracy : tuple of float
        On the development data after the epoch.
    best_epoch : int
        The epoch, counted from 1, whose weights the model was left with.
    seconds : float
        Time that training took.
    """

    train_loss: tuple[float, ...]
    train_accuracy: tuple[float, ...]
    dev_loss: tuple[float, ...]
    dev_accuracy: tuple[float, ...]
    best_epoch: int
    seconds: float

    @property
    def epochs(self) -> int:
        """How many epochs were trained."""
        return len(self.dev_loss)

    @property
    def best_loss(self) -> float:
        """Development loss of the best epoch."""
        return self.dev_loss[self.best_epoch - 1]

    @property
    def best_accuracy(self) -> float:
        """Development accuracy of the best epoch."""
        return self.dev_accuracy[self.best_epoch - 1]


def fit_classifier(
    model: keras.Model,
    x: np.ndarray,
    y: np.ndarray,
    *,
    validation: tuple[np.ndarray, np.ndarray],
    training: Training | None = None,
) -> History:
    """Train a classifier in place with Adam and leave it with the weights of its best epoch.

    The optimizer is `embedbook.models.optimizers.Adam`, which merges the gradients of repeated words. Nothing is
    printed and no global seed is set: on one machine, equal models and equal `training` give equal weights.

    Parameters
    ----------
    model : keras.Model
        From `mean_classifier`, `convolution_classifier`, or any model from ids (n × T) to class probabilities.
    x : numpy.ndarray of int, shape (n texts, T tokens)
        Ids of the training texts, padded with 0.
    y : numpy.ndarray of int, shape (n texts,)
        Their classes, from 0 on.
    validation : tuple of two arrays
        The same for the development texts; their T may differ.
    training : Training, optional
        How to train; ``Training()`` by default.

    Returns
    -------
    History

    Raises
    ------
    ValueError
        If a text is empty (a row of zeros; one such row can turn all weights into NaN), an id or a label is out of
        the model's range, all training texts have one label, or the lengths of texts and labels differ.
    FloatingPointError
        If the loss stops being a finite number; the model's weights are then of no use.
    """
    training = Training() if training is None else training
    if not (isinstance(validation, tuple) and len(validation) == 2):
        raise ValueError("validation must be a tuple (x, y) of development texts and labels")
    x, y = _checked_texts("x", model, x), _checked_labels("y", model, x, y)
    x_dev = _checked_texts("validation x", model, validation[0])
    y_dev = _checked_labels("validation y", model, x_dev, validation[1])
    if len(np.unique(y)) < 2:
        raise ValueError(f"all {len(y)} training texts have the label {y[0]}; a classifier needs at least two classes")

    # The merged gradient has as many rows as the batch has distinct words; XLA would want to know that beforehand.
    model.compile(
        optimizer=Adam(training.learning_rate),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
        jit_compile=False,
    )
    order = np.random.default_rng(training.seed)
    lengths = _last_token(x)

    def one_epoch() -> tuple[float, float]:
        batches = [rows for _ in range(training.passes) for rows in _batches(lengths, training, order)]
        return _train_one_epoch(model, x, y, batches)

    return keep_best_epoch(model, training, one_epoch, lambda: score(_probabilities(model, x_dev), y_dev))


def keep_best_epoch(
    model: keras.Model,
    training: Training,
    one_epoch: Callable[[], tuple[float, float]],
    judge: Callable[[], tuple[float, float]],
) -> History:
    """Train until development data have had enough, and leave the model with the weights of its best epoch.

    Parameters
    ----------
    model : keras.Model
        The model that `one_epoch` trains.
    training : Training
        Says when to stop and what "best" means.
    one_epoch : callable
        Trains for an epoch; returns its mean loss and accuracy.
    judge : callable
        Returns loss and accuracy on development data.

    Returns
    -------
    History

    Raises
    ------
    FloatingPointError
        If a loss stops being a finite number.
    """
    start = time.perf_counter()
    epochs: list[tuple[float, float, float, float]] = []
    best_epoch, best_score, best_weights = 0, -math.inf, model.get_weights()
    while len(epochs) < training.epochs and len(epochs) - best_epoch < training.patience:
        train_loss, train_accuracy = one_epoch()
        dev_loss, dev_accuracy = judge()
        epochs.append((train_loss, train_accuracy, dev_loss, dev_accuracy))
        if not (math.isfinite(train_loss) and math.isfinite(dev_loss)):
            raise FloatingPointError(
                f"in epoch {len(epochs)} the loss is {train_loss} in training and {dev_loss} on development data; "
                f"lower learning_rate ({training.learning_rate}) or look at the initial vectors"
            )
        reached = -dev_loss if training.monitor == "loss" else dev_accuracy
        if reached > best_score:
            best_epoch, best_score, best_weights = len(epochs), reached, model.get_weights()
    model.set_weights(best_weights)
    train_losses, train_accuracies, dev_losses, dev_accuracies = zip(*epochs, strict=True)
    return History(
        train_loss=train_losses,
        train_accuracy=train_accuracies,
        dev_loss=dev_losses,
        dev_accuracy=dev_accuracies,
        best_epoch=best_epoch,
        seconds=time.perf_counter() - start,
    )


def predict_proba(model: keras.Model, x: np.ndarray) -> np.ndarray:
    """Return the probability of each class for each text.

    Parameters
    ----------
    model : keras.Model
        A trained classifier.
    x : numpy.ndarray of int, shape (n texts, T tokens)
        Ids of the texts, padded with 0; the amount of padding does not matter.

    Returns
    -------
    numpy.ndarray of float32, shape (n texts, n classes)
        Each row sums to 1.

    Raises
    ------
    ValueError
        If a text is empty (a row of zeros) or an id is out of the model's range.
    """
    return _probabilities(model, _checked_texts("x", model, x))


def _batches(lengths: np.ndarray, training: Training, rng: np.random.Generator) -> list[np.ndarray]:
    """Deal the texts into batches at random; return the rows of each."""
    order = rng.permutation(len(lengths))
    size = training.batch_size
    if training.bucketing == 1:
        return [order[first : first + size] for first in range(0, len(order), size)]
    pool = size * training.bucketing
    for first in range(0, len(order), pool):
        rows = order[first : first + pool]
        order[first : first + pool] = rows[np.argsort(lengths[rows], kind="stable")]
    batches = [order[first : first + size] for first in range(0, len(order), size)]
    return [batches[index] for index in rng.permutation(len(batches))]


def _train_one_epoch(
    model: keras.Model, x: np.ndarray, y: np.ndarray, batches: Sequence[np.ndarray]
) -> tuple[float, float]:
    """Take one step for each batch; return the mean loss and accuracy of the texts."""
    lengths = _last_token(x)
    totals = np.zeros(2)
    for rows in batches:
        # Columns that are padding in the whole batch cost time and change nothing.
        batch = x[rows, : lengths[rows].max()]
        logs = model.train_on_batch(batch, y[rows], return_dict=True)
        totals += len(rows) * np.array([logs["loss"], logs["accuracy"]], dtype=float)
    loss, accuracy = totals / sum(map(len, batches))
    return float(loss), float(accuracy)


def _probabilities(model: keras.Model, x: np.ndarray) -> np.ndarray:
    """Apply the model to checked texts.

    Calls it directly: `keras.Model.predict` compiles a function for each model, and TensorFlow warns of that on the
    page when a chapter trains a model for each of five seeds.
    """
    lengths = _last_token(x)
    order = np.argsort(lengths, kind="stable")
    found = np.empty((len(x), model.output_shape[-1]), dtype=np.float32)
    for first in range(0, len(x), _ROWS_AT_A_TIME):
        rows = order[first : first + _ROWS_AT_A_TIME]  # of similar length, so there is little padding to compute
        found[rows] = np.asarray(model(x[rows, : lengths[rows[-1]]], training=False))
    return found


def score(probabilities: np.ndarray, labels: np.ndarray) -> tuple[float, float]:
    """Return the mean cross-entropy of predicted probabilities, and their accuracy.

    Parameters
    ----------
    probabilities : numpy.ndarray of float, shape (n, n classes)
        Rows sum to 1.
    labels : numpy.ndarray of int, shape (n,)
        The true classes.

    Returns
    -------
    tuple of float
        Nats, with probabilities clipped as Keras clips them; and a share from 0 to 1.
    """
    of_truth = np.clip(probabilities[np.arange(len(labels)), labels], keras.config.epsilon(), 1)
    return float(-np.log(of_truth).mean()), float((probabilities.argmax(axis=1) == labels).mean())


def _last_token(x: np.ndarray) -> np.ndarray:
    """Return for each row the number of columns up to its last token."""
    return x.shape[1] - (x[:, ::-1] != 0).argmax(axis=1)


def _checked_texts(name: str, model: keras.Model, x: np.ndarray) -> np.ndarray:
    """Return the texts as int32 after making sure that the model can read every row."""
    x = np.asarray(x)
    if x.ndim != 2 or 0 in x.shape or not np.issubdtype(x.dtype, np.integer):
        raise ValueError(
            f"{name} must be whole numbers, n texts × T tokens, not {x.dtype} of shape {x.shape}; "
            "make it with encode_texts"
        )
    empty = np.flatnonzero(~(x != 0).any(axis=1))
    if empty.size:
        raise ValueError(
            f"{name} holds {empty.size} empty text(s), padding alone, in {_rows(empty)}; "
            'drop them, or encode them with encode_texts(..., empty="oov")'
        )
    sizes = [layer.input_dim for layer in model.layers if isinstance(layer, keras.layers.Embedding)]
    if sizes:
        outside = np.flatnonzero(((x < 0) | (x >= min(sizes))).any(axis=1))
        if outside.size:
            raise ValueError(
                f"{name} holds ids outside 0 to {min(sizes) - 1}, all that the model's Embedding knows, "
                f"in {_rows(outside)}; encode the texts with the vocabulary that the model was made for"
            )
    return x.astype(np.int32, copy=False)


def _checked_labels(name: str, model: keras.Model, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return the labels as int64 after making sure that each text has one and the model an output for each."""
    y = np.asarray(y)
    if y.ndim != 1 or not np.issubdtype(y.dtype, np.integer):
        raise ValueError(f"{name} must be a flat list of whole numbers, not {y.dtype} of shape {y.shape}")
    if len(y) != len(x):
        raise ValueError(f"{name} holds {len(y)} labels for {len(x)} texts; give one label a text")
    n_classes = model.output_shape[-1]
    outside = np.flatnonzero((y < 0) | (y >= n_classes))
    if outside.size:
        raise ValueError(f"{name} holds labels outside 0 to {n_classes - 1}, the model's classes, in {_rows(outside)}")
    return y.astype(np.int64, copy=False)


def _rows(rows: np.ndarray) -> str:
    """Name rows, at most ten of them: "rows 3, 7"."""
    return "rows " + ", ".join(map(str, rows[:10])) + (", …" if len(rows) > 10 else "")
