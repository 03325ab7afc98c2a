"""Open vector files as streams of bytes, plain or packed, and refuse archives that are not what they seem."""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from embedbook.vectors.errors import VectorsError

__all__ = ["Reader", "open_reader", "split_member"]

# Vectors pack to a half or a third of their size; a bomb packs to a thousandth.
MAX_RATIO = 200
FREE_BYTES = 64 * 2**20

_DAMAGE = (  # zipfile lets several kinds of error through when an archive's directory is damaged
    OSError,
    EOFError,
    MemoryError,
    ValueError,
    IndexError,
    KeyError,
    NotImplementedError,
    RuntimeError,
    struct.error,
    zlib.error,
    lzma.LZMAError,
    zipfile.BadZipFile,
)


class Reader:
    """Bytes of one file, unpacked on the way.

    Parameters
    ----------
    name : str
        The file, as messages should name it.
    content : BinaryIO
        Gives the unpacked bytes.
    raw : BinaryIO
        The file on the disk.
    packed_size : int
        Bytes of the packed content; 0 if it is not packed.
    """

    def __init__(self, name: str, content: BinaryIO, raw: BinaryIO, packed_size: int = 0) -> None:
        self.name = name
        self.size = os.fstat(raw.fileno()).st_size
        self.packed = packed_size > 0
        self._content = content
        self._raw = raw
        self._head = b""
        self._unpacked = 0
        self._allowed = FREE_BYTES + MAX_RATIO * packed_size

    @property
    def position(self) -> int:
        """Bytes of the file on the disk that have been read, for progress."""
        return min(self._raw.tell(), self.size)

    def peek(self, size: int) -> bytes:
        """Return the next `size` bytes, or what is left of them, without moving on."""
        while len(self._head) < size:
            more = self._unpack(size - len(self._head))
            if not more:
                break
            self._head += more
        return self._head[:size]

    def read(self, size: int) -> bytes:
        """Return the next bytes, at most `size`; none at the end."""
        if self._head:
            piece, self._head = self._head[:size], self._head[size:]
            return piece
        return self._unpack(size)

    def close(self) -> None:
        """Close the file."""
        self._content.close()
        self._raw.close()

    def _unpack(self, size: int) -> bytes:
        with _damage_explained(self.name):
            piece = self._content.read(size)
        self._unpacked += len(piece)
        if self.packed and self._unpacked > self._allowed:
            raise VectorsError(
                f"{self.name} unpacks to more than {MAX_RATIO} times its size, which no file of vectors does; "
                "it looks like a zip bomb and was not read further"
            )
        return piece


def split_member(path: str | os.PathLike[str]) -> tuple[Path, str | None]:
    """Split ``archive.zip::member`` into the archive and the member.

    Parameters
    ----------
    path : path
        A file, or an archive and its member.

    Returns
    -------
    file : pathlib.Path
    member : str or None
        None if `path` names none, or is as a whole the name of a file.
    """
    if Path(path).exists() or "::" not in str(path):
        return Path(path), None
    archive, _, member = str(path).rpartition("::")
    return Path(archive), member


def open_reader(path: Path, member: str | None = None) -> Reader:
    """Open a file for reading, unpacking gzip, xz, bzip2 or one member of a zip archive.

    What a file is packed in is told by its first bytes, not by its name.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    member : str, optional
        Which member of a zip archive to read; needed only if there are several.

    Raises
    ------
    VectorsError
        If the file is missing, empty, no archive although a member is asked for, or an archive that cannot be trusted.
    """
    raw = _open_file(path)
    try:
        magic = raw.read(10)
        raw.seek(0)
        if not magic:
            raise VectorsError(f"{path} is empty; it should hold vectors")
        if magic[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
            return _open_member(path, raw, member)
        if member is not None:
            raise VectorsError(f"{path} is not a zip archive, so it has no member {member!r}; leave '::{member}' out")
        unpacked = _unpacked(magic, raw)
        if unpacked is not None:
            return Reader(str(path), unpacked, raw, packed_size=os.fstat(raw.fileno()).st_size)
        return Reader(str(path), raw, raw)
    except BaseException:
        raw.close()
        raise


def zip_members(path: Path) -> list[str]:
    """Return the names of the files in a zip archive, without the clutter that some systems add."""
    with _damage_explained(str(path)), zipfile.ZipFile(path) as archive:
        return [info.filename for info in _files(archive)]


def _open_file(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except FileNotFoundError:
        raise VectorsError(f"{path} does not exist; check the path") from None
    except IsADirectoryError:
        raise VectorsError(f"{path} is a folder; name a file in it, or leave the format out if it is a store") from None
    except OSError as error:
        raise VectorsError(f"{path} cannot be opened: {error.strerror or error}") from None


def _unpacked(magic: bytes, raw: BinaryIO) -> BinaryIO | None:
    """Return a file that unpacks `raw`, or None if its first bytes do not call for that."""
    if magic.startswith(b"\x1f\x8b"):
        return gzip.GzipFile(fileobj=raw)  # type: ignore[return-value]
    if magic.startswith(b"\xfd7zXZ\x00"):
        return lzma.LZMAFile(raw)  # type: ignore[return-value]
    if re.match(rb"BZh[1-9]1AY&SY", magic):  # all of it, since a word may well begin with BZh
        return bz2.BZ2File(raw)  # type: ignore[return-value]
    return None


def _open_member(path: Path, raw: BinaryIO, member: str | None) -> Reader:
    with _damage_explained(str(path)):
        archive = zipfile.ZipFile(raw)
        files = _files(archive)
    for name in archive.namelist():
        parts = PurePosixPath(name.replace("\\", "/")).parts
        if ".." in parts or name.startswith(("/", "\\")) or re.match(r"[A-Za-z]:", name):
            raise VectorsError(f"{path} has a member that points outside the archive, {name!r}; it was not read")
    names = [info.filename for info in files]
    if member is None and len(files) != 1:
        listed = ", ".join(names[:8]) + (", …" if len(names) > 8 else "")
        remedy = f"name one, as in '{path}::{names[0]}'; it holds {listed}" if names else "it should hold one"
        raise VectorsError(f"{path} holds {len(files)} files: {remedy}")
    if member is not None and member not in names:
        raise VectorsError(f"{path} has no member {member!r}; it holds {', '.join(names[:8])}")
    info = files[0] if member is None else files[names.index(member)]
    name = f"{path}::{info.filename}"
    if info.flag_bits & 0x1:
        raise VectorsError(f"{name} is encrypted; unpack it yourself and give the file inside")
    if info.file_size > FREE_BYTES + MAX_RATIO * info.compress_size:
        raise VectorsError(
            f"{name} declares {info.file_size:,} bytes packed into {info.compress_size:,}; "
            "it looks like a zip bomb and was not read"
        )
    with _damage_explained(name):
        content = archive.open(info)
    return Reader(name, content, raw, packed_size=max(info.compress_size, 1))  # type: ignore[arg-type]


def _files(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    clutter = ("__MACOSX/",)
    return [
        info
        for info in archive.infolist()
        if not info.is_dir() and not info.filename.startswith(clutter) and PurePosixPath(info.filename).name[:1] != "."
    ]


@contextmanager
def _damage_explained(name: str) -> Iterator[None]:
    try:
        yield
    except VectorsError:
        raise
    except _DAMAGE as error:
        raise VectorsError(f"{name} cannot be read, it seems cut off or damaged ({error}); fetch it again") from None
