"""Read a reader's own texts from a table, and check that a comparison can be made with them."""

from __future__ import annotations

import hashlib
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from embedbook.comparison.collection import Collection, Facts, Reading
from embedbook.comparison.columns import choose_columns
from embedbook.comparison.errors import ComparisonError, counted, places, some
from embedbook.comparison.scripts import unspaced_script
from embedbook.comparison.sources import open_source
from embedbook.text import tokenize

__all__ = ["MIN_TEXTS", "read_collection"]

#: Fewest texts that are compared at all, and fewest of a class: one each to train on, to stop by and to test on.
MIN_TEXTS = 30
MIN_OF_A_CLASS = 3

_CHARACTERS_A_WORD = 20  # what is cut before tokenising: no text comes near this on average
_MANY_CLASSES = 50
_SAMPLE_SEED = 0


def read_collection(path: Path, reading: Reading, *, test: Path | None = None) -> Collection:
    """Read labelled texts, and check that a comparison can be made with them.

    Parameters
    ----------
    path : pathlib.Path
        The table.
    reading : Reading
        What to read of it, and how.
    test : pathlib.Path, optional
        A second table, with the same columns, whose texts are the test texts. What is in both is left out of the first.

    Returns
    -------
    Collection

    Raises
    ------
    ComparisonError
        If the table cannot be read, or there are too few texts, classes or texts of a class.
    """
    found = _read_table(path, reading)
    _require_texts(found)
    if test is None:
        found = _with_usable_classes(found)
        return _collection(found)
    of_test = _read_table(test, replace(reading, text=found.facts.text, label=found.facts.label))
    found = _with_usable_classes(_without_common(found, of_test))
    unknown = sorted(set(of_test.labels) - set(found.labels))
    if unknown:
        line = of_test.lines[of_test.labels.index(unknown[0])]
        raise ComparisonError(
            f"{test}, line {line:,}: label {unknown[0]!r} does not occur in {path}; "
            f"the labels there are {some(sorted(set(found.labels)))}"
        )
    if len(of_test.tokens) < MIN_TEXTS:
        raise ComparisonError(
            f"{test} holds {len(of_test.tokens)} labelled texts; give at least {MIN_TEXTS} to test on"
        )
    return _collection(found, of_test)


@dataclass(frozen=True)
class _Found:
    """The texts of one table."""

    tokens: list[list[str]]
    labels: list[str]
    groups: list[str | None]
    lines: list[int]
    keys: list[bytes] = field(repr=False)
    facts: Facts

    def subset(self, rows: Sequence[int], warning: str) -> _Found:
        facts = replace(self.facts, kept=len(rows), warnings=(*self.facts.warnings, warning))
        columns = (self.tokens, self.labels, self.groups, self.lines, self.keys)
        tokens, labels, groups, lines, keys = ([column[row] for row in rows] for column in columns)
        return _Found(tokens, labels, groups, lines, keys, facts)  # type: ignore[arg-type]


