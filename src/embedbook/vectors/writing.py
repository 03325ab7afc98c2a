"""Write vectors in every format, block by block, so that more can be written than memory holds.

Everything is written under a temporary name in the target's folder and gets its name when it is complete; if anything
goes wrong, nothing is left behind and what was there before is untouched.
"""

from __future__ import annotations

import gzip
import shutil
import tempfile
import zipfile
from abc import ABC, abstractmethod
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from embedbook.vectors.array_format import vocabulary_path
from embedbook.vectors.errors import VectorsError
from embedbook.vectors.formats import Format
from embedbook.vectors.store import META, NORMS, VECTORS, WORDS, Meta, file_sha256
from embedbook.vectors.text_format import is_number

__all__ = ["VectorWriter", "open_writer"]

_NPY_HEADER_BYTES = 128
_COPY_BYTES = 2**20


class VectorWriter(ABC):
    """Collects words and rows in a temporary folder; the target appears when the ``with`` block ends without error.

    Parameters
    ----------
    path : pathlib.Path
        What to write.
    dimensions : int
        Numbers a vector.
    """

    def __init__(self, path: Path, dimensions: int) -> None:
        self.path = path
        self.dimensions = dimensions
        self.count = 0

    def __enter__(self) -> VectorWriter:
        try:
            self._temporary = Path(tempfile.mkdtemp(prefix=f".{self.path.name}.", dir=self.path.parent))
        except OSError as error:
            raise self._cannot_write(error) from None
        try:
            self._folder = self._temporary / "new"  # which, unlike the temporary folder, others may read
            self._folder.mkdir()
            self._begin()
        except BaseException:
            self._clean()
            raise
        return self

    def write(self, words: list[str], rows: NDArray[np.float32]) -> None:
        """Add some words and their vectors."""
        try:
            self._write(words, rows)
        except OSError as error:
            raise self._cannot_write(error) from None
        self.count += len(words)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            self._end()
            if error is None:
                self._finish()
        except OSError as failure:
            raise self._cannot_write(failure) from None
        finally:
            self._clean()

    @abstractmethod
    def _begin(self) -> None:
        """Open the temporary files."""

    @abstractmethod
    def _write(self, words: list[str], rows: NDArray[np.float32]) -> None:
        """Add words and rows to the temporary files."""

    @abstractmethod
    def _end(self) -> None:
        """Close the temporary files."""

    @abstractmethod
    def _finish(self) -> None:
        """Make the target of the complete temporary files."""

    def _clean(self) -> None:
        shutil.rmtree(self._temporary, ignore_errors=True)

    def _cannot_write(self, error: OSError) -> VectorsError:
        return VectorsError(f"{self.path} cannot be written: {error.strerror or error}; nothing was changed")


