"""Choose the columns: those that were named, or those that can only be meant."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from embedbook.comparison.errors import ComparisonError, some

__all__ = ["Columns", "choose_columns"]

# Names that such columns have, the plainest first. A group decides if exactly one column has a name in it.
_TEXT_NAMES = (
    {"text", "texts"},
    {"sentence", "review", "reviewtext", "reviewbody", "comment", "commenttext", "tweet", "message", "utterance"},
    {"body", "content", "document", "post", "passage", "question", "phrase", "description", "abstract"},
    {"title", "headline", "subject", "summary"},
)
_LABEL_NAMES = (
    {"label", "labels"},
    {"class", "category", "target", "sentiment", "polarity", "intent", "topic", "emotion", "classname"},
    {"rating", "stars", "score", "tag", "y"},
)
_LISTED = 20


class Columns(NamedTuple):
    """The columns of a table that matter here."""

    text: str
    label: str
    group: str | None

    @property
    def wanted(self) -> list[str]:
        """The names, without None."""
        return [name for name in self if name is not None]


def choose_columns(
    path: Path,
    columns: Sequence[str],
    *,
    text: str | None = None,
    label: str | None = None,
    group: str | None = None,
) -> Columns:
    """Choose the columns of texts, labels and groups.

    Parameters
    ----------
    path : pathlib.Path
        The table, for messages.
    columns : sequence of str
        The columns it has.
    text, label : str, optional
        Their names. Without a name the column is guessed, if only one can be meant: by its name ("review", "class"),
        or because there are two columns and the other one is known.
    group : str, optional
        The column whose equal values keep texts together.

    Returns
    -------
    Columns

    Raises
    ------
    ComparisonError
        If a column does not exist (the nearest name is suggested), occurs twice, serves twice, or cannot be guessed.
    """
    for option, name in (("--text", text), ("--label", label), ("--group", group)):
        if name is not None:
            _require(path, columns, option, name)
    text_named, label_named = text, label
    text = text or _guess(columns, _TEXT_NAMES, other=label)
    label = label or _guess(columns, _LABEL_NAMES, other=text)
    text = text or _guess(columns, _TEXT_NAMES, other=label)
    for option, found, what in (("--text", text, "texts"), ("--label", label, "labels")):
        if found is None:
            raise ComparisonError(
                f"{path}: cannot tell which column holds the {what}; name it with {option}. {_listed(columns)}"
            )
        _require(path, columns, option, found)
    assert text is not None and label is not None
    if text == label:
        option = "--label" if label_named is None or text_named is not None else "--text"
        raise ComparisonError(f"{path}: column {text!r} cannot be both texts and labels; name the other with {option}")
    if group in (text, label):
        raise ComparisonError(f"{path}: --group {group!r} is the column of texts or labels; name another")
    return Columns(text, label, group)


def _require(path: Path, columns: Sequence[str], option: str, name: str) -> None:
    times = list(columns).count(name)
    if times > 1:
        raise ComparisonError(f"{path}: {times} columns are called {name!r}; give each a name of its own")
    if times == 0:
        folded = {column.casefold(): column for column in columns}
        near = difflib.get_close_matches(name.casefold(), folded, n=1, cutoff=0.5)
        hint = f"; did you mean {folded[near[0]]!r}?" if near else "."
        raise ComparisonError(f"{path}: there is no column {name!r} for {option}{hint} {_listed(columns)}")


def _listed(columns: Sequence[str]) -> str:
    return f"The first line names the columns: {some([repr(name) for name in columns], _LISTED)}"


def _guess(columns: Sequence[str], names: Sequence[set[str]], other: str | None) -> str | None:
    for group in names:
        found = [column for column in columns if re.sub(r"[\W_]", "", column.casefold()) in group and column != other]
        if found:
            return found[0] if len(set(found)) == 1 else None
    if len(columns) == 2 and other is not None:
        return next((column for column in columns if column != other), None)
    return None
