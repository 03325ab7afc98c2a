"""The opinion lexicon of Hu and Liu: words that praise and words that blame."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from embedbook.datasets.badge import data_badge
from embedbook.datasets.catalogue import FileEntry, find_entry, sample_folder
from embedbook.datasets.errors import DataError
from embedbook.datasets.modes import real_files
from embedbook.datasets.readers import read_text

__all__ = ["Lexicon", "load_lexicon"]

_LEXICON = "opinion-lexicon"
_POLARITIES = ("positive", "negative")


@dataclass(frozen=True, eq=False, repr=False)
class Lexicon:
    """Words that praise and words that blame.

    Shown in a notebook it is the data badge.

    Parameters
    ----------
    name : str
        Short name.
    title : str
        Title to show.
    positive, negative : iterable of str
        The words, in lower case. A word that is given in both goes to `ambiguous` and stands in neither, because it
        says nothing clear. Kept as frozensets.
    origin : {"real", "sample"}
        Public data, or the book's small sample.
    citation, licence : str
        Whom to cite, and under which terms.
    homepage : str
        Address that the citation links to.

    Attributes
    ----------
    ambiguous : frozenset of str
        The words that were given as both.

    Raises
    ------
    DataError
        If a word is empty or not in lower case, or no positive or no negative word is left.

    Examples
    --------
    >>> Lexicon("mine", "Mine", ["good", "odd"], ["bad", "odd"], "real", "none", "CC0")
    Lexicon('mine': 1 positive and 1 negative real words; 1 ambiguous left out)
    """

    name: str
    title: str
    positive: frozenset[str]
    negative: frozenset[str]
    origin: Literal["real", "sample"]
    citation: str
    licence: str
    homepage: str = ""
    ambiguous: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        # The dataclass is frozen for its users; this is the one place where its fields get their final types.
        if self.origin not in ("real", "sample"):
            raise DataError(f"{self.name}: origin {self.origin!r} is neither 'real' nor 'sample'")
        given = {polarity: _checked(self.name, polarity, getattr(self, polarity)) for polarity in _POLARITIES}
        both = given["positive"] & given["negative"]
        object.__setattr__(self, "ambiguous", both)
        for polarity, words in given.items():
            if not words - both:
                raise DataError(f"{self.name}: holds no {polarity} word; give at least one")
            object.__setattr__(self, polarity, words - both)

    def __len__(self) -> int:
        return len(self.positive) + len(self.negative)

    def __repr__(self) -> str:
        left_out = f"; {len(self.ambiguous):,} ambiguous left out" if self.ambiguous else ""
        return (
            f"Lexicon({self.name!r}: {len(self.positive):,} positive and {len(self.negative):,} negative "
            f"{self.origin} words{left_out})"
        )

    def _repr_html_(self) -> str:
        facts = [f"{len(self.positive):,} positive and {len(self.negative):,} negative words"]
        return data_badge(
            self.origin, self.title, facts, licence=self.licence, citation=self.citation, homepage=self.homepage
        )


def load_lexicon(*, mode: Literal["auto", "real", "sample"] | None = None) -> Lexicon:
    """Return words that praise and words that blame.

    Parameters
    ----------
    mode : {"auto", "real", "sample"}, optional
        By default what `EMBEDBOOK_DATA` says. "sample" gives a few dozen words of each kind, chosen for this book
        among those of its sample reviews.

    Returns
    -------
    Lexicon
        The lexicon of Hu and Liu lists 2,006 positive and 4,783 negative words, misspelt ones on purpose. Three of
        them (envious, enviously, enviousness) stand in both lists and are left out of both.

    Raises
    ------
    DataError
        If the mode is unknown, or the files are missing or damaged; the message says what to do.

    References
    ----------
    Hu and Liu (2004). Mining and Summarizing Customer Reviews. KDD 2004, 168-177.

    Examples
    --------
    >>> "good" in load_lexicon(mode="sample").positive
    True
    """
    entry = find_entry(_LEXICON)
    files = real_files(_LEXICON, mode)
    if files is None:
        return _sample_lexicon()
    words = {
        polarity: _read_words(file, files[file.name], entry.encoding)
        for file in entry.files
        for polarity in _POLARITIES
        if file.name.startswith(polarity)
    }
    return Lexicon(
        name=entry.name,
        title=entry.title,
        positive=frozenset(words["positive"]),
        negative=frozenset(words["negative"]),
        origin="real",
        citation=entry.citation,
        licence=entry.licence,
        homepage=entry.homepage,
    )


def _read_words(described: FileEntry, file: Path, encoding: str) -> list[str]:
    """Read one word a line; lines that begin with ";" are remarks."""
    lines = (line.strip() for line in read_text(file, encoding).split("\n"))
    words = [line.lower() for line in lines if line and not line.startswith(";")]
    if described.records is not None and len(words) != described.records:
        raise DataError(
            f"{file}: {len(words):,} words were read where the registry says {described.records:,}. "
            "Correct `records`, or the encoding, in registry.toml."
        )
    return words


def _sample_lexicon() -> Lexicon:
    file = sample_folder() / "lexicon.csv"
    words: dict[str, list[str]] = {polarity: [] for polarity in _POLARITIES}
    rows = csv.reader(io.StringIO(read_text(file), newline=""))
    if next(rows, None) != ["word", "polarity"]:
        raise DataError(f"{file}, line 1: must be 'word,polarity'")
    for row in rows:
        if len(row) != 2 or row[1] not in words:
            raise DataError(f"{file}, line {rows.line_num}: {','.join(row)!r} is no word with one of {_POLARITIES}")
        words[row[1]].append(row[0])
    return Lexicon(
        name="sample",
        title="Words that praise and blame, chosen for this book",
        positive=frozenset(words["positive"]),
        negative=frozenset(words["negative"]),
        origin="sample",
        citation="Learned or Pretrained? Word embeddings, side by side; data/sample/README.md",
        licence="CC BY 4.0",
    )


def _checked(name: str, polarity: str, words: Iterable[str]) -> frozenset[str]:
    if isinstance(words, str):
        raise DataError(f"{name}: {polarity} is one string; give a collection of words")
    kept = frozenset(words)
    wrong = sorted(word for word in kept if not word.strip() or word != word.lower())
    if wrong:
        raise DataError(f"{name}: {polarity} words must be in lower case and not empty, unlike {wrong[0]!r}")
    return kept
