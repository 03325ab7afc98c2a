"""Where the files of a data set are: the mirror first, then the cache, then the network; checked before use."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from tqdm import tqdm

from embedbook.datasets._pooch import pooch
from embedbook.datasets.catalogue import Entry, FileEntry, data_folder, find_entry
from embedbook.datasets.download import TransferSettings, download_file
from embedbook.datasets.errors import ChecksumError, DataError, DownloadError, NotHereError

__all__ = [
    "FileCheck",
    "cache_folder",
    "chosen_files",
    "fetch",
    "mirror_folder",
    "missing_files",
    "path",
    "verify",
    "whereabouts",
]

# Of more files than these a download shows one bar for all, not one for each.
_BARS = 10

# Files found intact in this process, as (path, size, time of change, checksum): each is hashed once, not per reader.
_intact: set[tuple[str, int, int, str]] = set()


@dataclass(frozen=True)
class FileCheck:
    """What `verify` found about one file in one place.

    Parameters
    ----------
    file : FileEntry
        The file as the registry describes it.
    place : {"mirror", "cache"} or None
        Where it lies; None if it is nowhere.
    path : Path or None
        Its path there.
    intact : bool
        Whether size and checksum are right.
    """

    file: FileEntry
    place: Literal["mirror", "cache"] | None
    path: Path | None
    intact: bool


def cache_folder() -> Path:
    """Return the folder that fetched files go to: `EMBEDBOOK_CACHE`, or the user's cache."""
    given = os.environ.get("EMBEDBOOK_CACHE")
    return Path(given).expanduser().absolute() if given else Path(pooch.os_cache("embedbook"))


def mirror_folder() -> Path | None:
    """Return the folder that `EMBEDBOOK_MIRROR` names, or None if it names none.

    A relative path is taken from the current folder or, because notebooks run in `chapters/`, from the repository.

    Returns
    -------
    Path or None
        An existing folder.

    Raises
    ------
    DataError
        If it names no folder: a misspelt mirror shall not silently turn into a download.
    """
    given = os.environ.get("EMBEDBOOK_MIRROR")
    if not given:
        return None
    folder = Path(given).expanduser()
    for candidate in (folder.absolute(), data_folder().parent / folder):
        if candidate.is_dir():
            return candidate.resolve()
    raise DataError(f"EMBEDBOOK_MIRROR={given}: there is no such folder. Give a folder that exists, or unset it.")


def fetch(name: str, *, settings: TransferSettings | None = None) -> dict[str, Path]:
    """Return the files of a data set, fetching what is not here.

    Of a data set with several packings these are the files of one: the first that is wholly here, else the first that
    can be fetched.

    Parameters
    ----------
    name : str
        A data set of the registry.
    settings : TransferSettings, optional
        Patience of the download, and whether it shows its progress.

    Returns
    -------
    dict of str to Path
        File name to checked file.

    Raises
    ------
    UnknownDatasetError
        If there is no such data set.
    ChecksumError
        If a file in the mirror is wrong, or one in the cache is damaged and cannot be fetched again.
    DownloadError
        If a file is not here and cannot be fetched.
    """
    entry = find_entry(name)
    absent = missing_files(entry)
    if len(absent) <= _BARS:
        return {file.name: _obtain(file, settings) for file in chosen_files(entry)}
    settings = TransferSettings() if settings is None else settings
    shown = settings.shows_progress
    found = {}
    with tqdm(total=sum(file.size for file in absent), desc=name, unit="B", unit_scale=True, disable=not shown) as bar:
        for file in chosen_files(entry):
            found[file.name] = _obtain(file, replace(settings, progress=False))
            bar.update(file.size if file in absent else 0)
    return found


def path(name: str) -> dict[str, Path]:
    """Return the files of a data set that are here already; never uses the network.

    Parameters
    ----------
    name : str
        A data set of the registry.

    Returns
    -------
    dict of str to Path
        File name to checked file.

    Raises
    ------
    UnknownDatasetError
        If there is no such data set.
    NotHereError
        If one of its files is neither in the mirror nor in the cache.
    ChecksumError
        If one is there, but is not the right one.
    """
    entry = find_entry(name)
    absent = missing_files(entry)
    if absent:
        raise NotHereError(
            f"{name}: {_few_names(absent)} {'is' if len(absent) == 1 else 'are'} not here. "
            f"Run `embedbook data fetch {name}`, or set EMBEDBOOK_MIRROR to a folder that holds the data set."
        )
    found = {}
    for file in chosen_files(entry):
        check = _first_copy(file)
        if check.path is None or not check.intact:
            raise ChecksumError(f"{_damage(check)} Run `embedbook data fetch {name}` to replace it.")
        found[file.name] = check.path
    return found


