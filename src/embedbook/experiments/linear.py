"""Logistic regression on texts: on the one-hot vectors of their words, or on the mean of pretrained ones."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from embedbook.experiments.outcome import Outcome, metrics_of
from embedbook.experiments.parts import Parts
from embedbook.experiments.words import bag_of_words, coverage_of, vocabulary_of
from embedbook.text import Coverage, Vocabulary

if TYPE_CHECKING:
    from gensim.models import KeyedVectors

__all__ = ["train_bag", "train_linear"]

# Strengths of regularisation that linear models choose from on development data: many-fold steps, the same for all.
_STRENGTHS = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0)


def train_bag(parts: Parts) -> Outcome:
    """Fit logistic regression to the bags of words of texts.

    Parameters
    ----------
    parts : Parts
        The texts; every word of the training part is a column.

    Returns
    -------
    Outcome
    """
    vocabulary = Vocabulary.fit(parts.train.tokens)
    x = [bag_of_words(part.tokens, vocabulary) for part in (parts.train, parts.dev, parts.test)]
    return _logistic(x, parts, None)


def train_linear(parts: Parts, spaces: Sequence[KeyedVectors]) -> Outcome:
    """Fit logistic regression to the mean of the vectors of texts' words.

    Parameters
    ----------
    parts : Parts
        The texts.
    spaces : sequence of gensim.models.KeyedVectors
        Pretrained vectors, put side by side; a word without one is zeros.

    Returns
    -------
    Outcome

    Raises
    ------
    embedbook.vectors.VectorsError
        If a space knows no word of the texts.
    """
    from embedbook.vectors import embedding_matrix

    vocabulary = vocabulary_of(parts, spaces)
    matrix = np.hstack([embedding_matrix(vocabulary, space).matrix for space in spaces])
    x = []
    for part in (parts.train, parts.dev, parts.test):
        counts = bag_of_words(part.tokens, vocabulary, binary=False)
        lengths = np.maximum(counts.sum(axis=1), 1)[:, None]
        x.append(counts @ matrix[-len(vocabulary.words) :] / lengths)
    # What all texts have in common is the intercept's business: taken away, the fit is the same, in fewer steps. One
    # scale for all columns, so that the strengths of regularisation mean the same for every space.
    common, scale = x[0].mean(axis=0), x[0].std()
    return _logistic([(each - common) / scale for each in x], parts, coverage_of(parts.train.tokens, spaces))


def _logistic(x: Sequence[Any], parts: Parts, coverage: Coverage | None) -> Outcome:
    start = time.perf_counter()
    fitted = _best_logistic(x[0], parts.train.labels, x[1], parts.dev.labels)
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


def _best_logistic(x: Any, y: np.ndarray, x_dev: Any, y_dev: np.ndarray) -> Any:
    """Fit logistic regression at nine strengths of regularisation and keep the one with the lowest development loss."""
    from sklearn.linear_model import LogisticRegression
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    best, best_loss = None, math.inf
    for strength in _STRENGTHS:
        # The tables are small: more threads would only wait for each other, for minutes where others use them too.
        with threadpool_limits(1):
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
