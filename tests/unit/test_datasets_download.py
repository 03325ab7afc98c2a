"""A download ends with the whole file or none, and an error says what to do. All against a server on localhost."""

from __future__ import annotations

import errno
import io
import logging
import multiprocessing
import random
from pathlib import Path

import pooch
import pytest
import requests
from datasets_support import QUICK, FileServer, closed_address, serving, sha256

from embedbook.datasets import DownloadError, NetworkError, TransferSettings, download_file

CONTENT = random.Random(1).randbytes(300_001)


def fetch(server: FileServer | str, target: Path, content: bytes = CONTENT, **settings: object) -> Path:
    url = server if isinstance(server, str) else server.url
    quick = TransferSettings(**{**vars(QUICK), **settings})  # type: ignore[arg-type]
    return download_file(url, target, sha256=sha256(content), size=len(content), settings=quick)


def part_of(target: Path, content: bytes = CONTENT) -> Path:
    return target.parent / ".partial" / f"{sha256(content)}.part"


def leftovers(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file() and path.suffix != ".lock")


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "set" / "file.txt"


def test_a_file_is_fetched_whole_in_one_request(target: Path) -> None:
    with serving(CONTENT) as server:
        assert fetch(server, target) == target
    assert target.read_bytes() == CONTENT
    assert server.ranges == [None]
    # Else a later range would count compressed bytes.
    assert server.encodings == ["identity"]
    assert leftovers(target.parent) == ["file.txt"]


def test_a_file_that_is_there_is_not_asked_for(target: Path) -> None:
    target.parent.mkdir(parents=True)
    target.write_bytes(CONTENT)
    with serving(CONTENT) as server:
        fetch(server, target)
    assert server.requests == 0


def test_a_damaged_file_is_replaced(target: Path) -> None:
    target.parent.mkdir(parents=True)
    target.write_bytes(CONTENT[:-1] + b"?")
    with serving(CONTENT) as server:
        fetch(server, target)
    assert target.read_bytes() == CONTENT


def test_after_a_cut_only_the_rest_is_asked_for(target: Path) -> None:
    with serving(CONTENT, "cut") as server:
        fetch(server, target)
    assert target.read_bytes() == CONTENT
    assert server.ranges == [None, f"bytes={len(CONTENT) // 2}-"]
    assert server.sent == len(CONTENT)


def test_many_cuts_do_not_matter_as_long_as_each_try_brings_something(target: Path) -> None:
    with serving(CONTENT, *["cut"] * 6) as server:
        fetch(server, target, attempts=2)
    assert target.read_bytes() == CONTENT
    assert server.sent == len(CONTENT)


def test_a_later_call_goes_on_where_an_earlier_one_gave_up(target: Path) -> None:
    with serving(CONTENT, "cut") as server:
        with pytest.raises(NetworkError, match="150,000 bytes that came are kept"):
            fetch(server, target, attempts=1)
        assert not target.exists()
        fetch(server, target)
    assert target.read_bytes() == CONTENT
    assert server.ranges == [None, "bytes=150000-"]
    assert server.sent == len(CONTENT)


def test_a_server_that_ignores_the_range_is_read_from_the_start(target: Path) -> None:
    with serving(CONTENT, "cut", "ignore the range") as server:
        fetch(server, target)
    assert target.read_bytes() == CONTENT
    assert server.requests == 2


def test_a_server_that_always_cuts_and_starts_over_is_given_up(target: Path) -> None:
    with serving(CONTENT, *["cut from the start"] * 50) as server, pytest.raises(NetworkError, match="broke off"):
        fetch(server, target)
    assert server.requests == QUICK.attempts
    assert not target.exists()


def test_another_range_than_asked_for_is_not_used(target: Path) -> None:
    with serving(CONTENT, "cut", "another range") as server:
        fetch(server, target)
    assert target.read_bytes() == CONTENT
    assert server.ranges[-1] is None


def test_a_refused_range_starts_over(target: Path) -> None:
    with serving(CONTENT, "cut", "416") as server:
        fetch(server, target)
    assert target.read_bytes() == CONTENT
    assert server.ranges[-1] is None


