"""Keep the state of a training run on disk, so that it can be stopped and taken up again."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from embedbook.glove.compiling import compiled
from embedbook.glove.cooccurrences import Cooccurrences
from embedbook.glove.storage import read_archive, write_archive

__all__ = ["CheckpointError"]

_KIND = "GloVe checkpoint"


class CheckpointError(ValueError):
    """A checkpoint does not belong to this run, or cannot be read."""


class State(NamedTuple):
    """Everything that one epoch hands on to the next."""

    words: np.ndarray
    """(V, 2, d + 1): vectors and biases, and their sums of squared gradients."""
    contexts: np.ndarray
    """The same for the context words."""
    losses: tuple[float, ...]
    """One for each epoch done."""


def run_identity(table: Cooccurrences, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return what must agree between two runs so that one may continue the other."""
    words = hashlib.sha256("\n".join(table.words).encode("utf-8")).hexdigest()
    cells = int(_digest(table.rows, table.columns, np.asarray(table.counts).view(np.uint64)))
    return {**settings, "vocabulary": words[:16], "cells": f"{len(table.counts)}-{cells:016x}-{table.symmetric}"}


def save_checkpoint(path: str | Path, identity: Mapping[str, Any], state: State) -> None:
    """Write the state after an epoch, in place of the one before it."""
    write_archive(
        path,
        {"kind": _KIND, "identity": dict(identity), "losses": state.losses},
        {"words": state.words, "contexts": state.contexts},
    )


def load_checkpoint(path: str | Path, identity: Mapping[str, Any], shape: tuple[int, ...]) -> State:
    """Read a state that was written by the same run.

    Raises
    ------
    CheckpointError
        If the file is no checkpoint, is damaged, or was made with other settings or another table.
    """
    remedy = "delete it to begin anew, or name another file"
    try:
        meta, arrays = read_archive(path, _KIND)
        found, losses, words, contexts = meta["identity"], tuple(meta["losses"]), arrays["words"], arrays["contexts"]
    except (ValueError, KeyError) as error:
        raise CheckpointError(f"{path} cannot be taken up: {error}; {remedy}") from error
    differing = [
        f"{name} is {found.get(name)!r} there and {value!r} here"
        for name, value in identity.items()
        if found.get(name) != value
    ]
    if differing:
        raise CheckpointError(f"checkpoint {path} belongs to another run: {'; '.join(differing)}; {remedy}")
    if words.shape != shape or contexts.shape != shape:
        raise CheckpointError(f"checkpoint {path} is damaged: its arrays have the wrong shape; {remedy}")
    return State(words, contexts, losses)


@compiled()
def _digest(rows: np.ndarray, columns: np.ndarray, counts: np.ndarray) -> np.uint64:
    """Return a 64-bit sum over all cells that changes when any of them does."""
    total = np.uint64(0)
    for i in range(len(rows)):
        mixed = (np.uint64(rows[i]) << np.uint64(32)) ^ np.uint64(columns[i])
        mixed = (mixed ^ (mixed >> np.uint64(29))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ counts[i]) * np.uint64(0x94D049BB133111EB)
        total += mixed ^ (mixed >> np.uint64(31))
    return total
