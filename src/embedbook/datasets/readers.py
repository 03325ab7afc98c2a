"""Reads files of labelled texts; an error names the file and the line."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from embedbook.datasets.errors import DataError, TextEncodingError
from embedbook.datasets.labelled import LabelledTexts

__all__ = ["decode_text", "read_label_lines", "read_labelled_csv", "read_text"]


def read_text(file: Path, encoding: str = "utf-8") -> str:
    """Read a whole text file; line ends stay as they are.

    Parameters
    ----------
    file : Path
        The file.
    encoding : str
        Its encoding. In UTF-8 a byte order mark is dropped.

    Returns
    -------
    str
        Its text.

    Raises
    ------
    DataError
        If the file cannot be read.
    TextEncodingError
        If a byte does not belong to the encoding; the message names line and byte.
    """
    try:
        content = Path(file).read_bytes()
    except OSError as error:
        raise DataError(f"{file}: cannot be read ({error.strerror or error}). Give the path of a text file.") from error
    return decode_text(content, str(file), encoding)


def decode_text(content: bytes, source: str, encoding: str = "utf-8") -> str:
    """Decode the bytes of a text; line ends stay as they are.

    Parameters
    ----------
    content : bytes
        The whole text.
    source : str
        What messages call it: the file, or archive and member.
    encoding : str
        Its encoding. In UTF-8 a byte order mark is dropped.

    Returns
    -------
    str
        The text.

    Raises
    ------
    DataError
        If the encoding is unknown.
    TextEncodingError
        If a byte does not belong to the encoding; the message names line and byte.
    """
    try:
        return content.decode("utf-8-sig" if encoding.lower() in ("utf-8", "utf8") else encoding)
    except LookupError as error:
        raise DataError(f"{source}: encoding {encoding!r} is unknown; give one like 'utf-8' or 'cp1252'") from error
    except UnicodeDecodeError as error:
        before = error.object[: error.start]
        line = before.count(b"\n") + 1
        column = error.start - (before.rfind(b"\n") + 1) + 1
        raise TextEncodingError(
            f"{source}, line {line}, byte {column}: 0x{error.object[error.start]:02x} is not {encoding}. Save the file "
            "as UTF-8, or give its encoding, often encoding='cp1252' if it comes from Windows."
        ) from error


def read_label_lines(
    file: Path, encoding: str, classes: Sequence[str], *, skip_without_text: bool = False
) -> tuple[list[str], list[int]]:
    """Read one text a line, "LABEL text", where LABEL is the index of a class (one digit).

    Parameters
    ----------
    file : Path
        The file.
    encoding : str
        Its encoding.
    classes : sequence of str
        Names of the classes, at most ten.
    skip_without_text : bool
        Leave out lines that have a label and no text; by default they are errors.

    Returns
    -------
    texts : list of str
        n texts, without the spaces around them.
    labels : list of int
        n indices into `classes`.

    Raises
    ------
    DataError
        If the file cannot be read, or a line has no label, a wrong one, or no text; the message names the line.
    TextEncodingError
        If a byte does not belong to the encoding.
    """
    # Only "\n" ends a line: str.splitlines would also split at \x85, which MR uses inside sentences.
    lines = read_text(file, encoding).split("\n")
    if lines[-1] == "":
        lines.pop()
    known = [str(index) for index in range(len(classes))]
    texts, labels = [], []
    for number, line in enumerate(lines, start=1):
        label, _, rest = line.partition(" ")
        # Not plain strip(), which would take a sentence's first \x85 away.
        text = rest.strip(" \t\r")
        if label.rstrip("\r") not in known:
            raise DataError(f"{file}, line {number}: begins with {label[:20]!r}, not with a label: {', '.join(known)}")
        if not text:
            if skip_without_text:
                continue
            raise DataError(f"{file}, line {number}: has a label but no text; remove the line")
        texts.append(text)
        labels.append(int(label))
    if not texts:
        raise DataError(f"{file}: is empty; give a file with one 'LABEL text' a line")
    return texts, labels


def read_labelled_csv(
    file: Path | str,
    *,
    text_column: str = "text",
    label_column: str = "label",
    classes: Sequence[str] | None = None,
    encoding: str = "utf-8",
    name: str | None = None,
    title: str | None = None,
    origin: str = "real",
    citation: str = "the reader's own texts",
    licence: str = "the reader's own",
    homepage: str = "",
) -> LabelledTexts:
    """Read a CSV file with a header, a column of texts and a column of labels; other columns are left alone.

    Parameters
    ----------
    file : Path or str
        The file: commas between fields, quotes around fields with commas.
    text_column, label_column : str
        Names of the two columns in the header.
    classes : sequence of str, optional
        The classes in their order. A label is then a class name or its index. By default the labels that occur,
        sorted.
    encoding : str
        Encoding of the file.
    name, title, origin, citation, licence, homepage : str, optional
        See `LabelledTexts`; name and title default to the file's name.

    Returns
    -------
    LabelledTexts
        The texts of all rows, in their order.

    Raises
    ------
    DataError
        If the file cannot be read, a column is missing, a row is malformed, a text empty, a label unknown, or there is
        only one class; the message names file and line.
    TextEncodingError
        If a byte does not belong to the encoding.
    """
    file = Path(file)
    rows = _csv_rows(file, encoding, text_column, label_column)
    if classes is None:
        classes = sorted({label for _, _, label in rows})
        if len(classes) < 2:
            raise DataError(
                f"{file}, lines {rows[0][0]} to {rows[-1][0]}: every label in column {label_column!r} is "
                f"{classes[0]!r}; give texts of at least two classes"
            )
        index = {label: position for position, label in enumerate(classes)}
    else:
        index = {str(position): position for position in range(len(classes))}
        index.update({label: position for position, label in enumerate(classes)})
    for line, _, label in rows:
        if label not in index:
            raise DataError(f"{file}, line {line}: label {label!r} is none of the classes {', '.join(classes)}")
    labels = [index[label] for _, _, label in rows]
    if len(set(labels)) < 2:
        raise DataError(
            f"{file}, lines {rows[0][0]} to {rows[-1][0]}: all texts are {classes[labels[0]]!r}; "
            "give texts of at least two classes"
        )
    return LabelledTexts(
        name=name or file.stem,
        title=title or file.name,
        texts=tuple(text for _, text, _ in rows),
        labels=labels,  # type: ignore[arg-type]  # becomes an array when it is checked
        classes=tuple(classes),
        origin=origin,  # type: ignore[arg-type]  # checked there, too
        citation=citation,
        licence=licence,
        homepage=homepage,
    )


def _csv_rows(file: Path, encoding: str, text_column: str, label_column: str) -> list[tuple[int, str, str]]:
    reader = csv.reader(io.StringIO(read_text(file, encoding), newline=""), strict=True)
    rows: list[tuple[int, str, str]] = []
    try:
        header = [field.strip() for field in next(reader, [])]
        for column in (text_column, label_column):
            if column not in header:
                found = ", ".join(header) or "nothing"
                raise DataError(
                    f"{file}, line 1: there is no column {column!r}, only {found}. The first line must name "
                    "the columns; text_column and label_column choose among them."
                )
        text_at, label_at = header.index(text_column), header.index(label_column)
        # A quoted field may run over several lines; a row is known by its first.
        line = reader.line_num + 1
        for fields in reader:
            if fields:
                rows.append((line, *_text_and_label(f"{file}, line {line}", fields, header, text_at, label_at)))
            line = reader.line_num + 1
    except csv.Error as error:
        raise DataError(
            f"{file}, line {reader.line_num}: is not valid CSV: {error}. Check the quotes there."
        ) from error
    if not rows:
        raise DataError(f"{file}: holds no texts; give at least one row of each class below the header")
    return rows


def _text_and_label(where: str, fields: list[str], header: list[str], text_at: int, label_at: int) -> tuple[str, str]:
    if len(fields) != len(header):
        raise DataError(
            f"{where}: has {len(fields)} fields where the header has {len(header)}. Put quotes around "
            "texts with commas."
        )
    text, label = fields[text_at].strip(), fields[label_at].strip()
    if not text:
        raise DataError(f"{where}: the text is empty; remove the row or write its text")
    if not label:
        raise DataError(f"{where}: the label is empty; remove the row or label it")
    return text, label
