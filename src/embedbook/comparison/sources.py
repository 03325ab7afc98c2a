"""Tables of a reader's own: the columns and rows of a CSV, TSV, JSON Lines or Parquet file, a row at a time."""

from __future__ import annotations

import csv
import importlib
import json
import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from embedbook.comparison.decoding import MAX_CELL, LineReader, first_bytes
from embedbook.comparison.errors import ComparisonError

__all__ = ["Source", "open_source"]

_DELIMITERS = (",", "\t", ";", "|")
_LOOKED_AT = 1_000  # objects of a JSON Lines file that tell its columns
_BATCH = 4_096  # rows of a Parquet file in memory at a time
# How a missing value is written. Not "None" and "NA", which may well be labels.
_MISSING = frozenset({"", "nan", "null", "<na>", "#n/a"})


class Source(Protocol):
    """A table that can be read more than once, and never is in memory as a whole."""

    path: Path
    columns: list[str]
    unit: str
    """What the number of a row counts: "line" or "row"."""

    @property
    def repaired(self) -> list[int]:
        """Lines whose bytes were repaired, after a reading."""

    def rows(self, columns: Sequence[str]) -> Iterator[tuple[int, list[str | None]]]:
        """Yield the number of each row, and its cells in the given columns, None where a value is missing."""


def open_source(path: Path, encoding: str | None = None) -> Source:
    """Open a table; its kind is told by its content and its name.

    Parameters
    ----------
    path : pathlib.Path
        The file; CSV, TSV and JSON Lines may be packed with gzip.
    encoding : str, optional
        See `embedbook.comparison.decoding.LineReader`.

    Returns
    -------
    Source

    Raises
    ------
    ComparisonError
        If the file is missing, empty, or of no kind that is read; later, if a row is malformed.
    """
    head = first_bytes(path)
    names = [suffix.lower() for suffix in path.suffixes if suffix.lower() != ".gz"]
    ending = names[-1] if names else ""
    if head.startswith(b"PAR1") or ending in (".parquet", ".pq"):
        return _Parquet(path)
    if head.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise ComparisonError(f"{path} is a workbook or an archive, not a table of text; save the sheet as CSV")
    start = head.decode("utf-8-sig", "ignore").lstrip()
    if not start and not head.strip(b"\x00\xff\xfe \t\r\n"):
        raise ComparisonError(f"{path} is empty; give a table with a column of texts and one of labels")
    if ending not in (".csv", ".tsv", ".tab"):
        if start.startswith("{"):
            return _JsonLines(path, encoding)
        if start.startswith("[") and ending in (".json", ".jsonl", ".ndjson"):
            raise ComparisonError(f"{path} is one JSON array; write JSON Lines, one object a line")
        if ending in (".json", ".jsonl", ".ndjson"):
            raise ComparisonError(f"{path}, line 1: is not JSON Lines, one object such as {{...}} a line")
    return _Delimited(path, encoding, "\t" if ending in (".tsv", ".tab") else None)


class _Delimited:
    """Commas, tabs, semicolons or bars between the cells; the first line names the columns."""

    unit = "line"

    def __init__(self, path: Path, encoding: str | None, delimiter: str | None) -> None:
        self.path = path
        self._lines = LineReader(path, encoding)
        header = next(iter(self._lines), "")
        self._delimiter = delimiter or max(
            _DELIMITERS, key=lambda sign: len(next(csv.reader([header], delimiter=sign)))
        )
        # Many tables with tabs have quotes that mean nothing; they do if each line is a row as it stands.
        self._quoted = self._delimiter != "\t" or len({line.count("\t") for line in self._lines if line.strip()}) > 1
        self.columns = [name.strip() for name in next((cells for _, cells in self._records()), [])]

    @property
    def repaired(self) -> list[int]:
        return self._lines.repaired

    def rows(self, columns: Sequence[str]) -> Iterator[tuple[int, list[str | None]]]:
        places = [self.columns.index(column) for column in columns]
        records = self._records()
        next(records, None)
        for line, cells in records:
            if len(cells) != len(self.columns):
                sign = {"\t": "tabs", ",": "commas", ";": "semicolons", "|": "bars"}[self._delimiter]
                raise ComparisonError(
                    f"{self.path}, line {line:,}: has {len(cells):,} cells where the first line names "
                    f"{len(self.columns):,} columns; put quotes around texts with {sign}"
                )
            yield line, [_present(cells[place]) for place in places]

    def _records(self) -> Iterator[tuple[int, list[str]]]:
        """Yield the line in which each record begins, and its cells; empty lines are left out."""
        reader = csv.reader(
            self._lines,
            delimiter=self._delimiter,
            strict=self._quoted,
            quoting=csv.QUOTE_MINIMAL if self._quoted else csv.QUOTE_NONE,
        )
        line = 1
        while True:
            try:
                with _longer_cells():
                    cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                raise ComparisonError(self._explained(error, line, reader.line_num)) from None
            if cells and (len(cells) > 1 or cells[0].strip()):
                yield line, cells if self._quoted else [_unquoted(cell) for cell in cells]
            line = reader.line_num + 1

    def _explained(self, error: csv.Error, line: int, reached: int) -> str:
        if "field limit" in str(error):
            return (
                f"{self.path}, line {line:,}: a cell of more than {MAX_CELL:,} characters begins here; close its quote "
                "if that is missing, or shorten the text"
            )
        if "end of data" in str(error):
            return f"{self.path}, line {line:,}: a quote that begins here is never closed; close it"
        return f"{self.path}, line {reached:,}: is not valid CSV ({error}); check the quotes there"


