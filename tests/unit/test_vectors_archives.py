"""Vectors in packed files and archives: read whatever their name, refused if damaged, vast or pointing outside."""

from __future__ import annotations

import gzip
import io
import lzma
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from vectors_support import (
    MATRIX,
    TEXT,
    WORDS,
    assert_is_ours,
    binary,
    write,
    zipped,
)

from embedbook.vectors import VectorsError, load


@pytest.mark.parametrize(
    "pack", [gzip.compress, lzma.compress, lambda content: zipped({"vectors.txt": content})], ids=["gz", "xz", "zip"]
)
def test_packed_files_are_read_whatever_their_name(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    assert_is_ours(load(write(tmp_path, pack(TEXT), "vectors")))
    assert_is_ours(load(write(tmp_path, pack(binary(WORDS, MATRIX)), "vectors"), format="word2vec-binary"))


def test_one_member_of_a_zip_archive_is_chosen(tmp_path: Path) -> None:
    path = write(tmp_path, zipped({"a.txt": TEXT, "b/c.txt": b"x 1\ny 2\n"}), "both.zip")
    with pytest.raises(VectorsError, match=r"holds 2 files: name one, as in '.*both.zip::a.txt'"):
        load(path)
    assert_is_ours(load(f"{path}::a.txt"))
    assert load(f"{path}::b/c.txt").index_to_key == ["x", "y"]
    with pytest.raises(VectorsError, match=r"no member 'd.txt'; it holds a.txt, b/c.txt"):
        load(f"{path}::d.txt")
    with pytest.raises(VectorsError, match="is not a zip archive, so it has no member"):
        load(f"{write(tmp_path, TEXT, 'plain.txt')}::a.txt")


def test_clutter_in_a_zip_archive_is_passed_over(tmp_path: Path) -> None:
    path = write(tmp_path, zipped({"__MACOSX/._a.txt": b"?", ".DS_Store": b"?", "a.txt": TEXT}), "mac.zip")
    assert_is_ours(load(path))


@pytest.mark.parametrize("name", ["../a.txt", "/etc/a.txt", "b/../../a.txt", "C:\\a.txt", "..\\a.txt"])
def test_a_zip_archive_that_points_outside_is_refused(tmp_path: Path, name: str) -> None:
    info = zipfile.ZipInfo("placeholder")
    info.filename = name
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(info, TEXT)
    with pytest.raises(VectorsError, match="points outside the archive"):
        load(write(tmp_path, buffer.getvalue(), "bad.zip"))
    assert [path.name for path in tmp_path.iterdir()] == ["bad.zip"]


def test_bombs_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("embedbook.vectors.reading.FREE_BYTES", 2**19)
    monkeypatch.setattr("embedbook.vectors.array_format.FREE_BYTES", 2**19)
    bomb = b"".join(b"word%d" % number + b" 0" * 5000 + b"\n" for number in range(120))
    with pytest.raises(VectorsError, match=r"declares 1,\d{3},\d{3} bytes .* looks like a zip bomb"):
        load(write(tmp_path, zipped({"vectors.txt": bomb}), "bomb.zip"))
    with pytest.raises(VectorsError, match="looks like a zip bomb"):
        load(write(tmp_path, gzip.compress(bomb), "bomb.gz"))
    zeros = io.BytesIO()
    np.savez_compressed(zeros, vectors=np.zeros((2000, 300), np.float32))
    write(tmp_path, b"", "bomb.vocab.txt")
    with pytest.raises(VectorsError, match="looks like a zip bomb"):
        load(write(tmp_path, zeros.getvalue(), "bomb.npz"))


@pytest.mark.parametrize("pack", [gzip.compress, lzma.compress, lambda content: zipped({"vectors.txt": content})])
def test_a_damaged_archive_is_an_error(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    content = pack(b"".join(b"word%d %d 2 3\n" % (number, number) for number in range(2000)))
    for damaged in (content[: len(content) // 2], content[:-9], content[:40] + b"?" + content[41:], content[:12]):
        with pytest.raises(VectorsError):
            load(write(tmp_path, damaged, "vectors.packed"))


def test_an_encrypted_member_is_an_error(tmp_path: Path) -> None:
    content = bytearray(zipped({"vectors.txt": TEXT}))
    content[content.index(b"PK\x03\x04") + 6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(VectorsError, match="is encrypted"):
        load(write(tmp_path, bytes(content), "vectors.zip"))
