"""Skip-gram: what the model computes, how it learns, and which words it is shown how often."""

from __future__ import annotations

import re
from collections import Counter

import keras
import numpy as np
import pytest

from embedbook.models import Adam, keep_probability, noise_distribution, skipgram_model, skipgram_pairs


def everything(texts, counts, **options):
    """All batches of one pass, joined: words, contexts, labels."""
    batches = list(skipgram_pairs(texts, counts, **options))
    return tuple(np.concatenate(part) for part in zip(*batches, strict=True))


def true_pairs(texts, counts, **options):
    words, contexts, _ = everything(texts, counts, negatives=0, subsample=None, **options)
    return Counter(zip(words.tolist(), contexts[:, 0].tolist(), strict=True))


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


# The model


def test_scores_are_dot_products_of_the_two_tables():
    model = skipgram_model(11, 4, seed=0)
    rng = np.random.default_rng(0)
    v, u = rng.normal(size=(11, 4)).astype("float32"), rng.normal(size=(11, 4)).astype("float32")
    model.get_layer("words").set_weights([v])
    model.get_layer("contexts").set_weights([u])
    words, contexts = np.array([3, 10], "int32"), np.array([[1, 3, 3], [0, 9, 10]], "int32")
    expected = [[u[c] @ v[w] for c in row] for w, row in zip(words, contexts, strict=True)]
    np.testing.assert_allclose(np.asarray(model([words, contexts])), expected, rtol=1e-5)


def test_starts_like_the_authors_program():
    model = skipgram_model(50, 10, seed=0)
    v, u = (model.get_layer(name).get_weights()[0] for name in ("words", "contexts"))
    assert v.shape == u.shape == (50, 10)
    assert not u.any()
    assert 0.04 < np.abs(v).max() <= 0.05  # uniform within ± 0.5 / d


def test_equal_seeds_start_equally_and_others_do_not():
    v = [skipgram_model(30, 5, seed=seed).get_weights()[0] for seed in (1, 1, 2)]
    assert np.array_equal(v[0], v[1])
    assert not np.array_equal(v[0], v[2])


def test_a_step_of_gradient_descent_is_that_of_the_paper():
    """Equation (4), its gradient written in NumPy, against Keras; one context occurs twice."""
    rng = np.random.default_rng(1)
    v, u = rng.normal(size=(6, 3)), rng.normal(size=(6, 3))
    word, contexts, label = 2, np.array([4, 1, 1, 5]), np.array([1.0, 0, 0, 0])
    error = sigmoid(u[contexts] @ v[word]) - label
    v_after, u_after = v.copy(), u.copy()
    v_after[word] -= 0.1 * error @ u[contexts]
    np.subtract.at(u_after, contexts, 0.1 * np.outer(error, v[word]))

    model = skipgram_model(6, 3, seed=0)
    model.set_weights([v, u])
    rate = 0.1 * len(contexts)  # Keras takes the mean over the contexts where the paper takes the sum
    model.compile(keras.optimizers.SGD(rate), keras.losses.BinaryCrossentropy(from_logits=True), jit_compile=False)
    model.train_on_batch([np.array([word]), contexts[None]], label[None])
    np.testing.assert_allclose(model.get_weights()[0], v_after, atol=1e-6)
    np.testing.assert_allclose(model.get_weights()[1], u_after, atol=1e-6)


