"""The pretrained vectors of the registry, put together from real files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from embedbook.vectors import VectorsError, analogy, list_named, load, load_named


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
