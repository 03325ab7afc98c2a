"""The labelled sets of the book, from MR to IMDB, and the sample that stands in for them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np

from embedbook.datasets.catalogue import Entry, require_kind, sample_folder
from embedbook.datasets.errors import DataError
from embedbook.datasets.labelled import LabelledTexts
from embedbook.datasets.modes import real_files
from embedbook.datasets.packed_texts import on_one_line, read_texts
from embedbook.datasets.readers import read_label_lines, read_labelled_csv

__all__ = ["load_labelled", "load_reviews", "read_label_files", "sample_reviews"]


class _Set(NamedTuple):
    # In the order of the digits that begin the lines of its files.
    classes: tuple[str, ...]
    # Whether its files have lines that hold a label and no text.
    has_empty_lines: bool = False


_POLARITY = ("negative", "positive")
_SETS = {
    "mr": _Set(_POLARITY),
    "sst1": _Set(("very negative", "negative", "neutral", "positive", "very positive")),
    "sst2": _Set(_POLARITY),
    "subj": _Set(("subjective", "objective")),
    "trec": _Set(("description", "entity", "abbreviation", "human", "location", "number")),
    "cr": _Set(_POLARITY, has_empty_lines=True),
    "mpqa": _Set(_POLARITY, has_empty_lines=True),
}
_REVIEW_SETS = ("mr", "sst2")
# Where the authors divided a set, the names of its files say which part they hold.
_PARTS = ("train", "dev", "test")

# The registry has IMDB once, as a corpus, because its archives hold unlabelled reviews, too.
_IMDB = "imdb"
_IMDB_TITLE = "Large Movie Review Dataset (IMDB): 50,000 labelled reviews"
_IMDB_REVIEW = re.compile(r"aclImdb/(train|test)/(neg|pos)/(\d+)_\d+\.txt")
_IMDB_REVIEWS = {"train": 25_000, "test": 25_000}
_IMDB_UNLABELLED = "aclImdb_unsup"


def load_labelled(name: str, *, mode: Literal["auto", "real", "sample"] | None = None) -> LabelledTexts:
    """Return one of the book's labelled sets: the seven of Kim (2014), or the film reviews of IMDB.

    Parameters
    ----------
    name : str
        ====== ======= ========================================================== =======================
        name   texts   classes                                                    official split
        ====== ======= ========================================================== =======================
        mr     10,662  negative, positive                                         none
        sst1   11,855  very negative, negative, neutral, positive, very positive  train, dev, test
        sst2    9,613  negative, positive                                         train, dev, test
        subj   10,000  subjective, objective                                      none
        trec    5,952  description, entity, abbreviation, human, location, number train, test
        cr      3,771  negative, positive                                         none
        mpqa   10,603  negative, positive                                         none
        imdb   50,000  negative, positive                                         train, test
        ====== ======= ========================================================== =======================

        Four lines of CR and three of MPQA hold a label and no text; they are left out (Kim counts 3,775 and 10,606).
        The parts of an official split follow each other in its order. IMDB's reviews are in the order of its authors'
        numbers, negative before positive, without markup such as "<br />"; fetching them fetches the whole corpus
        `imdb` (84 MB).
    mode : {"auto", "real", "sample"}, optional
        By default what `EMBEDBOOK_DATA` says. "sample" gives the reviews written for this book, negative or positive,
        whatever `name` is.

    Returns
    -------
    LabelledTexts
        The texts with their labels, the names of the classes, and the official split where there is one.

    Raises
    ------
    DataError
        If the name or mode is unknown, or the files are missing or damaged; the message says what to do.

    References
    ----------
    Kim (2014), EMNLP, 1746-1751, section 3 and table 1, with the sets' own sources. IMDB: Maas et al. (2011), ACL,
    142-150, section 4.1.

    Examples
    --------
    >>> load_labelled("trec", mode="real").official_split["test"].shape  # doctest: +SKIP
    (500,)
    """
    entry = require_kind(
        name, "corpus" if name == _IMDB else "labelled texts", f"Labelled sets are: {', '.join((*_SETS, _IMDB))}."
    )
    if name not in (*_SETS, _IMDB):
        raise DataError(f"there is no reader for the labelled set {name!r}. There are: {', '.join((*_SETS, _IMDB))}.")
    files = real_files(name, mode)
    if files is None:
        return sample_reviews()
    return _read_imdb(entry, files) if name == _IMDB else read_label_files(entry, files)


def load_reviews(name: str = "mr", *, mode: Literal["auto", "real", "sample"] | None = None) -> LabelledTexts:
    """Return reviews of one sentence each, labelled negative or positive.

    Parameters
    ----------
    name : {"mr", "sst2"}
        MR has 10,662 sentences; SST-2 has 9,613 with its authors' split into train, dev and test, which are
        concatenated in this order and marked in `official_split`. `load_labelled` reads other sets, too.
    mode : {"auto", "real", "sample"}, optional
        By default what `EMBEDBOOK_DATA` says. "sample" gives the reviews written for this book, whatever `name` is.

    Returns
    -------
    LabelledTexts
        classes ("negative", "positive").

    Raises
    ------
    DataError
        If the name or mode is unknown, or the files are missing or damaged; the message says what to do.

    References
    ----------
    MR: Pang and Lee (2005), ACL, 115-124. SST-2: Socher et al. (2013), EMNLP, 1631-1642. Both in the form of
    Kim (2014), EMNLP, 1746-1751, section 3.

    Examples
    --------
    >>> load_reviews("mr", mode="real")  # doctest: +SKIP
    LabelledTexts('mr': 10,662 real texts; negative 5,331, positive 5,331)
    """
    remedy = f"Reviews are: {', '.join(_REVIEW_SETS)}."
    require_kind(name, "labelled texts", remedy)
    if name not in _REVIEW_SETS:
        raise DataError(f"the data set {name!r} is read by load_labelled. {remedy}")
    return load_labelled(name, mode=mode)


def sample_reviews() -> LabelledTexts:
    """Return the reviews written for this book."""
    return read_labelled_csv(
        sample_folder() / "reviews.csv",
        classes=_POLARITY,
        name="sample",
        title="One-sentence reviews written for this book",
        origin="sample",
        citation="Learned or Pretrained? Word embeddings, side by side; data/sample/README.md",
        licence="CC BY 4.0",
    )


def read_label_files(entry: Entry, files: Mapping[str, Path]) -> LabelledTexts:
    """Read one of the sets whose files hold "LABEL text" lines.

    Parameters
    ----------
    entry : Entry
        A set of the registry that `load_labelled` knows, other than IMDB.
    files : mapping of str to Path
        Its files by name.

    Returns
    -------
    LabelledTexts
        All texts, file after file.

    Raises
    ------
    DataError
        If a line is malformed, or the files hold more or fewer texts than the registry says.
    """
    known = _SETS[entry.name]
    texts: list[str] = []
    labels: list[int] = []
    split = {}
    for file in entry.files:
        part_texts, part_labels = read_label_lines(
            files[file.name], entry.encoding, known.classes, skip_without_text=known.has_empty_lines
        )
        if file.records is not None and len(part_texts) != file.records:
            raise DataError(
                f"{files[file.name]}: {len(part_texts):,} texts were read where the registry says {file.records:,}. "
                "Correct `records`, or the encoding, in registry.toml."
            )
        for part in _PARTS:
            if part in file.name.split("."):
                split[part] = np.arange(len(texts), len(texts) + len(part_texts))
        texts += part_texts
        labels += part_labels
    return _labelled(entry, entry.title, texts, labels, known.classes, split)


def _read_imdb(entry: Entry, files: Mapping[str, Path]) -> LabelledTexts:
    labelled = {name: file for name, file in files.items() if not name.startswith(_IMDB_UNLABELLED)}
    found = []
    for member, text in read_texts(labelled, _IMDB_REVIEW):
        match = _IMDB_REVIEW.fullmatch(member)
        if match is None:
            raise DataError(f"{labelled[member]}: is no archive of reviews. Fetch it again.")
        part, polarity, number = match.groups()
        found.append((_PARTS.index(part), ("neg", "pos").index(polarity), int(number), on_one_line(text)))
    # Packings hold the same reviews in different orders; a seed must draw the same ones from each.
    found.sort(key=lambda review: review[:3])
    parts = np.array([review[0] for review in found])
    split = {part: np.flatnonzero(parts == _PARTS.index(part)) for part in _IMDB_REVIEWS}
    counts = {part: len(rows) for part, rows in split.items()}
    if counts != _IMDB_REVIEWS:
        raise DataError(
            f"{', '.join(map(str, labelled.values()))}: holds {counts} labelled reviews, not {_IMDB_REVIEWS}. "
            "Fetch it again."
        )
    texts, labels = [review[3] for review in found], [review[1] for review in found]
    return _labelled(entry, _IMDB_TITLE, texts, labels, _POLARITY, split)


def _labelled(
    entry: Entry,
    title: str,
    texts: list[str],
    labels: list[int],
    classes: tuple[str, ...],
    split: dict[str, np.ndarray],
) -> LabelledTexts:
    return LabelledTexts(
        name=entry.name,
        title=title,
        texts=tuple(texts),
        labels=np.array(labels),
        classes=classes,
        origin="real",
        citation=entry.citation,
        licence=entry.licence,
        homepage=entry.homepage,
        official_split=split or None,
    )
