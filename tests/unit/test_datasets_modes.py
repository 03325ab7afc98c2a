"""Real or sample: the mode decides, and `auto` takes the sample only when there is nothing better, and says so once."""

from __future__ import annotations

import io
import logging
from pathlib import Path

import nbclient
import nbformat
import pytest
import requests
from datasets_support import closed_address, entry, file_entry, isolate, serving, use_registry

from embedbook.datasets import (
    ChecksumError,
    DataModeError,
    DownloadError,
    NetworkError,
    UnknownDatasetError,
    data_mode,
    load_reviews,
)

CONTENT = b"0 bad .\n1 good .\n"


@pytest.fixture
def cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    return isolate(monkeypatch, tmp_path)


def know(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    use_registry(monkeypatch, *(entry(name, file_entry(f"set/{name}.txt", CONTENT, url)) for name in ("mr", "sst2")))


def put(folder: Path, content: bytes = CONTENT) -> None:
    (folder / "set").mkdir(parents=True)
    (folder / "set" / "mr.txt").write_bytes(content)


def test_the_mode_is_auto_unless_said_otherwise(monkeypatch: pytest.MonkeyPatch, cache: Path) -> None:
    assert data_mode() == "auto"
    monkeypatch.setenv("EMBEDBOOK_DATA", "")
    assert data_mode() == "auto"
    monkeypatch.setenv("EMBEDBOOK_DATA", "sample")
    assert data_mode() == "sample"
    assert data_mode("real") == "real"


def test_an_unknown_mode_is_refused_with_the_valid_ones(monkeypatch: pytest.MonkeyPatch, cache: Path) -> None:
    with pytest.raises(DataModeError, match=r"mode='fake'.*auto, real, sample"):
        load_reviews(mode="fake")  # type: ignore[arg-type]
    monkeypatch.setenv("EMBEDBOOK_DATA", "Real")
    with pytest.raises(DataModeError, match=r"EMBEDBOOK_DATA='Real'.*auto, real, sample"):
        load_reviews()


def test_sample_uses_the_sample_even_where_the_real_data_are(monkeypatch: pytest.MonkeyPatch, cache: Path) -> None:
    put(cache)
    know(monkeypatch, closed_address())
    assert load_reviews(mode="sample").origin == "sample"
    monkeypatch.setenv("EMBEDBOOK_DATA", "sample")
    assert load_reviews().origin == "sample"


def test_an_unknown_data_set_is_refused_in_every_mode(monkeypatch: pytest.MonkeyPatch, cache: Path) -> None:
    for mode in ("auto", "real", "sample"):
        with pytest.raises(UnknownDatasetError, match="Did you mean 'mr'"):
            load_reviews("mrs", mode=mode)  # type: ignore[arg-type]


def test_real_without_any_source_is_an_error_with_its_remedy(monkeypatch: pytest.MonkeyPatch, cache: Path) -> None:
    monkeypatch.setattr("embedbook.datasets.download.time.sleep", lambda seconds: None)
    know(monkeypatch, closed_address())
    with pytest.raises(NetworkError, match=r"EMBEDBOOK_MIRROR.*EMBEDBOOK_DATA=sample"):
        load_reviews(mode="real")


@pytest.mark.parametrize("mode", ["auto", "real"])
def test_real_data_are_used_where_the_cache_or_the_network_has_them(
    monkeypatch: pytest.MonkeyPatch, cache: Path, mode: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving(CONTENT) as server:
        know(monkeypatch, server.url)
        for _ in range(2):
            assert load_reviews(mode=mode).origin == "real"  # type: ignore[arg-type]
    assert server.requests == 1
    assert capsys.readouterr() == ("", "")


def test_auto_takes_the_sample_without_a_network_and_says_so_once(
    monkeypatch: pytest.MonkeyPatch, cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = []
    really = requests.get
    monkeypatch.setattr(requests, "get", lambda url, **options: asked.append(url) or really(url, **options))
    know(monkeypatch, closed_address())
    for _ in range(3):
        assert load_reviews("mr").origin == "sample"
    said = capsys.readouterr().err
    assert said.startswith("embedbook: mr: using the book's small sample instead of the real data.")
    assert "could not be reached" in said
    assert said.count("\n") == 1
    # The other set is on the same host, which is not asked again; that the sample stands in for it is news.
    load_reviews("sst2")
    said = capsys.readouterr().err
    assert said.startswith("embedbook: sst2: using the book's small sample")
    assert "is not asked again" in said
    assert len(asked) == 1


def test_in_a_notebook_it_is_only_logged(
    monkeypatch: pytest.MonkeyPatch, cache: Path, caplog: pytest.LogCaptureFixture
) -> None:
    kernel_stream = type("OutStream", (io.StringIO,), {"__module__": "ipykernel.iostream"})()
    monkeypatch.setattr("sys.stderr", kernel_stream)
    know(monkeypatch, closed_address())
    with caplog.at_level(logging.WARNING):
        load_reviews()
    assert kernel_stream.getvalue() == ""
    assert caplog.records == []
    monkeypatch.setattr("embedbook.datasets.modes._announced", set())
    with caplog.at_level(logging.INFO):
        load_reviews()
    assert "using the book's small sample" in caplog.text


def test_a_notebook_stores_the_badge_and_nothing_else(monkeypatch: pytest.MonkeyPatch, cache: Path) -> None:
    # A proxy that nobody runs stands for a missing network.
    monkeypatch.setenv("HTTPS_PROXY", closed_address())
    cell = nbformat.v4.new_code_cell("from embedbook.datasets import load_reviews\nload_reviews()")
    notebook = nbformat.v4.new_notebook(cells=[cell])
    nbclient.NotebookClient(notebook, kernel_name="python3").execute()
    assert [output["output_type"] for output in notebook.cells[0].outputs] == ["execute_result"]
    assert "data-badge--sample" in notebook.cells[0].outputs[0]["data"]["text/html"]


def test_auto_takes_the_sample_where_the_network_has_no_such_file(
    monkeypatch: pytest.MonkeyPatch, cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving(CONTENT, "404") as server:
        know(monkeypatch, server.url)
        assert load_reviews().origin == "sample"
    assert "404" in capsys.readouterr().err


def test_auto_does_not_count_a_partial_download(monkeypatch: pytest.MonkeyPatch, cache: Path) -> None:
    monkeypatch.setattr("embedbook.datasets.download.time.sleep", lambda seconds: None)
    with serving(CONTENT, *["cut from the start"] * 9) as server:
        know(monkeypatch, server.url)
        assert load_reviews().origin == "sample"
    assert any(cache.rglob("*.part"))


def test_auto_does_not_hide_a_damaged_file_behind_the_sample(monkeypatch: pytest.MonkeyPatch, cache: Path) -> None:
    put(cache, b"0 bad !\n1 good !\n")
    know(monkeypatch, closed_address())
    with pytest.raises(ChecksumError, match=r"mr\.txt: this file in the cache .* could not be fetched again"):
        load_reviews()


def test_auto_needs_no_writable_cache_to_fall_back(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cache.write_text("a file where the folder should be")
    with serving(CONTENT) as server:
        know(monkeypatch, server.url)
        assert load_reviews().origin == "sample"
        assert "cannot be written" in capsys.readouterr().err
        with pytest.raises(DownloadError, match="cannot be written"):
            load_reviews(mode="real")
