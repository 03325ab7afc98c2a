"""`embedbook data`: what it prints, how it ends, and that an error is one line without a traceback."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from datasets_support import closed_address, entry, file_entry, isolate, serving, use_registry

from embedbook.cli import main

CONTENT = b"0 bad .\n1 good .\n"
PLACE = "set/file.txt"
Captured = pytest.CaptureFixture[str]


@pytest.fixture
def cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setattr("embedbook.datasets.download.time.sleep", lambda seconds: None)
    folder = isolate(monkeypatch, tmp_path)
    know(monkeypatch, closed_address())
    return folder


def know(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    first = file_entry(PLACE, CONTENT, url)
    other = file_entry("other/else.gz", CONTENT * 100_000, url)
    use_registry(monkeypatch, entry("mine", first), entry("another-one", other, kind="table"))


def put(folder: Path, content: bytes = CONTENT) -> Path:
    file = folder / PLACE
    file.parent.mkdir(parents=True)
    file.write_bytes(content)
    return file


def complaint(capsys: Captured) -> str:
    """Return the one line that an error leaves on standard error."""
    said = capsys.readouterr().err
    assert said.startswith("embedbook: ")
    assert said.endswith("\n")
    assert said.count("\n") == 1
    return said


def test_list_shows_each_data_set_and_where_it_is(cache: Path, capsys: Captured) -> None:
    put(cache)
    assert main(["data", "list"]) == 0
    header, mine, another = capsys.readouterr().out.splitlines()
    assert header.split() == ["name", "title", "kind", "size", "licence", "where"]
    assert mine.split() == ["mine", "The", "set", "mine", "labelled", "texts", "0.0", "MB", "CC0", "cache"]
    assert another.split()[-7:] == ["another-one", "table", "1.7", "MB", "CC0", "not", "here"]
    assert mine.index("CC0") == another.index("CC0") == header.index("licence")


def test_fetch_fills_the_cache_and_prints_the_files(
    monkeypatch: pytest.MonkeyPatch, cache: Path, capsys: Captured
) -> None:
    with serving(CONTENT) as server:
        know(monkeypatch, server.url)
        assert main(["data", "fetch", "mine"]) == 0
    assert capsys.readouterr() == (f"mine: {cache / PLACE}\n", "")
    assert (cache / PLACE).read_bytes() == CONTENT


def test_fetch_shows_progress_when_asked(monkeypatch: pytest.MonkeyPatch, cache: Path, capsys: Captured) -> None:
    with serving(CONTENT) as server:
        know(monkeypatch, server.url)
        assert main(["data", "fetch", "--progress", "mine"]) == 0
    assert "file.txt: 100%" in capsys.readouterr().err


def test_fetch_all_fetches_all(monkeypatch: pytest.MonkeyPatch, cache: Path, capsys: Captured) -> None:
    with serving(CONTENT) as server:
        use_registry(monkeypatch, *(entry(name, file_entry(f"{name}/f", CONTENT, server.url)) for name in "ab"))
        assert main(["data", "fetch", "--all"]) == 0
    assert capsys.readouterr().out.splitlines() == [f"a: {cache / 'a/f'}", f"b: {cache / 'b/f'}"]


def test_fetch_needs_names_or_all_and_not_both(cache: Path, capsys: Captured) -> None:
    for arguments in ([], ["mine", "--all"]):
        assert main(["data", "fetch", *arguments]) == 2
        assert "--all, not both" in complaint(capsys)


def test_a_misspelt_name_is_found_out_before_anything_is_fetched(
    monkeypatch: pytest.MonkeyPatch, cache: Path, capsys: Captured
) -> None:
    with serving(CONTENT) as server:
        know(monkeypatch, server.url)
        assert main(["data", "fetch", "mine", "another"]) == 2
    assert "no data set is called 'another'. Did you mean 'another-one'?" in complaint(capsys)
    assert server.requests == 0


def test_fetch_without_a_network_says_what_to_do(cache: Path, capsys: Captured) -> None:
    assert main(["data", "fetch", "mine"]) == 2
    said = complaint(capsys)
    assert "could not be reached" in said
    assert "EMBEDBOOK_MIRROR" in said


def test_verify_ends_well_when_what_is_here_is_intact(cache: Path, capsys: Captured) -> None:
    file = put(cache)
    assert main(["data", "verify"]) == 0
    assert capsys.readouterr().out.splitlines() == [f"mine: intact: {file}", "another-one: not here: other/else.gz"]


def test_verify_ends_with_1_when_a_file_is_damaged(cache: Path, capsys: Captured) -> None:
    file = put(cache, b"0 bad !\n1 good !\n")
    assert main(["data", "verify", "mine"]) == 1
    said = capsys.readouterr()
    assert said.out == f"mine: DAMAGED: {file}\n"
    assert "1 damaged" in said.err
    assert main(["data", "verify", "another-one"]) == 0


def test_of_several_packings_the_one_that_is_used_is_shown(
    monkeypatch: pytest.MonkeyPatch, cache: Path, capsys: Captured
) -> None:
    shards = tuple(file_entry(f"set/{number}.txt", CONTENT * 10_000, closed_address()) for number in range(30))
    packed = file_entry(PLACE, CONTENT, None)
    use_registry(monkeypatch, entry("mine", packed, kind="corpus", more_packings=[shards]))
    assert main(["data", "list"]) == 0
    assert "5.1 MB  CC0      not here" in capsys.readouterr().out
    assert main(["data", "verify"]) == 0
    *named, last = capsys.readouterr().out.splitlines()
    assert named == [f"mine: not here: set/{number}.txt" for number in range(10)]
    assert last == "mine: not here: 20 more files"
    file = put(cache)
    assert main(["data", "list"]) == 0
    assert "0.0 MB  CC0      cache" in capsys.readouterr().out
    assert main(["data", "path", "mine"]) == 0
    assert capsys.readouterr().out == f"{file}\n"


def test_path_prints_the_files_or_how_to_get_them(cache: Path, capsys: Captured) -> None:
    assert main(["data", "path", "mine"]) == 2
    assert "Run `embedbook data fetch mine`" in complaint(capsys)
    file = put(cache)
    assert main(["data", "path", "mine"]) == 0
    assert capsys.readouterr() == (f"{file}\n", "")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["data", "path", "mime"], "Did you mean 'mine'"),
        (["data", "verify", "mime"], "Did you mean 'mine'"),
        (["data", "path"], "Missing argument 'NAME'. See `embedbook data path --help`."),
        (["data", "lst"], "No such command 'lst'. Did you mean 'list'?"),
        (["data"], "See `embedbook data --help`"),
        (["dta"], "No such command 'dta'. See `embedbook --help`."),
        (["--nonsense"], "No such option: --nonsense"),
    ],
)
def test_bad_input_ends_with_2_and_one_line(cache: Path, capsys: Captured, arguments: list[str], message: str) -> None:
    assert main(arguments) == 2
    assert message in complaint(capsys)


def test_a_wrong_mirror_is_one_line_too(monkeypatch: pytest.MonkeyPatch, cache: Path, capsys: Captured) -> None:
    monkeypatch.setenv("EMBEDBOOK_MIRROR", str(cache / "nowhere"))
    assert main(["data", "list"]) == 2
    assert "there is no such folder" in complaint(capsys)


def test_ctrl_c_ends_with_130_and_one_line(monkeypatch: pytest.MonkeyPatch, cache: Path, capsys: Captured) -> None:
    def interrupted(*arguments: object, **options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("embedbook.datasets.fetch", interrupted)
    assert main(["data", "fetch", "mine"]) == 130
    assert "Ctrl-C" in complaint(capsys)


def test_version_and_help(capsys: Captured) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("embedbook 0.")
    for arguments in ([], ["--help"]):
        assert main(arguments) == 0
        shown = " ".join(capsys.readouterr().out.split())
        assert "data List, fetch, check and find the data sets." in shown
        assert "vectors Look into pretrained vectors" in shown


def test_the_installed_command_runs_and_ends_with_its_code() -> None:
    command = [sys.executable, "-c", "import sys; from embedbook.cli import main; sys.exit(main())"]
    ended = subprocess.run([*command, "data", "path", "no-such-set"], capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert ended.stderr.count("\n") == 1
    assert "Traceback" not in ended.stderr


def test_a_reader_that_stops_early_is_no_error() -> None:
    command = [sys.executable, "-c", "import sys; from embedbook.cli import main; sys.exit(main())", "data", "list"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.stderr is not None
        assert process.stderr.read() == b""


def test_heavy_libraries_are_not_loaded_for_the_command_line() -> None:
    code = (
        "import sys, embedbook.cli.data; print(sorted({'tensorflow', 'keras', 'gensim', 'pandas'} & set(sys.modules)))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
