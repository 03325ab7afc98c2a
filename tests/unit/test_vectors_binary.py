"""word2vec's binary format: read back exactly, or refused with one clear error."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest
from gensim.models import KeyedVectors
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from vectors_support import (
    MATRIX,
    WORDS,
    assert_is_ours,
    binary,
    write,
)

from embedbook.vectors import VectorsError, VectorsWarning, describe, load, save
from embedbook.vectors.keyed import keyed_vectors

anywhere = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
finite32 = st.floats(width=32, allow_nan=False, allow_infinity=False)


@pytest.mark.parametrize("line_ends", [False, True])
def test_word2vec_binary_is_read_with_and_without_line_ends(tmp_path: Path, line_ends: bool) -> None:
    path = write(tmp_path, binary(WORDS, MATRIX, line_ends=line_ends), "vectors.bin")
    assert describe(path).format == "word2vec-binary"
    assert_is_ours(load(path))


def test_gensim_and_we_read_each_others_files(tmp_path: Path) -> None:
    ours = keyed_vectors(WORDS, MATRIX)
    for name, is_binary in (("a.bin", True), ("a.vec", False)):
        ours.save_word2vec_format(str(tmp_path / name), binary=is_binary)
        assert_is_ours(load(tmp_path / name))
        save(ours, tmp_path / f"b{name}")
        assert_is_ours(KeyedVectors.load_word2vec_format(str(tmp_path / f"b{name}"), binary=is_binary))


words_in_binary = st.text(st.characters(exclude_characters=" \n", exclude_categories=["Cs"]), min_size=1, max_size=12)


@anywhere
@given(
    words=st.lists(words_in_binary, min_size=1, max_size=12, unique=True),
    dimensions=st.integers(1, 9),
    suffix=st.sampled_from([".bin", ".bin.gz", ".bin.zip", ".npz", ".npy", ".kv", ""]),
    data=st.data(),
)
def test_whatever_is_written_is_read_back(
    tmp_path: Path, words: list[str], dimensions: int, suffix: str, data: st.DataObject
) -> None:
    rows = data.draw(
        st.lists(st.lists(finite32, min_size=dimensions, max_size=dimensions), min_size=len(words), max_size=len(words))
    )
    matrix = np.array(rows, dtype=np.float32)
    path = tmp_path / f"vectors{suffix}"
    save(keyed_vectors(words, matrix), path)
    back = load(path, format="word2vec-binary" if ".bin" in suffix else None)
    assert back.index_to_key == words
    assert np.array(back.vectors).tobytes() == matrix.tobytes()


def test_blocks_do_not_split_records(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("embedbook.vectors.binary_format._BLOCK", 1)
    monkeypatch.setattr("embedbook.vectors.binary_format.MAX_WORD", 20)
    words = [f"word{number}" for number in range(300)]
    matrix = np.random.default_rng(0).normal(size=(300, 7)).astype(np.float32)
    back = load(write(tmp_path, binary(words, matrix), "vectors.bin"))
    assert back.index_to_key == words
    np.testing.assert_array_equal(back.vectors, matrix)


def test_a_binary_file_cut_off_anywhere_is_an_error(tmp_path: Path) -> None:
    content = binary(WORDS, MATRIX)
    for length in range(len(content)):
        path = write(tmp_path, content[:length], "vectors.bin")
        with pytest.raises(VectorsError):
            load(path)
        packed = write(tmp_path, gzip.compress(content[:length]), "vectors.bin.gz")
        with pytest.raises(VectorsError):
            load(packed)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (binary(WORDS, MATRIX).replace(b"4 3\n", b"5 3\n"), "the 5 vectors of its header need"),
        (binary(WORDS, MATRIX).replace(b"4 3\n", b"3 3\n"), "bytes follow after record 3"),
        (binary(WORDS, MATRIX).replace(b"4 3\n", b"999999999999 3\n"), "cut off, or its header is wrong"),
        (binary(WORDS, MATRIX).replace(b"4 3\n", b"4 99999999\n"), "1 to 65,536 dimensions"),
        (b"1 3\n" + b"a" * 20_000 + b" " + bytes(12), "record 1: no word of less than 10,000 bytes"),
        (binary(["the", "of"], np.array([[1, 2], [np.nan, 3]])), "record 2: number 1 of the vector of 'of' is not fin"),
        (binary(["the", ""], np.array([[1, 2], [4, 3]])), "record 2: the word is empty"),
        (binary(["the", "caf~"], np.array([[1, 2], [4, 3]])).replace(b"~", b"\xe9"), "record 2: .* not UTF-8"),
    ],
)
def test_a_broken_binary_file_is_one_clear_error(tmp_path: Path, content: bytes, message: str) -> None:
    with pytest.raises(VectorsError, match=message):
        load(write(tmp_path, content, "vectors.bin"))


def test_duplicates_in_binary_keep_the_first(tmp_path: Path) -> None:
    content = binary(["a", "b", "a"], np.array([[1, 2, 3, 4], [5, 6, 7, 8], [9, 9, 9, 9]]))
    with pytest.warns(VectorsWarning, match="record 3, 'a'"):
        vectors = load(write(tmp_path, content, "vectors.bin"))
    np.testing.assert_array_equal(vectors.vectors, [[1, 2, 3, 4], [5, 6, 7, 8]])