def _read_table(path: Path, reading: Reading) -> _Found:
    source = open_source(path, reading.encoding)
    columns = choose_columns(path, source.columns, text=reading.text, label=reading.label, group=reading.group)
    draw = random.Random(_SAMPLE_SEED)
    kept: list[tuple[int, str, str, str | None]] = []
    rows, empty, unlabelled = 0, 0, []
    longest = reading.max_words * _CHARACTERS_A_WORD
    for line, cells in source.rows(columns.wanted):
        text, label, group = cells[0], cells[1], cells[2] if columns.group else None
        if text is None:
            empty += 1
        elif label is None:
            unlabelled.append(line)
        else:
            rows += 1
            # Each row has the same chance to be among those kept, however many there are (Vitter 1985, algorithm R).
            place = len(kept) if rows <= reading.max_rows else draw.randrange(rows)
            if place < reading.max_rows:
                kept[place : place + 1] = [(line, text[:longest], label, group)]
    where = f"{path}, column {columns.text!r}"
    if unlabelled and not reading.skip_unlabelled:
        raise ComparisonError(
            f"{path}: of {rows + len(unlabelled):,} rows, {len(unlabelled):,} without a label in column "
            f"{columns.label!r} ({places(source.unit, unlabelled)}); label them, or leave them out: --skip-unlabelled"
        )
    if not kept:
        raise ComparisonError(
            f"{where}: all {empty:,} texts are empty; name another column with --text"
            if empty
            else f"{path}: holds no labelled texts; give rows with a text and a label below the names of the columns"
        )
    kept.sort()
    pool: dict[str, str] = {}  # one copy of each word, however often it occurs
    tokens, keys, cut, records = [], [], 0, []
    for record in kept:
        words = tokenize(record[1])
        if not words:
            empty += 1
            continue
        keys.append(hashlib.blake2b("\0".join(words).encode("utf-8", "replace"), digest_size=12).digest())
        cut += len(words) > reading.max_words or len(record[1]) == longest
        tokens.append([pool.setdefault(word, word) for word in words[: reading.max_words]])
        records.append(record)
    if not tokens:
        raise ComparisonError(f"{where}: all {empty:,} texts are empty; name another column with --text")
    warnings = []
    if rows > reading.max_rows:
        warnings.append(
            f"{path}: {rows:,} rows are more than are used; {len(kept):,} were drawn at random (--rows changes that)"
        )
    if source.repaired:
        warnings.append(
            f"{path}: {counted(len(source.repaired), 'line')} not in UTF-8, read as Windows-1252 "
            f"({places('line', source.repaired)})"
        )
    if unlabelled:
        warnings.append(
            f"{path}: {counted(len(unlabelled), 'row')} without a label left out ({places(source.unit, unlabelled)})"
        )
    if empty:
        warnings.append(f"{path}: {counted(empty, 'empty text')} left out")
    if cut:
        warnings.append(
            f"{path}: {counted(cut, 'text')} cut after {reading.max_words:,} words (--max-words changes that)"
        )
    labels = [record[2] for record in records]
    duplicates = len(keys) - len(set(keys))
    conflicting = _conflicting(keys, labels)
    if duplicates:
        said = (
            f"{path}: {counted(duplicates, 'repetition')} of other texts; equal texts stay on one side of each division"
        )
        warnings.append(said + (f". With different labels: {counted(conflicting, 'text')}" if conflicting else ""))
    script = unspaced_script(tokens)
    if script:
        warnings.append(f"{path}: {script}")
    groups = [record[3] for record in records]
    facts = Facts(
        path=path,
        sha256=_sha256(path),
        text=columns.text,
        label=columns.label,
        group=columns.group,
        rows=rows,
        kept=len(tokens),
        empty=empty,
        unlabelled=len(unlabelled),
        cut=cut,
        duplicates=duplicates,
        conflicting=conflicting,
        groups=len({group for group in groups if group is not None}) if columns.group else None,
        warnings=tuple(warnings),
    )
    return _Found(tokens, labels, groups, [record[0] for record in records], keys, facts)


def _require_texts(found: _Found) -> None:
    if len(set(found.labels)) == 1:
        raise ComparisonError(
            f"{found.facts.path}: every label in column {found.facts.label!r} is {found.labels[0]!r}; give texts of at "
            "least two classes"
        )
    if len(found.tokens) < MIN_TEXTS:
        raise ComparisonError(
            f"{found.facts.path} holds {len(found.tokens)} labelled texts; a comparison takes at least {MIN_TEXTS}"
        )


