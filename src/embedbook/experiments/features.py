"""Word vectors as features of other algorithms: the runs of the grid "features"."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, get_args

import numpy as np

from embedbook.experiments.learners import LEARNERS, Learner, fit_and_score
from embedbook.experiments.named_spaces import load_space, space_checksum
from embedbook.experiments.parts import Part, Parts, data_checksum, dev_size, take
from embedbook.experiments.runs import Meter, Result, Spec, versions
from embedbook.experiments.text_features import OneHotWeighting, Weighting, one_hot_features, vector_features

__all__ = ["FeatureSpec", "feature_parts", "feature_specs", "run_features", "transformer_of"]

# Four data sets of Kim (2014), and what their words become: () is one-hot.
_DATASETS = ("mr", "sst2", "trec", "subj")
_SPACES: tuple[tuple[str, ...], ...] = ((), ("word2vec",), ("glove",), ("word2vec", "glove"), ("wiki+imdb",))
_SIZES = (200, None)
_SEEDS = range(5)
_SHARES = (0.8, 0.1, 0.1)
_LIBRARIES = ("numpy", "scipy", "scikit-learn", "gensim")
# Trees need a dense table, so of one-hot columns they get those of the commonest words alone.
_DENSE_WORDS = 1000


@dataclass(frozen=True)
class FeatureSpec(Spec):
    """One learner with one kind of features on one set of labelled texts.

    Parameters
    ----------
    dataset : str
        A name that `embedbook.datasets.load_labelled` takes.
    learner : str
        One of `LEARNERS`.
    spaces : tuple of str
        Names of pretrained spaces, as `load_space` takes them, whose vectors are averaged and put side by side; none
        for one-hot columns.
    weighting : {"mean", "tfidf", "sif", "binary"}
        See `VectorFeatures`; with one-hot columns "binary" or "tfidf".
    size : int or None
        So many training texts, the classes in proportion, and a quarter as many (at least 20) development texts; None
        for all, which are 80 and 10 % of the set.
    seed : int
        Decides the division into training, development and test texts, and what a learner draws at random.

    Raises
    ------
    ValueError
        If the learner is unknown, or the weighting is none of the features'.
    """

    dataset: str
    learner: str
    spaces: tuple[str, ...] = ()
    weighting: str = "mean"
    size: int | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "spaces", tuple(self.spaces))
        if self.learner not in LEARNERS:
            raise ValueError(f"there is no learner {self.learner!r}; there are {', '.join(LEARNERS)}")
        if self.weighting not in (known := _weightings(self.spaces)):
            raise ValueError(f"{self.features} has the weightings {', '.join(known)}, not {self.weighting!r}")
        if self.size is not None and self.size < 1:
            raise ValueError(f"size must be 1 or more, or None for all, not {self.size!r}")

    @property
    def features(self) -> str:
        """What tables call the features: "one-hot", or the names of the spaces."""
        return "+".join(self.spaces) or "one-hot"

    def row(self) -> dict[str, Any]:
        """Return what tables say of the run, column by column."""
        return {
            "dataset": self.dataset,
            "arm": self.features,
            "weighting": self.weighting,
            "learner": self.learner,
            "size": "all" if self.size is None else self.size,
            "seed": self.seed,
        }


def feature_specs() -> tuple[FeatureSpec, ...]:
    """Return the runs of the grid "features": four data sets, each learner with each kind of features, five seeds."""
    return tuple(
        FeatureSpec(dataset, learner, spaces, weighting, size, seed)
        for dataset in _DATASETS
        for seed in _SEEDS
        for size in _SIZES
        for spaces in _SPACES
        for weighting in _weightings(spaces)
        for learner in LEARNERS
    )


def run_features(spec: FeatureSpec) -> Result:
    """Train and judge one learner with one kind of features.

    Parameters
    ----------
    spec : FeatureSpec
        Which.

    Returns
    -------
    Result
        Its metrics are the numbers of `FeatureScore` but for the seconds, which are its `times`; "setting" is the
        place of the chosen setting among the learner's, from 0 on.

    Raises
    ------
    ValueError
        If there are fewer training texts than `size`, or a space is unknown.
    embedbook.datasets.DataError
        If the texts are unknown or not to be had.
    """
    learner = LEARNERS[spec.learner]
    with Meter() as meter:
        parts = feature_parts(spec.dataset, size=spec.size, seed=spec.seed)
        transformer = transformer_of(spec.spaces, spec.weighting, learner)
        score = fit_and_score(parts, transformer, learner, seed=spec.seed)
    metrics = {
        "test_accuracy": score.accuracy,
        "test_macro_f1": score.macro_f1,
        "dev_accuracy": score.dev_accuracy,
        "setting": learner.settings.index(score.setting),
        "dimensions": score.dimensions,
        "model_bytes": score.model_bytes,
        "feature_bytes": score.feature_bytes,
        "matrix_bytes": score.matrix_bytes,
        "unknown": score.unknown,
        "n_train": len(parts.train.labels),
        "n_dev": len(parts.dev.labels),
        "n_test": len(parts.test.labels),
    }
    origin = {
        "data_sha256": _split(spec.dataset, spec.seed)[2],
        "spaces_sha256": "+".join(space_checksum(name) for name in spec.spaces),
        **versions(*_LIBRARIES),
    }
    times = {
        "seconds_features": score.seconds_features,
        "seconds_train": score.seconds_train,
        "seconds_predict": score.seconds_predict,
    }
    return Result(metrics=metrics, origin=origin, times=times, **meter.cost())


def feature_parts(dataset: str, *, size: int | None = None, seed: int = 0) -> Parts:
    """Return the texts of a run: 80 : 10 : 10, divided at random with equal shares of the classes.

    An official division is left aside, because one division says nothing about how much another would have given.

    Parameters
    ----------
    dataset : str
        A name that `embedbook.datasets.load_labelled` takes.
    size : int, optional
        So many training texts, and development texts as `dev_size` has it. A smaller choice is part of a larger one;
        test texts stay the same.
    seed : int
        Decides the division and the choice.

    Returns
    -------
    Parts

    Raises
    ------
    ValueError
        If there are fewer training texts than `size`.
    """
    parts, n_classes, _ = _split(dataset, seed)
    train, dev, test = parts
    if size is not None:
        if size > len(train.labels):
            raise ValueError(f"{dataset} has {len(train.labels):,} training texts, fewer than the size {size:,}")
        train = _some(train, size, seed)
        dev = _some(dev, dev_size(size), seed)
    return Parts(train, dev, test, n_classes)


def transformer_of(spaces: tuple[str, ...], weighting: Any, learner: Learner) -> Any:
    """Return the unfitted transformer of a run.

    Parameters
    ----------
    spaces : tuple of str
        As in `FeatureSpec`.
    weighting : str
        As in `FeatureSpec`.
    learner : Learner
        One that needs a dense table gets one-hot columns of the 1,000 commonest words of the training texts only.

    Returns
    -------
    scikit-learn transformer
    """
    if spaces:
        return vector_features([load_space(name) for name in spaces], weighting)
    return one_hot_features(weighting, max_words=_DENSE_WORDS if learner.needs_dense else None)


@lru_cache(maxsize=2)  # a worker runs many specifications of one division in a row
def _split(dataset: str, seed: int) -> tuple[list[Part], int, str]:
    from embedbook.datasets import load_labelled
    from embedbook.text import tokenize

    texts = load_labelled(dataset)
    parts = [Part([tokenize(text) for text in part.texts], part.labels) for part in texts.split(_SHARES, seed=seed)]
    return parts, len(texts.classes), data_checksum(texts.origin, dataset)


def _some(part: Part, size: int, seed: int) -> Part:
    rows = take(part.labels, size, np.random.default_rng([seed, len(part.labels)]))
    return Part([part.tokens[row] for row in rows], part.labels[rows])


def _weightings(spaces: tuple[str, ...]) -> tuple[str, ...]:
    return get_args(Weighting if spaces else OneHotWeighting)
