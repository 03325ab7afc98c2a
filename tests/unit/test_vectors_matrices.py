"""Embedding matrices: the right row for each id, what unknown words get, and how much was found."""

from __future__ import annotations

import numpy as np
import pytest
from gensim.models import KeyedVectors

from embedbook.text import Vocabulary
from embedbook.vectors import VectorsError, character_ngrams, embedding_matrix, guess_vectors
from embedbook.vectors.keyed import keyed_vectors

VOCABULARY = Vocabulary.fit([["film"] * 6, ["good"] * 3, ["filmic", "London"]])


@pytest.fixture
def vectors() -> KeyedVectors:
    rows = {"good": [1, 2, 3, 4], "film": [3, 0, -1, 2], "films": [3, 0, -1, 1], "london": [0, 0, 1, 0]}
    return keyed_vectors(list(rows), np.array(list(rows.values()), dtype=np.float32))


def test_each_id_gets_its_vector(vectors: KeyedVectors) -> None:
    result = embedding_matrix(VOCABULARY, vectors)
    assert result.matrix.shape == (len(VOCABULARY), 4)
    assert result.matrix.dtype == np.float32
    for word in ("film", "good"):
        np.testing.assert_array_equal(result.matrix[VOCABULARY.id_of(word)], vectors[word])
    assert result.found.tolist() == [number > 1 and VOCABULARY.word_of(number) in vectors for number in range(6)]


def test_coverage_is_reported_by_type_and_by_token(vectors: KeyedVectors) -> None:
    coverage = embedding_matrix(VOCABULARY, vectors).coverage
    assert coverage.by_type == pytest.approx(2 / 4)
    assert coverage.by_token == pytest.approx(9 / 11)


def test_padding_is_zeros_whatever_the_policy(vectors: KeyedVectors) -> None:
    vectors.add_vectors(["<unk>"], np.array([[9, 9, 9, 9]], dtype=np.float32))
    for oov in ("zeros", "mean", "random", "unk", "subword"):
        assert not embedding_matrix(VOCABULARY, vectors, oov=oov).matrix[Vocabulary.PADDING].any()


def unknown_rows(result_matrix: np.ndarray) -> np.ndarray:
    return result_matrix[[Vocabulary.OOV, VOCABULARY.id_of("filmic"), VOCABULARY.id_of("London")]]


def test_unknown_words_get_zeros_or_the_mean_or_the_vector_of_unk(vectors: KeyedVectors) -> None:
    np.testing.assert_array_equal(unknown_rows(embedding_matrix(VOCABULARY, vectors, oov="zeros").matrix), 0)
    mean = unknown_rows(embedding_matrix(VOCABULARY, vectors, oov="mean").matrix)
    np.testing.assert_array_equal(mean, np.tile([2, 1, 1, 3], (3, 1)))
    vectors.add_vectors(["<unk>"], np.array([[9, 8, 7, 6]], dtype=np.float32))
    unk = unknown_rows(embedding_matrix(VOCABULARY, vectors, oov="unk").matrix)
    np.testing.assert_array_equal(unk, np.tile([9, 8, 7, 6], (3, 1)))


def test_random_rows_repeat_with_the_seed_and_have_the_variance_of_the_rest() -> None:
    words = [f"word{number}" for number in range(400)]
    matrix = np.random.default_rng(0).normal(0, 0.4, size=(400, 50)).astype(np.float32)
    vectors = keyed_vectors(words, matrix)
    vocabulary = Vocabulary.fit([words, [f"new{number}" for number in range(400)]])
    first = embedding_matrix(vocabulary, vectors, oov="random", seed=1)
    np.testing.assert_array_equal(first.matrix, embedding_matrix(vocabulary, vectors, oov="random", seed=1).matrix)
    assert not np.array_equal(first.matrix, embedding_matrix(vocabulary, vectors, oov="random", seed=2).matrix)
    drawn = first.matrix[2:][~first.found[2:]]
    assert drawn.std() == pytest.approx(0.4, rel=0.03)
    narrow = embedding_matrix(vocabulary, vectors, oov="random", scale=0.01)
    assert 0.009 < np.abs(narrow.matrix[2:][~narrow.found[2:]]).max() <= 0.01


