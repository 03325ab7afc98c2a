"""Read a text file line by line, in whatever encoding it is, and say exactly where it is not what it should be."""

from __future__ import annotations

import codecs
import gzip
import io
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, TextIO, cast

from embedbook.comparison.errors import ComparisonError, counted, places

__all__ = ["MAX_CELL", "MIXED", "LineReader", "check_encoding", "first_bytes"]

#: Longest cell that is read. A longer one is nearly always a quote that was never closed.
MAX_CELL = 1_000_000
#: The encoding that reads what is UTF-8 as UTF-8, and each other byte as Windows-1252.
MIXED = "mixed"

_MAX_LINE = 8 * MAX_CELL
_STRAY = re.compile("[\udc80-\udcff]")  # how Python's "surrogateescape" keeps a byte that is not in the encoding
_UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def check_encoding(encoding: str | None) -> None:
    """Refuse an encoding that Python does not know.

    Parameters
    ----------
    encoding : str or None
        A name such as "cp1252", or "mixed"; None stands for UTF-8.

    Raises
    ------
    ComparisonError
        If it is unknown.
    """
    if encoding is None or encoding == MIXED:
        return
    try:
        is_text = codecs.lookup(encoding)._is_text_encoding
    except (LookupError, ValueError):
        is_text = False
    if not is_text:
        raise ComparisonError(f"--encoding {encoding!r} is unknown; give one like utf-8, cp1252 or {MIXED}")


def first_bytes(path: Path, size: int = 512) -> bytes:
    """Return the first bytes of a file, unpacked if it is packed with gzip.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    size : int
        How many.

    Raises
    ------
    ComparisonError
        If the file is missing, a folder, empty or cannot be read.
    """
    with _open(path) as file:
        return file.read(size)


class LineReader:
    """The lines of a text file, with their ends, as often as they are asked for.

    Parameters
    ----------
    path : pathlib.Path
        The file; it may be packed with gzip.
    encoding : str, optional
        By default UTF-8 (UTF-16 if its mark stands at the beginning), and anything else is an error. "mixed" reads each
        byte that is not UTF-8 as Windows-1252.

    Attributes
    ----------
    repaired : list of int
        Numbers of the lines in which "mixed" had something to repair, after all lines were read.
    """

    def __init__(self, path: Path, encoding: str | None = None) -> None:
        check_encoding(encoding)
        self.path = path
        self.repaired: list[int] = []
        self._mixed = encoding == MIXED
        self._encoding = "utf-8-sig" if encoding is None or self._mixed else encoding
        if encoding is None and first_bytes(path, 2) in _UTF16_MARKS:
            self._encoding = "utf-16"

    def __iter__(self) -> Iterator[str]:
        self.repaired = []
        # A line may end in \n, \r\n or \r, but not in what str.splitlines also takes for an end, such as \x85.
        with _open(self.path) as raw:
            text = io.TextIOWrapper(cast(BinaryIO, raw), self._encoding, errors=self._escape(), newline="")
            for number, line in enumerate(self._limited(text), start=1):
                if "\0" in line:
                    raise ComparisonError(
                        f"{self.path}, line {number:,}: holds a NUL character, so it is no text; save the table as CSV"
                    )
                if not line.isascii() and _STRAY.search(line):
                    if not self._mixed:
                        raise ComparisonError(self._what_is_wrong())
                    self.repaired.append(number)
                    line = _STRAY.sub(_as_windows_1252, line)
                yield line

    def _escape(self) -> str:
        return "strict" if self._encoding.lower().replace("-", "").startswith(("utf16", "utf32")) else "surrogateescape"

    def _limited(self, text: TextIO) -> Iterator[str]:
        number = 0
        try:
            while line := text.readline(_MAX_LINE):
                number += 1
                if len(line) == _MAX_LINE:
                    raise ComparisonError(
                        f"{self.path}, line {number:,}: is longer than {_MAX_LINE:,} characters; put each text into a "
                        "line of its own"
                    )
                yield line
        except UnicodeDecodeError as error:
            raise ComparisonError(
                f"{self.path}, after line {number:,}: is not {error.encoding}; save the file as UTF-8, or give its "
                "encoding with --encoding"
            ) from None

    def _what_is_wrong(self) -> str:
        """Look through the whole file, so that one message tells whether it is another encoding or a mixture."""
        wrong: list[int] = []
        right = 0
        with _open(self.path) as raw:
            text = io.TextIOWrapper(cast(BinaryIO, raw), self._encoding, errors="surrogateescape", newline="")
            for number, line in enumerate(self._limited(text), start=1):
                if _STRAY.search(line):
                    wrong.append(number)
                elif not line.isascii():
                    right += 1
        name = self._encoding.removesuffix("-sig")
        lines = places("line", wrong)
        if right and name == "utf-8":
            return (
                f"{self.path}, {lines}: not UTF-8, unlike {counted(right, 'other line')} with special characters; the "
                f"file mixes encodings. Save it as UTF-8, or read such bytes as Windows-1252 with --encoding {MIXED}"
            )
        return (
            f"{self.path}, {lines}: not {name}; save the file as UTF-8, or give its encoding, often --encoding cp1252 "
            "if it comes from Windows"
        )


def _as_windows_1252(found: re.Match[str]) -> str:
    return bytes([ord(found.group()) - 0xDC00]).decode("cp1252", "replace")


@contextmanager
def _open(path: Path) -> Iterator[io.BufferedIOBase]:
    try:
        with path.open("rb") as plain:
            magic = plain.read(3)
            plain.seek(0)
            if not magic:
                raise ComparisonError(f"{path} is empty; give a table with a column of texts and one of labels")
            if magic == b"\x1f\x8b\x08":
                with gzip.GzipFile(fileobj=plain) as packed:
                    yield packed
            else:
                yield plain
    except FileNotFoundError:
        raise ComparisonError(f"{path} does not exist; check the path") from None
    except IsADirectoryError:
        raise ComparisonError(f"{path} is a folder; name a file in it") from None
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise ComparisonError(f"{path} is a damaged gzip file ({error}); pack or fetch it again") from None
    except OSError as error:
        raise ComparisonError(f"{path} cannot be read: {error.strerror or error}") from None
