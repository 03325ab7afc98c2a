"""Intervals are Student's, pairs are paired, and too few values are refused."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from embedbook.evaluation import Interval, mean_interval, paired_difference

# Student's own example (1908): hours of sleep gained by ten patients under two drugs.
FIRST_DRUG = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
SECOND_DRUG = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]


def test_the_interval_of_two_values_follows_the_formula():
    # With one degree of freedom t(0.975) is tan(0.475 π) = 12.706; s / √n of 0 and 1 is 0.5.
    interval = mean_interval([0.0, 1.0])
    assert interval.n == 2
    assert interval.mean == 0.5
    assert interval.high == pytest.approx(0.5 + math.tan(0.475 * math.pi) * 0.5)
    assert interval.low == pytest.approx(0.5 - math.tan(0.475 * math.pi) * 0.5)


def test_more_confidence_means_a_wider_interval():
    values = [0.75, 0.77, 0.76, 0.78]
    narrow, wide = mean_interval(values, confidence=0.8), mean_interval(values, confidence=0.99)
    assert wide.low < narrow.low < narrow.mean < narrow.high < wide.high


def test_the_interval_holds_the_true_mean_as_often_as_it_says():
    rng = np.random.default_rng(0)
    intervals = [mean_interval(rng.normal(3.0, 2.0, size=5)) for _ in range(2000)]
    held = np.mean([interval.low <= 3.0 <= interval.high for interval in intervals])
    assert abs(held - 0.95) < 4 * math.sqrt(0.95 * 0.05 / 2000)


def test_equal_values_give_a_point():
    interval = mean_interval([0.5, 0.5, 0.5])
    assert (interval.low, interval.mean, interval.high) == (0.5, 0.5, 0.5)


def test_text_forms():
    interval = Interval(0.7641, 0.7583, 0.7698, 5)
    assert str(interval) == "0.764 [0.758, 0.770]"
    assert interval.percent() == "76.4 [75.8, 77.0]"
    assert interval.percent(decimals=2) == "76.41 [75.83, 76.98]"


def test_students_drugs():
    difference = paired_difference(SECOND_DRUG, FIRST_DRUG)
    assert difference.n == 10
    assert difference.mean == pytest.approx(1.58)
    # The textbook value of this famous example: t = 4.0621, p = 0.002833; interval 0.70 to 2.46.
    assert difference.p == pytest.approx(0.002833, abs=1e-6)
    assert (difference.low, difference.high) == pytest.approx((0.7001, 2.4599), abs=1e-4)


def test_pairing_uses_the_pairs():
    # The same ten values, unpaired, do not differ significantly.
    assert stats.ttest_ind(SECOND_DRUG, FIRST_DRUG).pvalue > 0.05 > paired_difference(SECOND_DRUG, FIRST_DRUG).p


def test_swapping_the_methods_swaps_the_sign_only():
    forth, back = paired_difference(SECOND_DRUG, FIRST_DRUG), paired_difference(FIRST_DRUG, SECOND_DRUG)
    assert (back.mean, back.low, back.high) == pytest.approx((-forth.mean, -forth.high, -forth.low))
    assert back.p == pytest.approx(forth.p)


def test_equal_methods_do_not_differ():
    difference = paired_difference([0.7, 0.8, 0.9], [0.7, 0.8, 0.9])
    assert (difference.mean, difference.low, difference.high, difference.p) == (0.0, 0.0, 0.0, 1.0)


@pytest.mark.filterwarnings("error")
def test_a_constant_difference_is_not_left_to_rounding():
    difference = paired_difference([0.8, 0.9, 0.7], [0.7, 0.8, 0.6])
    assert difference.mean == pytest.approx(0.1)
    assert (difference.low, difference.high) == (difference.mean, difference.mean)
    assert difference.p == 0.0


@pytest.mark.parametrize("values", [[], [0.7]])
def test_one_seed_has_no_interval(values):
    with pytest.raises(ValueError, match="at least two"):
        mean_interval(values)
    with pytest.raises(ValueError, match="at least two"):
        paired_difference(values, values)


def test_failed_runs_are_named():
    with pytest.raises(ValueError, match=r"not finite at \[1\]"):
        mean_interval([0.7, math.nan, 0.8])
    with pytest.raises(ValueError, match=r"b is not finite at \[0\]"):
        paired_difference([0.7, 0.8], [math.inf, 0.8])


def test_other_bad_input():
    with pytest.raises(ValueError, match="confidence"):
        mean_interval([0.7, 0.8], confidence=95)
    with pytest.raises(ValueError, match="confidence"):
        paired_difference([0.7, 0.8], [0.7, 0.8], confidence=0)
    with pytest.raises(ValueError, match="flat list"):
        mean_interval([[0.7, 0.8]])
    with pytest.raises(ValueError, match="a holds 3 values and b 2"):
        paired_difference([0.7, 0.8, 0.9], [0.7, 0.8])


def test_overlapping_divisions_are_less_sure_by_the_correction_of_nadeau_and_bengio():
    a, b = [0.77, 0.78, 0.76, 0.79, 0.75], [0.75, 0.77, 0.75, 0.76, 0.745]
    plain, corrected = paired_difference(a, b), paired_difference(a, b, overlap=1 / 8)
    assert corrected.mean == plain.mean
    assert (corrected.high - corrected.mean) / (plain.high - plain.mean) == pytest.approx(np.sqrt((1 / 5 + 1 / 8) * 5))
    assert corrected.p > plain.p == pytest.approx(stats.ttest_rel(a, b).pvalue)
    assert mean_interval(a, overlap=1 / 8).high > mean_interval(a).high


def test_an_overlap_below_zero_is_named():
    with pytest.raises(ValueError, match="overlap must be a ratio from 0 on"):
        mean_interval([1, 2], overlap=-1)
