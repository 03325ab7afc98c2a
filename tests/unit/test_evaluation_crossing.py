"""The crossing of two learning curves is where the lead ends, and its interval is honest about curves that do not."""

from __future__ import annotations

import numpy as np
import pytest

from embedbook.evaluation import crossing_point

SIZES = [100, 1000, 10_000]


def curves(lead: list[float], noise: float = 0.0, seeds: int = 5) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(1)
    base = rng.normal(size=(seeds, len(lead)))
    return base + lead + rng.normal(scale=noise, size=base.shape), base


def test_the_crossing_lies_where_the_line_over_log_size_meets_zero() -> None:
    found = crossing_point(SIZES, *curves([3, 1, -1]))
    assert found.size == pytest.approx(10**3.5)
    assert found.low == pytest.approx(found.high) == pytest.approx(found.size)
    assert (found.ahead_at_first, found.ahead_at_last) == pytest.approx((3, -1))
    assert str(found) == "3,200 [3,200, 3,200]"


def test_the_last_crossing_counts() -> None:
    assert crossing_point([1, 10, 100, 1000], *curves([1, -1, 1, -1])).size == pytest.approx(10**2.5)


@pytest.mark.parametrize(("lead", "end"), [([3, 2, 1], np.inf), ([-1, -2, -3], 0)])
def test_curves_that_do_not_cross_have_no_crossing(lead, end) -> None:
    found = crossing_point(SIZES, *curves(lead))
    assert np.isnan(found.size)
    assert found.low == found.high == end
    assert str(found) == "no crossing"


def test_a_lead_near_zero_gives_an_open_interval() -> None:
    found = crossing_point(SIZES, *curves([3, 1, -0.05], noise=0.3))
    assert found.low < 10_000
    assert np.isinf(found.high)


def test_the_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    hits = 0
    for trial in range(60):
        rng = np.random.default_rng(trial)
        base = rng.normal(size=(10, 3))
        first = base + np.array([3, 1, -1]) + rng.normal(scale=0.5, size=(10, 3))
        found = crossing_point(SIZES, first, base, resamples=300)
        hits += found.low <= 10**3.5 <= found.high
    assert hits >= 48  # percentile intervals over ten seeds are a little narrow


@pytest.mark.parametrize(
    ("sizes", "first", "second", "message"),
    [
        ([1, 2], np.zeros((3, 2)), np.zeros((3, 3)), "n × k"),
        ([2, 1], np.zeros((3, 2)), np.zeros((3, 2)), "ascending"),
        ([0, 1], np.zeros((3, 2)), np.zeros((3, 2)), "above 0"),
        ([1, 2], np.zeros((1, 2)), np.zeros((1, 2)), "one seed"),
        ([1, 2], np.full((3, 2), np.nan), np.zeros((3, 2)), "finite"),
    ],
)
def test_bad_input_is_named(sizes, first, second, message) -> None:
    with pytest.raises(ValueError, match=message):
        crossing_point(sizes, first, second)
