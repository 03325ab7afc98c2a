"""Searches in vector spaces: gensim's answers, many at once; embedding matrices; alignment."""

from __future__ import annotations

import numpy as np
import pytest
from gensim.models import KeyedVectors

from embedbook.vectors import VectorsError, align, analogy, nearest, neighbours
from embedbook.vectors.keyed import keyed_vectors


def random_vectors(count: int = 500, dimensions: int = 20, seed: int = 0) -> KeyedVectors:
    matrix = np.random.default_rng(seed).normal(size=(count, dimensions)).astype(np.float32)
    return keyed_vectors([f"word{number}" for number in range(count)], matrix)


# --- Neighbours ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scores_at_once", [1, 4096, 2**22])
def test_neighbours_are_those_of_gensim(monkeypatch: pytest.MonkeyPatch, scores_at_once: int) -> None:
    monkeypatch.setattr("embedbook.vectors.searching._SCORES_AT_ONCE", scores_at_once)
    monkeypatch.setattr("embedbook.vectors.searching._QUERIES_AT_ONCE", 64)
    vectors = random_vectors(1500)
    words = vectors.index_to_key[:150]
    for word, found in zip(words, neighbours(vectors, words, top=7), strict=True):
        expected = vectors.most_similar(word, topn=7)
        assert [name for name, _ in found] == [name for name, _ in expected]
        assert [score for _, score in found] == pytest.approx([score for _, score in expected], abs=1e-6)


def test_one_word_gives_one_list() -> None:
    vectors = random_vectors()
    assert neighbours(vectors, "word3") == neighbours(vectors, ["word3"])[0]
    assert len(neighbours(vectors, "word3")) == 10
    assert neighbours(vectors, []) == []
    assert len(neighbours(vectors, "word3", top=10**12)) == 499
    twice = neighbours(vectors, ["word3", "word3"])
    assert twice[0] == twice[1]


def test_of_equally_near_words_the_first_comes_first() -> None:
    vectors = keyed_vectors(["a", "b", "c", "d"], np.array([[1, 0], [0, 2], [0, 1], [0, 5]], dtype=np.float32))
    assert neighbours(vectors, "c", top=2) == [("b", 1.0), ("d", 1.0)]
    assert [word for word, _ in neighbours(vectors, "a", top=3)] == ["b", "c", "d"]


def test_vectors_of_zeros_are_near_to_nothing() -> None:
    vectors = keyed_vectors(["a", "zero", "b"], np.array([[1, 0], [0, 0], [-1, 0.5]], dtype=np.float32))
    assert neighbours(vectors, "a") == [("zero", 0.0), ("b", pytest.approx(-2 / 5**0.5))]
    assert [score for _, score in neighbours(vectors, "zero")] == [0, 0]


def test_analogies_are_those_of_gensim() -> None:
    vectors = random_vectors()
    found = analogy(vectors, "word1", "word2", "word3", top=5)
    expected = vectors.most_similar(positive=["word2", "word3"], negative=["word1"], topn=5)
    assert [word for word, _ in found] == [word for word, _ in expected]
    assert not {"word1", "word2", "word3"} & {word for word, _ in analogy(vectors, "word1", "word2", "word3", 500)}


def test_any_vector_can_be_searched_for() -> None:
    vectors = random_vectors()
    found = nearest(vectors, vectors.vectors[:2] * 3, top=1)
    assert [[word for word, _ in each] for each in found] == [["word0"], ["word1"]]
    assert found[0][0][1] == pytest.approx(1)
    excluded = nearest(vectors, vectors.vectors[:1], top=1, exclude=[[0]])
    assert excluded[0] == neighbours(vectors, "word0", top=1)