class _RecordWriter(VectorWriter):
    """Text or binary records, with a header in front (whose count is known last) or without, plain or packed."""

    def __init__(self, path: Path, dimensions: int, *, header: bool, binary: bool) -> None:
        super().__init__(path, dimensions)
        self._header = header
        self._binary = binary

    def _begin(self) -> None:
        self._body: BinaryIO = (self._folder / "body").open("wb")

    def _write(self, words: list[str], rows: NDArray[np.float32]) -> None:
        pieces = []
        for word, row in zip(words, rows, strict=True):
            encoded = self._encode(word)
            if self._binary:
                pieces.append(encoded + b" " + row.astype("<f4", copy=False).tobytes())
            else:  # NumPy writes a float32 with as few digits as identify it
                pieces.append(encoded + b" " + " ".join(map(str, row)).encode("ascii") + b"\n")
        self._body.write(b"".join(pieces))

    def _encode(self, word: str) -> bytes:
        """Encode a word, or refuse one that would be read back as something else."""
        if self._binary:
            kind, fits = "binary word2vec", not any(sign in word for sign in " \n")
        else:
            last = word.rpartition(" ")[2].encode("utf-8", "replace")
            kind = "text"
            fits = "\n" not in word and word == word.strip(" ") and not (" " in word and is_number(last))
            if not self._header and self.count == 0 and word.startswith("\ufeff"):
                fits = False  # it would be taken for a byte order mark
        if not fits:
            raise VectorsError(f"the word {word!r} cannot be told from its neighbours in {kind}; write a store instead")
        return encode_word(word)

    def _end(self) -> None:
        self._body.close()

    def _finish(self) -> None:
        complete = self._folder / "complete"
        header = f"{self.count} {self.dimensions}\n".encode() if self._header else b""
        if not header and self.path.suffix not in (".gz", ".zip"):
            (self._folder / "body").replace(self.path)
            return
        with (self._folder / "body").open("rb") as body, complete.open("wb") as raw:
            if self.path.suffix == ".gz":
                with gzip.GzipFile(self.path.stem, "wb", fileobj=raw, compresslevel=6, mtime=0) as packed:
                    self._copy(header, body, packed)
            elif self.path.suffix == ".zip":
                member = zipfile.ZipInfo(self.path.stem)
                member.compress_type = zipfile.ZIP_DEFLATED
                with zipfile.ZipFile(raw, "w") as archive, archive.open(member, "w", force_zip64=True) as packed:
                    self._copy(header, body, packed)
            else:
                self._copy(header, body, raw)
        complete.replace(self.path)

    @staticmethod
    def _copy(header: bytes, body: BinaryIO, target: Any) -> None:
        target.write(header)
        shutil.copyfileobj(body, target, _COPY_BYTES)


class _ArrayWriter(VectorWriter):
    """An .npy file beside a list of words, an .npz file beside one, or a store."""

    def __init__(self, path: Path, dimensions: int, *, dtype: str = "float32") -> None:
        super().__init__(path, dimensions)
        self._dtype = np.dtype(dtype).newbyteorder("<")

    def _begin(self) -> None:
        self._vectors: BinaryIO = (self._folder / VECTORS).open("wb")
        self._words: BinaryIO = (self._folder / WORDS).open("wb")
        self._vectors.write(bytes(_NPY_HEADER_BYTES))  # the header, which holds the count, is written last
        self._norms: list[NDArray[np.float32]] = []

    def _write(self, words: list[str], rows: NDArray[np.float32]) -> None:
        bad = next((word for word in words if "\n" in word), None)
        if bad is not None:
            raise VectorsError(f"the word {bad!r} holds a line end, but lists of words have one a line; leave it out")
        with np.errstate(over="ignore"):
            stored = rows.astype(self._dtype, copy=False)
        if not np.isfinite(stored).all():  # the rows were, so float16 is too small for them
            word = words[int(np.argwhere(~np.isfinite(stored))[0, 0])]
            raise VectorsError(f"the vector of {word!r} holds a number too large for float16; use float32")
        self._vectors.write(np.ascontiguousarray(stored).data)
        self._words.write(b"".join(encode_word(word) + b"\n" for word in words))
        with np.errstate(over="ignore"):  # only vectors of absurd length have an infinite one in float32
            squares = np.einsum("ij,ij->i", stored, stored, dtype=np.float64)
            self._norms.append(np.sqrt(squares).astype(np.float32))

    def _end(self) -> None:
        self._vectors.seek(0)
        self._vectors.write(self._npy_header())
        self._vectors.close()
        self._words.close()

    def _npy_header(self) -> bytes:
        shape = (self.count, self.dimensions)
        description = f"{{'descr': '{self._dtype.str}', 'fortran_order': False, 'shape': {shape}, }}"
        header = b"\x93NUMPY\x01\x00" + (_NPY_HEADER_BYTES - 10).to_bytes(2, "little") + description.encode("ascii")
        return header.ljust(_NPY_HEADER_BYTES - 1) + b"\n"

    def _finish(self) -> None:
        (self._folder / WORDS).replace(vocabulary_path(self.path))
        (self._folder / VECTORS).replace(self.path)


