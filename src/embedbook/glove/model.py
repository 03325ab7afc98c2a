"""A trained GloVe model: its vectors, biases, losses, and the way to gensim."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from embedbook.glove.cooccurrences import Cooccurrences
from embedbook.glove.storage import read_archive, write_archive
from embedbook.glove.updates import objective

if TYPE_CHECKING:
    from gensim.models import KeyedVectors

__all__ = ["GloveModel"]

_KIND = "GloVe model"
_ARRAYS = ("word_vectors", "context_vectors", "word_biases", "context_biases")


@dataclass(frozen=True, eq=False)
class GloveModel:
    """The vectors and biases of equation 8 of Pennington et al. (2014).

    Parameters
    ----------
    words : tuple of str
        The vocabulary, V words.
    word_vectors, context_vectors : np.ndarray, (V, d) float32 or float64
        w_i and w̃_j.
    word_biases, context_biases : np.ndarray, (V,) float32 or float64
        b_i and b̃_j.
    losses : tuple of float
        For each epoch the mean over all cells of ½ f(X) (w·w̃ + b + b̃ − log X)², each cell as it was met, before its
        step. This is what Stanford's program prints as its cost.
    settings : mapping
        What the model was trained with.
    word_counts : np.ndarray, (V,) int64, optional
        How often each word occurred in the corpus.

    Raises
    ------
    ValueError
        If the shapes do not fit together.
    """

    words: tuple[str, ...]
    word_vectors: np.ndarray
    context_vectors: np.ndarray
    word_biases: np.ndarray
    context_biases: np.ndarray
    losses: tuple[float, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    word_counts: np.ndarray | None = None

    def __post_init__(self) -> None:
        shape = (len(self.words), self.word_vectors.shape[-1])
        shapes = [np.shape(getattr(self, name)) for name in _ARRAYS]
        if shapes != [shape, shape, shape[:1], shape[:1]]:
            raise ValueError(
                f"the model needs one vector and one bias for each of {len(self.words)} words, not {shapes}"
            )
        if self.word_counts is not None and len(self.word_counts) != len(self.words):
            raise ValueError(f"word_counts has {len(self.word_counts)} entries for {len(self.words)} words")

    def __repr__(self) -> str:
        loss = f", loss {self.losses[-1]:.5f} after {len(self.losses)} epochs" if self.losses else ""
        return f"GloveModel({len(self.words):,} words × {self.dimensions} dimensions{loss})"

    @property
    def dimensions(self) -> int:
        """Length of a vector, d."""
        return int(self.word_vectors.shape[1])

    @property
    def vectors(self) -> np.ndarray:
        """w + w̃, (V, d): the sum that the paper recommends (section 4.2)."""
        return self.word_vectors + self.context_vectors

    def objective(self, table: Cooccurrences) -> float:
        """Return J of equation 8 for this model: the weighted squared error over all cells of `table`.

        Raises
        ------
        ValueError
            If `table` has another vocabulary.
        """
        if table.words != self.words:
            raise ValueError("the table and the model have different vocabularies")
        parameters = (getattr(self, name) for name in _ARRAYS)
        settings = {"x_max": 100.0, "alpha": 0.75} | dict(self.settings)
        return float(
            objective(
                *parameters,
                table.rows,
                table.columns,
                table.counts,
                table.symmetric,
                float(settings["x_max"]),
                float(settings["alpha"]),
            )
        )

    def to_keyed_vectors(self, which: Literal["sum", "word", "context"] = "sum") -> KeyedVectors:
        """Return the vectors as gensim `KeyedVectors` (float32), with the attribute "count" if counts are known.

        Parameters
        ----------
        which : {"sum", "word", "context"}
            w + w̃ (recommended), w alone, or w̃ alone.
        """
        from gensim.models import KeyedVectors

        choices = {"sum": self.vectors, "word": self.word_vectors, "context": self.context_vectors}
        if which not in choices:
            raise ValueError(f'which must be "sum", "word" or "context", not {which!r}')
        keyed = KeyedVectors(self.dimensions, dtype=np.float32)
        keyed.add_vectors(list(self.words), choices[which].astype(np.float32))
        if self.word_counts is not None:
            # Neither `add_vectors(extras=…)`, which fails in gensim 4.4, nor a call of `set_vecattr` for each word.
            keyed.allocate_vecattrs(["count"], [np.int64])
            keyed.expandos["count"][:] = self.word_counts
        return keyed

    def save(self, path: str | Path) -> None:
        """Write the model to one .npz file (arrays and JSON, no pickle), whole or not at all."""
        arrays = {name: getattr(self, name) for name in _ARRAYS}
        if self.word_counts is not None:
            arrays["word_counts"] = self.word_counts
        meta = {"kind": _KIND, "words": self.words, "losses": self.losses, "settings": dict(self.settings)}
        write_archive(path, meta, arrays)

    @classmethod
    def load(cls, path: str | Path) -> GloveModel:
        """Read what `save` wrote.

        Raises
        ------
        FileNotFoundError
            If there is no such file.
        ValueError
            If the file is something else, or damaged.
        """
        meta, arrays = read_archive(path, _KIND)
        try:
            return cls(
                words=tuple(meta["words"]),
                losses=tuple(meta["losses"]),
                settings=meta["settings"],
                word_counts=arrays.get("word_counts"),
                **{name: arrays[name] for name in _ARRAYS},
            )
        except (KeyError, ValueError) as error:
            raise ValueError(f"{path} is damaged: {error}") from error
