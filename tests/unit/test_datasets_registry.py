"""The registry is complete and safe, and an error in it names entry and field."""

from __future__ import annotations

import tarfile
from pathlib import Path
from typing import Any

import pytest
from datasets_support import sha256

from embedbook.datasets import RegistryError, UnknownDatasetError, data_folder, find_entry, registry

GOOD: dict[str, Any] = {
    "title": "Mine",
    "kind": "table",
    "licence": "CC0",
    "citation": "Me (2000)",
    "homepage": "https://example.org/",
    "encoding": "utf-8",
}
GOOD_FILE: dict[str, Any] = {
    "path": "mine/a.txt",
    "url": "https://example.org/a.txt",
    "sha256": "0" * 64,
    "bytes": 12,
}


def toml(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else repr(value)


def write(folder: Path, fields: dict[str, Any], *files: dict[str, Any], name: str = "mine", more: str = "") -> Path:
    lines = [f"[{name}]", *(f"{field} = {toml(value)}" for field, value in fields.items())]
    for file in files:
        lines += [f"[[{name}.files]]", *(f"{field} = {toml(value)}" for field, value in file.items())]
    path = folder / "registry.toml"
    path.write_text("\n".join(lines) + "\n" + more, encoding="utf-8")
    return path


def without(fields: dict[str, Any], field: str) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if name != field}


def test_the_book_registry_names_what_this_book_needs() -> None:
    entries = registry()
    assert set(entries) >= {"mr", "sst2", "glove-6B-50d-subset", "word2vec-googlenews-8000", "adult"}
    assert set(entries) >= {"word-similarity", "analogies", "enwiki-2015", "imdb"}
    assert set(entries) >= {"sst1", "subj", "trec", "cr", "mpqa", "sst-trees", "opinion-lexicon"}
    assert entries["mr"].files[0].name == "rt-polarity.all"
    assert entries["sst2"].size == sum(file.size for file in entries["sst2"].files) == 1_026_806


# The archives that lie with their authors, whose addresses name no version: their checksums alone pin them.
NOT_PINNED = {
    "https://ai.stanford.edu/~amaas/data/sentiment/aclImdb_v1.tar.gz",
    "https://www.phontron.com/data/qi18naacl-dataset.tar.gz",
    "https://web.archive.org/web/20240301220426if_/http://www.phontron.com/data/qi18naacl-dataset.tar.gz",
}


def test_every_address_is_pinned_to_a_commit() -> None:
    addresses = [file.url for entry in registry().values() for packing in entry.packings for file in packing]
    assert set(addresses) >= NOT_PINNED
    for url in set(addresses) - NOT_PINNED - {None}:
        host, _, rest = str(url).removeprefix("https://").partition("/")
        assert host == "raw.githubusercontent.com"
        assert len(rest.split("/")[2]) == 40, url


# A mirror need not hold what no stored result was made from: the release of a paper, 131 MB.
NOT_MIRRORED = {"qi2018"}


def test_the_book_registry_describes_the_real_files(mirror: Path) -> None:
    for entry in registry().values():
        for file in () if entry.name in NOT_MIRRORED else entry.files:
            assert (mirror / file.path).stat().st_size == file.size


def test_the_shards_of_wikipedia_are_those_of_the_archives(mirror: Path) -> None:
    archives, shards = registry()["enwiki-2015"].packings
    assert (len(archives), len(shards)) == (3, 300)
    assert shards[0].name == "text/AA/wiki_00"
    assert shards[0].path == "enwiki-2015/text/AA/wiki_00"
    with tarfile.open(mirror / archives[1].path) as archive:
        first = next(member for member in archive if member.isreg())
        content = archive.extractfile(first)
        assert content is not None
        described = next(shard for shard in shards if shard.name == first.name)
        assert (described.sha256, described.size) == (sha256(content.read()), first.size)


def test_a_good_registry_is_read(tmp_path: Path) -> None:
    entry = registry(write(tmp_path, GOOD, {**GOOD_FILE, "records": 3}))["mine"]
    assert (entry.name, entry.title, entry.kind, entry.licence) == ("mine", "Mine", "table", "CC0")
    assert (entry.files[0].size, entry.files[0].records) == (12, 3)


@pytest.mark.parametrize("field", sorted(GOOD))
def test_each_field_must_be_there_and_say_something(tmp_path: Path, field: str) -> None:
    for fields in (without(GOOD, field), {**GOOD, field: " "}, {**GOOD, field: 3}):
        with pytest.raises(RegistryError, match=f"'mine', field '{field}'"):
            registry(write(tmp_path, fields, GOOD_FILE))