class _NpzWriter(_ArrayWriter):
    def _finish(self) -> None:
        complete = self._folder / "complete"
        with zipfile.ZipFile(complete, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.write(self._folder / VECTORS, VECTORS)
        (self._folder / WORDS).replace(vocabulary_path(self.path))
        complete.replace(self.path)


class _StoreWriter(_ArrayWriter):
    def __init__(self, path: Path, dimensions: int, *, dtype: str, name: str | None, source: str) -> None:
        if path.exists() and not (path / META).is_file() and not (path.is_dir() and not any(path.iterdir())):
            raise VectorsError(f"{path} exists and is no store of vectors; choose another name for the store")
        super().__init__(path, dimensions, dtype=dtype)
        self._name = name or path.name
        self._source = source

    def _finish(self) -> None:
        np.save(self._folder / NORMS, np.concatenate(self._norms).astype("<f4", copy=False))
        meta = Meta(
            name=self._name,
            count=self.count,
            dimensions=self.dimensions,
            dtype=self._dtype.name,
            source=self._source,
            sha256={name: file_sha256(self._folder / name) for name in (VECTORS, WORDS, NORMS)},
        )
        (self._folder / META).write_text(meta.to_json(), encoding="utf-8")
        replaced = self._temporary / "old"
        if self.path.exists():
            self.path.replace(replaced)
        try:
            self._folder.replace(self.path)
        except OSError:
            if replaced.exists():
                replaced.replace(self.path)
            raise


class _KeyedVectorsWriter(VectorWriter):
    """gensim's own form; the whole is held in memory."""

    def _begin(self) -> None:
        self._words: list[str] = []
        self._rows: list[NDArray[np.float32]] = []

    def _write(self, words: list[str], rows: NDArray[np.float32]) -> None:
        self._words += words
        self._rows.append(rows)

    def _end(self) -> None:
        pass

    def _finish(self) -> None:
        from embedbook.vectors.keyed import keyed_vectors

        keyed_vectors(self._words, np.concatenate(self._rows)).save(str(self._folder / self.path.name))
        for part in sorted(self._folder.iterdir(), reverse=True):  # the file that names the others comes last
            part.replace(self.path.with_name(part.name))


def open_writer(
    path: Path, format: Format, dimensions: int, *, dtype: str = "float32", name: str | None = None, source: str = ""
) -> VectorWriter:
    """Return a writer, to be used in a ``with`` statement.

    Parameters
    ----------
    path : pathlib.Path
        The file or, for a store, the folder to write; what is there is replaced.
    format : str
        How to write it, any of `FORMATS` but "rda".
    dimensions : int
        Numbers a vector.
    dtype : {"float32", "float16"}
        Type of the numbers, for "store", "npy" and "npz".
    name, source : str, optional
        What a store's meta.json says about itself.

    Raises
    ------
    VectorsError
        If the target cannot be written, or `dtype` does not go with the format.
    """
    if dtype not in ("float32", "float16"):
        raise VectorsError(f'dtype must be "float32" or "float16", not {dtype!r}')
    arrays = format in ("store", "npy", "npz")
    if dtype == "float16" and not arrays:
        raise VectorsError(f"float16 goes with the formats store, npy and npz, not with {format}")
    packed = path.suffix in (".gz", ".zip")
    if packed and (arrays or format == "kv"):
        raise VectorsError(f"{path.name}: the format {format} is not packed; leave {path.suffix} out of the name")
    if not path.parent.is_dir():
        raise VectorsError(f"{path} cannot be written: there is no folder {path.parent}; make it first")
    if path.is_dir() and format != "store":
        raise VectorsError(f"{path} is a folder; name a file in it")
    if format == "store":
        return _StoreWriter(path, dimensions, dtype=dtype, name=name, source=source)
    if format == "npy":
        return _ArrayWriter(path, dimensions, dtype=dtype)
    if format == "npz":
        return _NpzWriter(path, dimensions, dtype=dtype)
    if format == "kv":
        return _KeyedVectorsWriter(path, dimensions)
    return _RecordWriter(path, dimensions, header=format != "glove", binary=format == "word2vec-binary")


def encode_word(word: str) -> bytes:
    """Encode a word as UTF-8, or say that it is broken."""
    try:
        return word.encode("utf-8")
    except UnicodeEncodeError:
        raise VectorsError(f"the word {word!r} holds half a character (a lone surrogate); leave it out") from None
