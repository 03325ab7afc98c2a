"""Tell which format a file of vectors has, and open it."""

from __future__ import annotations

import codecs
import os
import re
from pathlib import Path
from typing import Literal, get_args

from embedbook.vectors.errors import VectorsError
from embedbook.vectors.reading import Reader, open_reader, split_member, zip_members
from embedbook.vectors.streams import Stream
from embedbook.vectors.text_format import MAX_LINE, Errors, parse_header, trailing_numbers

__all__ = ["FORMATS", "Format", "check_format", "open_stream", "sniff", "target_format"]

Format = Literal["glove", "word2vec", "word2vec-binary", "npz", "npy", "kv", "rda", "store"]
FORMATS: tuple[str, ...] = get_args(Format)
"""
glove
    Text without header.
word2vec, word2vec-binary
    Text or binary with a header that gives count and dimensions.
npz, npy
    A NumPy array and, beside it, a list of words (``NAME.vocab.txt``).
kv
    What gensim's ``KeyedVectors.save`` writes.
rda
    An R data file with a table of ``word`` and ``vec``; is read, not written.
store
    The book's own folder, see `embedbook.vectors.store`.
"""

_ENOUGH = 2**16  # bytes that settle whether a file is text
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_SUFFIXES: dict[str, Format] = {
    ".txt": "glove",
    ".glove": "glove",
    ".vec": "word2vec",
    ".w2v": "word2vec",
    ".bin": "word2vec-binary",
    ".npz": "npz",
    ".npy": "npy",
    ".kv": "kv",
    ".rda": "rda",
    ".rdata": "rda",
    "": "store",
}


def open_stream(
    path: str | os.PathLike[str],
    *,
    format: str | None = None,
    vocabulary: str | os.PathLike[str] | None = None,
    errors: Errors = "strict",
    mmap: bool = True,
) -> Stream:
    """Open a file of vectors in any format; the caller closes it.

    Parameters
    ----------
    path : path
        A file, a store's folder, or ``archive.zip::member``.
    format : str, optional
        One of `FORMATS`; by default told from the content.
    vocabulary : path, optional
        The list of words of an .npy or .npz file.
    errors : {"strict", "replace"}
        What to do with words that are not UTF-8.
    mmap : bool
        Map arrays into memory where the format allows it.

    Raises
    ------
    VectorsError
        If the file is missing, or not what it should be.
    """
    from embedbook.vectors.array_format import open_npy, open_npz

    check_format(format)
    if errors not in ("strict", "replace"):
        raise VectorsError(f'errors must be "strict" or "replace", not {errors!r}')
    file, member = split_member(path)
    words = None if vocabulary is None else Path(vocabulary)
    found = format or sniff(path)
    if words is not None and found not in ("npz", "npy"):
        raise VectorsError(f"vocabulary goes with .npz and .npy files; {path} is in the format {found}")
    if found == "store":
        from embedbook.vectors.store import open_store

        return open_store(file, mmap=mmap).stream()
    if found == "npy":
        return open_npy(file, words, mmap=mmap)
    if found == "npz":
        return open_npz(file, words)
    if found == "kv":
        from embedbook.vectors.kv_format import open_kv

        return open_kv(file, mmap=mmap)
    if found == "rda":
        from embedbook.vectors.rdata import open_rdata

        return open_rdata(file)
    return _open_records(open_reader(file, member), found, errors)


def sniff(path: str | os.PathLike[str]) -> Format:
    """Tell the format of a file from its first bytes.

    Parameters
    ----------
    path : path
        A file, a store's folder, or ``archive.zip::member``.

    Raises
    ------
    VectorsError
        If it is no format that is read here; a pickle is accepted only under the name .kv.
    """
    file, member = split_member(path)
    if file.is_dir():
        return "store"
    if member is None and file.is_file():
        with file.open("rb") as raw:
            magic = raw.read(8)
        if magic.startswith(b"PK\x03\x04"):
            members = zip_members(file)
            if members and all(name.endswith(".npy") for name in members):
                return "npz"
        if magic.startswith(b"\x93NUMPY"):
            return "npy"
        if file.suffix == ".kv":
            return "kv"
    reader = open_reader(file, member)
    try:
        return _sniff_content(reader)
    finally:
        reader.close()


def check_format(format: str | None) -> None:
    """Refuse a format that does not exist.

    Parameters
    ----------
    format : str or None
        One of `FORMATS`, or None, which leaves it open.

    Raises
    ------
    VectorsError
        If it is neither.
    """
    if format is not None and format not in FORMATS:
        raise VectorsError(f"there is no format {format!r}; choose one of {', '.join(FORMATS)}")


def target_format(path: Path, format: str | None) -> Format:
    """Return the format to write.

    Parameters
    ----------
    path : pathlib.Path
        The file or folder to write, whose ending tells the format; a folder that is there is a store.
    format : str or None
        One of `FORMATS`, which decides it.

    Raises
    ------
    VectorsError
        If the ending tells nothing, or the format is not written.
    """
    check_format(format)
    if format is None and path.is_dir():
        format = "store"
    if format is None:
        plain = path.with_suffix("") if path.suffix in (".gz", ".zip") else path
        found = _SUFFIXES.get(plain.suffix.lower())
        if found is None:
            writable = ", ".join(name for name in FORMATS if name != "rda")
            raise VectorsError(f"cannot tell the format from the name {path.name}; name one of {writable}")
        format = found
    if format == "rda":
        raise VectorsError("R data files are read, not written; choose another format")
    return format  # type: ignore[return-value]


def _open_records(reader: Reader, format: str, errors: Errors) -> Stream:
    from embedbook.vectors.binary_format import BinaryStream
    from embedbook.vectors.text_format import TextStream

    try:
        if format == "word2vec-binary":
            return BinaryStream(reader, errors=errors)
        return TextStream(reader, header=format == "word2vec", errors=errors)
    except BaseException:
        reader.close()
        raise


def _sniff_content(reader: Reader) -> Format:
    head = reader.peek(8)
    if head[:5] in (b"RDX2\n", b"RDX3\n"):
        return "rda"
    if head[:1] == b"\x80" and head[1:2] in (b"\x02", b"\x03", b"\x04", b"\x05"):
        raise VectorsError(
            f"{reader.name} is a Python pickle, which could run anything, and was not loaded; "
            'if gensim saved it, name format="kv" to read the vectors in it safely'
        )
    if head.startswith(b"\x93NUMPY"):
        raise VectorsError(f"{reader.name} is a packed .npy file; unpack it, so that it can be mapped into memory")
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise VectorsError(f"{reader.name} is UTF-16 text; save it as UTF-8")
    head = reader.peek(100)
    header = parse_header(head)
    if header is None:
        return "glove"
    after_header = head.index(b"\n") + 1
    row = reader.peek(after_header + MAX_LINE)[after_header:]
    return "word2vec" if _is_text(row, header[1]) else "word2vec-binary"


def _is_text(content: bytes, dimensions: int) -> bool:
    """Tell whether what follows a header is text or binary numbers.

    It is text if the first line is a word and its numbers. It is also text, though damaged, and to be reported as such,
    if it is UTF-8 without control characters, which binary numbers hardly ever are.
    """
    if trailing_numbers(content.split(b"\n", 1)[0]) >= dimensions:
        return True
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(content[:_ENOUGH])
    except UnicodeDecodeError:
        return False
    return not _CONTROL.search(text)
