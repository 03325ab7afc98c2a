"""Texts out of archives, freed of markup: what corpora and labelled reviews share."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from embedbook.datasets.archives import read_members
from embedbook.datasets.errors import DataError
from embedbook.datasets.readers import decode_text, read_text

__all__ = ["on_one_line", "read_texts", "without_markup"]

_ARCHIVES = (".tar.xz", ".tar.gz")
_TAG = re.compile(r"</?[A-Za-z][^<>]*>")


def read_texts(files: Mapping[str, Path], wanted: re.Pattern[str]) -> Iterator[tuple[str, str]]:
    """Read the texts of a data set's files, which are archives or the members of such archives themselves.

    Parameters
    ----------
    files : mapping of str to Path
        File name to file. A file that is no archive is read whole, whatever its name is.
    wanted : pattern
        Which members of an archive are read: the pattern must match the whole path.

    Yields
    ------
    path : str
        The member's path inside its archive, or the file's name.
    text : str
        The whole text, from UTF-8.

    Raises
    ------
    DataError
        If a file cannot be read, or an archive is damaged or holds no such member.
    TextEncodingError
        If a text is not UTF-8; the message names archive and member.
    """
    for name, file in files.items():
        if not file.name.endswith(_ARCHIVES):
            yield name, read_text(file)
            continue
        found = 0
        for member, content in read_members(file, lambda path: wanted.fullmatch(path) is not None):
            found += 1
            yield member, decode_text(content, f"{file}, {member}")
        if not found:
            raise DataError(f"{file}: holds no member like {wanted.pattern}. Fetch it again.")


def without_markup(text: str) -> str:
    """Take tags out of a text.

    Parameters
    ----------
    text : str
        The text.

    Returns
    -------
    str
        The text with a space in the place of each tag such as "<br />", and none around it.
    """
    return (_TAG.sub(" ", text) if "<" in text else text).strip()


def on_one_line(text: str) -> str:
    """Take tags and line ends out of a text.

    Parameters
    ----------
    text : str
        The text.

    Returns
    -------
    str
        The text `without_markup`, its lines joined by spaces.
    """
    return " ".join(without_markup(text).split("\n"))