def test_a_part_longer_than_the_file_starts_over(target: Path) -> None:
    part_of(target).parent.mkdir(parents=True)
    part_of(target).write_bytes(CONTENT + b"more")
    with serving(CONTENT) as server:
        fetch(server, target)
    assert target.read_bytes() == CONTENT
    assert server.ranges == [None]


def test_a_complete_part_needs_no_request(target: Path) -> None:
    part_of(target).parent.mkdir(parents=True)
    part_of(target).write_bytes(CONTENT)
    with serving(CONTENT) as server:
        fetch(server, target)
    assert target.read_bytes() == CONTENT
    assert server.requests == 0


@pytest.mark.parametrize("size", [1000, len(CONTENT)])
def test_a_part_with_wrong_bytes_is_thrown_away_and_all_is_fetched_anew(target: Path, size: int) -> None:
    part_of(target).parent.mkdir(parents=True)
    part_of(target).write_bytes(b"?" * size)
    with serving(CONTENT) as server:
        fetch(server, target)
    assert target.read_bytes() == CONTENT
    assert server.ranges[-1] is None


def test_a_compressed_answer_is_unpacked(target: Path) -> None:
    with serving(CONTENT, "compressed") as server:
        fetch(server, target)
    assert target.read_bytes() == CONTENT


def test_wrong_bytes_are_refused_with_both_checksums(target: Path) -> None:
    wrong = b"x" * len(CONTENT)
    with serving(wrong) as server, pytest.raises(DownloadError) as caught:
        fetch(server, target)
    assert sha256(wrong) in str(caught.value)
    assert sha256(CONTENT) in str(caught.value)
    assert "newer version of this book" in str(caught.value)
    assert server.requests == 1
    assert leftovers(target.parent) == []


def test_a_missing_file_is_said_to_be_missing_at_once(target: Path) -> None:
    with serving(CONTENT, "404") as server, pytest.raises(DownloadError, match="404 Not Found") as caught:
        fetch(server, target)
    assert not isinstance(caught.value, NetworkError)
    assert "may have moved" in str(caught.value)
    assert server.requests == 1
    assert leftovers(target.parent) == []


def test_a_busy_server_is_asked_again(target: Path) -> None:
    with serving(CONTENT, "503", "429") as server:
        fetch(server, target)
    assert target.read_bytes() == CONTENT
    assert server.requests == 3


def test_a_server_that_stays_busy_is_given_up(target: Path) -> None:
    with serving(CONTENT, *["503"] * 50) as server, pytest.raises(NetworkError, match="503"):
        fetch(server, target)
    assert server.requests == QUICK.attempts
    assert leftovers(target.parent) == []


def test_a_wrong_length_is_refused_before_anything_is_read(target: Path) -> None:
    with serving(CONTENT, "longer") as server, pytest.raises(DownloadError, match=r"300,005 bytes .* says 300,001"):
        fetch(server, target)
    assert leftovers(target.parent) == []


def test_reading_stops_when_more_comes_than_the_registry_says(target: Path) -> None:
    with serving(CONTENT, "endless") as server, pytest.raises(DownloadError, match="more than 300,001 bytes"):
        fetch(server, target)
    # What was under way may fill the buffers between the two, but not the 15 million bytes that would have come.
    assert server.sent < 40 * len(CONTENT)
    assert leftovers(target.parent) == []


def test_a_server_that_stalls_is_given_up_in_time(target: Path) -> None:
    with serving(CONTENT, *["stall"] * 9) as server, pytest.raises(NetworkError, match="no answer in time"):
        fetch(server, target, read_timeout=0.1, attempts=1)
    assert not target.exists()
    assert part_of(target).stat().st_size == 1000


def test_a_connection_left_open_after_the_last_byte_does_no_harm(target: Path) -> None:
    with serving(CONTENT, "left open") as server:
        fetch(server, target, read_timeout=0.1, attempts=1)
    assert target.read_bytes() == CONTENT
    assert server.requests == 1


