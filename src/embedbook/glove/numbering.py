"""Number the words of a text as they come, from files, strings or lists of tokens, before a vocabulary is known."""

from __future__ import annotations

import bz2
import gzip
import lzma
import zlib
from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO, cast

import numpy as np
from tqdm import tqdm

from embedbook.glove.scanning import END_OF_LINE, WordScanner

BLOCK = 1 << 22  # bytes of text, or tokens, handled at a time
_OPENERS: dict[str, Any] = {".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open}
_LONGEST_WORD = 4 * BLOCK
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def types_of(source: str | Path | Iterable[str] | Iterable[Sequence[str]], progress: bool) -> Types:
    """Return what numbers the words of `source`: the path of a file, strings, or lists of tokens."""
    if isinstance(source, (str, Path)):
        return _ScannedTypes(_file_blocks(Path(source), progress), Path(source))
    documents = iter(tqdm(source, desc="reading", unit=" documents", disable=not progress))
    first = next(documents, "")
    documents = chain([first], documents)
    if isinstance(first, str):
        return _ScannedTypes(_string_blocks(cast("Iterator[str]", documents)))
    return _ListedTypes(cast("Iterator[Sequence[str]]", documents))


class Types(ABC):
    """The distinct words of a text, numbered as they come; two ways to find them."""

    name = "the corpus"
    counts: np.ndarray

    @abstractmethod
    def numbered(self) -> Iterator[np.ndarray]:
        """Yield the numbers of all words in order, END_OF_LINE after each document."""

    @abstractmethod
    def word(self, number: int) -> str:
        """Return one of the words."""

    def words(self) -> Iterator[str]:
        """Yield all words in the order of their numbers."""
        return (self.word(number) for number in range(len(self.counts)))

    @abstractmethod
    def check(self) -> None:
        """Raise ValueError if one of the words is not a word."""


class _ScannedTypes(Types):
    """Words found by white space in UTF-8 text."""

    def __init__(self, blocks: Iterator[bytes], path: Path | None = None) -> None:
        if path is not None:
            self.name = str(path)
        self._path = path
        self._blocks = blocks
        self._scanner = WordScanner()

    @property
    def counts(self) -> np.ndarray:  # type: ignore[override]
        return self._scanner.counts

    def numbered(self) -> Iterator[np.ndarray]:
        rest = b""
        text = b""
        for block in self._blocks:
            text = rest + block
            numbers, read = self._scanner.scan(np.frombuffer(text, dtype=np.uint8), last=False)
            rest = text[read:]
            if len(rest) > _LONGEST_WORD:
                raise ValueError(f"{self.name} has more than {_LONGEST_WORD:,} bytes without white space: is it text?")
            yield numbers
        numbers, _ = self._scanner.scan(np.frombuffer(rest, dtype=np.uint8), last=True)
        yield numbers
        if text and not text.endswith(b"\n"):
            yield np.array([END_OF_LINE], dtype=np.int32)

    def word(self, number: int) -> str:
        return self._scanner.spell(number).decode("utf-8")

    def check(self) -> None:
        bad = self._scanner.undecodable()
        if bad is None:
            return
        where = ""
        if self._path is not None:
            with _open(self._path) as file:
                where = next((f", line {i}" for i, line in enumerate(file, 1) if bad in line), "")
        raise ValueError(f"{self.name}{where}: not UTF-8 at {bad[:60]!r}; convert the text to UTF-8")


class _ListedTypes(Types):
    """Words given as lists of tokens."""

    def __init__(self, documents: Iterator[Sequence[str]]) -> None:
        self._documents = documents
        self._numbers: defaultdict[str, int] = defaultdict()
        self._numbers.default_factory = self._numbers.__len__
        self._list: list[str] = []
        self.counts = np.zeros(0, dtype=np.int64)

    def numbered(self) -> Iterator[np.ndarray]:
        pending: list[int] = []
        for i, document in enumerate(self._documents):
            if isinstance(document, (str, bytes)):
                raise ValueError(f"document {i} of the corpus is a string and the first one was not: give one kind")
            try:
                pending.extend(map(self._numbers.__getitem__, document))
            except TypeError as error:
                raise ValueError(f"document {i} of the corpus is not a list of tokens: {error}") from error
            pending.append(END_OF_LINE)
            if len(pending) > BLOCK:
                yield self._counted(pending)
                pending = []
        yield self._counted(pending)
        self._list = list(self._numbers)

    def _counted(self, pending: list[int]) -> np.ndarray:
        numbers = np.array(pending, dtype=np.int32)
        counts = np.bincount(numbers[numbers >= 0], minlength=len(self._numbers))
        counts[: len(self.counts)] += self.counts
        self.counts = counts
        return numbers

    def word(self, number: int) -> str:
        return self._list[number]

    def check(self) -> None:
        bad = next((word for word in self._list if not isinstance(word, str) or not word), None)
        if bad is not None:
            raise ValueError(f"every token must be a string that is not empty; the corpus holds {bad!r}")


def _open(path: Path) -> BinaryIO:
    return cast("BinaryIO", _OPENERS.get(path.suffix.lower(), Path.open)(path, "rb"))


def _file_blocks(path: Path, progress: bool) -> Iterator[bytes]:
    """Yield a file's bytes; compressed files are unpacked on the way."""
    compressed = path.suffix.lower() in _OPENERS
    size = None if compressed else path.stat().st_size
    with (
        _open(path) as file,
        tqdm(total=size, desc="reading", unit="B", unit_scale=True, disable=not progress) as bar,
    ):
        first = True
        while True:
            try:
                block = file.read(BLOCK)
            except (EOFError, OSError, lzma.LZMAError, zlib.error) as error:
                raise ValueError(f"{path} cannot be read to its end: {error}") from error
            if not block:
                return
            bar.update(len(block))
            yield block.removeprefix(_BYTE_ORDER_MARK) if first else block
            first = False


def _string_blocks(documents: Iterator[str]) -> Iterator[bytes]:
    """Yield documents as lines; a line feed inside a document is a space."""
    lines: list[str] = []
    size = 0
    for i, document in enumerate(documents):
        if not isinstance(document, str):
            raise ValueError(f"document {i} of the corpus is not a string and the first one was: give one kind")
        lines.append(document.replace("\n", " "))
        size += len(document)
        if size > BLOCK:
            yield _encode(lines)
            lines, size = [], 0
    yield _encode(lines)


def _encode(lines: list[str]) -> bytes:
    try:
        return "".join(f"{line}\n" for line in lines).encode("utf-8")
    except UnicodeEncodeError as error:
        raise ValueError(f"the corpus holds half a surrogate pair, which is not text: {error}") from error
