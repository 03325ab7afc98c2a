"""Divide texts into training, development and test parts, and grow the training part: the same for every method."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from embedbook.comparison.collection import Collection
from embedbook.comparison.errors import ComparisonError

__all__ = ["FOLDS", "Division", "Split", "dev_size", "grow"]

#: One fold of so many is the test part, and one the development part.
FOLDS = 10
_FEWEST_FOLDS = 5
_DEV_SHARE, _DEV_LEAST = 4, 50


class Split(NamedTuple):
    """Rows of a collection; training and development rows are in an order whose every beginning has all classes."""

    train: np.ndarray
    dev: np.ndarray
    test: np.ndarray


class Division:
    """Divides a collection, for one seed like for the next.

    The texts are dealt to ten folds, so that each fold has the same share of each class and texts that belong together
    are in one fold. Seeds 0 to 9 take each fold once as the test part, and the next one as the development part; seeds
    10 to 19 do so with texts dealt anew. So the test parts of up to ten seeds have no text in common.

    Parameters
    ----------
    collection : Collection
        The texts. If some of them are marked as test texts, they are the test part of every seed.
    """

    def __init__(self, collection: Collection) -> None:
        self._collection = collection
        self._rows = np.arange(len(collection))
        if collection.test_rows is not None:
            self._rows = np.setdiff1d(self._rows, collection.test_rows)
        self._folds: dict[int, np.ndarray] = {}
        self._splits: dict[int, Split] = {}

    def __call__(self, seed: int) -> Split:
        """Return the parts of a seed, from 0 on.

        Raises
        ------
        ComparisonError
            If there are too few groups, or a group is so large that a part is left with one class.
        """
        if seed not in self._splits:
            self._splits[seed] = self._divide(seed)
        return self._splits[seed]

    def training_size(self, seeds: int) -> int:
        """Return the largest number of training texts that all of the first seeds have.

        Parameters
        ----------
        seeds : int
            How many seeds.
        """
        return min(len(self(seed).train) for seed in range(seeds))

    def _divide(self, seed: int) -> Split:
        deal, place = divmod(seed, FOLDS)
        if deal not in self._folds:
            self._folds[deal] = _deal(self._collection, self._rows, np.random.default_rng([deal, 1]))
        rows, fold_of, labels = self._rows, self._folds[deal], self._collection.labels
        n_folds = int(fold_of.max()) + 1
        place %= n_folds
        order = np.random.default_rng([seed, 2])
        if self._collection.test_rows is None:
            test = rows[fold_of == place]
            in_dev = fold_of == (place + 1) % n_folds
            in_train = (fold_of != place) & ~in_dev
        else:
            test = self._collection.test_rows
            in_dev = fold_of == place
            in_train = ~in_dev
        parts = Split(grow(rows[in_train], labels, order), grow(rows[in_dev], labels, order), np.sort(test))
        for name, part in zip(("training", "development", "test"), parts, strict=True):
            if len(np.unique(labels[part])) < 2:
                facts = self._collection.facts
                what = f"the groups in {facts.group!r}" if facts.group else "repeated texts"
                raise ComparisonError(
                    f"{facts.path}: {what} leave only one class in the {name} part; more and smaller groups are needed"
                )
        return parts


def grow(rows: np.ndarray, labels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Order rows at random such that every beginning has the classes in their shares, and one of each at first.

    Parameters
    ----------
    rows : array of int, shape (m,)
        Rows of a collection.
    labels : array of int, shape (n,)
        The class of each row of the collection.
    rng : numpy.random.Generator
        Decides what is random.

    Returns
    -------
    array of int, shape (m,)
    """
    rows = rng.permutation(rows)
    places = np.empty(len(rows))
    of_rows = labels[rows]
    for label in np.unique(of_rows):
        members = np.flatnonzero(of_rows == label)
        places[members] = (np.arange(len(members)) + rng.random()) / len(members)
        places[members[0]] -= 1
    return rows[np.argsort(places, kind="stable")]


def dev_size(size: int) -> int:
    """Return how many development texts go with so many training texts: who has few of one has few of the other.

    Parameters
    ----------
    size : int
        Training texts.
    """
    return max(_DEV_LEAST, size // _DEV_SHARE)


def _deal(collection: Collection, rows: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return the fold of each row: units, the largest first, each to the fold that lacks its classes most."""
    rows = np.asarray(rows)
    _, unit_of, sizes = np.unique(collection.units[rows], return_inverse=True, return_counts=True)
    n_folds = min(FOLDS, len(sizes))
    if n_folds < _FEWEST_FOLDS:
        what = f"column {collection.facts.group!r} has" if collection.facts.group else "there are"
        raise ComparisonError(
            f"{collection.facts.path}: {what} {len(sizes)} groups of texts that stay together; at least "
            f"{_FEWEST_FOLDS} are needed to divide them into parts"
        )
    n_classes = len(collection.classes)
    labels = collection.labels[rows]
    members = np.split(np.argsort(unit_of, kind="stable"), np.cumsum(sizes)[:-1])
    have = np.zeros((n_folds, n_classes))
    total = np.zeros(n_folds)
    fold_of_unit = np.empty(len(sizes), dtype=np.int64)
    shuffled = rng.permutation(len(sizes))
    # Ties are broken by a random order of the folds, drawn anew each round, so that no fold gets all the remainders.
    tie = rng.random((len(sizes), n_folds)) * 1e-3
    for unit in shuffled[np.argsort(-sizes[shuffled], kind="stable")]:
        of_classes = np.bincount(labels[members[unit]], minlength=n_classes)
        lack = have @ of_classes / sizes[unit] + 1e-2 * total / max(1, len(rows) / n_folds)
        fold = int(np.argmin(lack + tie[unit]))
        have[fold] += of_classes
        total[fold] += sizes[unit]
        fold_of_unit[unit] = fold
    return fold_of_unit[unit_of]
