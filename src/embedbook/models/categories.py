"""Categories of a table's columns and their ids: what a vocabulary is for words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Categories"]


@dataclass(frozen=True)
class Categories:
    """The categories of some columns, each with an id: what a vocabulary is for words.

    Parameters
    ----------
    names : mapping of str to tuple of str
        For each column its categories, commonest first; the first has the id 1. Missing values are a category like any
        other, named `MISSING`, if they occurred.

    Attributes
    ----------
    UNSEEN : int
        The id, 0, that all categories share which are not in `names`.
    MISSING : str
        The name of missing values.

    Examples
    --------
    >>> import pandas as pd
    >>> jobs = pd.DataFrame({"job": ["cook", "cook", "pilot", None]})
    >>> categories = Categories.fit(jobs, ["job"])
    >>> categories.names["job"]
    ('cook', 'missing', 'pilot')
    >>> categories.encode(pd.DataFrame({"job": ["pilot", "diver"]})).tolist()
    [[3], [0]]
    """

    UNSEEN: ClassVar[int] = 0
    MISSING: ClassVar[str] = "missing"

    names: Mapping[str, tuple[str, ...]]

    def __post_init__(self) -> None:
        for column, names in self.names.items():
            if len(set(names)) != len(names):
                raise ValueError(f"column {column!r} names a category twice: {', '.join(names)}")
        object.__setattr__(self, "names", MappingProxyType({c: tuple(names) for c, names in self.names.items()}))

    @classmethod
    def fit(cls, frame: pd.DataFrame, columns: Iterable[str], *, min_count: int = 1) -> Categories:
        """Collect the categories of a training table.

        Parameters
        ----------
        frame : pandas.DataFrame
            The training rows alone: what occurs only in test rows must be unseen.
        columns : iterable of str
            The columns whose values are categories; each value is read as text.
        min_count : int
            Rarer categories stay out, and so share the row of the unseen ones.

        Returns
        -------
        Categories
            Ties in frequency stand in alphabetical order.

        Raises
        ------
        ValueError
            If a column is not there, or has no category that is frequent enough.
        """
        names = {}
        for column in columns:
            counts = cls._texts(frame, column).value_counts()
            kept = [(-count, name) for name, count in counts.items() if count >= min_count]
            if not kept:
                raise ValueError(f"column {column!r} has no category that occurs {min_count} times; lower min_count")
            names[column] = tuple(name for _, name in sorted(kept))
        return cls(names)

    @property
    def sizes(self) -> dict[str, int]:
        """The number of ids of each column, that of unseen categories included."""
        return {column: len(names) + 1 for column, names in self.names.items()}

    def encode(self, frame: pd.DataFrame) -> np.ndarray:
        """Turn the categories of a table into ids.

        Parameters
        ----------
        frame : pandas.DataFrame
            n rows with the columns of `names`.

        Returns
        -------
        numpy.ndarray of int32, shape (n rows, columns)
            In the order of `names`; 0 where a category is not known.

        Raises
        ------
        ValueError
            If a column is not there.
        """
        ids = np.zeros((len(frame), len(self.names)), dtype=np.int32)
        for place, (column, names) in enumerate(self.names.items()):
            known = {name: number for number, name in enumerate(names, start=1)}
            ids[:, place] = self._texts(frame, column).map(known).fillna(self.UNSEEN)
        return ids

    @classmethod
    def _texts(cls, frame: pd.DataFrame, column: str) -> pd.Series:
        if column not in frame.columns:
            raise ValueError(f"there is no column {column!r}, only {', '.join(map(str, frame.columns))}")
        values = frame[column].astype(object)
        return values.where(values.notna(), cls.MISSING).map(str)
