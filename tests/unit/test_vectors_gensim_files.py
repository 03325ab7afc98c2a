"""gensim's own files are pickles: read without running anything that they ask for."""

from __future__ import annotations

import gzip
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from vectors_support import (
    MATRIX,
    WORDS,
    assert_is_ours,
    write,
)

from embedbook.vectors import VectorsError, describe, load
from embedbook.vectors.keyed import keyed_vectors


class _Hostile:
    """Touches a file when it is unpickled, as a hostile file could do anything."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (self.path,))


def test_what_gensim_saves_is_read(tmp_path: Path) -> None:
    keyed_vectors(WORDS, MATRIX).save(str(tmp_path / "vectors.kv"))
    assert_is_ours(load(tmp_path / "vectors.kv"))
    assert describe(tmp_path / "vectors.kv").format == "kv"


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_pickles_of_every_age_are_read(tmp_path: Path, protocol: int) -> None:
    for matrix in (MATRIX, np.asfortranarray(MATRIX), MATRIX.astype(">f4"), MATRIX.astype(np.float64)):
        vectors = keyed_vectors(WORDS, MATRIX)
        vectors.vectors = matrix
        path = write(tmp_path, pickle.dumps(vectors, protocol=protocol), "vectors.kv")
        assert_is_ours(load(path))


def test_a_large_array_that_gensim_puts_in_its_own_file_is_mapped(tmp_path: Path) -> None:
    path = tmp_path / "vectors.kv"
    keyed_vectors(WORDS, MATRIX).save(str(path), separately=["vectors"])
    assert (tmp_path / "vectors.kv.vectors.npy").is_file()
    vectors = load(path)
    assert_is_ours(vectors)
    assert isinstance(vectors.vectors, np.memmap)
    (tmp_path / "vectors.kv.vectors.npy").unlink()
    with pytest.raises(VectorsError, match=r"vectors.kv.vectors.npy does not exist"):
        load(path)


def test_a_hostile_pickle_runs_nothing(tmp_path: Path) -> None:
    touched = tmp_path / "touched"
    hostile = keyed_vectors(WORDS, MATRIX)
    hostile.extra = _Hostile(touched)
    content = pickle.dumps(hostile)
    for name in ("vectors.kv", "vectors.txt", "vectors.bin", "vectors"):
        for given_format in (None, "kv", "glove", "word2vec", "word2vec-binary", "npy", "npz", "rda"):
            with pytest.raises(VectorsError):
                load(write(tmp_path, content, name), format=given_format)
    write(tmp_path, b"a\nb\nc\nd\n", "object.vocab.txt")
    np.save(tmp_path / "object.npy", np.array([_Hostile(touched)], dtype=object), allow_pickle=True)
    np.savez(tmp_path / "object.npz", np.array([_Hostile(touched)], dtype=object), allow_pickle=True)
    for name in ("object.npy", "object.npz"):
        with pytest.raises(VectorsError):
            load(tmp_path / name)
    with pytest.raises(VectorsError, match="is a Python pickle"):
        load(write(tmp_path, gzip.compress(content), "vectors.gz"))
    assert not touched.exists()
    pickle.loads(content)  # the pickle is indeed loaded
    assert touched.exists()


@pytest.mark.parametrize(
    "content",
    [
        pickle.dumps(["a", "b"]),
        pickle.dumps({"vectors": MATRIX}),
        b"\x80\x04cos\nsystem\n(S'touch hacked'\ntR.",
        b"\x80\x04cnumpy\ndtype\n(S'V8'\nI0\nI1\ntR.",
        b"\x80\x04cnumpy.core.multiarray\n_reconstruct\n}b.",  # sets attributes of what is allowed
        b"\x80\x04cgensim.models.keyedvectors\nKeyedVectors\n)\x81.",
        b"\x80\x04c__builtin__\neval\n(S'1'\ntR.",
        b"\x80\x05\x96\xff\xff\xff\xff\xff\xff\xff\x7f.",  # a byte array of 8 EB
        b"\x80\x04]r\xff\xff\xff\x7f.",  # says that it has two thousand million objects
        b"\x80\x04",
        b"",
        b"not a pickle",
        b"(" * 100_000,
    ],
)
def test_pickles_of_other_things_are_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(VectorsError):
        load(write(tmp_path, content, "vectors.kv"))


def test_a_kv_file_with_forged_arrays_is_refused(tmp_path: Path) -> None:
    def forged(**changes: Any) -> bytes:
        vectors = keyed_vectors(WORDS, MATRIX)
        for name, value in changes.items():
            setattr(vectors, name, value)
        return pickle.dumps(vectors)

    for content in (
        forged(vectors=np.array([[None]], dtype=object)),
        forged(vectors=MATRIX[0]),
        forged(vectors="text"),
        forged(vectors=MATRIX.astype(np.int32)),
        forged(index_to_key="text"),
        forged(index_to_key=[1, 2, 3, 4]),
        forged(index_to_key=WORDS[:2]),
    ):
        with pytest.raises(VectorsError):
            load(write(tmp_path, content, "vectors.kv"))
