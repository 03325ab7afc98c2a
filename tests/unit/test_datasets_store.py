"""Files come from the mirror, then the cache, then the network, and no wrong file is ever used."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from datasets_support import QUICK, FileServer, closed_address, entry, file_entry, isolate, serving, use_registry

from embedbook.datasets import (
    ChecksumError,
    DataError,
    DownloadError,
    NotHereError,
    TransferSettings,
    UnknownDatasetError,
    cache_folder,
    chosen_files,
    fetch,
    find_entry,
    mirror_folder,
    path,
    verify,
    whereabouts,
)

CONTENT = b"0 bad .\n1 good .\n"
WRONG = b"0 bad !\n1 good !\n"
PLACE = "set/file.txt"


@pytest.fixture
def cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    return isolate(monkeypatch, tmp_path)


@pytest.fixture
def own_mirror(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, cache: Path) -> Path:
    folder = tmp_path / "mirror"
    folder.mkdir()
    monkeypatch.setenv("EMBEDBOOK_MIRROR", str(folder))
    return folder


def put(folder: Path, content: bytes = CONTENT, place: str = PLACE) -> Path:
    file = folder / place
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    return file


def know(monkeypatch: pytest.MonkeyPatch, server: FileServer | str) -> None:
    url = server if isinstance(server, str) else server.url
    use_registry(monkeypatch, entry("mine", file_entry(PLACE, CONTENT, url)))


def test_the_network_fills_the_cache_and_is_not_asked_again(monkeypatch: pytest.MonkeyPatch, cache: Path) -> None:
    with serving(CONTENT) as server:
        know(monkeypatch, server)
        assert whereabouts(find_entry("mine")) == "not here"
        assert fetch("mine") == {"file.txt": cache / PLACE}
        assert fetch("mine") == path("mine")
    assert server.requests == 1
    assert (cache / PLACE).read_bytes() == CONTENT
    assert whereabouts(find_entry("mine")) == "cache"


def test_the_mirror_is_used_in_place(monkeypatch: pytest.MonkeyPatch, own_mirror: Path, cache: Path) -> None:
    put(own_mirror)
    know(monkeypatch, closed_address())
    assert fetch("mine") == path("mine") == {"file.txt": own_mirror / PLACE}
    assert not cache.exists()
    assert whereabouts(find_entry("mine")) == "mirror"


def test_what_the_mirror_lacks_comes_from_the_cache(
    monkeypatch: pytest.MonkeyPatch, own_mirror: Path, cache: Path
) -> None:
    put(cache)
    know(monkeypatch, closed_address())
    assert fetch("mine") == path("mine") == {"file.txt": cache / PLACE}


def test_a_wrong_file_in_the_mirror_is_named_and_not_passed_over(
    monkeypatch: pytest.MonkeyPatch, own_mirror: Path, cache: Path
) -> None:
    wrong = put(own_mirror, WRONG)
    put(cache)
    with serving(CONTENT) as server:
        know(monkeypatch, server)
        for use in (fetch, path):
            with pytest.raises(ChecksumError) as caught:
                use("mine")
            assert str(wrong) in str(caught.value)
            assert "unset EMBEDBOOK_MIRROR" in str(caught.value)
    assert server.requests == 0
    assert wrong.read_bytes() == WRONG


@pytest.mark.parametrize("damaged", [WRONG, CONTENT[:5], b"", CONTENT + b"more"])
def test_a_damaged_file_in_the_cache_is_fetched_again(
    monkeypatch: pytest.MonkeyPatch, cache: Path, damaged: bytes
) -> None:
    put(cache, damaged)
    with serving(CONTENT) as server:
        know(monkeypatch, server)
        with pytest.raises(ChecksumError, match="embedbook data fetch mine"):
            path("mine")
        assert fetch("mine")["file.txt"].read_bytes() == CONTENT
    assert server.requests == 1


def test_a_damaged_file_that_cannot_be_fetched_again_is_named(monkeypatch: pytest.MonkeyPatch, cache: Path) -> None:
    damaged = put(cache, WRONG)
    know(monkeypatch, closed_address())
    with pytest.raises(ChecksumError) as caught:
        fetch("mine", settings=QUICK)
    for word in (str(damaged), "could not be fetched again", "could not be reached", "delete the file"):
        assert word in str(caught.value)
    assert damaged.read_bytes() == WRONG


def test_a_file_that_changes_after_its_first_use_is_checked_again(
    monkeypatch: pytest.MonkeyPatch, own_mirror: Path
) -> None:
    file = put(own_mirror)
    know(monkeypatch, closed_address())
    path("mine")
    put(own_mirror, WRONG)
    os.utime(file, (1, 1))
    with pytest.raises(ChecksumError):
        path("mine")


def test_a_file_is_hashed_once_in_a_process(monkeypatch: pytest.MonkeyPatch, own_mirror: Path) -> None:
    import pooch

    put(own_mirror)
    know(monkeypatch, closed_address())
    hashed = []
    really = pooch.file_hash
    monkeypatch.setattr(pooch, "file_hash", lambda name: hashed.append(name) or really(name))
    for _ in range(3):
        fetch("mine")
    assert hashed == [str(own_mirror / PLACE)]
    verify("mine")
    assert len(hashed) == 2


def test_a_download_that_was_cut_does_not_count_as_there(monkeypatch: pytest.MonkeyPatch, cache: Path) -> None:
    content = bytes(200_000)
    with serving(content, *["cut from the start"] * 9) as server:
        use_registry(monkeypatch, entry("mine", file_entry(PLACE, content, server.url)))
        with pytest.raises(DownloadError):
            fetch("mine", settings=QUICK)
    assert any(cache.rglob("*.part"))
    assert whereabouts(find_entry("mine")) == "not here"
    with pytest.raises(NotHereError):
        path("mine")


def test_what_is_not_here_is_said_with_its_remedy(monkeypatch: pytest.MonkeyPatch, cache: Path) -> None:
    know(monkeypatch, closed_address())
    with pytest.raises(
        NotHereError, match=r"file\.txt is not here\. Run `embedbook data fetch mine`, or set EMBEDBOOK"
    ):
        path("mine")
    for use in (path, fetch, verify):
        with pytest.raises(UnknownDatasetError, match="Did you mean 'mine'"):
            use("mime")


def test_whereabouts_of_several_files(monkeypatch: pytest.MonkeyPatch, own_mirror: Path, cache: Path) -> None:
    files = [file_entry(f"set/{letter}.txt", CONTENT, closed_address()) for letter in "ab"]
    use_registry(monkeypatch, entry("mine", *files))
    put(own_mirror, place="set/a.txt")
    assert whereabouts(find_entry("mine")) == "in part"
    put(cache, place="set/b.txt")
    assert whereabouts(find_entry("mine")) == "mirror, cache"
    assert fetch("mine") == {"a.txt": own_mirror / "set/a.txt", "b.txt": cache / "set/b.txt"}


def test_verify_reports_every_copy(monkeypatch: pytest.MonkeyPatch, own_mirror: Path, cache: Path) -> None:
    know(monkeypatch, closed_address())
    assert [(check.place, check.path) for check in verify("mine")] == [(None, None)]
    good, wrong = put(own_mirror), put(cache, WRONG)
    found = [(check.place, check.path, check.intact) for check in verify("mine")]
    assert found == [("mirror", good, True), ("cache", wrong, False)]


def test_a_mirror_that_does_not_exist_is_an_error(monkeypatch: pytest.MonkeyPatch, cache: Path, tmp_path: Path) -> None:
    monkeypatch.setenv("EMBEDBOOK_MIRROR", str(tmp_path / "nowhere"))
    know(monkeypatch, closed_address())
    with pytest.raises(DataError, match=r"EMBEDBOOK_MIRROR=.*nowhere: there is no such folder"):
        fetch("mine")


def test_a_relative_mirror_is_found_from_the_chapters_too(
    monkeypatch: pytest.MonkeyPatch, cache: Path, tmp_path: Path
) -> None:
    repository = tmp_path / "work" / "book"
    for folder in (repository / "data", repository / "chapters", tmp_path / "work" / "shared"):
        folder.mkdir(parents=True)
    monkeypatch.setattr("embedbook.datasets.store.data_folder", lambda: repository / "data")
    monkeypatch.setenv("EMBEDBOOK_MIRROR", "../shared")
    for start in (repository, repository / "chapters"):
        monkeypatch.chdir(start)
        assert mirror_folder() == tmp_path / "work" / "shared"


def test_the_cache_is_where_the_environment_says_or_else_the_users(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("EMBEDBOOK_CACHE", str(tmp_path))
    assert cache_folder() == tmp_path
    monkeypatch.setenv("EMBEDBOOK_CACHE", "")
    assert cache_folder().name == "embedbook"
    assert cache_folder().is_absolute()


PACKED = b"all in one"


def know_packings(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    """A data set in one file without an address, or else in twelve with one."""
    parts = tuple(file_entry(f"set/parts/{number}.txt", CONTENT, url) for number in range(12))
    use_registry(monkeypatch, entry("mine", file_entry("set/all.xz", PACKED, None), more_packings=[parts]))


def test_the_packing_that_is_here_is_used(monkeypatch: pytest.MonkeyPatch, own_mirror: Path) -> None:
    know_packings(monkeypatch, closed_address())
    put(own_mirror, PACKED, "set/all.xz")
    put(own_mirror, CONTENT, "set/parts/0.txt")
    assert fetch("mine") == path("mine") == {"all.xz": own_mirror / "set/all.xz"}
    assert whereabouts(find_entry("mine")) == "mirror"
    assert [check.path for check in verify("mine")] == [own_mirror / "set/all.xz", own_mirror / "set/parts/0.txt"]


def test_a_later_packing_that_is_here_spares_the_network(monkeypatch: pytest.MonkeyPatch, own_mirror: Path) -> None:
    know_packings(monkeypatch, closed_address())
    for number in range(12):
        put(own_mirror, CONTENT, f"set/parts/{number}.txt")
    assert list(fetch("mine")) == [f"parts/{number}.txt" for number in range(12)]
    assert path("mine") == fetch("mine")


def test_else_the_packing_with_addresses_is_fetched(
    monkeypatch: pytest.MonkeyPatch, cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving(CONTENT) as server:
        know_packings(monkeypatch, server.url)
        assert whereabouts(find_entry("mine")) == "not here"
        assert len(verify("mine")) == 12
        with pytest.raises(NotHereError, match=r"parts/0\.txt, .* and 7 more are not here"):
            path("mine")
        put(cache, CONTENT, "set/parts/3.txt")
        assert whereabouts(find_entry("mine")) == "in part"
        settings = TransferSettings(pause=0.0, progress=True)
        assert fetch("mine", settings=settings)["parts/11.txt"] == cache / "set/parts/11.txt"
    assert server.requests == 11
    assert whereabouts(find_entry("mine")) == "cache"
    # One bar for all files.
    assert "mine: 100%" in (bars := capsys.readouterr().err)
    assert "txt" not in bars


def test_what_has_no_address_and_is_not_here_says_so(monkeypatch: pytest.MonkeyPatch, cache: Path) -> None:
    use_registry(monkeypatch, entry("mine", file_entry("set/all.xz", PACKED, None)))
    with pytest.raises(DownloadError, match=r"all\.xz has no public address\. Set EMBEDBOOK_MIRROR to a folder"):
        fetch("mine")
    damaged = put(cache, WRONG, "set/all.xz")
    with pytest.raises(ChecksumError, match="It has no public address: replace it, or remove it") as caught:
        fetch("mine")
    assert str(damaged) in str(caught.value)


def test_the_chosen_packing_is_the_one_that_would_be_used(monkeypatch: pytest.MonkeyPatch, cache: Path) -> None:
    know_packings(monkeypatch, closed_address())
    assert len(chosen_files(find_entry("mine"))) == 12
    put(cache, PACKED, "set/all.xz")
    assert [file.name for file in chosen_files(find_entry("mine"))] == ["all.xz"]
