"""Train one arm of the comparison on labelled texts: the same words, model, budget and stopping for every arm."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, get_args

import numpy as np

from embedbook.experiments.arms import Arm
from embedbook.text import Coverage, Vocabulary, pad

if TYPE_CHECKING:
    from gensim.models import KeyedVectors
    from scipy.sparse import csr_matrix

    from embedbook.models import History

__all__ = ["Model", "Outcome", "Part", "Parts", "Settings", "bag_of_words", "best_logistic", "metrics_of", "train_arm"]

Model = Literal["mean", "cnn", "linear"]

# Strengths of regularisation that linear models choose from on development data: many-fold steps, the same for all.
_STRENGTHS = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0)


class Part(NamedTuple):
    """Some labelled texts, tokenised.

    Parameters
    ----------
    tokens : sequence of sequences of str
        n texts, as `embedbook.text.tokenize` gives them.
    labels : numpy.ndarray of int, shape (n,)
        Their classes, from 0 on.
    """

    tokens: Sequence[Sequence[str]]
    labels: np.ndarray


@dataclass(frozen=True)
class Parts:
    """What one run needs: texts to train on, texts to decide on when to stop, and texts to be judged by, once.

    Parameters
    ----------
    train, dev, test : Part
        The three parts; no text is in two of them.
    n_classes : int
        Number of classes.
    """

    train: Part
    dev: Part
    test: Part
    n_classes: int


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
        chosen: dict[str, Any] = {"learning_rate": 1e-3, "initial_scales": (0.15,)} if model == "cnn" else {}
        return cls(**{**chosen, **changes})


@dataclass(frozen=True)
class Outcome:
    """What a trained arm is worth.

    Parameters
    ----------
    dev, test : dict
        "accuracy", "macro_f1" (the mean of the classes' F1) and "loss" (mean cross-entropy, nats a text).
    predictions : numpy.ndarray of int, shape (n test texts,)
        The class that each test text was given.
    curves : dict of str to tuple of float
        "train_loss", "train_accuracy", "dev_loss", "dev_accuracy", one number an epoch; empty for linear models.
    epochs : int
        Epochs trained; 0 for linear models.
    initial_scale : float
        The one of the initial scales that was kept; NaN for linear models.
    seconds : float
        Time of training, from all initial scales, without reading and judging.
    coverage : Coverage or None
        Which share of the training texts' words has a pretrained vector; None for arms without.
    parameters : int
        Numbers that training decided.
    """

    dev: dict[str, float]
    test: dict[str, float]
    predictions: np.ndarray
    curves: dict[str, tuple[float, ...]] = field(default_factory=dict)
    epochs: int = 0
    initial_scale: float = math.nan
    seconds: float = 0.0
    coverage: Coverage | None = None
    parameters: int = 0


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
        If model and arm do not go together, a space is missing, or a part holds no text.
    embedbook.vectors.VectorsError
        If a pretrained space knows no word of the texts.
    """
    settings = Settings.for_model(model) if settings is None else settings
    if model not in get_args(Model):
        raise ValueError(f"unknown model {model!r}; there are {', '.join(get_args(Model))}")
    missing = [name for name in arm.spaces if name not in spaces]
    if missing:
        raise ValueError(f"the arm {arm.name!r} needs the pretrained space {missing[0]!r}, which is not given")
    for name in ("train", "dev", "test"):
        part: Part = getattr(parts, name)
        if not len(part.tokens) or len(part.tokens) != len(part.labels):
            raise ValueError(f"{name} holds {len(part.tokens)} texts and {len(part.labels)} labels; give one each")
    if arm.kind == "bag":
        return _train_bag(parts)
    if model == "linear":
        if arm.kind != "static":
            raise ValueError(f'model="linear" goes with the kinds bag and static, not {arm.kind!r}')
        return _train_linear(arm, parts, spaces)
    return _train_network(arm, parts, spaces, model, settings, seed)


# --- Networks --------------------------------------------------------------------------------------------------------


def _train_network(
    arm: Arm, parts: Parts, spaces: Mapping[str, KeyedVectors], model: Model, settings: Settings, seed: int
) -> Outcome:
    from embedbook import models

    vocabulary = _vocabulary(parts, [spaces[name] for name in arm.spaces])
    matrix_seed, model_seed, order_seed = (int(s >> 1) for s in np.random.SeedSequence(seed).generate_state(3))
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
    build = models.mean_classifier if model == "mean" else models.convolution_classifier
    best: tuple[float, Any, History] | None = None
    seconds = 0.0
    for scale in settings.initial_scales:
        network = build(
            len(matrix),
            matrix.shape[1],
            parts.n_classes,
            embedding_matrix=matrix * np.float32(scale),
            trainable=arm.kind not in ("random", "static"),
            multichannel=arm.kind == "multichannel",
            word_dropout=settings.word_dropout,
            dropout=settings.dropout,
            seed=model_seed,
        )
        history = models.fit_classifier(
            network, x["train"], parts.train.labels, validation=(x["dev"], parts.dev.labels), training=training
        )
        seconds += history.seconds
        if best is None or history.best_loss < best[2].best_loss:
            best = scale, network, history
    assert best is not None  # there is at least one scale
    scale, network, history = best
    dev, test = (models.predict_proba(network, x[name]) for name in ("dev", "test"))
    return Outcome(
        dev=metrics_of(dev, parts.dev.labels),
        test=metrics_of(test, parts.test.labels),
        predictions=test.argmax(axis=1),
        curves=_curves(history),
        epochs=history.epochs,
        initial_scale=scale,
        seconds=seconds,
        coverage=_coverage(parts.train.tokens, [spaces[name] for name in arm.spaces]),
        parameters=int(sum(np.prod(weight.shape) for weight in network.trainable_weights)),
    )


def _vocabulary(parts: Parts, spaces: Sequence[KeyedVectors]) -> Vocabulary:
    """Return every word of the training texts, then those of the other texts that a pretrained space has."""
    trained = Vocabulary.fit(parts.train.tokens)
    more = {
        token
        for part in (parts.dev, parts.test)
        for tokens in part.tokens
        for token in tokens
        if token not in trained and any(token in space.key_to_index for space in spaces)
    }
    return Vocabulary(trained.words + tuple(sorted(more)), trained.counts + (0,) * len(more))


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


def _coverage(tokens: Sequence[Sequence[str]], spaces: Sequence[KeyedVectors]) -> Coverage | None:
    if not spaces:
        return None
    vocabulary = Vocabulary.fit(tokens)
    counts = np.array(vocabulary.counts, dtype=float)
    known = np.array([any(word in space.key_to_index for space in spaces) for word in vocabulary.words])
    return Coverage(float(known.mean()), float(counts[known].sum() / counts.sum()))


# --- Linear models ---------------------------------------------------------------------------------------------------


def _train_bag(parts: Parts) -> Outcome:
    vocabulary = Vocabulary.fit(parts.train.tokens)
    x = [bag_of_words(part.tokens, vocabulary) for part in (parts.train, parts.dev, parts.test)]
    return _logistic(x, parts, None)


def _train_linear(arm: Arm, parts: Parts, spaces: Mapping[str, KeyedVectors]) -> Outcome:
    from embedbook.vectors import embedding_matrix

    chosen = [spaces[name] for name in arm.spaces]
    vocabulary = _vocabulary(parts, chosen)
    matrix = np.hstack([embedding_matrix(vocabulary, space).matrix for space in chosen])
    x = []
    for part in (parts.train, parts.dev, parts.test):
        counts = bag_of_words(part.tokens, vocabulary, binary=False)
        lengths = np.maximum(np.asarray(counts.sum(axis=1)), 1)
        x.append(np.asarray(counts @ matrix[-len(vocabulary.words) :]) / lengths)
    # One number for all columns, so that the strengths of regularisation mean the same for every space.
    return _logistic([each / x[0].std() for each in x], parts, _coverage(parts.train.tokens, chosen))


def _logistic(x: Sequence[Any], parts: Parts, coverage: Coverage | None) -> Outcome:
    start = time.perf_counter()
    fitted = best_logistic(x[0], parts.train.labels, x[1], parts.dev.labels)
    seconds = time.perf_counter() - start
    dev, test = (_all_classes(fitted, each, parts.n_classes) for each in x[1:])
    return Outcome(
        dev=metrics_of(dev, parts.dev.labels),
        test=metrics_of(test, parts.test.labels),
        predictions=test.argmax(axis=1),
        seconds=seconds,
        coverage=coverage,
        parameters=int(fitted.coef_.size + fitted.intercept_.size),
    )


def bag_of_words(tokens: Sequence[Sequence[str]], vocabulary: Vocabulary, *, binary: bool = True) -> csr_matrix:
    """Return texts as the sum of the one-hot vectors of their words.

    Parameters
    ----------
    tokens : sequence of sequences of str
        n texts.
    vocabulary : Vocabulary
        The words that have a column; others are left out.
    binary : bool
        Count each word once.

    Returns
    -------
    scipy.sparse.csr_matrix of float64, shape (n, number of words)
        Column i belongs to ``vocabulary.words[i]``.
    """
    from scipy.sparse import csr_matrix

    first = len(vocabulary) - len(vocabulary.words)
    rows, columns = [], []
    for row, text in enumerate(tokens):
        known = [word_id - first for word_id in vocabulary.encode(text) if word_id != Vocabulary.OOV]
        columns.extend(known)
        rows.extend([row] * len(known))
    shape = (len(tokens), len(vocabulary.words))
    counts = csr_matrix((np.ones(len(rows)), (rows, columns)), shape=shape)
    if binary:
        counts.data[:] = 1
    return counts


def best_logistic(x: Any, y: np.ndarray, x_dev: Any, y_dev: np.ndarray) -> Any:
    """Fit logistic regression at nine strengths of regularisation and keep the one with the lowest development loss.

    Parameters
    ----------
    x, x_dev : array or sparse matrix of float, shape (n texts, columns)
        Features of the training and development texts.
    y, y_dev : numpy.ndarray of int
        Their classes.

    Returns
    -------
    sklearn.linear_model.LogisticRegression
    """
    from sklearn.linear_model import LogisticRegression

    best, best_loss = None, math.inf
    for strength in _STRENGTHS:
        fitted = LogisticRegression(C=strength, max_iter=1000).fit(x, y)
        probabilities = _all_classes(fitted, x_dev, int(max(y.max(), y_dev.max())) + 1)
        loss = metrics_of(probabilities, y_dev)["loss"]
        if loss < best_loss:
            best, best_loss = fitted, loss
    return best


def _all_classes(fitted: Any, x: Any, n_classes: int) -> np.ndarray:
    """Return a probability for each class; those that the training texts lacked get 0."""
    probabilities = np.zeros((x.shape[0], n_classes))
    probabilities[:, fitted.classes_] = fitted.predict_proba(x)
    return probabilities


def metrics_of(probabilities: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    """Return accuracy, macro-F1 and mean cross-entropy of predicted probabilities.

    Parameters
    ----------
    probabilities : numpy.ndarray of float, shape (n texts, n classes)
        Rows sum to 1.
    labels : numpy.ndarray of int, shape (n texts,)
        The true classes.

    Returns
    -------
    dict of str to float
        "accuracy"; "macro_f1", the mean of F1 over the classes that occur in `labels` or were predicted; "loss", nats
        a text, with probabilities no lower than 1e-7.
    """
    from sklearn.metrics import f1_score

    predicted = probabilities.argmax(axis=1)
    of_truth = np.clip(probabilities[np.arange(len(labels)), labels], 1e-7, 1)
    return {
        "accuracy": float((predicted == labels).mean()),
        "macro_f1": float(f1_score(labels, predicted, average="macro", zero_division=0)),
        "loss": float(-np.log(of_truth).mean()),
    }
