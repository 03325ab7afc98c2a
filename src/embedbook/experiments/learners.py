"""Learners that take any features, the settings that they try, and what one is worth with some features."""

from __future__ import annotations

import pickle
import time
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, f1_score
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from embedbook.experiments.parts import Parts

__all__ = ["LEARNERS", "FeatureScore", "Learner", "fit_and_score"]


@dataclass(frozen=True)
class Learner:
    """An algorithm that learns from features, and the settings that are tried on development data.

    Parameters
    ----------
    title : str
        What to call it.
    settings : tuple of dict
        Tried in this order, whatever the features are; of equally good ones the first is kept.
    build : callable
        Makes an unfitted scikit-learn classifier from a setting, a seed and the number of training texts.
    standardise : bool
        Whether dense features are brought to mean 0 and variance 1 each. (One-hot columns stay as they are: sparse.)
    needs_dense : bool
        Whether it cannot take a sparse matrix.
    """

    title: str
    settings: tuple[Mapping[str, Any], ...]
    build: Callable[[Mapping[str, Any], int, int], Any]
    standardise: bool = False
    needs_dense: bool = False


LEARNERS: Mapping[str, Learner] = {
    "logistic": Learner(
        "logistic regression",
        tuple({"C": c} for c in (0.0001, 0.001, 0.01, 0.1, 1.0, 10.0, 100.0)),
        lambda setting, seed, texts: LogisticRegression(**setting, max_iter=1000),
        standardise=True,
    ),
    "svm": Learner(
        "linear support vector machine",
        tuple({"C": c} for c in (0.00001, 0.0001, 0.001, 0.01, 0.1, 1.0)),
        lambda setting, seed, texts: LinearSVC(**setting, dual="auto", random_state=seed),
        standardise=True,
    ),
    "neighbours": Learner(
        "nearest neighbours (cosine)",
        tuple({"n_neighbors": k} for k in (1, 5, 10, 20, 50, 100, 200)),
        lambda setting, seed, texts: KNeighborsClassifier(
            min(setting["n_neighbors"], texts), metric="cosine", algorithm="brute"
        ),
    ),
    "boosting": Learner(
        "gradient boosting",
        # Few texts have any one word, so how few may share a leaf matters to one-hot columns.
        tuple({"learning_rate": rate, "min_samples_leaf": texts} for rate, texts in ((0.1, 20), (0.1, 5), (0.3, 5))),
        lambda setting, seed, texts: HistGradientBoostingClassifier(
            **setting, max_iter=100, max_leaf_nodes=8, early_stopping=False, random_state=seed
        ),
        needs_dense=True,
    ),
}
"""The learners; each tries the same settings with all features."""


@dataclass(frozen=True)
class FeatureScore:
    """How well a learner did with some features, and what it cost.

    Parameters
    ----------
    accuracy, macro_f1 : float
        On test texts.
    dev_accuracy : float
        On development texts, of the setting that was chosen there.
    setting : dict
        That setting.
    seconds_features : float
        To fit the features to the training texts and to turn those into numbers.
    seconds_train : float
        To train once, with the chosen setting.
    seconds_predict : float
        To label the test texts, their features given.
    model_bytes : int
        Size of the trained learner, pickled.
    feature_bytes : int
        Size of what turns texts into features, pickled: the words with their columns, or the table of vectors.
    matrix_bytes : int
        Size of the training texts' features.
    dimensions : int
        Numbers a text.
    unknown : int
        Test texts all of whose features are 0.
    """

    accuracy: float
    macro_f1: float
    dev_accuracy: float
    setting: Mapping[str, Any]
    seconds_features: float
    seconds_train: float
    seconds_predict: float
    model_bytes: int
    feature_bytes: int
    matrix_bytes: int
    dimensions: int
    unknown: int


def fit_and_score(parts: Parts, transformer: Any, learner: Learner, *, seed: int = 0) -> FeatureScore:
    """Train a learner on features of texts, choose its setting on development texts, and score it on test texts.

    Everything runs in one thread, so that times can be compared.

    Parameters
    ----------
    parts : Parts
        The texts, as tokens, and their labels.
    transformer : scikit-learn transformer
        Such as `vector_features` and `one_hot_features` give; it is fitted here, to the training texts alone.
    learner : Learner
        One of `LEARNERS`, or your own.
    seed : int
        Of learners that draw at random.

    Returns
    -------
    FeatureScore
    """
    with threadpool_limits(1), warnings.catch_warnings():
        # A setting that does not converge is still a setting that development data judge.
        warnings.simplefilter("ignore", ConvergenceWarning)
        start = time.perf_counter()
        train = _prepared(transformer.fit_transform(parts.train.tokens), learner)
        seconds_features = time.perf_counter() - start
        dev, test = (_prepared(transformer.transform(part.tokens), learner) for part in (parts.dev, parts.test))
        best: tuple[float, float, Any, Mapping[str, Any]] | None = None
        for setting in learner.settings:
            model = learner.build(setting, seed, len(parts.train.labels))
            if learner.standardise and not sparse.issparse(train):
                model = make_pipeline(StandardScaler(), model)
            start = time.perf_counter()
            model.fit(train, parts.train.labels)
            seconds_train = time.perf_counter() - start
            dev_accuracy = float(accuracy_score(parts.dev.labels, model.predict(dev)))
            if best is None or dev_accuracy > best[0]:
                best = (dev_accuracy, seconds_train, model, setting)
        assert best is not None  # a learner has settings
        dev_accuracy, seconds_train, model, setting = best
        start = time.perf_counter()
        predicted = model.predict(test)
        seconds_predict = time.perf_counter() - start
    return FeatureScore(
        accuracy=float(accuracy_score(parts.test.labels, predicted)),
        macro_f1=float(f1_score(parts.test.labels, predicted, average="macro", zero_division=0)),
        dev_accuracy=dev_accuracy,
        setting=dict(setting),
        seconds_features=seconds_features,
        seconds_train=seconds_train,
        seconds_predict=seconds_predict,
        model_bytes=len(pickle.dumps(model)),
        feature_bytes=len(pickle.dumps(transformer)),
        matrix_bytes=_matrix_bytes(train),
        dimensions=int(train.shape[1]),
        unknown=int((_row_lengths(test) == 0).sum()),
    )


def _prepared(features: Any, learner: Learner) -> Any:
    return features.toarray() if learner.needs_dense and sparse.issparse(features) else features


def _matrix_bytes(features: Any) -> int:
    if sparse.issparse(features):
        return int(features.data.nbytes + features.indices.nbytes + features.indptr.nbytes)
    return int(features.nbytes)


def _row_lengths(features: Any) -> NDArray[np.float64]:
    return np.asarray(abs(features).sum(axis=1)).ravel()