def test_bad_searches_are_one_clear_error() -> None:
    vectors = random_vectors()
    with pytest.raises(VectorsError, match=r"not in the vectors: 'King'$"):
        neighbours(vectors, "King")
    with pytest.raises(VectorsError, match="not in the vectors: 'Word1'; 'word1' is"):
        neighbours(vectors, ["word0", "Word1"])
    for top in (0, -1, 1.5, True):
        with pytest.raises(VectorsError, match="top must be"):
            neighbours(vectors, "word1", top=top)  # type: ignore[call-overload]
    with pytest.raises(VectorsError, match="do not go with vectors of 20 dimensions"):
        nearest(vectors, np.ones((1, 3), np.float32))
    with pytest.raises(VectorsError, match="exclude has 1 entries for 2 queries"):
        nearest(vectors, vectors.vectors[:2], exclude=[[0]])


# --- Alignment -------------------------------------------------------------------------------------------------------


def rotated(vectors: KeyedVectors, seed: int = 9) -> tuple[KeyedVectors, np.ndarray]:
    d = vectors.vector_size
    rotation, _ = np.linalg.qr(np.random.default_rng(seed).normal(size=(d, d)))
    return keyed_vectors(vectors.index_to_key, (vectors.vectors @ rotation).astype(np.float32)), rotation


def test_a_rotated_space_is_turned_back() -> None:
    source = random_vectors()
    target, rotation = rotated(source)
    found = align(source, target)
    np.testing.assert_allclose(found.rotation, rotation, atol=1e-5)
    np.testing.assert_allclose(found.rotation @ found.rotation.T, np.eye(20), atol=1e-12)
    assert found.similarity == pytest.approx(1)
    assert len(found.pairs) == 500
    np.testing.assert_allclose(found.apply(source).vectors, target.vectors, atol=1e-4)


def test_alignment_is_the_best_rotation_of_noisy_spaces() -> None:
    source = random_vectors()
    target, rotation = rotated(source)
    target.vectors += np.random.default_rng(1).normal(size=target.vectors.shape).astype(np.float32)
    found = align(source, target)

    def unit(matrix: np.ndarray) -> np.ndarray:
        return matrix / np.linalg.norm(matrix, axis=1, keepdims=True)

    def distance(matrix: np.ndarray) -> float:
        return float(np.sum((unit(source.vectors) @ matrix - unit(target.vectors)) ** 2))

    assert distance(found.rotation) < distance(rotation)
    generator = np.random.default_rng(2)
    for _ in range(20):  # no small turn in any direction does better
        skew = generator.normal(size=(20, 20)) * 0.01
        turned, _ = np.linalg.qr(np.eye(20) + skew - skew.T)
        turned *= np.sign(np.diag(turned))
        assert distance(found.rotation) < distance(found.rotation @ turned)


def test_alignment_can_be_fitted_to_some_words_or_to_a_dictionary() -> None:
    source = random_vectors()
    target, rotation = rotated(source)
    some = align(source, target, words=[*source.index_to_key[:30], "unknown"])
    assert len(some.pairs) == 30
    np.testing.assert_allclose(some.rotation, rotation, atol=1e-4)
    translated = keyed_vectors([word.upper() for word in target.index_to_key], target.vectors)
    by_dictionary = align(source, translated, words=[(word, word.upper()) for word in source.index_to_key])
    np.testing.assert_allclose(by_dictionary.rotation, rotation, atol=1e-4)


def test_spaces_that_cannot_be_aligned_are_one_clear_error() -> None:
    source = random_vectors()
    target, _ = rotated(source)
    with pytest.raises(
        VectorsError, match=r"only 19 of the words are in both spaces, .* 20 dimensions needs 20 or more"
    ):
        align(source, target, words=source.index_to_key[:19])
    with pytest.raises(VectorsError, match="20 dimensions and the target 5"):
        align(source, random_vectors(dimensions=5))
    with pytest.raises(VectorsError, match="not the string"):
        align(source, target, words="word1")
    with pytest.raises(VectorsError, match="is for 20 dimensions, not for 5"):
        align(source, target).apply(random_vectors(dimensions=5))