@pytest.mark.parametrize("field", sorted(GOOD_FILE))
def test_each_field_of_a_file_must_be_there(tmp_path: Path, field: str) -> None:
    with pytest.raises(RegistryError, match=f"'mine', file 2, field '{field}'"):
        registry(write(tmp_path, GOOD, {**GOOD_FILE, "path": "mine/b.txt"}, without(GOOD_FILE, field)))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("sha256", "0" * 63),
        ("sha256", "g" * 64),
        ("sha256", "0" * 65),
        ("url", "http://example.org/a.txt"),
        ("url", "file:///etc/passwd"),
        ("url", "https:///a.txt"),
        ("url", "https://[half/a.txt"),
        ("path", "/etc/passwd"),
        ("path", "../a.txt"),
        ("path", "mine/../../a.txt"),
        ("path", "mine/.."),
        ("path", "mine//a.txt"),
        ("path", "mine\\\\a.txt"),
        ("path", "C:/a.txt"),
        ("path", ".partial/a.txt"),
        ("path", "mine/a.txt/"),
        ("bytes", 0),
        ("bytes", -1),
        ("bytes", True),
        ("bytes", "12"),
        ("records", 0),
        ("colour", "red"),
    ],
)
def test_a_wrong_field_of_a_file_is_named(tmp_path: Path, field: str, value: Any) -> None:
    with pytest.raises(RegistryError, match=f"'mine', file 1, field '{field}'"):
        registry(write(tmp_path, GOOD, {**GOOD_FILE, field: value}))


@pytest.mark.parametrize(
    ("field", "value"),
    [("kind", "pictures"), ("encoding", "utf-9"), ("homepage", "http://example.org"), ("colour", "red")],
)
def test_a_wrong_field_of_an_entry_is_named(tmp_path: Path, field: str, value: str) -> None:
    with pytest.raises(RegistryError, match=f"'mine', field '{field}'"):
        registry(write(tmp_path, {**GOOD, field: value}, GOOD_FILE))


def test_an_entry_needs_a_file(tmp_path: Path) -> None:
    with pytest.raises(RegistryError, match="'mine', field 'files'"):
        registry(write(tmp_path, GOOD))
    with pytest.raises(RegistryError, match="'mine', field 'files'"):
        registry(write(tmp_path, {**GOOD, "files": []}))


def test_two_files_may_not_share_a_path_or_a_name(tmp_path: Path) -> None:
    for path in ("mine/a.txt", "other/a.txt"):
        with pytest.raises(RegistryError, match=r"'mine', field 'path': 'a\.txt' is named twice"):
            registry(write(tmp_path, GOOD, GOOD_FILE, {**GOOD_FILE, "path": path}))
    other = write(tmp_path, GOOD, GOOD_FILE, name="other").read_text(encoding="utf-8")
    with pytest.raises(RegistryError, match=r"'other', field 'path': 'mine/a\.txt' is named twice"):
        registry(write(tmp_path, GOOD, GOOD_FILE, more=other))


def test_what_is_no_registry_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "registry.toml"
    for content in (b"[mine", b"\xff", b"mine = 3", b"['my set']"):
        file.write_bytes(content)
        with pytest.raises(RegistryError, match=r"registry\.toml"):
            registry(file)
    with pytest.raises(RegistryError, match=r"none\.toml"):
        registry(tmp_path / "none.toml")


def test_an_unknown_name_gets_the_nearest_one() -> None:
    with pytest.raises(UnknownDatasetError, match=r"'SST-2'.*Did you mean 'sst2'.*There are: mr, sst1, sst2"):
        find_entry("SST-2")
    with pytest.raises(UnknownDatasetError) as caught:
        find_entry("quite another thing")
    assert "Did you mean" not in str(caught.value)


def test_the_data_folder_is_found_in_the_repository_and_in_an_installed_package(tmp_path: Path) -> None:
    package = tmp_path / "lib" / "embedbook"
    package.mkdir(parents=True)
    with pytest.raises(RegistryError, match="install embedbook again"):
        data_folder(package)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "registry.toml").touch()
    assert data_folder(package) == tmp_path / "data"
    (package / "_data").mkdir()
    (package / "_data" / "registry.toml").touch()
    assert data_folder(package) == package / "_data"


