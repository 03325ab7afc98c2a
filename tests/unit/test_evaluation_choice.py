"""The simplest method that the best is not shown to beat, unless something simpler does as well."""

from __future__ import annotations

import pytest

from embedbook.evaluation import Choice, PairedDifference, choose_simplest, paired_difference

SCORES = {
    "counts": [60.0, 62.0, 64.0],
    "wild": [40.0, 62.0, 80.0],
    "vectors": [70.0, 71.0, 72.5],
    "more": [70.5, 71.0, 72.2],
}


def difference(a: str, b: str) -> PairedDifference:
    return paired_difference(SCORES[a], SCORES[b])


@pytest.mark.parametrize(
    ("methods", "best", "taken", "outdone"),
    [
        (["counts", "vectors"], "vectors", "vectors", {}),
        (["counts", "wild", "vectors"], "vectors", "vectors", {"wild": "counts"}),
        (["wild", "vectors"], "vectors", "wild", {}),
        (["counts", "vectors", "more"], "more", "vectors", {}),
        (["counts", "vectors", "counts again"], "vectors", "vectors", {"counts again": "counts"}),
        (["vectors", "counts"], "vectors", "vectors", {"counts": "vectors"}),
    ],
)
def test_the_simplest_that_nothing_beats_or_equals_is_taken(monkeypatch, methods, best, taken, outdone) -> None:
    monkeypatch.setitem(SCORES, "counts again", SCORES["counts"])
    assert choose_simplest(methods, best, difference) == Choice(taken, outdone)


def test_what_cannot_be_compared_is_not_taken() -> None:
    assert choose_simplest(["counts", "more"], "more", lambda a, b: None) == Choice("more", {})


def test_a_best_that_is_none_of_them_is_named() -> None:
    with pytest.raises(ValueError, match="the best, 'most', is none of the methods: counts, more"):
        choose_simplest(["counts", "more"], "most", difference)