def _with_usable_classes(found: _Found) -> _Found:
    """Refuse classes with too few texts; leave them out if only the drawing of rows made them so small."""
    counts = Counter(found.labels)
    rare = sorted(label for label, count in counts.items() if count < MIN_OF_A_CLASS)
    if not rare:
        return found
    named = some([f"{label!r} ({counts[label]})" for label in rare])
    path, column = found.facts.path, found.facts.label
    drawn = found.facts.rows > found.facts.kept + found.facts.empty
    usable = [row for row, label in enumerate(found.labels) if counts[label] >= MIN_OF_A_CLASS]
    if len(rare) > _MANY_CLASSES or len({found.labels[row] for row in usable}) < 2 or not drawn:
        wrong_column = f"; is {column!r} the column of labels?" if len(rare) > _MANY_CLASSES else ""
        raise ComparisonError(
            f"{path}: too few texts of {'a class' if len(rare) == 1 else f'{len(rare):,} classes'}: {named}; each "
            f"class needs at least {MIN_OF_A_CLASS}, so add texts, or join or remove such classes{wrong_column}"
        )
    return found.subset(usable, f"{path}: too few texts of these classes were drawn, so they were left out: {named}")


def _without_common(found: _Found, of_test: _Found) -> _Found:
    """Leave out of the training texts what is also in the table of test texts."""
    keys, groups = set(of_test.keys), {group for group in of_test.groups if group is not None}
    same_text = [key in keys for key in found.keys]
    same_group = [group in groups for group in found.groups]
    rows = [row for row in range(len(found.keys)) if not (same_text[row] or same_group[row])]
    if len(rows) == len(found.keys):
        return found
    path, test = found.facts.path, of_test.facts.path
    if len(rows) < MIN_TEXTS:
        raise ComparisonError(f"{path}: only {len(rows)} of its texts are not in {test} too; give other test texts")
    parts = [(sum(same_text), "texts"), (sum(same_group), "texts of the same groups")]
    what = " and ".join(f"{count:,} {name}" for count, name in parts if count)
    left = found.subset(rows, f"{path}: {what} are also in {test}; they were left out of training")
    _require_texts(left)
    return left


def _collection(found: _Found, of_test: _Found | None = None) -> Collection:
    both = [found] if of_test is None else [found, of_test]
    labels = [label for part in both for label in part.labels]
    classes = _in_order(set(labels))
    index = {label: number for number, label in enumerate(classes)}
    tokens = [words for part in both for words in part.tokens]
    units = _units([key for part in both for key in part.keys], [group for part in both for group in part.groups])
    return Collection(
        tokens=tokens,
        labels=np.array([index[label] for label in labels], dtype=np.int64),
        classes=classes,
        units=units,
        facts=found.facts,
        test_facts=of_test.facts if of_test else None,
        test_rows=np.arange(len(found.tokens), len(tokens)) if of_test else None,
    )


def _in_order(labels: set[str]) -> tuple[str, ...]:
    """Sort labels; numbers by their value."""
    try:
        return tuple(sorted(labels, key=lambda label: (float(label), label)))
    except ValueError:
        return tuple(sorted(labels))


def _units(keys: Sequence[bytes], groups: Sequence[str | None]) -> np.ndarray:
    """Number the texts such that equal ones, those of one group, and what these bind together have one number."""
    parent = list(range(len(keys)))

    def root(row: int) -> int:
        while parent[row] != row:
            parent[row] = parent[parent[row]]
            row = parent[row]
        return row

    first: dict[bytes | str, int] = {}
    for row, (key, group) in enumerate(zip(keys, groups, strict=True)):
        for mark in (key, group):
            if mark is not None:
                parent[root(row)] = root(first.setdefault(mark, row))
    return np.array([root(row) for row in range(len(keys))], dtype=np.int64)


def _conflicting(keys: Sequence[bytes], labels: Sequence[str]) -> int:
    """Count the different texts that have more than one label."""
    first: dict[bytes, str] = {}
    return len({key for key, label in zip(keys, labels, strict=True) if first.setdefault(key, label) != label})


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(2**20):
            digest.update(piece)
    return digest.hexdigest()
