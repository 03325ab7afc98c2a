"""The masked Transformer learns words from both sides, and the vector of a word depends on its sentence."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from embedbook.models import context_vectors, fit_masked_transformer, masked_transformer

V = 12


def texts(n: int = 400, seed: int = 0) -> np.ndarray:
    """Five tokens; the middle one, 2 or 3, hangs on the last, and the last pads a few texts."""
    rng = np.random.default_rng(seed)
    x = rng.integers(4, V, size=(n, 5)).astype("int32")
    x[:, 2] = np.where(x[:, 4] < 8, 2, 3)
    return x


@pytest.fixture(scope="module")
def trained():
    model = masked_transformer(V, 10, blocks=1, heads=2, longest=8, dropout=0.0, seed=0)
    losses = fit_masked_transformer(model, texts(), steps=250, hidden=1, learning_rate=0.02)
    return model, losses


def test_hidden_words_are_guessed_from_what_comes_after(trained) -> None:
    model, losses = trained
    assert losses.shape == (250,)
    assert losses[-20:].mean() < losses[:20].mean() - 0.2
    new = texts(200, seed=1)
    hidden = new.copy()
    hidden[:, 2] = model.mask_id
    guesses = model.guesser({"ids": hidden, "places_to_guess": np.full((200, 1), 2, "int32")}).numpy()[:, 0]
    assert guesses.shape == (200, V)
    assert (guesses.argmax(axis=1) == new[:, 2]).mean() > 0.95


def test_padding_changes_no_vector(trained) -> None:
    model, _ = trained
    ids = texts(20, seed=2)
    places = np.full(20, 1)
    padded = np.pad(ids, ((0, 0), (0, 3)))
    np.testing.assert_allclose(context_vectors(model, ids, places), context_vectors(model, padded, places), atol=1e-5)


def test_one_word_has_other_vectors_in_other_sentences(trained) -> None:
    model, _ = trained
    ids = np.array([[5, 6, 4, 7, 8], [9, 6, 10, 11, 5]], dtype="int32")
    first, second = context_vectors(model, ids, np.array([1, 1]))
    assert np.abs(first - second).max() > 0.01


def test_it_starts_from_given_vectors() -> None:
    rows = np.arange(V * 4, dtype="float32").reshape(V, 4)
    model = masked_transformer(V, 4, heads=2, embedding_matrix=rows, seed=0)
    table = model.encoder.get_layer("embedding").get_weights()[0]
    assert table.shape == (V + 1, 4)
    np.testing.assert_array_equal(table[:V], rows)


def test_equal_seeds_train_alike() -> None:
    found = []
    for _ in range(2):
        model = masked_transformer(V, 4, blocks=1, heads=2, seed=1)
        found.append(fit_masked_transformer(model, texts(50), steps=3, batch_size=8, seed=1))
    np.testing.assert_array_equal(found[0], found[1])
    ids, places = texts(5), np.zeros(5, int)
    first, second = (context_vectors(masked_transformer(V, 4, heads=2, seed=seed), ids, places) for seed in (1, 2))
    assert not np.allclose(first, second)


def test_a_saved_encoder_gives_the_same_vectors(trained, tmp_path) -> None:
    model, _ = trained
    model.encoder.save(tmp_path / "encoder.keras")
    again = keras.models.load_model(tmp_path / "encoder.keras")
    ids = texts(10)
    np.testing.assert_array_equal(again(ids), model.encoder(ids))


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match=r"dimensions \(7\) must be a multiple of heads \(2\)"):
        masked_transformer(V, 7, heads=2)
    with pytest.raises(ValueError, match=r"shape \(3, 4\), but vocabulary_size × dimensions is 12 × 4"):
        masked_transformer(V, 4, heads=2, embedding_matrix=np.zeros((3, 4)))
    model = masked_transformer(V, 4, blocks=1, heads=2)
    with pytest.raises(ValueError, match="text 1 has no token"):
        fit_masked_transformer(model, np.array([[2, 3], [0, 0]]), steps=1)