class _JsonLines:
    """One object a line."""

    unit = "line"

    def __init__(self, path: Path, encoding: str | None) -> None:
        self.path = path
        self._lines = LineReader(path, encoding)
        names: dict[str, None] = {}
        for number, (_, record) in enumerate(self._records()):
            names.update(dict.fromkeys(record))
            if number >= _LOOKED_AT:
                break
        self.columns = list(names)

    @property
    def repaired(self) -> list[int]:
        return self._lines.repaired

    def rows(self, columns: Sequence[str]) -> Iterator[tuple[int, list[str | None]]]:
        for line, record in self._records():
            yield line, [_as_text(record.get(name), f"{self.path}, line {line:,}", name) for name in columns]

    def _records(self) -> Iterator[tuple[int, dict[str, Any]]]:
        for number, line in enumerate(self._lines, start=1):
            if not line.strip():
                continue
            try:
                record = json.loads(line)
            except (ValueError, RecursionError) as error:
                raise ComparisonError(
                    f"{self.path}, line {number:,}: is not JSON ({error}); write one object a line"
                ) from None
            if not isinstance(record, dict):
                raise ComparisonError(f"{self.path}, line {number:,}: is JSON, but not an object such as {{...}}")
            yield number, record


class _Parquet:
    """A Parquet file, read in batches."""

    unit = "row"

    def __init__(self, path: Path) -> None:
        try:
            open_file: Callable[..., Any] = importlib.import_module("pyarrow.parquet").ParquetFile
        except ImportError:
            raise ComparisonError(
                f"{path} is a Parquet file, and reading it takes one more package: pip install pyarrow; or save it as "
                "CSV"
            ) from None
        try:
            self._file = open_file(path)
        except Exception as error:  # pyarrow has its own kinds of errors, and importing their names needs pyarrow
            raise ComparisonError(f"{path} is not a Parquet file, or is damaged ({error}); write it again") from None
        self.path = path
        self.columns = [str(name) for name in self._file.schema_arrow.names]
        self.repaired: list[int] = []

    def rows(self, columns: Sequence[str]) -> Iterator[tuple[int, list[str | None]]]:
        number = 0
        for batch in self._file.iter_batches(_BATCH, columns=list(columns)):
            cells = [batch.column(batch.schema.get_field_index(name)).to_pylist() for name in columns]
            for record in zip(*cells, strict=True):
                number += 1
                where = f"{self.path}, row {number:,}"
                yield number, [_as_text(value, where, name) for value, name in zip(record, columns, strict=True)]


def _as_text(value: Any, where: str, column: str) -> str | None:
    """Return a value of a typed table as a CSV file would have it."""
    if isinstance(value, str):
        if len(value) > MAX_CELL:
            raise ComparisonError(
                f"{where}: {column!r} is longer than {MAX_CELL:,} characters; shorten the text, or make it several"
            )
        return _present(value)
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int) or (isinstance(value, float) and not value.is_integer()):
        return str(value)
    if isinstance(value, float):
        return str(int(value))
    raise ComparisonError(
        f"{where}: {column!r} is {type(value).__name__}, not a text or a number; give one value a row"
    )


def _present(cell: str) -> str | None:
    cell = cell.strip()
    return None if cell.lower() in _MISSING else cell


def _unquoted(cell: str) -> str:
    """Take off the quotes that programs put around a cell that holds a quote."""
    cell = cell.rstrip("\r\n")
    if len(cell) > 1 and cell[0] == cell[-1] == '"' and '"' not in cell[1:-1].replace('""', ""):
        return cell[1:-1].replace('""', '"')
    return cell


@contextmanager
def _longer_cells() -> Iterator[None]:
    """Allow long cells for a moment: the limit of Python's csv module is one number for the whole program."""
    before = csv.field_size_limit(MAX_CELL)
    try:
        yield
    finally:
        csv.field_size_limit(before)