def verify(name: str) -> list[FileCheck]:
    """Check every copy of a data set's files that is here, reading each anew.

    Parameters
    ----------
    name : str
        A data set of the registry.

    Returns
    -------
    list of FileCheck
        One for each copy, in mirror and cache, of any packing; one with `place` None for each file that is nowhere and
        would be fetched.
    """
    checks = []
    entry = find_entry(name)
    chosen = chosen_files(entry)
    for file in (file for packing in entry.packings for file in packing):
        copies = _copies(file)
        _intact.difference_update([key for key in _intact if any(key[0] == str(copy) for _, copy in copies)])
        checks += [FileCheck(file, place, copy, _is_intact(copy, file)) for place, copy in copies]
        if not copies and file in chosen:
            checks.append(FileCheck(file, None, None, False))
    return checks


def chosen_files(entry: Entry) -> tuple[FileEntry, ...]:
    """Return the files of the packing that is used here and now.

    Parameters
    ----------
    entry : Entry
        The data set.

    Returns
    -------
    tuple of FileEntry
        The first packing that is wholly here, else the first that can be fetched.
    """
    if len(entry.packings) == 1:
        return entry.packings[0]
    absent = [[file for file in packing if not _copies(file)] for packing in entry.packings]
    # The registry sees to it that one of them can be fetched; min takes the first of equals.
    return min(
        zip(entry.packings, absent, strict=True),
        key=lambda pair: 0 if not pair[1] else 1 if all(file.url for file in pair[1]) else 2,
    )[0]


def missing_files(entry: Entry) -> list[FileEntry]:
    """Return what would have to be fetched of a data set.

    Parameters
    ----------
    entry : Entry
        The data set.

    Returns
    -------
    list of FileEntry
        The files of the chosen packing that are neither in the mirror nor in the cache.
    """
    return [file for file in chosen_files(entry) if not _copies(file)]


def whereabouts(entry: Entry) -> str:
    """Say in a word where a data set is, without reading its files.

    Parameters
    ----------
    entry : Entry
        The data set.

    Returns
    -------
    str
        "mirror", "cache", "mirror, cache" if its files lie in both, "not here", or "in part".
    """
    chosen = chosen_files(entry)
    places = [copies[0][0] for file in chosen if (copies := _copies(file))]
    if len(places) < len(chosen):
        some = places or any(_copies(file) for packing in entry.packings for file in packing)
        return "in part" if some else "not here"
    return ", ".join(sorted(set(places), reverse=True))


def _obtain(file: FileEntry, settings: TransferSettings | None) -> Path:
    check = _first_copy(file)
    if check.path is not None and check.intact:
        return check.path
    if file.url is None:
        if check.path is not None:
            raise ChecksumError(f"{_damage(check)} It has no public address: replace it, or remove it.")
        raise DownloadError(
            f"{file.name} has no public address. Set EMBEDBOOK_MIRROR to a folder that holds {file.path}."
        )
    target = cache_folder() / file.path
    try:
        download_file(
            file.url,
            target,
            sha256=file.sha256,
            size=file.size,
            partial_folder=cache_folder() / ".partial",
            settings=settings,
        )
    except DownloadError as error:
        if check.path is None:
            raise
        raise ChecksumError(
            f"{_damage(check)} It could not be fetched again: {error} To go on without this data set, delete the file."
        ) from error
    return target


def _first_copy(file: FileEntry) -> FileCheck:
    copies = _copies(file)
    if not copies:
        return FileCheck(file, None, None, False)
    place, copy = copies[0]
    check = FileCheck(file, place, copy, _is_intact(copy, file))
    if place == "mirror" and not check.intact:
        # The mirror belongs to the reader: nothing is replaced there, and nothing wrong in it is passed over.
        raise ChecksumError(f"{_damage(check)} Replace or remove it, or unset EMBEDBOOK_MIRROR.")
    return check


def _copies(file: FileEntry) -> list[tuple[Literal["mirror", "cache"], Path]]:
    mirror = mirror_folder()
    copies: list[tuple[Literal["mirror", "cache"], Path]] = [] if mirror is None else [("mirror", mirror / file.path)]
    copies.append(("cache", cache_folder() / file.path))
    return [(place, copy) for place, copy in copies if copy.is_file()]


def _is_intact(copy: Path, file: FileEntry) -> bool:
    try:
        state = copy.stat()
        key = (str(copy), state.st_size, state.st_mtime_ns, file.sha256)
        if key in _intact:
            return True
        if state.st_size != file.size or pooch.file_hash(str(copy)) != file.sha256:
            return False
    except OSError as error:
        raise DataError(
            f"{copy}: cannot be read ({error.strerror or error}). Make it readable, or remove it."
        ) from error
    _intact.add(key)
    return True


def _few_names(files: list[FileEntry], limit: int = 5) -> str:
    names = ", ".join(file.name for file in files[:limit])
    return names if len(files) <= limit else f"{names} and {len(files) - limit:,} more"


def _damage(check: FileCheck) -> str:
    return (
        f"{check.path}: this file in the {check.place} is not the one that the registry describes "
        f"({check.file.size:,} bytes, sha256 {check.file.sha256})."
    )
