"""The phrases of the Stanford Sentiment Treebank's training trees, to train on; its sentences are to test on."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np

from embedbook.datasets.catalogue import find_entry
from embedbook.datasets.errors import DataError
from embedbook.datasets.labelled import LabelledTexts
from embedbook.datasets.labelled_sets import read_label_files, sample_reviews
from embedbook.datasets.modes import real_files
from embedbook.datasets.readers import read_text

__all__ = ["load_phrases", "read_trees"]

_TREES = "sst-trees"
_SETS = ("sst1", "sst2")
# The published file of the second packing has the development trees after these.
_TRAINING_TREES = 8544
_NEUTRAL = 2
# What a tree is made of: "(LABEL ", words, ")".
_PIECE = re.compile(r"\(([0-4]) |(\))|([^()]+)|(.)")


def load_phrases(name: str = "sst1", *, mode: Literal["auto", "real", "sample"] | None = None) -> LabelledTexts:
    """Return the phrases of SST's training trees with their labels: every node, from words to whole sentences.

    Kim (2014) trained SST-1 and SST-2 on phrases and sentences and tested on sentences. The 318,582 nodes of the 8,544
    training trees are brought to the form of the sentences in `load_labelled` (lower case, the same tokens), and equal
    phrases become one. Where copies of a phrase disagree (people judged "Good" and "good" apart), it takes
    the label that most of them have, of equally frequent ones the label that comes first in the file.

    What would leak is left out: a phrase that is, as a whole, one of the development or test sentences. (Shorter
    pieces of those sentences stay; words in common are what a model is to learn from.)

    Parameters
    ----------
    name : {"sst1", "sst2"}
        "sst1": all phrases, five classes. "sst2": the phrases that are not neutral, two classes.
    mode : {"auto", "real", "sample"}, optional
        By default what `EMBEDBOOK_DATA` says. "sample" gives the reviews written for this book, which are sentences.

    Returns
    -------
    LabelledTexts
        Phrases in the order in which they end in the file, all of them for training: there is no official split.

    Raises
    ------
    DataError
        If the name or mode is unknown, or the files are missing or damaged; the message says what to do.

    References
    ----------
    Socher et al. (2013), EMNLP, 1631-1642, section 3; Kim (2014), EMNLP, 1746-1751, section 3.
    """
    if name not in _SETS:
        raise DataError(f"there are no phrases of {name!r}. There are phrases of: {', '.join(_SETS)}.")
    entry, trees = find_entry(name), find_entry(_TREES)
    sentence_files = real_files(name, mode)
    tree_files = None if sentence_files is None else real_files(_TREES, mode)
    if sentence_files is None or tree_files is None:
        return sample_reviews()
    sentences = read_label_files(entry, sentence_files)
    ((_, tree_file),) = tree_files.items()
    held_out = {
        sentences.texts[row]
        for part, rows in (sentences.official_split or {}).items()
        if part != "train"
        for row in rows
    }
    labels = {phrase: label for phrase, label in _distinct(tree_file).items() if phrase not in held_out}
    if name == "sst2":
        labels = {phrase: int(label > _NEUTRAL) for phrase, label in labels.items() if label != _NEUTRAL}
    return replace(
        sentences,
        title=f"{trees.title}: {'five' if name == 'sst1' else 'two'} classes",
        texts=tuple(labels),
        labels=np.array(list(labels.values())),
        official_split=None,
    )


def read_trees(file: Path) -> Iterator[list[tuple[str, int]]]:
    """Read labelled trees, one a line, such as ``(3 (2 It) (4 works))``.

    Parameters
    ----------
    file : Path
        The file, in UTF-8.

    Yields
    ------
    list of (str, int)
        The nodes of one tree in the order in which they end: phrase, lower-cased and with a space between tokens, and
        label. The last is the whole sentence.

    Raises
    ------
    DataError
        If the file cannot be read, or a line is no tree; the message names the line.
    """
    lines = read_text(file).split("\n")
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            yield _nodes(line.rstrip("\r"))
        except (ValueError, IndexError):
            raise DataError(
                f"{file}, line {number}: {line[:60]!r} is no tree like '(3 (2 It) (4 works))'. Fetch the file again."
            ) from None


def _nodes(line: str) -> list[tuple[str, int]]:
    nodes: list[tuple[str, int]] = []
    words: list[str] = []
    # Of each node that is open: its label, and how many words were there before it.
    opened: list[tuple[int, int]] = []
    for label, closing, text, strange in _PIECE.findall(line):
        if strange or (nodes and not opened):
            raise ValueError
        if label:
            opened.append((int(label), len(words)))
        elif closing:
            own_label, start = opened.pop()
            if start == len(words):
                raise ValueError
            nodes.append((" ".join(words[start:]), own_label))
        elif text != " ":
            words.append(text.lower())
    if opened or not nodes:
        raise ValueError
    return nodes


def _distinct(file: Path) -> dict[str, int]:
    """Return each phrase of the training trees with the label that most of its copies have."""
    counts: dict[str, Counter[int]] = {}
    for number, nodes in enumerate(read_trees(file), start=1):
        if number > _TRAINING_TREES:
            break
        for phrase, label in nodes:
            counts.setdefault(phrase, Counter())[label] += 1
    # A Counter's most common of equals is the one that it met first.
    return {phrase: labels.most_common(1)[0][0] for phrase, labels in counts.items()}
