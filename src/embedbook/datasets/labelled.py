"""LabelledTexts: texts with one label each, checked once and never changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from embedbook.datasets.badge import data_badge
from embedbook.datasets.errors import DataError

__all__ = ["LabelledTexts", "first_few"]


@dataclass(frozen=True, eq=False, repr=False)
class LabelledTexts:
    """Texts with one label each.

    Shown in a notebook it is the data badge, which tells a reader which data the page ran on.

    Parameters
    ----------
    name : str
        Short name, such as "mr".
    title : str
        Title to show.
    texts : sequence of str
        n texts, none of them empty. Kept as a tuple.
    labels : array of int, shape (n,)
        Index into `classes` for each text. Kept as a read-only int64 array.
    classes : sequence of str
        Names of the classes; at least two of them must occur in `labels`.
    origin : {"real", "sample"}
        Public (or the reader's own) data, or the book's small sample.
    citation, licence : str
        Whom to cite, and under which terms.
    homepage : str
        Address that the citation links to.
    official_split : mapping of str to array of int, optional
        The authors' own division, as indices into `texts`.

    Raises
    ------
    DataError
        If sizes differ, a text is empty (the message names rows), a label is no class, or only one class occurs.

    Examples
    --------
    >>> LabelledTexts("mine", "Mine", ("good", "bad"), [1, 0], ("negative", "positive"), "real", "none", "CC0")
    LabelledTexts('mine': 2 real texts; negative 1, positive 1)
    """

    name: str
    title: str
    texts: tuple[str, ...]
    labels: np.ndarray
    classes: tuple[str, ...]
    origin: Literal["real", "sample"]
    citation: str
    licence: str
    homepage: str = ""
    official_split: Mapping[str, np.ndarray] | None = None

    def __post_init__(self) -> None:
        # The dataclass is frozen for its users; this is the one place where its fields get their final types.
        if isinstance(self.texts, str):
            raise DataError(f"{self.name}: texts is one string; give a sequence of texts")
        object.__setattr__(self, "texts", tuple(self.texts))
        object.__setattr__(self, "classes", tuple(self.classes))
        object.__setattr__(self, "labels", _checked_labels(self.name, self.labels, len(self.texts), self.classes))
        _check_texts(self.name, self.texts)
        if self.origin not in ("real", "sample"):
            raise DataError(f"{self.name}: origin {self.origin!r} is neither 'real' nor 'sample'")
        if self.official_split is not None:
            split = {part: _checked_indices(self.name, rows, len(self)) for part, rows in self.official_split.items()}
            object.__setattr__(self, "official_split", split)

    def __len__(self) -> int:
        return len(self.texts)

    def __repr__(self) -> str:
        counts = ", ".join(f"{name} {count:,}" for name, count in self.counts.items())
        return f"LabelledTexts({self.name!r}: {len(self):,} {self.origin} texts; {counts})"

    def _repr_html_(self) -> str:
        facts = [f"{len(self):,} texts", ", ".join(f"{name} {count:,}" for name, count in self.counts.items())]
        return data_badge(
            self.origin, self.title, facts, licence=self.licence, citation=self.citation, homepage=self.homepage
        )

    @property
    def counts(self) -> dict[str, int]:
        """Number of texts of each class, in the order of `classes`."""
        counts = np.bincount(self.labels, minlength=len(self.classes))
        return {name: int(count) for name, count in zip(self.classes, counts, strict=True)}

    def subset(self, indices: ArrayLike) -> LabelledTexts:
        """Return some of the texts.

        Parameters
        ----------
        indices : array of int, shape (m,), or of bool, shape (n,)
            Which texts, in which order; or a mask.

        Returns
        -------
        LabelledTexts
            m texts. An official split is carried over to the texts that are left.

        Raises
        ------
        DataError
            If an index is out of range, or fewer than two classes are left.
        """
        rows = _checked_indices(self.name, indices, len(self))
        official = self.official_split
        if official is not None:
            official = {part: np.flatnonzero(np.isin(rows, members)) for part, members in official.items()}
        return LabelledTexts(
            name=self.name,
            title=self.title,
            texts=tuple(self.texts[row] for row in rows),
            labels=self.labels[rows],
            classes=self.classes,
            origin=self.origin,
            citation=self.citation,
            licence=self.licence,
            homepage=self.homepage,
            official_split=official,
        )

    def split(self, fractions: Sequence[float] = (0.8, 0.1, 0.1), *, seed: int) -> tuple[LabelledTexts, ...]:
        """Divide the texts at random, each part with the same shares of the classes.

        Parameters
        ----------
        fractions : sequence of float
            Share of each part; together 1.
        seed : int
            The same seed gives the same parts.

        Returns
        -------
        tuple of LabelledTexts
            One for each fraction, shuffled; each text is in exactly one of them.

        Raises
        ------
        DataError
            If the fractions are not positive or do not add up to 1, or a class has too few texts for all parts.
        """
        shares = np.asarray(fractions, dtype=float)
        if shares.ndim != 1 or len(shares) == 0 or not (shares > 0).all() or abs(shares.sum() - 1) > 1e-9:
            raise DataError(f"fractions {tuple(fractions)} must be above 0 and add up to 1, as (0.8, 0.1, 0.1) do")
        rng = np.random.default_rng(seed)
        inner_borders = np.cumsum(shares)[:-1]
        parts: list[list[np.ndarray]] = [[] for _ in shares]
        for label in np.unique(self.labels):
            rows = rng.permutation(np.flatnonzero(self.labels == label))
            pieces = np.split(rows, np.floor(inner_borders * len(rows) + 0.5).astype(int))
            if min(len(piece) for piece in pieces) == 0:
                raise DataError(
                    f"{self.name}: class {self.classes[label]!r} has {len(rows)} texts, too few to have one in each "
                    f"of the parts {tuple(fractions)}. Give more texts, or fewer or larger parts."
                )
            for part, piece in zip(parts, pieces, strict=True):
                part.append(piece)
        return tuple(self.subset(rng.permutation(np.concatenate(part))) for part in parts)


def first_few(rows: Sequence[int] | np.ndarray, limit: int = 5) -> str:
    """Write down the first few of some numbers for a message, and how many more there are.

    Parameters
    ----------
    rows : sequence or array of int
        The numbers.
    limit : int
        How many to write out.

    Returns
    -------
    str
        Such as "3, 5, 9 and 12 more".
    """
    shown = ", ".join(str(int(row)) for row in rows[:limit])
    return shown if len(rows) <= limit else f"{shown} and {len(rows) - limit:,} more"


def _checked_labels(name: str, labels: ArrayLike, size: int, classes: tuple[str, ...]) -> np.ndarray:
    given = np.asarray(labels)
    if given.ndim != 1 or not (np.issubdtype(given.dtype, np.integer) or given.size == 0):
        raise DataError(f"{name}: labels must be one whole number per text, got {given.dtype} of shape {given.shape}")
    if len(given) != size:
        raise DataError(f"{name}: there are {size:,} texts but {len(given):,} labels; give one label per text")
    if len(set(classes)) < 2 or len(set(classes)) != len(classes):
        raise DataError(f"{name}: classes {classes} must be at least two different names")
    # A copy, so that nobody who holds the original can change what has been checked.
    checked = given.astype(np.int64)
    wrong = np.flatnonzero((checked < 0) | (checked >= len(classes)))
    if len(wrong):
        raise DataError(f"{name}: labels outside 0 to {len(classes) - 1} in rows {first_few(wrong)}")
    if len(np.unique(checked)) < 2:
        raise DataError(f"{name}: texts of at least two classes are needed, out of {', '.join(classes)}")
    checked.setflags(write=False)
    return checked


def _check_texts(name: str, texts: tuple[str, ...]) -> None:
    strange = [row for row, text in enumerate(texts) if not isinstance(text, str)]
    if strange:
        raise DataError(f"{name}: not a string in rows {first_few(strange)}")
    empty = [row for row, text in enumerate(texts) if not text.strip()]
    if empty:
        raise DataError(f"{name}: empty texts in rows {first_few(empty)}; remove them, they say nothing to learn from")


def _checked_indices(name: str, indices: ArrayLike, size: int) -> np.ndarray:
    rows = np.asarray(indices)
    if rows.dtype == bool:
        if rows.shape != (size,):
            raise DataError(f"{name}: a mask must have one value per text, ({size},), not {rows.shape}")
        rows = np.flatnonzero(rows)
    if rows.ndim != 1 or not (np.issubdtype(rows.dtype, np.integer) or rows.size == 0):
        raise DataError(f"{name}: indices must be whole numbers in one dimension, got {rows.dtype} {rows.shape}")
    rows = rows.astype(np.int64)
    wrong = rows[(rows < 0) | (rows >= size)]
    if len(wrong):
        raise DataError(f"{name}: indices {first_few(wrong)} are outside 0 to {size - 1}")
    return rows
