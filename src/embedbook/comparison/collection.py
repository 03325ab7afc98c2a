"""A reader's own texts once they are read and checked: tokens, labels, and which texts must stay together."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

__all__ = ["Collection", "Facts", "Reading"]


@dataclass(frozen=True)
class Reading:
    """What to read of a table, and how.

    Parameters
    ----------
    text, label, group : str, optional
        Columns; see `embedbook.comparison.columns.choose_columns`.
    encoding : str, optional
        See `embedbook.comparison.decoding.LineReader`.
    max_rows : int
        Keep at most so many texts, drawn evenly at random.
    max_words : int
        Cut each text after so many words.
    skip_unlabelled : bool
        Leave out rows without a label instead of refusing them.
    """

    text: str | None = None
    label: str | None = None
    group: str | None = None
    encoding: str | None = None
    max_rows: int = 50_000
    max_words: int = 400
    skip_unlabelled: bool = False


@dataclass(frozen=True)
class Facts:
    """What was found in one table.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    sha256 : str
        Its checksum.
    text, label, group : str or None
        The columns used.
    rows : int
        Rows with a text and a label.
    kept : int
        Texts used.
    empty, unlabelled, cut, duplicates, conflicting : int
        Rows without a text and without a label, both left out; texts that were cut; texts that repeat an earlier one;
        and different texts that occur with more than one label.
    groups : int or None
        Different values in the column of groups.
    warnings : tuple of str
        What a user should know, a sentence each.
    """

    path: Path
    sha256: str
    text: str
    label: str
    group: str | None
    rows: int
    kept: int
    empty: int
    unlabelled: int
    cut: int
    duplicates: int
    conflicting: int
    groups: int | None
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class Collection:
    """Labelled texts, ready to be divided.

    Parameters
    ----------
    tokens : list of list of str
        n texts.
    labels : int64 array, shape (n,)
        Index into `classes`.
    classes : tuple of str
        The labels that occur, sorted.
    units : int64 array, shape (n,)
        Texts with the same number stay on one side of each division: repetitions, and those of one group.
    facts : Facts
        About the table.
    test_facts : Facts, optional
        About the table of test texts.
    test_rows : int64 array, optional
        The texts that are test texts, if they came in a table of their own.
    """

    tokens: list[list[str]]
    labels: np.ndarray
    classes: tuple[str, ...]
    units: np.ndarray
    facts: Facts
    test_facts: Facts | None = None
    test_rows: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.tokens)

    @property
    def counts(self) -> dict[str, int]:
        """Number of texts of each class."""
        counts = np.bincount(self.labels, minlength=len(self.classes))
        return {name: int(count) for name, count in zip(self.classes, counts, strict=True)}

    @property
    def imbalanced(self) -> bool:
        """Whether a class has more than one and a half, or less than half, of its equal share of the texts."""
        shares = np.array(list(self.counts.values())) * len(self.classes) / len(self)
        return bool(shares.max() > 1.5 or shares.min() < 0.5)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a user should know, a sentence each."""
        return self.facts.warnings + (self.test_facts.warnings if self.test_facts else ())
