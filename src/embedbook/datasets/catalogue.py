"""The registry of data sets: reads and validates `data/registry.toml`, and finds the book's data folder."""

from __future__ import annotations

import codecs
import difflib
import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from embedbook.datasets.errors import DataError, RegistryError, UnknownDatasetError

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

__all__ = ["Entry", "FileEntry", "data_folder", "find_entry", "registry", "sample_folder"]

KINDS = (
    "labelled texts",
    "labelled trees",
    "lexicon",
    "table",
    "vectors",
    "corpus",
    "parallel texts",
    "word pairs",
    "analogies",
)

_PACKAGE = Path(__file__).resolve().parents[1]
_TEXT_FIELDS = ("title", "kind", "licence", "citation", "homepage", "encoding")
_FILE_FIELDS = ("path", "url", "sha256", "bytes")
_OPTIONAL_FILE_FIELDS = ("records",)
_MANIFEST_FIELDS = ("manifest", "folder", "base")
# Plain names only: nothing absolute, no "..", no drive letter or backslash on any system, no hidden file.
_PLAIN_PART = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]*")
_ENTRY_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*")
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class FileEntry:
    """One file of a data set.

    Parameters
    ----------
    path : str
        Folder and file name below the mirror or the cache, with forward slashes.
    url : str or None
        Its public address; a file without one comes only from the mirror or the cache.
    sha256 : str
        Checksum, 64 lower-case hexadecimal digits.
    size : int
        Bytes.
    records : int, optional
        How many records a reader finds in it.
    """

    path: str
    url: str | None
    sha256: str
    size: int
    records: int | None = None

    @property
    def name(self) -> str:
        """The file's path without the data set's folder: "a.txt" of "set/a.txt", "b/a.txt" of "set/b/a.txt"."""
        parts = PurePosixPath(self.path).parts
        return "/".join(parts[1:] or parts)


@dataclass(frozen=True)
class Entry:
    """A data set as the registry describes it.

    Parameters
    ----------
    name : str
        The name that readers and commands take.
    title, licence, citation, homepage : str
        What a reader of the book is shown.
    kind : str
        "labelled texts", "labelled trees", "lexicon", "table", "vectors", "corpus", "parallel texts",
        "word pairs" or "analogies".
    encoding : str
        Encoding of the text in the files, or "binary".
    packings : tuple of tuple of FileEntry
        The ways in which the data set is packed, each complete by itself, the preferred one first. Most have one.
    """

    name: str
    title: str
    kind: str
    licence: str
    citation: str
    homepage: str
    encoding: str
    packings: tuple[tuple[FileEntry, ...], ...]

    @property
    def files(self) -> tuple[FileEntry, ...]:
        """The files of the preferred packing."""
        return self.packings[0]

    @property
    def size(self) -> int:
        """Bytes of the files of the preferred packing together."""
        return sum(file.size for file in self.files)


def data_folder(package: Path = _PACKAGE) -> Path:
    """Return the folder that holds `registry.toml` and `sample/`.

    Parameters
    ----------
    package : Path
        The folder of the package `embedbook`.

    Returns
    -------
    Path
        `_data` inside the package where it was installed from a wheel, else `data` of the repository.

    Raises
    ------
    RegistryError
        If neither holds a registry.
    """
    candidates = [package / "_data", package.parents[1] / "data"]
    for folder in candidates:
        if (folder / "registry.toml").is_file():
            return folder
    tried = " nor ".join(str(folder) for folder in candidates)
    raise RegistryError(f"registry.toml is neither in {tried}: install embedbook again, or run it from its repository")


def sample_folder() -> Path:
    """Return the folder of the sample data that come with the book."""
    return data_folder() / "sample"