def test_other_cases_are_tried_only_when_asked_for(vectors: KeyedVectors) -> None:
    exact = embedding_matrix(VOCABULARY, vectors)
    assert not exact.found[VOCABULARY.id_of("London")]
    tried = embedding_matrix(VOCABULARY, vectors, case="any")
    np.testing.assert_array_equal(tried.matrix[VOCABULARY.id_of("London")], vectors["london"])
    assert tried.coverage.by_type == pytest.approx(3 / 4)
    capitals = keyed_vectors(["Paris", "USA"], np.eye(2, dtype=np.float32))
    found = embedding_matrix(Vocabulary.fit([["paris", "usa"]]), capitals, case="any").found
    assert found.tolist() == [False, False, True, True]


def test_bad_options_are_one_clear_error(vectors: KeyedVectors) -> None:
    with pytest.raises(VectorsError, match="oov must be one of zeros, mean, random, unk, subword, not 'nil'"):
        embedding_matrix(VOCABULARY, vectors, oov="nil")  # type: ignore[arg-type]
    with pytest.raises(VectorsError, match="case must be"):
        embedding_matrix(VOCABULARY, vectors, case="lower")  # type: ignore[arg-type]
    with pytest.raises(VectorsError, match="scale must be above 0"):
        embedding_matrix(VOCABULARY, vectors, oov="random", scale=0)
    with pytest.raises(VectorsError, match="goes with oov"):
        embedding_matrix(VOCABULARY, vectors, scale=1)
    with pytest.raises(VectorsError, match='oov="unk" needs one of'):
        embedding_matrix(VOCABULARY, vectors, oov="unk")
    with pytest.raises(VectorsError, match="no word of the vocabulary is in the vectors"):
        embedding_matrix(Vocabulary.fit([["nothing"]]), vectors)


# --- Guesses from the spelling ---------------------------------------------------------------------------------------


def test_ngrams_mark_where_a_word_begins_and_ends() -> None:
    assert character_ngrams("where")[:3] == ["<wh", "<whe", "<wher"]
    assert "<where>" in character_ngrams("where")
    assert character_ngrams("a") == ["<a>"]
    assert len(character_ngrams("aaaaaaaaaaaa")) < 15  # each once


def made_up_language(seed: int = 0) -> tuple[list[str], np.ndarray]:
    """Words of a stem and an ending, whose vectors are the sum of a vector of the stem and one of the ending."""
    rng = np.random.default_rng(seed)
    letters = list("bcdfghklmnprst")
    stems = ["".join(rng.choice(letters, 5)) for _ in range(40)]
    endings = ["ing", "ness", "ful", "less"]
    stem_rows, ending_rows = rng.normal(size=(40, 10)), rng.normal(size=(4, 10))
    words = [stem + ending for stem in stems for ending in endings]
    rows = [stem + ending for stem in stem_rows for ending in ending_rows]
    return words, np.array(rows, dtype=np.float32)


def test_a_guess_is_near_to_the_true_vector_of_a_regular_word() -> None:
    words, rows = made_up_language()
    held_out = np.arange(0, len(words), 9)
    known = np.setdiff1d(np.arange(len(words)), held_out)
    guesses = guess_vectors([words[row] for row in held_out], [words[row] for row in known], rows[known])

    def cosines(guess: np.ndarray) -> np.ndarray:
        true = rows[held_out]
        return np.sum(guess * true, axis=1) / np.linalg.norm(guess, axis=1) / np.linalg.norm(true, axis=1)

    assert cosines(guesses).mean() > 0.9
    mean_of_all = np.tile(rows[known].mean(axis=0), (len(held_out), 1))
    assert cosines(mean_of_all).mean() < 0.5


def test_known_words_are_guessed_nearly_as_they_are() -> None:
    words, rows = made_up_language()
    guesses = guess_vectors(words, words, rows)
    assert np.abs(guesses - rows).mean() < 0.15 * np.abs(rows).mean()


def test_a_word_that_shares_nothing_gets_the_mean() -> None:
    words, rows = made_up_language()
    np.testing.assert_allclose(guess_vectors(["ээээ"], words, rows)[0], rows.mean(axis=0), rtol=1e-5)


def test_unknown_words_of_a_vocabulary_are_guessed(vectors: KeyedVectors) -> None:
    result = embedding_matrix(VOCABULARY, vectors, oov="subword")
    guess = guess_vectors(["filmic"], vectors.index_to_key, vectors.vectors)[0]
    np.testing.assert_allclose(result.matrix[VOCABULARY.id_of("filmic")], guess, rtol=1e-6)
    np.testing.assert_array_equal(result.matrix[Vocabulary.OOV], [2, 1, 1, 3])
    near_film = np.dot(guess - vectors["good"], vectors["film"] - vectors["good"])
    assert near_film > 0
