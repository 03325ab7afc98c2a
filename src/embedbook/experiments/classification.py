"""Train one arm of the comparison on labelled texts: the same words, model, budget and stopping for every arm."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from embedbook.experiments.arms import Arm
from embedbook.experiments.linear import train_bag, train_linear
from embedbook.experiments.outcome import Outcome, metrics_of
from embedbook.experiments.parts import Parts
from embedbook.experiments.words import coverage_of, vocabulary_of
from embedbook.text import Vocabulary, pad

if TYPE_CHECKING:
    from gensim.models import KeyedVectors

    from embedbook.models import History

__all__ = ["Model", "Settings", "model_for", "train_arm"]

Model = Literal["mean", "cnn", "linear"]


@dataclass(frozen=True)
class Settings:
    """What all arms share; the defaults were chosen on development data of MR, on splits that no reported number uses.

    Parameters
    ----------
    dimensions : int
        Length of a vector where none are given (random, learned).
    initial_scales : tuple of float
        Standard deviations of the entries of the initial embedding matrix. Every arm is trained from each of them, and
        the one with the lowest loss on development data is kept. Pretrained vectors are multiplied by one number to
        have that scale. Few texts need large vectors, which training does not drown; many texts prefer small ones.
    learning_rate, batch_size, bucketing : float, int
        See `embedbook.models.Training`.
    patience, patience_updates : int
        Stop after so many epochs without a better one on development data, but not before so many updates of the
        weights: with 100 texts an epoch is two updates, and three epochs are no time to wait.
    updates : int
        At most so many updates; no more than a safeguard.
    epoch_updates : int
        Updates between two looks at the development data, at least: as many passes over the texts as that takes.
    word_dropout, dropout : float
        See `embedbook.models.mean_classifier`.
    max_tokens : int
        Longer texts are cut there.
    """

    dimensions: int = 300
    initial_scales: tuple[float, ...] = (0.2, 1.0)
    learning_rate: float = 2e-3
    batch_size: int = 64
    patience: int = 3
    patience_updates: int = 200
    updates: int = 10_000
    epoch_updates: int = 10
    bucketing: int = 50
    word_dropout: float = 0.3
    dropout: float = 0.5
    max_tokens: int = 400

    def __post_init__(self) -> None:
        for name in ("dimensions", "patience_updates", "updates", "epoch_updates", "max_tokens"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be 1 or more, not {getattr(self, name)!r}")
        object.__setattr__(self, "initial_scales", tuple(self.initial_scales))
        if not self.initial_scales or not all(0 < scale < math.inf for scale in self.initial_scales):
            raise ValueError(f"initial_scales must be one or more positive numbers, not {self.initial_scales!r}")

    @classmethod
    def for_model(cls, model: Model, **changes: Any) -> Settings:
        """Return the settings chosen for a model, with changes to single fields."""
        chosen: dict[str, Any] = {"learning_rate": 5e-4, "initial_scales": (0.15,)} if model == "cnn" else {}
        return cls(**{**chosen, **changes})


def model_for(arm: Arm, model: Model) -> Model:
    """Return what reads the words of an arm where other arms are read by a model.

    The mean of frozen vectors under one linear layer is logistic regression on fixed numbers, so it is solved as such,
    as one-hot is. Trained like the networks it loses accuracy, most of all on long texts (the grid "frozen-dropout"):
    nearly all of the mean of many vectors is common to all texts, and dropout makes noise of that, in which what
    differs drowns.

    Parameters
    ----------
    arm : Arm
        The arm.
    model : {"mean", "cnn", "linear"}
        What reads the others.

    Returns
    -------
    {"mean", "cnn", "linear"}
        "linear" for frozen pretrained vectors under "mean"; otherwise `model`.
    """
    return "linear" if model == "mean" and arm.kind == "static" else model


def train_arm(
    arm: Arm,
    parts: Parts,
    spaces: Mapping[str, KeyedVectors],
    *,
    model: Model = "mean",
    settings: Settings | None = None,
    seed: int = 0,
) -> Outcome:
    """Train one arm, choose its best epoch (or strength of regularisation) on development data, and judge it once.

    A word is known to an arm if it occurs in the training texts, or if one of the arm's pretrained spaces has it: that
    is what those are for. Every other word is zeros. A known word without a pretrained vector begins with random
    numbers of the same scale, as in Kim (2014, section 3.2).

    Parameters
    ----------
    arm : Arm
        Which.
    parts : Parts
        The texts.
    spaces : mapping of str to gensim.models.KeyedVectors
        The pretrained vectors that the arm names.
    model : {"mean", "cnn", "linear"}
        `embedbook.models.mean_classifier`, `embedbook.models.convolution_classifier`, or logistic regression on the
        mean of the vectors (arm kind "static" only). The kind "bag" is always logistic regression on its bag of words.
    settings : Settings, optional
        What all arms share.
    seed : int
        Decides initial vectors and weights, dropout and the order of texts.

    Returns
    -------
    Outcome

    Raises
    ------
    ValueError
        If model and arm do not go together, or a space is missing.
    embedbook.vectors.VectorsError
        If a pretrained space knows no word of the texts.
    """
    settings = Settings.for_model(model) if settings is None else settings
    if model not in get_args(Model):
        raise ValueError(f"unknown model {model!r}; there are {', '.join(get_args(Model))}")
    missing = [name for name in arm.spaces if name not in spaces]
    if missing:
        raise ValueError(f"the arm {arm.name!r} needs the pretrained space {missing[0]!r}, which is not given")
    if arm.kind == "bag":
        return train_bag(parts)
    if model == "linear":
        if arm.kind != "static":
            raise ValueError(f'model="linear" goes with the kinds bag and static, not {arm.kind!r}')
        return train_linear(parts, [spaces[name] for name in arm.spaces])
    return _train_network(arm, parts, spaces, model, settings, seed)


def _train_network(
    arm: Arm, parts: Parts, spaces: Mapping[str, KeyedVectors], model: Model, settings: Settings, seed: int
) -> Outcome:
    from embedbook import models

    vocabulary = vocabulary_of(parts, [spaces[name] for name in arm.spaces])
    matrix_seed, model_seed, order_seed = models.child_seeds(seed, 3)
    if arm.pretrained:
        matrix = np.hstack([_pretrained(vocabulary, spaces[name], matrix_seed) for name in arm.spaces])
    else:
        shape = (len(vocabulary), settings.dimensions)
        matrix = np.random.default_rng(matrix_seed).uniform(-math.sqrt(3), math.sqrt(3), shape).astype(np.float32)
    matrix[[Vocabulary.PADDING, Vocabulary.OOV]] = 0
    updates_a_pass = math.ceil(len(parts.train.labels) / settings.batch_size)
    passes = math.ceil(settings.epoch_updates / updates_a_pass)
    updates_an_epoch = passes * updates_a_pass
    training = models.Training(
        epochs=math.ceil(settings.updates / updates_an_epoch),
        batch_size=settings.batch_size,
        learning_rate=settings.learning_rate,
        patience=max(settings.patience, math.ceil(settings.patience_updates / updates_an_epoch)),
        seed=order_seed,
        bucketing=settings.bucketing,
        passes=passes,
    )
    x = {name: _ids(getattr(parts, name).tokens, vocabulary, settings.max_tokens) for name in ("train", "dev", "test")}

    def build(initial: np.ndarray) -> Any:
        make = models.mean_classifier if model == "mean" else models.convolution_classifier
        return make(
            len(initial),
            initial.shape[1],
            parts.n_classes,
            embedding_matrix=initial,
            trainable=arm.kind not in ("random", "static"),
            multichannel=arm.kind == "multichannel",
            word_dropout=settings.word_dropout,
            dropout=settings.dropout,
            seed=model_seed,
        )

    # Adam takes time for every row of a matrix, though a row that no training text reads has no gradient and stays
    # where it is. So training is given the words of its texts and of those that stop it, and test texts all words.
    rows = np.unique(np.concatenate([x["train"].ravel(), x["dev"].ravel(), [Vocabulary.PADDING, Vocabulary.OOV]]))
    of_rows = {name: np.searchsorted(rows, x[name]) for name in ("train", "dev")}
    best: tuple[float, Any, History] | None = None
    seconds = 0.0
    for scale in settings.initial_scales:
        network = build(matrix[rows] * np.float32(scale))
        history = models.fit_classifier(
            network,
            of_rows["train"],
            parts.train.labels,
            validation=(of_rows["dev"], parts.dev.labels),
            training=training,
        )
        seconds += history.seconds
        if best is None or history.best_loss < best[2].best_loss:
            best = scale, network, history
    assert best is not None  # there is at least one scale
    scale, trained, history = best
    network = build(matrix * np.float32(scale))
    _take_over(network, trained, rows)
    dev, test = (models.predict_proba(network, x[name]) for name in ("dev", "test"))
    return Outcome(
        dev=metrics_of(dev, parts.dev.labels),
        test=metrics_of(test, parts.test.labels),
        predictions=test.argmax(axis=1),
        curves=_curves(history),
        epochs=history.epochs,
        initial_scale=scale,
        seconds=seconds,
        coverage=coverage_of(parts.train.tokens, [spaces[name] for name in arm.spaces]),
        parameters=int(sum(np.prod(weight.shape) for weight in network.trainable_weights)),
    )


def _take_over(network: Any, trained: Any, rows: np.ndarray) -> None:
    """Give a network the weights of one that was built alike, but for these rows of the embedding matrix alone."""
    for layer, model in zip(network.layers, trained.layers, strict=True):
        weights = model.get_weights()
        if hasattr(layer, "embeddings"):
            whole = layer.embeddings.numpy()
            whole[rows] = weights[0]
            weights = [whole]
        layer.set_weights(weights)


def _pretrained(vocabulary: Vocabulary, space: KeyedVectors, seed: int) -> np.ndarray:
    """Return a row for each word, of standard deviation 1 over all that are pretrained."""
    from embedbook.vectors import embedding_matrix

    weights = embedding_matrix(vocabulary, space, oov="random", seed=seed)
    return weights.matrix / weights.matrix[weights.found].std()


def _ids(tokens: Sequence[Sequence[str]], vocabulary: Vocabulary, length: int) -> np.ndarray:
    # A text without a known word, or without any word, is one unknown word: the network needs something to read.
    return pad([vocabulary.encode(text[:length]) or [Vocabulary.OOV] for text in tokens])


def _curves(history: History) -> dict[str, tuple[float, ...]]:
    names = ("train_loss", "train_accuracy", "dev_loss", "dev_accuracy")
    return {name: getattr(history, name) for name in names}