LOCAL_FILE = {**without(GOOD_FILE, "url"), "path": "mine/local.xz"}
MANIFEST = {"manifest": "lists/mine.tsv", "folder": "mine", "base": "https://example.org/at/"}
LINE = "b/a.txt\t7\t" + "1" * 64 + "\n"


def write_packed(folder: Path, *packings: dict[str, Any] | list[dict[str, Any]], lines: str = LINE) -> Path:
    file = write(folder, GOOD)
    text = file.read_text(encoding="utf-8")
    for packing in packings:
        fields, files = (packing, []) if isinstance(packing, dict) else ({}, packing)
        text += "[[mine.packings]]\n" + "".join(f"{field} = {toml(value)}\n" for field, value in fields.items())
        for one in files:
            text += "[[mine.packings.files]]\n" + "".join(f"{field} = {toml(value)}\n" for field, value in one.items())
    file.write_text(text, encoding="utf-8")
    (folder / "lists").mkdir(exist_ok=True)
    (folder / "lists" / "mine.tsv").write_text(lines, encoding="utf-8")
    return file


def test_a_data_set_may_have_several_packings(tmp_path: Path) -> None:
    entry = registry(write_packed(tmp_path, [LOCAL_FILE], MANIFEST, [GOOD_FILE]))["mine"]
    assert [[file.name for file in packing] for packing in entry.packings] == [["local.xz"], ["b/a.txt"], ["a.txt"]]
    assert [packing[0].url for packing in entry.packings] == [
        None,
        "https://example.org/at/b/a.txt",
        "https://example.org/a.txt",
    ]
    listed = entry.packings[1][0]
    assert (listed.path, listed.size, listed.sha256) == ("mine/b/a.txt", 7, "1" * 64)
    assert entry.files == entry.packings[0]


def test_one_packing_must_be_public(tmp_path: Path) -> None:
    with pytest.raises(RegistryError, match="'mine', field 'packings': give at least one of them an address"):
        registry(write_packed(tmp_path, [LOCAL_FILE]))
    with pytest.raises(RegistryError, match="'mine', field 'packings': give at least one of them an address"):
        registry(write_packed(tmp_path, [LOCAL_FILE, GOOD_FILE]))


def test_packings_and_files_do_not_go_together(tmp_path: Path) -> None:
    file = write_packed(tmp_path, MANIFEST)
    file.write_text(file.read_text(encoding="utf-8").replace("[mine]", "[mine]\nfiles = []"), encoding="utf-8")
    with pytest.raises(RegistryError, match="'mine', field 'files': is not known here"):
        registry(file)


def test_packings_are_not_empty(tmp_path: Path) -> None:
    for wrong, field in (("packings = []", "'packings'"), ("packings = [{files = []}]", "packing 1, field 'files'")):
        file = write(tmp_path, GOOD)
        file.write_text(file.read_text(encoding="utf-8") + wrong + "\n", encoding="utf-8")
        with pytest.raises(RegistryError, match=field):
            registry(file)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("manifest", "../mine.tsv"),
        ("manifest", "/etc/passwd"),
        ("manifest", "lists/none.tsv"),
        ("folder", ".."),
        ("base", "http://example.org/"),
        ("colour", "red"),
    ],
)
def test_a_wrong_field_of_a_manifest_is_named(tmp_path: Path, field: str, value: str) -> None:
    with pytest.raises(RegistryError, match=f"'mine', packing 1, field '{field}'"):
        registry(write_packed(tmp_path, {**MANIFEST, field: value}))


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (LINE + "b/a.txt 7\n", "mine.tsv, line 2: must be path, bytes and sha256"),
        (LINE.replace("7", "seven"), "mine.tsv, line 1: must be path, bytes and sha256"),
        (LINE.replace("7", "0"), "mine.tsv, line 1, field 'bytes'"),
        (LINE.replace("b/", "../"), "mine.tsv, line 1, field 'path'"),
        (LINE.replace("1" * 64, "1"), "mine.tsv, line 1, field 'sha256'"),
        (LINE * 2, "'b/a.txt' is named twice"),
        ("", "mine.tsv: names no file"),
    ],
)
def test_a_wrong_line_of_a_manifest_is_named(tmp_path: Path, lines: str, message: str) -> None:
    with pytest.raises(RegistryError, match=message):
        registry(write_packed(tmp_path, MANIFEST, lines=lines))
