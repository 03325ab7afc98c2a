"""Files that the trainer writes: archives without pickle, and arrays that are too long for memory."""

from __future__ import annotations

import json
import shutil
import tempfile
import weakref
import zipfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from embedbook.whole_files import replaced_when_whole

__all__ = ["StorageError"]


class StorageError(OSError):
    """A file could not be written: no room on the disk, no permission, or no such folder."""


def write_archive(path: str | Path, meta: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> None:
    """Write arrays and a JSON header as one .npz file, whole or not at all; StorageError if that fails."""
    path = Path(path)
    header = np.frombuffer(json.dumps(dict(meta), ensure_ascii=False).encode("utf-8"), dtype=np.uint8)
    try:
        with replaced_when_whole(path) as temporary, temporary.open("wb") as file:
            np.savez(file, meta=header, **arrays)  # type: ignore[arg-type]
    except OSError as error:
        raise StorageError(f"cannot write {path}: {error.strerror or error}") from error


def read_archive(path: str | Path, kind: str) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Read what `write_archive` wrote; `kind` is what ``meta["kind"]`` must be. Nothing in the file is executed."""
    path = Path(path)
    try:
        with np.load(path, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
        meta = json.loads(arrays.pop("meta").tobytes().decode("utf-8"))
        found = meta["kind"]
    except FileNotFoundError:
        raise
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
        raise ValueError(f"{path} is not a {kind} file of this package, or it is damaged ({error})") from error
    if found != kind:
        raise ValueError(f"{path} holds a {found}, not a {kind}")
    return meta, arrays


class Scratch:
    """A folder of our own for intermediate files, removed together with the object that holds it.

    Parameters
    ----------
    parent : path, optional
        Where to make it; the system's folder for temporary files if not given.
    """

    def __init__(self, parent: str | Path | None = None) -> None:
        try:
            self.path = Path(tempfile.mkdtemp(prefix="glove-", dir=parent))
        except OSError as error:
            raise StorageError(
                f"cannot write in spill_folder {str(parent or tempfile.gettempdir())!r}: {error.strerror or error}; "
                "name an existing folder with free space, or raise memory_limit"
            ) from error
        self.remove = weakref.finalize(self, shutil.rmtree, str(self.path), ignore_errors=True)


class ArrayWriter:
    """A one-dimensional array written piece by piece to a raw file, then memory-mapped.

    Ordinary writes, not writes through a memory map: on a full disk those end the process instead of raising an error.
    """

    def __init__(self, path: Path, dtype: Any) -> None:
        self.path = path
        self.dtype = np.dtype(dtype)
        self.length = 0
        try:
            self._file = path.open("wb")
        except OSError as error:
            raise StorageError(f"cannot write {path}: {error.strerror or error}; name another folder") from error

    def write(self, array: np.ndarray) -> None:
        """Append `array`."""
        try:
            self._file.write(np.ascontiguousarray(array, dtype=self.dtype).view(np.uint8).data)
            self._file.flush()
        except OSError as error:
            self.discard()
            raise StorageError(
                f"cannot write {self.path}: {error.strerror or error}; free some space, name a folder "
                "on a larger disk, or raise memory_limit so that less is written"
            ) from error
        self.length += len(array)

    def finish(self) -> np.ndarray:
        """Close the file and return its contents as a read-only memory map."""
        self._file.close()
        if not self.length:  # an empty file cannot be mapped
            return np.empty(0, dtype=self.dtype)
        return np.memmap(self.path, dtype=self.dtype, mode="r", shape=(self.length,))

    def discard(self) -> None:
        """Close and remove the file."""
        with suppress(OSError):
            self._file.close()
        self.path.unlink(missing_ok=True)