def test_without_a_network_the_error_says_what_to_do(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    really = requests.get
    monkeypatch.setattr(requests, "get", lambda url, **options: asked.append(url) or really(url, **options))
    address = closed_address()
    with pytest.raises(NetworkError, match="could not be reached") as caught:
        fetch(address, target, connect_attempts=2)
    for remedy in ("EMBEDBOOK_MIRROR", "EMBEDBOOK_DATA=sample"):
        assert remedy in str(caught.value)
    assert caught.value.host in address
    assert asked == [address] * 2
    assert leftovers(target.parent) == []


def test_a_cache_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    # Root may write everywhere, but not below a regular file.
    (tmp_path / "cache").write_text("not a folder")
    target = tmp_path / "cache" / "set" / "file.txt"
    with serving(CONTENT) as server, pytest.raises(DownloadError, match="cannot be written") as caught:
        fetch(server, target)
    assert str(target.parent) in str(caught.value)
    assert "EMBEDBOOK_CACHE" in str(caught.value)
    assert server.requests == 0


def test_a_full_disk_leaves_nothing_behind(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class FullDisk(io.FileIO):
        room = 100_000

        def write(self, content) -> int:
            self.room -= len(content)
            if self.room < 0:
                raise OSError(errno.ENOSPC, "No space left on device")
            return super().write(content)

    really = Path.open

    def open_on_a_full_disk(path: Path, mode: str = "r", *arguments, **options):
        return FullDisk(path, mode) if path.suffix == ".part" else really(path, mode, *arguments, **options)

    with serving(CONTENT) as server:
        with monkeypatch.context() as full:
            full.setattr(Path, "open", open_on_a_full_disk)
            with pytest.raises(DownloadError, match="disk is full") as caught:
                fetch(server, target)
        assert "EMBEDBOOK_CACHE" in str(caught.value)
        assert "300,001" in str(caught.value)
        assert leftovers(target.parent) == []
        # With room again, all goes well.
        fetch(server, target)
    assert target.read_bytes() == CONTENT


def test_ctrl_c_keeps_what_came_for_the_next_time(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(seconds: float) -> None:
        raise KeyboardInterrupt

    with serving(CONTENT, "cut") as server:
        with monkeypatch.context() as patched:
            patched.setattr("embedbook.datasets.download.time.sleep", interrupt)
            with pytest.raises(KeyboardInterrupt):
                fetch(server, target)
        assert leftovers(target.parent) == [part_of(target).name]
        fetch(server, target)
    assert server.sent == len(CONTENT)
    assert target.read_bytes() == CONTENT


def _fetch_in_another_process(url: str, target: Path, start, outcomes) -> None:
    start.wait()
    outcomes.put(download_file(url, target, sha256=sha256(CONTENT), size=len(CONTENT)).read_bytes() == CONTENT)


def test_two_processes_at_once_fetch_the_file_once(target: Path) -> None:
    context = multiprocessing.get_context("spawn")
    start, outcomes = context.Barrier(2), context.Queue()
    # The slow answer keeps the first process at it until the second has come, too.
    with serving(CONTENT, "slow", "slow") as server:
        processes = [
            context.Process(target=_fetch_in_another_process, args=(server.url, target, start, outcomes))
            for _ in range(2)
        ]
        for process in processes:
            process.start()
        assert [outcomes.get(timeout=60) for _ in processes] == [True, True]
        for process in processes:
            process.join()
    assert server.ranges == [None]
    assert server.sent == len(CONTENT)
    assert leftovers(target.parent) == ["file.txt"]


def test_progress_is_shown_when_asked_for_and_else_only_in_a_terminal(
    target: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving(CONTENT, "cut") as server:
        fetch(server, target, progress=True)
        shown = capsys.readouterr()
        assert "file.txt: 100%" in shown.err
        assert shown.out == ""
        fetch(server, target.with_name("other.txt"))
    assert capsys.readouterr() == ("", "")


def test_pooch_reports_nothing_of_its_own(target: Path) -> None:
    # Its messages would end in the stored output of a notebook.
    said: list[logging.LogRecord] = []
    handler = logging.Handler()
    handler.emit = said.append  # type: ignore[method-assign]
    pooch.get_logger().addHandler(handler)
    try:
        with serving(CONTENT) as server:
            fetch(server, target)
        assert said == []
        pooch.get_logger().info("others may still use its logger")
        assert len(said) == 1
    finally:
        pooch.get_logger().removeHandler(handler)
