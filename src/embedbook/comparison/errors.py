"""What can go wrong with a reader's own texts, and what deserves a word although the comparison goes on."""

from __future__ import annotations

__all__ = ["ComparisonError", "counted", "places", "some"]


class ComparisonError(ValueError):
    """Input that cannot be compared; the message names the file, line or option, and the remedy."""


def counted(number: int, thing: str) -> str:
    """Count things: "1 text", "2,000 texts".

    Parameters
    ----------
    number : int
        How many.
    thing : str
        The name of one; its plural is made with an s.
    """
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def places(unit: str, numbers: list[int]) -> str:
    """Name lines or rows of a file: "line 3", "lines 3, 5, 9 and 2 more".

    Parameters
    ----------
    unit : str
        "line" or "row".
    numbers : list of int
        Which.
    """
    return f"{unit}{'' if len(numbers) == 1 else 's'} {some(numbers)}"


def some(items: list[str] | list[int], limit: int = 5) -> str:
    """Write down the first few of some things for a message, and how many more there are.

    Parameters
    ----------
    items : list of str or int
        The things.
    limit : int
        How many to write out.

    Returns
    -------
    str
        Such as "3, 5, 9 and 12 more".
    """
    shown = ", ".join(f"{item:,}" if isinstance(item, int) else item for item in items[:limit])
    return shown if len(items) <= limit else f"{shown} and {len(items) - limit:,} more"
