"""Overlap, agreement and fit of two spaces are 1 for the same space turned, and what chance gives for strangers."""

from __future__ import annotations

import math

import numpy as np
import pytest

from embedbook.evaluation import cosine_agreement, neighbour_overlap, rotation_fit
from embedbook.vectors import VectorsError, keyed_vectors

N, D = 200, 10
WORDS = [f"w{number}" for number in range(N)]


def space(seed: int, words: list[str] = WORDS, d: int = D):  # type: ignore[no-untyped-def]
    return keyed_vectors(words, np.random.default_rng(seed).standard_normal((len(words), d)).astype(np.float32))


def rotation(d: int = D, seed: int = 9) -> np.ndarray:
    return np.linalg.qr(np.random.default_rng(seed).standard_normal((d, d)))[0].astype(np.float32)


def turned(vectors, noise: float = 0.0):  # type: ignore[no-untyped-def]
    rows = 3 * vectors.vectors @ rotation(vectors.vector_size)
    moved = rows + noise * np.random.default_rng(4).standard_normal(rows.shape)
    return keyed_vectors(vectors.index_to_key, moved.astype(np.float32))


FIRST = space(0)


# --- neighbours ------------------------------------------------------------------------------------------------------


def test_a_turned_space_has_the_same_neighbours() -> None:
    found = neighbour_overlap(FIRST, turned(FIRST))
    assert found.jaccard.mean == 1
    assert (found.jaccard.low, found.jaccard.high) == pytest.approx((1, 1))
    assert found.p == pytest.approx(1 / 201)
    assert set(found.by_word) == set(WORDS)
    assert (found.top, found.n) == (10, N)


def test_strangers_share_what_chance_gives() -> None:
    found = [neighbour_overlap(FIRST, space(seed), seed=seed) for seed in range(1, 9)]
    # Two random sets of 10 out of 199: |A ∩ B| is hypergeometric.
    from scipy.stats import hypergeom

    both = np.arange(11)
    expected = float((hypergeom(N - 1, 10, 10).pmf(both) * both / (20 - both)).sum())
    assert np.mean([one.null for one in found]) == pytest.approx(expected, rel=0.02)
    assert np.mean([one.jaccard.mean for one in found]) == pytest.approx(expected, rel=0.1)
    assert sum(one.p < 0.05 for one in found) <= 2


def test_words_that_are_near_everyone_are_dealt_anew_too() -> None:
    def with_hubs(seed: int):  # type: ignore[no-untyped-def]
        rows = space(seed, d=100).vectors.copy()
        rows[:, 0] = 20
        rows[:10, 1:] *= 0.01  # they point where all words lean
        return keyed_vectors(WORDS, rows)

    found = neighbour_overlap(with_hubs(0), with_hubs(1))
    assert found.jaccard.mean > 0.9
    assert found.null < 0.1


def test_overlap_is_what_a_plain_count_gives() -> None:
    other = turned(FIRST, noise=1.5)
    found = neighbour_overlap(FIRST, other, top=5)
    for word in WORDS[:10]:
        near = [{name for name, _ in vectors.most_similar(word, topn=5)} for vectors in (FIRST, other)]
        assert found.by_word[word] == pytest.approx(len(near[0] & near[1]) / len(near[0] | near[1]))
    assert found.jaccard.mean == pytest.approx(np.mean(list(found.by_word.values())))
    assert found.null_high < found.jaccard.low < found.jaccard.mean < found.jaccard.high < 1


def test_only_shared_words_count_and_dimensions_may_differ() -> None:
    more = space(3, ["only", *WORDS[:50], "here"], d=4)
    assert neighbour_overlap(FIRST, more).n == 50
    found = neighbour_overlap(FIRST, more, words=["w3", "w3", "only", *WORDS[10:40]], top=5)
    assert (found.n, found.top) == (31, 5)
    assert "w3" in found.by_word


def test_large_spaces_are_searched_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    other = turned(FIRST, noise=1.0)
    whole = neighbour_overlap(FIRST, other)
    monkeypatch.setattr("embedbook.evaluation.overlap._COSINES_AT_ONCE", 7 * N)
    assert neighbour_overlap(FIRST, other) == whole


# --- cosines ---------------------------------------------------------------------------------------------------------


def test_cosines_agree_up_to_a_rotation_and_not_between_strangers() -> None:
    same = cosine_agreement(FIRST, turned(FIRST))
    assert same.mean == pytest.approx(1, abs=1e-5)
    assert abs(cosine_agreement(FIRST, space(1)).mean) < 0.05