def test_learns_who_keeps_company_with_whom():
    """Words 2 to 5 only ever stand together, and so do 6 to 9; their vectors must show it."""
    rng = np.random.default_rng(0)
    texts = [rng.permutation(np.arange(2, 6) + 4 * (i % 2)) for i in range(400)]
    counts = np.bincount(np.concatenate(texts), minlength=10)
    model = skipgram_model(10, 8, seed=0)
    model.compile(Adam(0.02), keras.losses.BinaryCrossentropy(from_logits=True), jit_compile=False)
    for epoch in range(3):
        for words, contexts, labels in skipgram_pairs(texts, counts, subsample=None, batch_size=64, seed=epoch):
            model.train_on_batch([words, contexts], labels)
    v = model.get_layer("words").get_weights()[0][2:]
    cosine = v @ v.T / np.outer(np.linalg.norm(v, axis=1), np.linalg.norm(v, axis=1))
    assert cosine[:4, :4].min() > 0.5 > cosine[:4, 4:].max()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0, 5), "vocabulary_size must be a whole number, 1 or more, not 0"),
        ((5, 0), "dimensions must be a whole number, 1 or more, not 0"),
        ((5, 2.5), "dimensions must be a whole number, 1 or more, not 2.5"),
        ((True, 2), "vocabulary_size must be a whole number, 1 or more, not True"),
    ],
)
def test_model_names_a_bad_size(arguments, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        skipgram_model(*arguments)


# Subsampling and noise


def test_keep_probability_is_equation_5():
    counts = np.array([0, 900, 99, 1])
    expected = [0, np.sqrt(0.01 / 0.9), np.sqrt(0.01 / 0.099), 1]
    np.testing.assert_allclose(keep_probability(counts, 0.01), expected)
    assert keep_probability(counts, None).tolist() == [0, 1, 1, 1]


def test_noise_is_the_counts_to_three_quarters():
    counts = np.array([0, 16, 81, 1])
    np.testing.assert_allclose(noise_distribution(counts), np.array([0, 8, 27, 1]) / 36)
    assert noise_distribution(counts, 0).tolist() == pytest.approx([0, 1 / 3, 1 / 3, 1 / 3])


@pytest.mark.parametrize("counts", [[0, 0], [1, -1], [[1, 2]], [np.nan, 1], []])
def test_bad_counts_are_refused(counts):
    for function in (lambda c: keep_probability(c, 1e-3), noise_distribution):
        with pytest.raises(ValueError, match="counts"):
            function(counts)


@pytest.mark.parametrize("threshold", [0, -1, np.inf, np.nan])
def test_a_bad_threshold_is_refused(threshold):
    with pytest.raises(ValueError, match="threshold must be above 0"):
        keep_probability([1, 2], threshold)


def test_a_bad_power_is_refused():
    with pytest.raises(ValueError, match="power must be a finite number"):
        noise_distribution([1, 2], np.nan)


# The pairs


def test_batches_have_the_promised_shapes():
    batches = list(skipgram_pairs([[1, 2, 3, 1, 2, 3]], [0, 2, 2, 2], subsample=None, negatives=3, batch_size=4))
    sizes = [len(words) for words, _, _ in batches]
    assert sizes[:-1] == [4] * (len(sizes) - 1)
    for words, contexts, labels in batches:
        assert contexts.shape == labels.shape == (len(words), 4)
        assert (words.dtype, contexts.dtype, labels.dtype) == ("int32", "int32", "float32")
        assert np.array_equal(labels, np.tile([1, 0, 0, 0], (len(words), 1)))


def test_a_fixed_window_gives_each_pair_inside_it_once_and_none_across_texts():
    pairs = true_pairs([[1, 2, 3, 4], [5, 6]], np.ones(7), window=2, dynamic_window=False)
    inside = [(1, 2), (1, 3), (2, 3), (2, 4), (3, 4), (5, 6)]
    assert pairs == Counter(inside + [(b, a) for a, b in inside])


def test_texts_shorter_than_the_window_and_empty_ones_are_fine():
    assert true_pairs([[], [1], [2, 3]], np.ones(4), window=9) == {(2, 3): 1, (3, 2): 1}
    assert list(skipgram_pairs([[], [1]], np.ones(4))) == []


def test_a_dynamic_window_uses_near_words_more_often():
    n = 20_000
    words, contexts, _ = everything([np.arange(n)], np.ones(n), window=4, negatives=0, subsample=None)
    used = np.bincount(np.abs(words - contexts[:, 0]))[1:] / (2 * n)
    np.testing.assert_allclose(used, [1, 0.75, 0.5, 0.25], atol=0.015)


def test_a_words_own_window_reaches_equally_far_to_both_sides():
    pairs = true_pairs([np.arange(500)], np.ones(500), window=5)
    for word in range(5, 495):
        right, left = ({d for d in range(1, 6) if (word, word + sign * d) in pairs} for sign in (1, -1))
        assert right == left == set(range(1, max(right) + 1))


def test_ids_without_a_count_are_left_out_before_windows_are_drawn():
    pairs = true_pairs([[2, 1, 0, 3]], [0, 0, 5, 5], window=1)
    assert pairs == {(2, 3): 1, (3, 2): 1}


def test_frequent_words_are_thinned_out_as_the_formula_says():
    text = np.random.default_rng(99).choice(4, size=50_000, p=[0.9, 0.08, 0.015, 0.005])
    counts = np.bincount(text)
    words, _, _ = everything([text], counts, window=1, dynamic_window=False, negatives=0, subsample=0.01)
    kept = np.bincount(words) / 2  # each kept word has two neighbours
    np.testing.assert_allclose(kept, counts * keep_probability(counts, 0.01), rtol=0.06)


def test_negatives_follow_the_noise_distribution():
    counts = np.array([0, 10_000, 1_000, 100, 10])
    _, contexts, _ = everything([np.tile([1, 2, 3, 4], 5_000)], counts, window=2, subsample=None)
    drawn = np.bincount(contexts[:, 1:].ravel(), minlength=5)
    expected = noise_distribution(counts) * drawn.sum()
    assert drawn[0] == 0
    assert (np.abs(drawn - expected)[1:] < 5 * np.sqrt(expected[1:])).all()


def test_a_seed_repeats_everything_and_another_changes_it():
    texts, counts = [np.arange(1, 50)], np.r_[0, np.ones(49)]
    first, again, other = (everything(texts, counts, seed=seed) for seed in (3, 3, 4))
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert not np.array_equal(first[1], other[1])


def test_many_texts_are_worked_through_in_blocks_without_loss():
    texts = [[1, 2]] * 250_000  # more than one block
    assert true_pairs(texts, np.ones(3), window=1, batch_size=100_000) == {(1, 2): 250_000, (2, 1): 250_000}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"window": 0}, "window must be a whole number, 1 or more, not 0"),
        ({"negatives": -1}, "negatives must be a whole number, 0 or more, not -1"),
        ({"batch_size": 0}, "batch_size must be a whole number, 1 or more, not 0"),
        ({"seed": -1}, "seed must be a whole number, 0 or more, not -1"),
        ({"subsample": 0}, "the subsampling threshold must be above 0"),
    ],
)
def test_pairs_name_a_bad_option(options, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        next(skipgram_pairs([[0, 1]], [1, 1], **options))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ([0, 7], "text 1 holds the id 7, but counts has places for 0 to 1 only"),
        ([-1], "text 1 holds the id -1"),
        ([0.5], "text 1 must be a flat list of ids"),
        (["cat"], "text 1 must be a flat list of ids"),
    ],
)
def test_pairs_name_a_bad_text(text, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        list(skipgram_pairs([[0, 1], text], [1, 1]))
