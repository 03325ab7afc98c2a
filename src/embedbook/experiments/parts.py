"""The texts of a run: training, development and test part, and how some of many texts are chosen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

__all__ = ["Part", "Parts", "data_checksum", "dev_size", "in_proportion", "take"]

_DEV_SHARE = 0.25
_LEAST_DEV = 20


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

    Raises
    ------
    ValueError
        If a part holds no text, or not one label for each text.
    """

    train: Part
    dev: Part
    test: Part
    n_classes: int

    def __post_init__(self) -> None:
        for name in ("train", "dev", "test"):
            part: Part = getattr(self, name)
            if not len(part.tokens) or len(part.tokens) != len(part.labels):
                raise ValueError(f"{name} holds {len(part.tokens)} texts and {len(part.labels)} labels; give one each")


def take(labels: np.ndarray, size: int, rng: np.random.Generator) -> np.ndarray:
    """Choose texts at random so that every class keeps its share, in every first part of the choice too.

    Parameters
    ----------
    labels : numpy.ndarray of int, shape (n,)
        The class of each text.
    size : int
        How many texts; all of them if there are fewer.
    rng : numpy.random.Generator
        Decides which.

    Returns
    -------
    numpy.ndarray of int, shape (min(size, n),)
        Rows, in an order in which the classes alternate by their shares.
    """
    place = np.empty(len(labels))
    for label in np.unique(labels):
        rows = np.flatnonzero(labels == label)
        # The k-th text of a class stands at the (k - u) / n_class of the way, so all classes are spread evenly.
        place[rng.permutation(rows)] = (np.arange(len(rows)) + rng.random()) / len(rows)
    return np.argsort(place, kind="stable")[:size]


def in_proportion(phrases: Part, sentences: Part, rng: np.random.Generator) -> Part:
    """Choose as many phrases as possible such that the classes have the shares that they have in the sentences.

    Half of the phrases in the trees of SST are neutral, but only a fifth of its sentences are. A model that has learned
    from all phrases takes most sentences for neutral ones.

    Parameters
    ----------
    phrases : Part
        What may be chosen; those that are whole sentences are chosen first, the others at random.
    sentences : Part
        What the model will be used for.
    rng : numpy.random.Generator
        Decides which.

    Returns
    -------
    Part
        In the order of `phrases`.

    Raises
    ------
    ValueError
        If no phrase has a class that sentences have.
    """
    classes, counts = np.unique(sentences.labels, return_counts=True)
    shares = counts / counts.sum()
    there = np.array([np.count_nonzero(phrases.labels == label) for label in classes])
    if not there.all():
        raise ValueError(f"no phrase has the class {classes[there == 0][0]}, which sentences have")
    total = (there / shares).min()
    whole = {tuple(tokens) for tokens in sentences.tokens}
    is_whole = np.array([tuple(tokens) in whole for tokens in phrases.tokens])
    chosen = []
    for label, share in zip(classes, shares, strict=True):
        rows = rng.permutation(np.flatnonzero(phrases.labels == label))
        rows = np.concatenate([rows[is_whole[rows]], rows[~is_whole[rows]]])
        chosen.append(rows[: round(total * share)])
    rows = np.sort(np.concatenate(chosen))
    return Part([phrases.tokens[row] for row in rows], phrases.labels[rows])


def dev_size(size: int) -> int:
    """Return how many development texts go with a limited number of training texts.

    Who has few labels has few to decide by, too: a quarter as many, but no fewer than 20.

    Parameters
    ----------
    size : int
        Number of training texts.

    Returns
    -------
    int
    """
    return max(_LEAST_DEV, round(_DEV_SHARE * size))


def data_checksum(origin: str, *entries: str) -> str:
    """Return by which files a run's texts can be known again.

    Parameters
    ----------
    origin : {"real", "sample"}
        Where the texts came from.
    entries : str
        Names in the registry.

    Returns
    -------
    str
        The first twelve characters of the SHA-256 of each file, joined by "+"; "sample" for the sample.
    """
    from embedbook.datasets import chosen_files, find_entry

    if origin == "sample":
        return origin
    return "+".join(file.sha256[:12] for entry in entries for file in chosen_files(find_entry(entry)))
