"""The pretrained vectors of the registry, put together from real files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from datasets_support import closed_address, entry, file_entry, isolate, use_registry

from embedbook.datasets import DataError
from embedbook.vectors import (
    VectorsError,
    analogy,
    keyed_vectors,
    list_named,
    load,
    load_named,
    load_pretrained,
    save,
)


def test_unknown_names_are_one_clear_error() -> None:
    assert "word2vec-googlenews-8000" in list_named()
    with pytest.raises(VectorsError, match=r"no vectors named 'glove'; there are glove-6B-50d-subset"):
        load_named("glove")


def test_the_three_parts_of_glove_6b_make_the_published_union(mirror: Path) -> None:
    folder = mirror / "glove.6B.50d-subsets"
    vectors = load_named("glove-6b-50d-subset")
    union = load(folder / "glove.6B.50d.union.npy")
    assert vectors.index_to_key == union.index_to_key
    np.testing.assert_array_equal(vectors.vectors, union.vectors)
    assert analogy(vectors, "man", "king", "woman")[0][0] == "queen"


def test_google_news_is_restored_to_the_precision_of_the_original(mirror: Path) -> None:
    folder = mirror / "word2vec-googlenews-8000"
    vectors = load_named("word2vec-googlenews-8000")
    restored = load(folder / "GoogleNews-8000x300.npz", vocabulary=folder / "GoogleNews-8000.vocab.txt")
    assert vectors.index_to_key == restored.index_to_key
    np.testing.assert_array_equal(vectors.vectors, restored.vectors)
    assert vectors["in"][:4].tolist() == pytest.approx([0.0703125, 0.0869141, 0.0878906, 0.0625], abs=5e-8)


def small_sample(monkeypatch: pytest.MonkeyPatch, folder: Path, kind: str) -> None:
    isolate(monkeypatch, folder)
    monkeypatch.setattr("embedbook.datasets.catalogue.sample_folder", lambda: folder)
    (folder / "vectors").mkdir()
    matrix = np.array([[1.0, 2.0], [0.5, -4.0]], dtype=np.float32)
    save(keyed_vectors(["cat", "dog"], matrix), folder / "vectors" / kind, format="store", dtype="float16")


def nowhere(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    """Register files that are neither here nor to be had."""
    file = file_entry("vectors.txt", b"cat 1 2\n", closed_address())
    use_registry(monkeypatch, *(entry(name, file, kind="vectors") for name in names))
    monkeypatch.setattr("embedbook.datasets.download.time.sleep", lambda seconds: None)


@pytest.mark.parametrize("kind", ["word2vec", "glove"])
def test_the_sample_is_the_store_of_that_kind(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, kind: str) -> None:
    small_sample(monkeypatch, tmp_path, kind)
    vectors = load_pretrained(kind, mode="sample")  # type: ignore[arg-type]
    assert vectors.index_to_key == ["cat", "dog"]
    assert vectors["dog"].tolist() == [0.5, -4.0]


def test_auto_takes_the_sample_where_a_part_of_the_real_vectors_cannot_be_had(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    small_sample(monkeypatch, tmp_path, "glove")
    nowhere(monkeypatch, "glove-6B-50d-subset", "mr")
    assert len(load_pretrained("glove")) == 2
    with pytest.raises(DataError, match="EMBEDBOOK_DATA=sample"):
        load_pretrained("glove", mode="real")


def test_a_sample_that_is_missing_and_a_kind_that_is_unknown_are_clear_errors(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    small_sample(monkeypatch, tmp_path, "glove")
    with pytest.raises(VectorsError, match=r"no word2vec vectors: .*EMBEDBOOK_DATA=real"):
        load_pretrained("word2vec", mode="sample")
    with pytest.raises(VectorsError, match=r"'fasttext'; there are word2vec, glove"):
        load_pretrained("fasttext")  # type: ignore[arg-type]
    with pytest.raises(DataError, match="not a data mode"):
        load_pretrained("glove", mode="fake")  # type: ignore[arg-type]


def test_real_vectors_are_those_of_the_registry(mirror: Path) -> None:
    vectors = load_pretrained("word2vec", mode="real")
    assert vectors.vectors.shape == (8000, 300)
    assert vectors.index_to_key == load_named("word2vec-googlenews-8000").index_to_key
