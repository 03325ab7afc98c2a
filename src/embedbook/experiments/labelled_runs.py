"""Runs on labelled texts: which texts, which arm, which seed; the unit of the book's classification grids."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from typing import Any, Literal

import numpy as np

from embedbook.experiments.arms import Arm
from embedbook.experiments.classification import Model, Settings, train_arm
from embedbook.experiments.named_spaces import load_space, space_checksum
from embedbook.experiments.parts import Part, Parts, data_checksum, dev_size, in_proportion, take
from embedbook.experiments.runs import Meter, Result, Spec, versions

__all__ = ["DIVIDED_AT_RANDOM", "LabelledSpec", "parts_of", "run_labelled"]

#: Sets that `parts_of` divides anew for each seed. Such divisions share most of their texts; see `mean_interval`.
DIVIDED_AT_RANDOM = frozenset({"mr", "cr", "subj", "mpqa"})

_LIBRARIES = ("tensorflow", "keras", "numpy", "scikit-learn", "gensim")


@dataclass(frozen=True)
class LabelledSpec(Spec):
    """One arm on one set of labelled texts.

    Parameters
    ----------
    dataset : str
        A name that `embedbook.datasets.load_labelled` takes.
    arm : Arm
        What the words become.
    model : {"mean", "cnn", "linear"}
        What reads them; see `train_arm`.
    size : int or None
        So many training texts, the classes in proportion, and a quarter as many (at least 20) development texts beside
        them; None for all. Smaller sizes of a seed are part of the larger ones.
    phrases : bool or "in proportion"
        For the Stanford treebank: train on the phrases of the training sentences as well, as Kim (2014) did; on all of
        them, or on as many as give the classes the shares that they have in the sentences (`in_proportion`).
    words : int or None
        Use only the so many most frequent words of each pretrained space; None for all.
    seed : int
        Decides split, choice of texts, initial weights, dropout and order.
    settings : Settings
        What all arms share.
    """

    dataset: str
    arm: Arm
    model: Model = "mean"
    size: int | None = None
    phrases: bool | Literal["in proportion"] = False
    words: int | None = None
    seed: int = 0
    settings: Settings = field(default_factory=Settings)

    def row(self) -> dict[str, Any]:
        """Return what tables say of the run, column by column."""
        settings = asdict(self.settings)
        return {
            "dataset": self.dataset,
            "arm": self.arm.name,
            "kind": self.arm.kind,
            "spaces": "+".join(self.arm.spaces),
            "model": self.model,
            "size": "all" if self.size is None else self.size,
            "phrases": self.phrases,
            "words": "all" if self.words is None else self.words,
            "seed": self.seed,
            "settings": "; ".join(f"{name} {value}" for name, value in settings.items()),
        }


def run_labelled(spec: LabelledSpec) -> Result:
    """Train and judge one arm.

    Parameters
    ----------
    spec : LabelledSpec
        Which.

    Returns
    -------
    Result
        Its metrics are those of `Outcome` on "dev" and "test", numbers of texts, coverage, epochs and parameters.

    Raises
    ------
    embedbook.datasets.DataError
        If the texts are unknown or not to be had.
    ValueError
        If the texts are fewer than `size`, or arm and model do not go together.
    """
    with Meter() as meter:
        parts = parts_of(spec)
        spaces = {name: load_space(name, spec.words) for name in spec.arm.spaces}
        outcome = train_arm(spec.arm, parts, spaces, model=spec.model, settings=spec.settings, seed=spec.seed)
    if "keras" in sys.modules:
        # Keras keeps something of every model for the life of the process, and a worker trains hundreds.
        sys.modules["keras"].utils.clear_session()
    metrics = {
        **{f"test_{name}": value for name, value in outcome.test.items()},
        **{f"dev_{name}": value for name, value in outcome.dev.items()},
        "epochs": outcome.epochs,
        "initial_scale": outcome.initial_scale,
        "parameters": outcome.parameters,
        "coverage_types": outcome.coverage.by_type if outcome.coverage else float("nan"),
        "coverage_tokens": outcome.coverage.by_token if outcome.coverage else float("nan"),
        "n_train": len(parts.train.labels),
        "n_dev": len(parts.dev.labels),
        "n_test": len(parts.test.labels),
    }
    *_, data_origin = _tokenised(spec.dataset)
    origin = {
        "data_sha256": data_checksum(data_origin, spec.dataset, *(["sst-trees"] if spec.phrases else [])),
        "spaces_sha256": "+".join(space_checksum(name) for name in spec.arm.spaces),
        **versions(*_LIBRARIES),
    }
    return Result(metrics=metrics, curves=outcome.curves, origin=origin, **meter.cost())


def parts_of(spec: LabelledSpec) -> Parts:
    """Return the texts of a run.

    Where the authors divided a set, their division holds, and without a development part a tenth of the training part
    becomes one. Other sets are divided 80 : 10 : 10 at random with the run's seed. The classes keep their shares.

    Parameters
    ----------
    spec : LabelledSpec
        The run.

    Returns
    -------
    Parts

    Raises
    ------
    ValueError
        If there are fewer training texts than `size`, or the set has no phrases.
    """
    tokens, labels, split, n_classes, _ = _tokenised(spec.dataset)
    rng = np.random.default_rng([spec.seed, 2014])
    if split is None:
        shuffled = take(labels, len(labels), rng)
        tenth = len(labels) // 10
        test, dev, train = shuffled[:tenth], shuffled[tenth : 2 * tenth], shuffled[2 * tenth :]
    else:
        test, train = split["test"], split["train"]
        if "dev" in split:
            dev = split["dev"]
            train = train[take(labels[train], len(train), rng)]
        else:
            shuffled = train[take(labels[train], len(train), rng)]
            dev, train = shuffled[: len(train) // 10], shuffled[len(train) // 10 :]
    if spec.size is not None:
        if spec.size > len(train):
            raise ValueError(f"{spec.dataset} has {len(train):,} training texts, fewer than the size {spec.size:,}")
        train = train[: spec.size]
        dev = dev[take(labels[dev], dev_size(spec.size), rng)]
    chosen = {
        name: Part([tokens[row] for row in rows], labels[rows])
        for name, rows in (("train", train), ("dev", dev), ("test", test))
    }
    if spec.phrases:
        phrases = _phrases(spec.dataset)
        as_drawn = spec.phrases == "in proportion"
        chosen["train"] = in_proportion(phrases, chosen["train"], rng) if as_drawn else phrases
    return Parts(**chosen, n_classes=n_classes)


@lru_cache(maxsize=2)  # a worker runs many specifications of one set in a row
def _tokenised(dataset: str) -> tuple[Sequence[Sequence[str]], np.ndarray, Any, int, str]:
    from embedbook.datasets import load_labelled
    from embedbook.text import tokenize

    texts = load_labelled(dataset)
    known: dict[str, str] = {}  # each word once, not once for every time it occurs: millions of them are reviews
    return (
        [[known.setdefault(token, token) for token in tokenize(text)] for text in texts.texts],
        texts.labels,
        texts.official_split,
        len(texts.classes),
        texts.origin,
    )


@lru_cache(maxsize=1)
def _phrases(dataset: str) -> Part:
    from embedbook.datasets import load_phrases
    from embedbook.text import tokenize

    phrases = load_phrases(dataset)
    return Part([tokenize(text) for text in phrases.texts], phrases.labels)
