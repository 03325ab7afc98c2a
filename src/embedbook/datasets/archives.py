"""Reads the members of a tar archive one after the other, from the packed file; nothing is unpacked to disk."""

from __future__ import annotations

import gzip
import lzma
import tarfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from embedbook.datasets.errors import DataError

__all__ = ["read_members"]

# Text packs to a third or a fifth of its size, and the frame of many small members packs well; a bomb packs to a
# thousandth.
_MAX_RATIO = 100
_FREE_BYTES = 64 * 2**20
_MEMBER_BYTES = 16 * 2**20

_DAMAGE = (tarfile.TarError, OSError, EOFError, lzma.LZMAError, zlib.error, ValueError)


def read_members(
    file: Path, wanted: Callable[[str], bool], *, member_bytes: int = _MEMBER_BYTES
) -> Iterator[tuple[str, bytes]]:
    """Read some members of a tar archive packed with xz or gzip, in its order and in bounded memory.

    Parameters
    ----------
    file : Path
        The archive.
    wanted : callable
        Told a member's path inside the archive; says whether to read it.
    member_bytes : int
        Bytes that a wanted member may have at most.

    Yields
    ------
    path : str
        The member's path inside the archive.
    content : bytes
        All of it.

    Raises
    ------
    DataError
        If the archive is cut off or damaged, names a path outside itself, a wanted member is a link or too large, or
        it unpacks to much more than text does.
    """
    try:
        with file.open("rb") as raw, _unpack(file, raw) as unpacked:
            counted = _Counted(file, unpacked, _FREE_BYTES + _MAX_RATIO * file.stat().st_size)
            # "r|" reads strictly forward: nothing is sought, so nothing is unpacked twice.
            with tarfile.open(fileobj=counted, mode="r|") as archive:  # type: ignore[call-overload]  # only read is used
                yield from _wanted_members(file, archive, wanted, member_bytes)
                # To its very end, where a packed file says whether it is whole.
                while counted.read(1 << 16):
                    pass
    except DataError:
        raise
    except _DAMAGE as error:
        raise DataError(f"{file}: cannot be read, it seems cut off or damaged ({error}). Fetch it again.") from error


def _wanted_members(
    file: Path, archive: tarfile.TarFile, wanted: Callable[[str], bool], member_bytes: int
) -> Iterator[tuple[str, bytes]]:
    while (member := archive.next()) is not None:
        # tarfile remembers all members, to seek among them; 50,000 of them are a lot of memory for nothing.
        archive.members.clear()  # type: ignore[attr-defined]  # not in the type stubs
        path = PurePosixPath(member.name)
        if path.is_absolute() or ".." in path.parts or "\\" in member.name:
            raise DataError(f"{file}: has a member that points outside the archive, {member.name!r}; it was not read")
        if member.isdir() or not wanted(str(path)):
            continue
        if not member.isreg():
            raise DataError(f"{file}: its member {path} is a link or a device, not a file; the archive is not trusted")
        if member.size > member_bytes:
            raise DataError(
                f"{file}: its member {path} has {member.size:,} bytes, more than the {member_bytes:,} that are read"
            )
        content = archive.extractfile(member)
        assert content is not None  # it is a regular file
        yield str(path), content.read()


def _unpack(file: Path, raw: BinaryIO) -> gzip.GzipFile | lzma.LZMAFile:
    magic = raw.read(6)
    raw.seek(0)
    if magic == b"\xfd7zXZ\x00":
        return lzma.LZMAFile(raw)
    if magic.startswith(b"\x1f\x8b"):
        return gzip.GzipFile(fileobj=raw)
    raise DataError(f"{file}: is no tar archive packed with xz or gzip. Fetch it again.")


class _Counted:
    """A file that may be read only so far."""

    def __init__(self, file: Path, unpacked: gzip.GzipFile | lzma.LZMAFile, allowed: int) -> None:
        self._file = file
        self._unpacked = unpacked
        self._left = allowed

    def read(self, size: int) -> bytes:
        piece = self._unpacked.read(size)
        self._left -= len(piece)
        if self._left < 0:
            raise DataError(f"{self._file}: unpacks to far more than text does; it looks like a bomb and was not read")
        return piece
