"""The review sets: MR and SST-2, and the sample that stands in for them."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import numpy as np

from embedbook.datasets.catalogue import Entry, require_kind, sample_folder
from embedbook.datasets.errors import DataError
from embedbook.datasets.labelled import LabelledTexts
from embedbook.datasets.modes import real_files
from embedbook.datasets.readers import read_label_lines, read_labelled_csv

__all__ = ["load_reviews", "sample_reviews"]

_CLASSES = ("negative", "positive")
_SETS = ("mr", "sst2")
# Where the authors divided a set, its files end in these.
_PARTS = ("train", "dev", "test")


def load_reviews(name: str = "mr", *, mode: Literal["auto", "real", "sample"] | None = None) -> LabelledTexts:
    """Return reviews of one sentence each, labelled negative or positive.

    Parameters
    ----------
    name : {"mr", "sst2"}
        MR has 10,662 sentences; SST-2 has 9,613 with its authors' split into train, dev and test, which are
        concatenated in this order and marked in `official_split`.
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
    entry = require_kind(name, "labelled texts", f"Reviews are: {', '.join(_SETS)}.")
    files = real_files(name, mode)
    return sample_reviews() if files is None else _read(entry, files)


def _read(entry: Entry, files: dict[str, Path]) -> LabelledTexts:
    texts: list[str] = []
    labels: list[int] = []
    split = {}
    for file in entry.files:
        part_texts, part_labels = read_label_lines(files[file.name], entry.encoding, _CLASSES)
        if file.records is not None and len(part_texts) != file.records:
            raise DataError(
                f"{files[file.name]}: {len(part_texts):,} texts were read where the registry says {file.records:,}. "
                "Correct `records`, or the encoding, in registry.toml."
            )
        part = file.name.rpartition(".")[2]
        if part in _PARTS:
            split[part] = np.arange(len(texts), len(texts) + len(part_texts))
        texts += part_texts
        labels += part_labels
    return LabelledTexts(
        name=entry.name,
        title=entry.title,
        texts=tuple(texts),
        labels=np.array(labels),
        classes=_CLASSES,
        origin="real",
        citation=entry.citation,
        licence=entry.licence,
        homepage=entry.homepage,
        official_split=split or None,
    )


def sample_reviews() -> LabelledTexts:
    """Return the reviews written for this book."""
    return read_labelled_csv(
        sample_folder() / "reviews.csv",
        classes=_CLASSES,
        name="sample",
        title="One-sentence reviews written for this book",
        origin="sample",
        citation="Learned or Pretrained? Word embeddings, side by side; data/sample/README.md",
        licence="CC BY 4.0",
    )
