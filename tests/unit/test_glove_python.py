"""The calls that users of glove-python know."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest
import scipy.sparse

from embedbook.glove import Corpus, Glove

TEXT = [["ice", "is", "solid", "and", "cold"], ["steam", "is", "gas", "and", "hot"], ["ice", "cold"]] * 20


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    corpus = Corpus()
    corpus.fit(TEXT, window=3)
    return corpus


@pytest.fixture(scope="module")
def glove(corpus: Corpus) -> Glove:
    glove = Glove(no_components=6, learning_rate=0.05, random_state=3)
    glove.fit(corpus.matrix, epochs=30, no_threads=2)
    glove.add_dictionary(corpus.dictionary)
    return glove


def entry(corpus: Corpus, first: str, second: str) -> float:
    assert corpus.matrix is not None
    i, j = sorted((corpus.dictionary[first], corpus.dictionary[second]))
    return float(corpus.matrix.tocsr()[i, j])


def test_the_matrix_is_the_upper_triangle_without_a_diagonal(corpus: Corpus) -> None:
    matrix = corpus.matrix
    assert scipy.sparse.issparse(matrix) and matrix.format == "coo"
    assert matrix.shape == (len(corpus.dictionary),) * 2
    assert (matrix.row < matrix.col).all()
    assert entry(corpus, "is", "ice") == 20
    assert entry(corpus, "ice", "solid") == 10
    assert entry(corpus, "ice", "cold") == 20, "four words apart in one text, neighbours in another"
    again = Corpus()
    again.fit([["a", "a", "b"]])
    assert again.matrix.nnz == 1


def test_a_supplied_dictionary_keeps_its_ids() -> None:
    corpus = Corpus({"cold": 0, "ice": 1})
    with pytest.raises(KeyError, match="missing"):
        corpus.fit(TEXT)
    corpus.fit([["ice", "was", "cold"]], window=2, ignore_missing=True)
    assert corpus.dictionary == {"cold": 0, "ice": 1}
    assert corpus.matrix.toarray().tolist() == [[0.0, 0.5], [0.0, 0.0]], "the missing word keeps its place"
    for ids in ({"a": 1, "b": 2}, {"a": 0, "b": 0}, {"a": 0, "b": 2}):
        with pytest.raises(ValueError, match="0, 1, 2"):
            Corpus(ids)


def test_fitting_gives_vectors_and_neighbours(corpus: Corpus, glove: Glove) -> None:
    assert glove.word_vectors.shape == (len(corpus.dictionary), 6)
    assert glove.word_biases.shape == (len(corpus.dictionary),)
    assert len(glove.losses) == 30
    assert glove.losses[-1] < 0.2 * glove.losses[0]
    assert glove.inverse_dictionary[glove.dictionary["ice"]] == "ice"
    neighbours = glove.most_similar("ice", number=3)
    assert len(neighbours) == 3
    assert "ice" not in dict(neighbours)
    similarities = [similarity for _, similarity in neighbours]
    assert similarities == sorted(similarities, reverse=True)
    assert glove.to_keyed_vectors().most_similar("ice", topn=3)[0][0] == neighbours[0][0]
    assert glove.to_keyed_vectors().similarity("ice", neighbours[0][0]) == pytest.approx(similarities[0], abs=1e-5)


@pytest.mark.parametrize("state", [3, np.random.RandomState, np.random.default_rng])
def test_a_random_state_repeats_a_run_with_any_number_of_threads(corpus: Corpus, state) -> None:  # type: ignore[no-untyped-def]
    runs = []
    for threads in (1, 2):
        glove = Glove(no_components=4, random_state=state if isinstance(state, int) else state(7))
        glove.fit(corpus.matrix, epochs=2, no_threads=threads)
        runs.append(glove.word_vectors)
    np.testing.assert_array_equal(*runs)


def test_without_a_random_state_runs_differ(corpus: Corpus) -> None:
    runs = []
    for _ in range(2):
        glove = Glove(no_components=4)
        glove.fit(corpus.matrix, epochs=1)
        runs.append(glove.word_vectors)
    assert not np.array_equal(*runs)


def test_a_full_matrix_is_trained_like_its_upper_triangle(corpus: Corpus) -> None:
    upper = corpus.matrix.tocsr()
    losses = []
    for matrix in (upper, upper + upper.T):
        glove = Glove(no_components=6, random_state=0)
        glove.fit(matrix, epochs=40)
        losses.append(glove.losses[-1])
    assert losses[0] == pytest.approx(losses[1], rel=0.5)


def test_corpus_and_model_survive_saving(corpus: Corpus, glove: Glove, tmp_path: Path) -> None:
    corpus.save(tmp_path / "corpus.model")
    glove.save(tmp_path / "glove.model")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["corpus.model", "glove.model"]
    again = Corpus.load(tmp_path / "corpus.model")
    assert again.dictionary == corpus.dictionary
    assert (again.matrix != corpus.matrix).nnz == 0
    loaded = Glove.load(tmp_path / "glove.model")
    np.testing.assert_array_equal(loaded.word_vectors, glove.word_vectors)
    assert loaded.most_similar("ice") == glove.most_similar("ice")
    assert loaded.no_components == 6


def test_pickles_are_not_read(tmp_path: Path) -> None:
    path = tmp_path / "old.model"
    path.write_bytes(pickle.dumps({"word_vectors": [1.0]}))
    for kind in (Corpus, Glove):
        with pytest.raises(ValueError, match=r"old\.model is not a glove"):
            kind.load(path)


def test_calls_out_of_order_say_what_is_missing(corpus: Corpus, glove: Glove) -> None:
    empty = Glove()
    for call in (lambda: empty.most_similar("ice"), lambda: empty.add_dictionary({}), empty.to_keyed_vectors):
        with pytest.raises(ValueError, match=r"call fit\(corpus\.matrix\) first"):
            call()
    nameless = Glove(no_components=2)
    nameless.fit(corpus.matrix, epochs=1)
    for call in (lambda: nameless.most_similar("ice"), nameless.to_keyed_vectors):
        with pytest.raises(ValueError, match="add_dictionary"):
            call()
    with pytest.raises(KeyError, match="zebra"):
        glove.most_similar("zebra")
    with pytest.raises(ValueError, match="'far' the id 99"):
        glove.add_dictionary({"far": 99})
    with pytest.raises(ValueError, match="square"):
        glove.fit(np.ones((2, 3)))
    with pytest.raises(ValueError, match="finite and above 0"):
        Glove().fit(np.array([[0.0, -1.0], [0.0, 0.0]]))
