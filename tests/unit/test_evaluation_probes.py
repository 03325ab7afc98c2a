"""Probes find what is there and nothing else; axes order, share and remove; words fall into their groups."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import f1_score, roc_auc_score

from embedbook.datasets import AnalogySection
from embedbook.evaluation import (
    Axis,
    drift_axis,
    lexicon_agreement,
    mean_axis,
    output_axis,
    probe,
    probe_difference,
    word_categories,
    word_families,
)
from embedbook.evaluation.resampling import bootstrap_weights, percentile_interval, weighted_auc

N, D = 240, 12


def noise(n: int = N, d: int = D, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((n, d))


def planted(strength: float, classes: int = 2, seed: int = 0) -> tuple[np.ndarray, list[str]]:
    """Vectors in which the class moves one dimension each."""
    labels = np.random.default_rng(seed + 100).permutation(np.arange(N) % classes)
    vectors = noise(seed=seed)
    vectors[np.arange(N), labels] += strength
    return vectors, [f"class {label}" for label in labels]


# --- probe -----------------------------------------------------------------------------------------------------------


def test_a_probe_finds_what_is_there() -> None:
    score = probe(*planted(3.0))
    assert score.accuracy.mean > 0.95
    assert score.auc is not None
    assert score.auc.mean > 0.97
    assert score.macro_f1.mean > 0.95
    assert score.majority == 0.5
    assert (score.n, score.folds, score.dimensions) == (N, 5, D)
    assert score.classes == ("class 0", "class 1")
    assert score.correct.mean() == pytest.approx(score.accuracy.mean)
    assert score.selectivity == score.accuracy.mean - score.control.mean


def test_a_probe_finds_nothing_in_noise_on_average() -> None:
    labels = ["a", "b"] * (N // 2)
    scores = [probe(noise(seed=seed), labels, seed=seed, resamples=50) for seed in range(20)]
    assert abs(np.mean([score.accuracy.mean for score in scores]) - 0.5) < 0.03
    assert abs(np.mean([score.auc.mean for score in scores if score.auc]) - 0.5) < 0.03


def test_the_control_is_at_chance_though_the_words_can_be_told_apart() -> None:
    scores = [probe(*planted(3.0, seed=seed), seed=seed, resamples=50) for seed in range(10)]
    assert abs(np.mean([score.control.mean for score in scores]) - 0.5) < 0.04
    # Many dimensions for few words: random labels can be learnt by heart, and still say nothing of other words.
    wide, labels = noise(120, 110), ["a", "b"] * 60
    wide[1::2, 0] += 20
    score = probe(wide, labels)
    assert score.accuracy.mean > 0.9
    assert score.memorised > 0.8
    assert abs(score.control.mean - 0.5) < 0.2


def test_more_than_two_classes() -> None:
    vectors, labels = planted(4.0, classes=4)
    score = probe(vectors, labels)
    assert score.auc is None
    assert score.accuracy.mean > 0.9
    assert score.majority == 0.25
    assert abs(score.control.mean - 0.25) < 0.15


def test_a_probe_does_not_see_what_it_is_tested_on() -> None:
    # Words of one family share a random place and a random label: without groups the family gives the label away.
    rng = np.random.default_rng(5)
    families = np.repeat(np.arange(60), 4)
    labels = rng.permutation(np.arange(60) % 2)[families]
    vectors = 3 * rng.standard_normal((60, 40))[families] + 0.1 * rng.standard_normal((240, 40))
    leaking, honest = probe(vectors, labels), probe(vectors, labels, groups=families.tolist())
    assert leaking.accuracy.mean > 0.85
    assert honest.accuracy.mean < 0.7
    # Sixty independent families and not 240 words: the interval says so.
    assert honest.accuracy.high - honest.accuracy.low > 1.5 * (leaking.accuracy.high - leaking.accuracy.low)


def test_the_scale_and_place_of_a_space_do_not_matter() -> None:
    vectors, labels = planted(1.5)
    moved = vectors * np.linspace(1e-3, 1e3, D) + 7
    assert probe(vectors, labels).accuracy == probe(moved, labels).accuracy
    with_constant = np.column_stack([vectors, np.full(N, 3.0)])
    assert probe(with_constant, labels).accuracy.mean == pytest.approx(probe(vectors, labels).accuracy.mean, abs=0.02)


def test_probes_are_repeatable_and_know_their_seed() -> None:
    vectors, labels = planted(0.7)
    assert probe(vectors, labels, seed=1) == probe(vectors, labels, seed=1)
    assert probe(vectors, labels, seed=1) != probe(vectors, labels, seed=2)


def test_the_majority_is_named_where_nothing_is_known() -> None:
    score = probe(1e-3 * noise(), ["rare"] * 40 + ["common"] * 200)
    assert score.majority == pytest.approx(200 / 240)
    assert score.accuracy.mean == pytest.approx(score.majority, abs=0.03)
    assert score.macro_f1.mean < 0.6


def test_macro_f1_is_scikit_learns() -> None:
    from embedbook.evaluation import probes

    rng = np.random.default_rng(0)
    truth, said = rng.integers(0, 4, 200), rng.integers(0, 4, 200)
    ours = probes._macro_f1(truth, said, 4, np.ones((1, 200), dtype=np.float32))
    assert ours[0] == pytest.approx(f1_score(truth, said, average="macro"))


def test_two_probes_of_the_same_words_are_compared_word_by_word() -> None:
    vectors, labels = planted(3.0)
    good, bad = probe(vectors, labels), probe(noise(seed=9), labels)
    gap = probe_difference(good, bad)
    assert gap.mean == pytest.approx(good.accuracy.mean - bad.accuracy.mean)
    assert gap.low > 0.3
    same = probe_difference(good, good)
    assert (same.low, same.mean, same.high) == (0, 0, 0)
    back = probe_difference(bad, good)
    assert (back.low, back.high) == pytest.approx((-gap.high, -gap.low))


@pytest.mark.filterwarnings("error")
def test_bad_input_of_probes_is_refused_with_a_remedy() -> None:
    vectors, labels = planted(1.0)
    broken = vectors.copy()
    broken[7, 2] = math.nan
    for arguments, options, message in (
        ((vectors[0], labels), {}, "n words × d"),
        ((vectors, labels[:-1]), {}, "one label a word"),
        ((broken, labels), {}, "row 7 is not finite"),
        ((vectors, ["same"] * N), {}, "at least two classes"),
        ((vectors, labels), {"folds": 1}, "folds"),
        ((vectors, labels), {"folds": 2.5}, "folds"),
        ((vectors, labels), {"groups": labels[:-1]}, "groups"),
        ((vectors, labels), {"confidence": 95}, "confidence"),
        ((vectors, labels), {"resamples": 0}, "resamples"),
        ((vectors, ["few"] * 3 + ["many"] * 237), {}, "'few' has 3"),
        # Many words of one family are one independent word.
        ((vectors, ["few"] * 20 + ["many"] * 220), {"groups": [0] * 20 + list(range(1, 221))}, "'few' has 1"),
    ):
        with pytest.raises(ValueError, match=message):
            probe(*arguments, **options)
    with pytest.raises(ValueError, match="same words"):
        probe_difference(probe(vectors, labels), probe(vectors[:-2], labels[:-2]))


# --- resampling ------------------------------------------------------------------------------------------------------


def test_the_area_under_the_curve_is_scikit_learns_with_ties_and_weights() -> None:
    rng = np.random.default_rng(3)
    scores, positive = rng.integers(0, 6, 80).astype(float), rng.random(80) < 0.4
    weights = rng.integers(0, 4, (5, 80)).astype(np.float32)
    ours = weighted_auc(scores, positive, weights)
    theirs = [roc_auc_score(positive, scores, sample_weight=row) for row in weights]
    assert ours == pytest.approx(theirs, abs=1e-6)


def test_strata_are_compared_within_themselves() -> None:
    # Each stratum is perfectly ordered, but the second lies higher as a whole.
    scores = np.array([0.0, 1.0, 10.0, 11.0])
    positive = np.array([False, True, False, True])
    once = np.ones((1, 4), dtype=np.float32)
    assert weighted_auc(scores, positive, once)[0] == 0.75
    assert weighted_auc(scores, positive, once, np.array([0, 0, 1, 1]))[0] == 1
    assert math.isnan(weighted_auc(scores, positive, once, np.array([0, 1, 2, 3]))[0])


def test_groups_are_drawn_as_a_whole() -> None:
    weights = bootstrap_weights(6, groups=["a", "b", "a", "c", "b", "a"], resamples=300, seed=1)
    assert weights.shape == (300, 6)
    assert (weights[:, 0] == weights[:, 2]).all()
    assert (weights[:, 0] == weights[:, 5]).all()
    assert (weights[:, 1] == weights[:, 4]).all()
    assert ((weights[:, 0] + weights[:, 1] + weights[:, 3]) == 3).all()


def test_the_interval_of_a_mean_is_as_wide_as_theory_says() -> None:
    values = np.random.default_rng(2).standard_normal(400)
    means = bootstrap_weights(400, resamples=4000, seed=0) @ values / 400
    interval = percentile_interval(float(values.mean()), means, n=400)
    assert interval.high - interval.low == pytest.approx(2 * 1.96 * values.std() / 20, rel=0.08)
    assert math.isnan(percentile_interval(0.5, [math.nan], n=1).low)


# --- axes ------------------------------------------------------------------------------------------------------------


def test_an_axis_projects_removes_and_takes_its_share() -> None:
    axis = Axis(np.array([3.0, 0.0, 4.0]))
    rows = noise(20, 3)
    assert axis.project(rows) == pytest.approx(rows @ [3, 0, 4])
    rest = axis.remove(rows)
    assert axis.project(rest) == pytest.approx(np.zeros(20), abs=1e-12)
    assert axis.remove(rest) == pytest.approx(rest)
    assert axis.share(np.outer([1.0, -2.0], [3.0, 0.0, 4.0])) == pytest.approx(1)
    assert axis.share(rest) == pytest.approx(0, abs=1e-12)
    assert axis.share(noise(4000, 3)) == pytest.approx(1 / 3, abs=0.03)
    assert math.isnan(axis.share(np.zeros((2, 3))))


def test_the_output_axis_is_what_a_word_adds_to_the_log_odds() -> None:
    rng = np.random.default_rng(0)
    kernel, bias, words = rng.standard_normal((5, 2)), rng.standard_normal(2), rng.standard_normal((7, 5))
    mean = words.mean(axis=0)
    logits = mean @ kernel + bias
    log_odds = logits[1] - logits[0]
    by_axis = output_axis(kernel).project(words).mean() + bias[1] - bias[0]
    assert by_axis == pytest.approx(log_odds)


def test_the_mean_axis_leads_from_low_to_high() -> None:
    low, high = noise(50, 4, seed=1), noise(60, 4, seed=2) + np.array([5, 0, 0, 0])
    axis = mean_axis(high, low)
    assert axis.direction == pytest.approx(high.mean(axis=0) - low.mean(axis=0))
    assert axis.project(high).min() > axis.project(low).mean()


def test_the_drift_axis_is_where_most_movement_went() -> None:
    before = noise(100, 6)
    direction = np.array([0, 1.0, 0, -1, 0, 0]) / math.sqrt(2)
    amounts = np.random.default_rng(1).standard_normal(100)
    after = before + np.outer(5 * amounts, direction) + 0.1 * noise(100, 6, seed=2)
    axis = drift_axis(before, after, towards=Axis(direction))
    assert axis.direction @ direction > 0.999
    assert np.linalg.norm(axis.direction) == pytest.approx(1)
    assert axis.share(after - before) > 0.99
    assert drift_axis(before, after, towards=Axis(-direction)).direction == pytest.approx(-axis.direction)
    expected = np.linalg.svd(after - before)[2][0]
    assert abs(expected @ axis.direction) == pytest.approx(1)


def test_bad_input_of_axes_is_refused() -> None:
    for direction, message in (([0.0, 0.0], "nowhere"), ([math.nan, 1.0], "finite"), ([[1.0]], "one row")):
        with pytest.raises(ValueError, match=message):
            Axis(np.array(direction))
    with pytest.raises(ValueError, match="2 dimensions"):
        Axis(np.array([1.0, 0.0])).project(np.ones((3, 5)))
    for kernel in (np.ones((4, 3)), np.ones(4)):
        with pytest.raises(ValueError, match="two columns"):
            output_axis(kernel)
    with pytest.raises(ValueError, match="nowhere"):
        output_axis(np.ones((4, 2)))
    with pytest.raises(ValueError, match="low must hold"):
        mean_axis(np.ones((2, 3)), np.empty((0, 3)))
    with pytest.raises(ValueError, match="as many"):
        mean_axis(np.ones((2, 3)), np.ones((2, 4)))
    for after, message in (
        (np.ones((2, 4)), "both be"),
        (np.ones((2, 3)), "same"),
        (np.full((2, 3), np.inf), "finite"),
    ):
        with pytest.raises(ValueError, match=message):
            drift_axis(np.ones((2, 3)), after)
    with pytest.raises(ValueError, match="towards"):
        drift_axis(np.zeros((2, 3)), np.ones((2, 3)), towards=Axis(np.ones(4)))


# --- lexicon ---------------------------------------------------------------------------------------------------------

WORDS = [f"w{number}" for number in range(100)]
PRAISE, BLAME = set(WORDS[:30]), set(WORDS[30:70])


def test_agreement_is_the_area_under_the_curve_and_the_point_biserial_correlation() -> None:
    scores = np.random.default_rng(0).standard_normal(100)
    scores[:30] += 1
    found = lexicon_agreement(WORDS, scores, positive=PRAISE, negative=BLAME)
    listed = np.arange(100) < 70
    is_praise = (np.arange(100) < 30)[listed]
    assert found.auc.mean == pytest.approx(roc_auc_score(is_praise, scores[listed]), abs=1e-6)
    assert found.correlation.mean == pytest.approx(stats.pointbiserialr(is_praise, scores[listed]).statistic)
    assert (found.positive, found.negative, found.auc.n) == (30, 40, 70)
    assert found.auc.low < found.auc.mean < found.auc.high
    assert found.correlation.low < found.correlation.mean < found.correlation.high
    away = lexicon_agreement(WORDS, 1e6 + 1e-3 * scores, positive=PRAISE, negative=BLAME)
    assert away.correlation.mean == pytest.approx(found.correlation.mean, abs=1e-6)
    turned = lexicon_agreement(WORDS, -scores, positive=PRAISE, negative=BLAME)
    assert turned.auc.mean == pytest.approx(1 - found.auc.mean)


def test_words_in_both_lists_or_none_do_not_count() -> None:
    scores = np.arange(100.0)
    found = lexicon_agreement(WORDS, scores, positive={*PRAISE, "w50", "absent"}, negative=BLAME)
    assert (found.positive, found.negative) == (30, 39)


@pytest.mark.filterwarnings("error")
def test_equal_scores_agree_with_nothing() -> None:
    found = lexicon_agreement(WORDS, np.ones(100), positive=PRAISE, negative=BLAME)
    assert found.auc.mean == 0.5
    assert math.isnan(found.correlation.mean)


def test_families_widen_the_interval_of_agreement() -> None:
    scores = np.random.default_rng(0).standard_normal(100)
    doubled = [word for word in WORDS for _ in range(2)]
    apart = lexicon_agreement(doubled, scores.repeat(2), positive=PRAISE, negative=BLAME)
    together = lexicon_agreement(doubled, scores.repeat(2), positive=PRAISE, negative=BLAME, groups=doubled)
    assert together.auc.high - together.auc.low > 1.2 * (apart.auc.high - apart.auc.low)


def test_bad_input_of_agreement_is_refused() -> None:
    for scores, options, message in (
        (np.ones(99), {}, "one score a word"),
        (np.full(100, np.nan), {}, "'w0' is not finite"),
        (np.ones(100), {"positive": {"w1", "w2"}}, "only 2 of the words are in the positive list"),
        (np.ones(100), {"groups": ["a"]}, "groups"),
        (np.ones(100), {"confidence": 1}, "confidence"),
    ):
        with pytest.raises(ValueError, match=message):
            lexicon_agreement(WORDS, scores, **{"positive": PRAISE, "negative": BLAME, **options})


# --- groups of words -------------------------------------------------------------------------------------------------

SECTIONS = [
    AnalogySection("capital-world", (("Athens", "Greece", "Oslo", "Norway"), ("Oslo", "Norway", "Rome", "Italy"))),
    AnalogySection("family", (("boy", "girl", "king", "queen"),)),
    AnalogySection("city-in-state", (("Atlanta", "Georgia", "Boston", "Massachusetts"),)),
    AnalogySection("gram6-nationality-adjective", (("Georgia", "Georgian", "Norway", "Norwegian"),)),
]


def test_words_are_sorted_by_the_questions_they_occur_in() -> None:
    found = word_categories(sections=SECTIONS)
    assert found["capitals"] == ("athens", "oslo", "rome")
    assert found["countries"] == ("greece", "italy", "norway")
    assert found["family"] == ("boy", "girl", "king", "queen")
    assert found["nationalities"] == ("georgian", "norwegian")
    # "georgia" is a country and a state, so it tells nothing.
    assert found["US states"] == ("massachusetts",)
    assert "past tense" not in found


def test_only_known_words_and_large_categories_are_kept() -> None:
    known = {"athens", "oslo", "king", "boy", "girl", "norway"}
    assert word_categories(known, sections=SECTIONS, fewest=2) == {
        "capitals": ("athens", "oslo"),
        "family": ("boy", "girl", "king"),
    }
    assert word_categories({"georgia", "oslo"}, sections=SECTIONS) == {"capitals": ("oslo",)}
    with pytest.raises(ValueError, match="no category has 5"):
        word_categories(known, sections=SECTIONS, fewest=5)
    with pytest.raises(ValueError, match="fewest"):
        word_categories(known, sections=SECTIONS, fewest=0)


def test_the_real_questions_have_seventeen_categories_without_a_word_twice() -> None:
    found = word_categories(mode="sample")
    words = [word for category in found.values() for word in category]
    assert len(found) == 17
    assert len(words) == len(set(words))
    assert {"capitals": "paris", "family": "mother", "past tense": "walked", "superlatives": "biggest"}.items() <= {
        (name, word) for name, category in found.items() for word in category
    }


def test_families_share_a_stem() -> None:
    assert word_families(["love", "loved", "loving", "cat"]) == ["love", "love", "love", "cat"]


@pytest.mark.filterwarnings("error")
def test_nothing_warns() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        probe(*planted(0.0, classes=3), resamples=20)
