"""NumPy arrays with a list of words beside them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from vectors_support import (
    MATRIX,
    TEXT,
    WORDS,
    assert_is_ours,
    write,
)

from embedbook.vectors import VectorsError, VectorsWarning, load


def test_npz_and_npy_are_read_with_the_words_beside_them(tmp_path: Path) -> None:
    words = ("\n".join(WORDS) + "\n").encode()
    write(tmp_path, words, "vectors.vocab.txt")
    np.savez(tmp_path / "vectors.npz", vectors=MATRIX, other=np.arange(3))
    np.save(tmp_path / "vectors.npy", MATRIX)
    assert_is_ours(load(tmp_path / "vectors.npz"))
    mapped = load(tmp_path / "vectors.npy")
    assert_is_ours(mapped)
    assert isinstance(mapped.vectors, np.memmap)
    assert not isinstance(load(tmp_path / "vectors.npy", mmap=False).vectors, np.memmap)
    np.save(tmp_path / "elsewhere.npy", MATRIX.astype(np.float64))
    assert_is_ours(load(tmp_path / "elsewhere.npy", vocabulary=write(tmp_path, words, "list")))
    assert load(tmp_path / "vectors.npz", top=2).index_to_key == WORDS[:2]


@pytest.mark.parametrize(
    ("array", "words", "message"),
    [
        (np.array([[1, "x"]], dtype=object), "a\n", "cannot be read as NumPy arrays of numbers"),
        (np.zeros((2, 3), dtype=np.int64), "a\nb\n", "vectors are a table of floats"),
        (np.zeros(3, dtype=np.float32), "a\nb\nc\n", "vectors are a table of floats|holds 0 tables"),
        (np.zeros((2, 3), dtype=np.float32), "a\n", "1 words for 2 vectors"),
        (np.zeros((0, 3), dtype=np.float32), "", "holds no vectors"),
        (np.array([[1, np.inf]], dtype=np.float32), "a\n", "row 1: number 2 of the vector of 'a' is not finite"),
        (np.array([[1, 1e300]]), "a\n", "row 1: number 2 of the vector of 'a' is not finite"),
        (np.zeros((2, 3), dtype=np.float32), "a\n\n", "row 2: the word is empty"),
    ],
)
def test_broken_arrays_are_one_clear_error(tmp_path: Path, array: np.ndarray, words: str, message: str) -> None:
    (tmp_path / "vectors.vocab.txt").write_text(words, encoding="utf-8")
    np.save(tmp_path / "vectors.npy", array)
    np.savez(tmp_path / "vectors.npz", array)
    for name in ("vectors.npy", "vectors.npz"):
        with pytest.raises(VectorsError, match=message):
            load(tmp_path / name)


def test_an_array_needs_a_list_of_words(tmp_path: Path) -> None:
    np.save(tmp_path / "vectors.npy", MATRIX)
    with pytest.raises(VectorsError, match="has no list of words beside it"):
        load(tmp_path / "vectors.npy")
    write(tmp_path, b"a\nb\ncaf\xe9\nd\n", "vectors.vocab.txt")
    with pytest.raises(VectorsError, match=r"vectors.vocab.txt, line 3: the word is not UTF-8"):
        load(tmp_path / "vectors.npy")
    with pytest.raises(VectorsError, match="vocabulary goes with"):
        load(write(tmp_path, TEXT, "a.txt"), vocabulary=tmp_path / "vectors.vocab.txt")


def test_duplicate_words_of_an_array_keep_the_first(tmp_path: Path) -> None:
    np.save(tmp_path / "vectors.npy", MATRIX)
    write(tmp_path, b"a\nb\na\nd\n", "vectors.vocab.txt")
    with pytest.warns(VectorsWarning, match=r": 1 \(first at row 3, 'a'\)"):
        vectors = load(tmp_path / "vectors.npy")
    assert vectors.index_to_key == ["a", "b", "d"]
    np.testing.assert_array_equal(vectors.vectors, MATRIX[[0, 1, 3]])