def test_agreement_is_the_correlation_of_the_cosines_of_pairs() -> None:
    other = turned(FIRST, noise=2.0)
    pairs = np.triu_indices(N, 1)
    sides = []
    for vectors in (FIRST, other):
        unit = vectors.get_normed_vectors()
        sides.append((unit @ unit.T)[pairs])
    found = cosine_agreement(FIRST, other)
    assert found.mean == pytest.approx(np.corrcoef(*sides)[0, 1], abs=1e-5)
    assert found.low < found.mean < found.high
    assert found.n == N


def test_agreement_of_a_space_without_any_difference_is_nan() -> None:
    flat = keyed_vectors(WORDS, np.ones((N, 3), dtype=np.float32))
    assert math.isnan(cosine_agreement(FIRST, flat).mean)


# --- rotation --------------------------------------------------------------------------------------------------------


def test_a_rotation_is_found_and_holds_for_other_words() -> None:
    fit = rotation_fit(FIRST, turned(FIRST))
    assert fit.cosine.mean == pytest.approx(1, abs=1e-4)
    assert fit.precision.mean == 1
    assert fit.r2 == pytest.approx(1, abs=1e-3)
    assert fit.p == pytest.approx(1 / 21)
    assert (fit.n, fit.folds, fit.dimensions) == (N, 5, D)


def test_strangers_cannot_be_turned_onto_each_other() -> None:
    fits = [rotation_fit(space(seed), space(seed + 100), seed=seed) for seed in range(8)]
    assert abs(np.mean([fit.cosine.mean for fit in fits])) < 0.03
    assert np.mean([fit.precision.mean for fit in fits]) < 0.08
    assert np.mean([fit.r2 for fit in fits]) < 0.02
    assert sum(fit.p < 0.05 for fit in fits) <= 2
    assert 0.2 < np.mean([fit.p for fit in fits]) < 0.8


def test_the_fit_is_judged_by_held_out_words() -> None:
    # As many dimensions as words of a fold's training part leave room for: fitted words would seem to match.
    first, second = space(0, WORDS[:60], d=40), space(1, WORDS[:60], d=40)
    from embedbook.vectors import align

    assert align(first, second).similarity > 0.6
    assert abs(rotation_fit(first, second).cosine.mean) < 0.15


def test_a_smaller_space_is_filled_up_and_a_common_direction_taken_off() -> None:
    small = keyed_vectors(WORDS, FIRST.vectors[:, :6])
    wide = keyed_vectors(WORDS, np.pad(FIRST.vectors[:, :6], ((0, 0), (0, 6))) @ rotation(12))
    fit = rotation_fit(small, wide)
    assert fit.dimensions == 12
    assert fit.cosine.mean == pytest.approx(1, abs=1e-4)
    assert rotation_fit(wide, small).cosine.mean == pytest.approx(1, abs=1e-4)
    leaning = keyed_vectors(WORDS, space(5).vectors + np.float32(50))
    assert abs(rotation_fit(FIRST, leaning).cosine.mean) < 0.15


# --- repeatable, and bad input ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("measure", [neighbour_overlap, cosine_agreement, rotation_fit])
def test_measures_are_repeatable_and_know_their_seed(measure) -> None:  # type: ignore[no-untyped-def]
    other = turned(FIRST, noise=1.0)
    assert measure(FIRST, other, seed=1) == measure(FIRST, other, seed=1)
    assert measure(FIRST, other, seed=1) != measure(FIRST, other, seed=2)


@pytest.mark.parametrize("measure", [neighbour_overlap, cosine_agreement, rotation_fit])
def test_zeros_are_no_error_and_nan_is(measure) -> None:  # type: ignore[no-untyped-def]
    rows = FIRST.vectors.copy()
    rows[3] = 0
    assert measure(FIRST, keyed_vectors(WORDS, rows)).n == N
    rows[3, 2] = np.nan
    with pytest.raises(ValueError, match="'w3'"):
        measure(FIRST, keyed_vectors(WORDS, rows))


def test_bad_input_is_refused_with_a_remedy() -> None:
    other = space(1)
    for options, message in (
        ({"top": 0}, "top"),
        ({"permutations": 0}, "permutations"),
        ({"top": 200}, "share 200 of the words"),
        ({"words": "w1"}, "list of words"),
        ({"words": ["nowhere"]}, "share 0 of the words"),
        ({"confidence": 0}, "confidence"),
    ):
        with pytest.raises(ValueError, match=message):
            neighbour_overlap(FIRST, other, **options)
    with pytest.raises(ValueError, match="three are needed"):
        cosine_agreement(FIRST, other, words=["w1", "w2"])
    with pytest.raises(ValueError, match="folds"):
        rotation_fit(FIRST, other, folds=1)
    with pytest.raises(VectorsError, match="needs 10 or more"):
        rotation_fit(FIRST, other, words=WORDS[:10])
