"""Checkpoints of a translator's training: one file, whole or not there, that no other training can take for its own."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np

from embedbook.whole_files import replaced_when_whole

__all__ = ["Checkpoint", "CheckpointError", "read_checkpoint", "write_checkpoint"]


class CheckpointError(ValueError):
    """A checkpoint is damaged or belongs to another training; the message names the file and the remedy."""


@dataclass(frozen=True)
class Checkpoint:
    """Where a training stands after an epoch.

    Parameters
    ----------
    variables, optimizer, best : list of numpy.ndarray
        All variables of the model (weights, and the states of its random numbers), those of its optimizer, and the
        weights of the best epoch.
    history : dict
        The fields of the history so far.
    purpose : str
        A digest of what is being trained.
    """

    variables: list[np.ndarray]
    optimizer: list[np.ndarray]
    best: list[np.ndarray]
    history: dict[str, Any]
    purpose: str

    @classmethod
    def of(cls, model: keras.Model, best: Sequence[np.ndarray], history: dict[str, Any], purpose: str) -> Checkpoint:
        """Copy the state of a model that is being trained."""
        return cls(_values(_lasting(model)), _values(model.optimizer.variables), list(best), history, purpose)

    def restore(self, model: keras.Model) -> None:
        """Put the state back into a model that was built and compiled in the same way."""
        for variables, values in ((_lasting(model), self.variables), (model.optimizer.variables, self.optimizer)):
            for variable, value in zip(variables, values, strict=True):
                variable.assign(value)


def write_checkpoint(file: Path, checkpoint: Checkpoint) -> None:
    """Write a checkpoint; the file is replaced when the new one is complete, or not at all.

    Parameters
    ----------
    file : pathlib.Path
        Where to; its folder is made if need be.
    checkpoint : Checkpoint
        What to write.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    arrays = {
        f"{name}{number:04d}": value
        for name in ("variables", "optimizer", "best")
        for number, value in enumerate(getattr(checkpoint, name))
    }
    said = json.dumps({"history": checkpoint.history, "purpose": checkpoint.purpose})
    with replaced_when_whole(file) as temporary, temporary.open("wb") as out:
        np.savez(out, said=np.frombuffer(said.encode(), dtype=np.uint8), **arrays)


def read_checkpoint(file: Path, purpose: str) -> Checkpoint:
    """Read a checkpoint of one training.

    Parameters
    ----------
    file : pathlib.Path
        The file.
    purpose : str
        The digest of the training that wants to go on.

    Returns
    -------
    Checkpoint

    Raises
    ------
    CheckpointError
        If the file is damaged, or belongs to another training.
    """
    try:
        with np.load(file, allow_pickle=False) as content:
            said = json.loads(content["said"].tobytes())
            parts = {
                name: [content[key] for key in sorted(content.files) if key.startswith(name)]
                for name in ("variables", "optimizer", "best")
            }
            history, found = dict(said["history"]), str(said["purpose"])
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
        raise CheckpointError(
            f"{file}: is damaged and cannot be gone on from ({error}). Remove it; training then begins anew."
        ) from error
    if found != purpose:
        raise CheckpointError(
            f"{file}: belongs to another training (other data, settings, initial weights or program). Remove it, or "
            "give another file."
        )
    return Checkpoint(history={name: _plain(value) for name, value in history.items()}, purpose=purpose, **parts)


def _plain(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _lasting(model: keras.Model) -> list[Any]:
    """Return a model's variables without those of its metrics and its optimizer."""
    passing = {id(variable) for variable in (*model.metrics_variables, *model.optimizer.variables)}
    return [variable for variable in model.variables if id(variable) not in passing]


def _values(variables: Sequence[Any]) -> list[np.ndarray]:
    return [np.array(keras.ops.convert_to_numpy(variable.value)) for variable in variables]
