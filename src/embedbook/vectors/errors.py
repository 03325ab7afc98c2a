"""What can go wrong with vector files, and what was repaired on the way."""

from __future__ import annotations

import warnings

__all__ = ["Repairs", "VectorsError", "VectorsWarning"]


class VectorsError(ValueError):
    """Vectors that are missing, damaged or do not fit together; the message names the place and the remedy."""


class VectorsWarning(UserWarning):
    """A vector file had a flaw that was repaired; the message says which, how often and how."""


class Repairs:
    """Counts the flaws repaired in one file, so that a flaw in a million lines gives one warning and not a million.

    Parameters
    ----------
    name : str
        The file, as messages should name it.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._counts: dict[str, int] = {}
        self._first: dict[str, str] = {}

    def add(self, what: str, place: str = "", times: int = 1) -> None:
        """Note that `what` was repaired `times` times, at `place` first."""
        self._counts[what] = self._counts.get(what, 0) + times
        self._first.setdefault(what, place)

    @property
    def counts(self) -> dict[str, int]:
        """How often each repair was made."""
        return dict(self._counts)

    def warn(self, stacklevel: int = 3) -> None:
        """Give one warning for each kind of repair."""
        for what, times in self._counts.items():
            place = f" (first at {self._first[what]})" if self._first[what] else ""
            warnings.warn(VectorsWarning(f"{self.name}: {what}: {times:,}{place}"), stacklevel=stacklevel)
