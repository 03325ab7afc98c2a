"""The words of the explorer: those that every space has, in lower case, the most frequent in the reviews first."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

__all__ = ["LEFT_OUT", "shared_words", "spelling"]

#: Left out of a public page: words whose commonest sense today is a slur or an obscenity. The lists of words that the
#: spaces share hold no other; whoever changes the spaces reads the new list through and adds to this one.
LEFT_OUT = frozenset({"dick"})

_WORD = re.compile(r"[a-z]{2,}|a|i")


def spelling(word: str, table: Collection[str]) -> str | None:
    """Find a word in a table that may spell it with capitals.

    Parameters
    ----------
    word : str
        The word in lower case.
    table : collection of str
        The words of a space.

    Returns
    -------
    str or None
        The word itself if it is there, else with a first capital, else all in capitals; None if it is in no form there.
    """
    return next((form for form in (word, word.capitalize(), word.upper()) if form in table), None)


def shared_words(counts: Mapping[str, int], tables: Collection[Collection[str]], *, most: int) -> tuple[str, ...]:
    """Choose the words of the explorer.

    Parameters
    ----------
    counts : mapping of str to int
        How often each word of the labelled texts occurs; other words are not considered.
    tables : collection of collections of str
        The words of the other spaces, in any spelling.
    most : int
        How many words to take, at most.

    Returns
    -------
    tuple of str
        Words of the letters a to z, in every table, not in `LEFT_OUT`; the most frequent first, ties in alphabetical
        order.

    Raises
    ------
    ValueError
        If no word is left.
    """
    shared = [
        word
        for word in counts
        if _WORD.fullmatch(word) and word not in LEFT_OUT and all(spelling(word, table) for table in tables)
    ]
    if not shared:
        raise ValueError("the spaces share no word that the explorer can show; give it spaces of one language")
    return tuple(sorted(shared, key=lambda word: (-counts[word], word))[:most])
