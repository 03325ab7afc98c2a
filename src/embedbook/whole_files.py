"""Writing a file such that it is there as a whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["replaced_when_whole"]


@contextmanager
def replaced_when_whole(file: Path) -> Iterator[Path]:
    """Give a path to write to, and move what was written there to its place when the block ends without an error.

    Parameters
    ----------
    file : pathlib.Path
        The file to write, in a folder that exists. One that is there stays as it is until the new one is complete, and
        if the block fails.

    Yields
    ------
    pathlib.Path
        A hidden file beside it, which holds this process's number, so that two processes may write the same file. What
        the block leaves there when it fails is deleted.

    Raises
    ------
    OSError
        If the new file cannot take its place.
    """
    temporary = file.with_name(f".{file.name}.{os.getpid()}.part")
    try:
        yield temporary
        temporary.replace(file)
    finally:
        temporary.unlink(missing_ok=True)