def registry(file: Path | None = None) -> dict[str, Entry]:
    """Read and validate the registry of data sets.

    Parameters
    ----------
    file : Path, optional
        A registry file; by default the book's own.

    Returns
    -------
    dict of str to Entry
        The data sets by name, in the order of the file.

    Raises
    ------
    RegistryError
        If the file cannot be read, or a field is missing, unknown or wrong; the message names entry and field.

    Examples
    --------
    >>> registry()["mr"].files[0].records
    10662
    """
    source = data_folder() / "registry.toml" if file is None else file
    try:
        content = tomllib.loads(source.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise RegistryError(f"{source}: cannot be read as TOML: {error}") from error
    entries = {name: _entry(name, fields, source) for name, fields in content.items()}
    _refuse_repeats(
        source,
        ((entry.name, file.path) for entry in entries.values() for packing in entry.packings for file in packing),
    )
    return entries


def find_entry(name: str) -> Entry:
    """Return the entry of one data set.

    Parameters
    ----------
    name : str
        Its name in the registry.

    Returns
    -------
    Entry
        The entry.

    Raises
    ------
    UnknownDatasetError
        If there is none of this name; the message suggests the nearest and lists all.
    """
    entries = registry()
    if name in entries:
        return entries[name]
    near = difflib.get_close_matches(str(name).lower(), [known.lower() for known in entries], n=1, cutoff=0.5)
    suggestion = next((f" Did you mean {known!r}?" for known in entries if near and known.lower() == near[0]), "")
    raise UnknownDatasetError(f"no data set is called {name!r}.{suggestion} There are: {', '.join(entries)}.")


def _entry(name: str, fields: Any, source: Path) -> Entry:
    where = f"{source}: data set {name!r}"
    if not _ENTRY_NAME.fullmatch(name):
        raise RegistryError(f"{where}: a name is made of letters, digits and hyphens")
    if not isinstance(fields, Mapping):
        raise RegistryError(f"{where}: must be a table of fields, [{name}]")
    listed = "packings" if "packings" in fields else "files"
    _check_names(where, fields, (*_TEXT_FIELDS, listed))
    texts = {field: _text(where, fields, field) for field in _TEXT_FIELDS}
    if texts["kind"] not in KINDS:
        raise RegistryError(f"{where}, field 'kind': {texts['kind']!r} is none of {', '.join(KINDS)}")
    _check_https(where, "homepage", texts["homepage"])
    _check_encoding(where, texts["encoding"])
    if listed == "files":
        packings = [_files(where, fields["files"], f"[[{name}.files]]", needs_url=True)]
    else:
        packings = _packings(where, fields["packings"], name, source)
    for packing in packings:
        # The files of a packing are handed out by their plain names, so two of them may not share one.
        _refuse_repeats(source, ((name, file.name) for file in packing))
    return Entry(name=name, packings=tuple(packings), **texts)


def _packings(where: str, listed: Any, name: str, source: Path) -> list[tuple[FileEntry, ...]]:
    packings = []
    for number, fields in enumerate(_tables(f"{where}, field 'packings'", listed, f"[[{name}.packings]]"), start=1):
        place = f"{where}, packing {number}"
        if "manifest" in fields:
            packings.append(_listed_in_manifest(place, fields, source))
        else:
            _check_names(place, fields, ("files",))
            packings.append(_files(place, fields["files"], f"[[{name}.packings.files]]", needs_url=False))
    if not any(all(file.url for file in packing) for packing in packings):
        raise RegistryError(f"{where}, field 'packings': give at least one of them an address (url) for every file")
    return packings


def _listed_in_manifest(where: str, fields: Mapping[str, Any], source: Path) -> tuple[FileEntry, ...]:
    """Read a packing whose files are listed in a table of their own: path, bytes and sha256 in each line."""
    _check_names(where, fields, _MANIFEST_FIELDS)
    manifest, folder, base = (_text(where, fields, field) for field in _MANIFEST_FIELDS)
    _check_path(where, "manifest", manifest)
    _check_path(where, "folder", folder)
    _check_https(where, "base", base)
    file = source.parent / manifest
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise RegistryError(f"{where}, field 'manifest': {file} cannot be read: {error}") from error
    files = []
    for number, line in enumerate(lines, start=1):
        place = f"{file}, line {number}"
        cells = line.split("\t")
        if len(cells) != 3 or not cells[1].isdecimal():
            raise RegistryError(f"{place}: must be path, bytes and sha256 with tabs between, not {line[:80]!r}")
        path, size, sha256 = cells
        described = {"path": f"{folder}/{path}", "url": base + path, "sha256": sha256, "bytes": int(size)}
        files.append(_file(place, described, needs_url=True))
    if not files:
        raise RegistryError(f"{file}: names no file")
    return tuple(files)


def _files(where: str, listed: Any, heading: str, *, needs_url: bool) -> tuple[FileEntry, ...]:
    tables = _tables(f"{where}, field 'files'", listed, heading)
    return tuple(
        _file(f"{where}, file {number}", file, needs_url=needs_url) for number, file in enumerate(tables, start=1)
    )


def _tables(where: str, listed: Any, heading: str) -> list[Mapping[str, Any]]:
    if not isinstance(listed, list) or not listed or not all(isinstance(table, Mapping) for table in listed):
        raise RegistryError(f"{where}: give at least one {heading}")
    return listed


def _file(where: str, fields: Mapping[str, Any], *, needs_url: bool) -> FileEntry:
    wanted = [field for field in _FILE_FIELDS if needs_url or field != "url"]
    _check_names(where, fields, wanted, (*_OPTIONAL_FILE_FIELDS, "url"))
    path = _text(where, fields, "path")
    _check_path(where, "path", path)
    url = None
    if "url" in fields:
        url = _text(where, fields, "url")
        _check_https(where, "url", url)
    sha256 = _text(where, fields, "sha256")
    if not _SHA256.fullmatch(sha256):
        raise RegistryError(f"{where}, field 'sha256': {sha256!r} is not 64 lower-case hexadecimal digits")
    size = _count(where, fields, "bytes")
    records = _count(where, fields, "records") if "records" in fields else None
    return FileEntry(path=path, url=url, sha256=sha256, size=size, records=records)


def _check_path(where: str, field: str, path: str) -> None:
    if not all(_PLAIN_PART.fullmatch(part) for part in path.split("/")):
        raise RegistryError(
            f"{where}, field {field!r}: {path!r} must be a relative path like 'folder/file.txt', "
            "of letters, digits and . _ + -, without '..'"
        )


def _check_names(where: str, fields: Mapping[str, Any], wanted: Iterable[str], optional: Iterable[str] = ()) -> None:
    wanted = tuple(wanted)
    for field in wanted:
        if field not in fields:
            raise RegistryError(f"{where}, field {field!r}: is missing")
    for field in fields:
        if field not in (*wanted, *optional):
            raise RegistryError(f"{where}, field {field!r}: is not known here; misspelt?")


def _text(where: str, fields: Mapping[str, Any], field: str) -> str:
    value = fields[field]
    if not isinstance(value, str) or not value.strip():
        raise RegistryError(f"{where}, field {field!r}: must be a text that is not empty")
    return value


def _count(where: str, fields: Mapping[str, Any], field: str) -> int:
    value = fields[field]
    # TOML's true is a Python bool, and a bool is an int.
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise RegistryError(f"{where}, field {field!r}: {value!r} is not a whole number above 0")
    return value


def _check_https(where: str, field: str, address: str) -> None:
    try:
        parts = urlsplit(address)
    except ValueError as error:
        raise RegistryError(f"{where}, field {field!r}: {address!r} is not an address: {error}") from error
    if parts.scheme != "https" or not parts.hostname:
        raise RegistryError(f"{where}, field {field!r}: {address!r} must begin with https:// and name a host")


def _check_encoding(where: str, encoding: str) -> None:
    if encoding == "binary":
        return
    try:
        codecs.lookup(encoding)
    except (LookupError, ValueError) as error:
        raise RegistryError(
            f"{where}, field 'encoding': Python knows no {encoding!r}; write 'binary' if there is no text"
        ) from error


def _refuse_repeats(source: Path, owned: Iterable[tuple[str, str]]) -> None:
    seen: dict[str, str] = {}
    for name, path in owned:
        if path in seen:
            raise RegistryError(f"{source}: data set {name!r}, field 'path': {path!r} is named twice ({seen[path]!r})")
        seen[path] = name


def require_kind(name: str, kind: str, remedy: str) -> Entry:
    """Return the entry `name` if it is of this kind.

    Parameters
    ----------
    name : str
        Name of a data set.
    kind : str
        What the caller can read.
    remedy : str
        What to do if it is another kind, as a sentence.

    Returns
    -------
    Entry
        The entry.

    Raises
    ------
    UnknownDatasetError
        If there is no such data set.
    DataError
        If it is of another kind.
    """
    entry = find_entry(name)
    if entry.kind != kind:
        raise DataError(f"the data set {name!r} holds {entry.kind}, not {kind}. {remedy}")
    return entry
