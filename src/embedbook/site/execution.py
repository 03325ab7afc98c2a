"""When chapters are run again: the cache of executed notebooks is keyed to everything that can change a result.

jupyter-cache looks at a notebook's cells only. A change of the helper code, of the data, of a package or of the data
mode would leave old outputs standing; so the cache's folder carries a digest of all of these, and a changed digest
makes Sphinx read every page again.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.config import Config

__all__ = ["MODE_VARIABLE", "cache_folder", "connect", "digest"]

#: `cache` runs the chapters whose outputs are not in the cache, `off` (the default) shows the stored outputs.
MODE_VARIABLE = "EMBEDBOOK_EXECUTE"
_MODES = ("cache", "off")
_INPUTS = ("src", "data", "constraints.txt", "requirements.txt")
_SETTINGS = ("EMBEDBOOK_DATA", "EMBEDBOOK_MIRROR", "EMBEDBOOK_CACHE")


def _files(book: Path) -> Iterator[Path]:
    for name in _INPUTS:
        path = book / name
        found = sorted(path.rglob("*")) if path.is_dir() else [path]
        yield from (
            file for file in found if file.is_file() and "__pycache__" not in file.parts and file.suffix != ".pyc"
        )


def digest(book: Path) -> str:
    """Digest everything outside the notebooks that can change their outputs.

    Parameters
    ----------
    book : pathlib.Path
        The book's folder.

    Returns
    -------
    str
        Sixteen hexadecimal digits over the names and contents of `src/`, `data/` and the pinned packages, and over the
        settings that choose the data.
    """
    total = hashlib.sha256()
    for file in _files(book):
        total.update(f"{file.relative_to(book).as_posix()}\0".encode())
        total.update(hashlib.sha256(file.read_bytes()).digest())
    for name in _SETTINGS:
        total.update(f"{name}={os.environ.get(name, '')}\0".encode())
    return total.hexdigest()[:16]


def cache_folder(book: Path) -> str:
    """Return where the executed chapters of the present state are kept.

    Parameters
    ----------
    book : pathlib.Path
        The book's folder.

    Returns
    -------
    str
    """
    return str(book / "_build" / "executed" / digest(book))


def _choose(app: Sphinx, config: Config) -> None:
    mode = os.environ.get(MODE_VARIABLE, "off")
    if mode not in _MODES:
        raise ValueError(f"{MODE_VARIABLE}={mode!r} is not known; use one of: {', '.join(_MODES)}")
    folder = cache_folder(Path(app.srcdir))
    config["nb_execution_mode"] = mode
    config["nb_execution_cache_path"] = folder
    # This extension lies in `src/` too, so pages are also written again when it has changed.
    config["embedbook_state"] = f"{mode} {Path(folder).name}"


def connect(app: Sphinx) -> None:
    """Choose the execution mode and the cache's folder before MyST-NB reads them.

    Parameters
    ----------
    app : sphinx.application.Sphinx
        The running build.
    """
    # "env": when this value changes, Sphinx reads all pages again.
    app.add_config_value("embedbook_state", "", "env", [str])
    app.connect("config-inited", _choose, priority=100)
