"""Advice: no more than the runs show, chosen on development texts, the simplest of equals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pytest

from embedbook.comparison.findings import Findings, find
from embedbook.comparison.ledger import Run
from embedbook.comparison.running import MAJORITY

KINDS = {"bag of words": "bag", "learned": "learned", "v frozen": "static", "v fine-tuned": "nonstatic"}
NOISE = (-0.01, 0.012, 0.004, -0.006, 0.0)


def run(arm: str, size: int, seed: int, score: float, dev: float | None = None) -> Run:
    dev = score if dev is None else dev
    return Run(
        arm, KINDS.get(arm, "majority"), "", size, seed, 50, 100, score, score - 0.1, 0.5, dev, dev, 0.5, 1, 1.0, "", ""
    )


def runs_of(means: Mapping[tuple[str, int], float], seeds: int = 5, majority: float = 0.5) -> list[Run]:
    """Make runs whose differences are nearly the same for all seeds."""
    runs = []
    for seed in range(seeds):
        easy = NOISE[seed % 5] * 3
        for place, ((arm, size), mean) in enumerate(means.items()):
            own = 0.1 * NOISE[(seed * (place + 2) + place) % 5]
            runs.append(run(arm, size, seed, mean + easy + own))
        runs += [run(MAJORITY, size, seed, majority) for size in {size for _, size in means}]
    return runs


def advise(runs: Sequence[Run], *, imbalanced: bool = False, recommendable: Sequence[str] = tuple(KINDS)) -> Findings:
    return find(
        runs,
        arms=list(KINDS),
        recommendable=recommendable,
        all_texts=800,
        commonest="positive",
        imbalanced=imbalanced,
    )


CROSSING = {
    ("bag of words", 100): 0.60,
    ("learned", 100): 0.61,
    ("v frozen", 100): 0.67,
    ("v fine-tuned", 100): 0.66,
    ("bag of words", 800): 0.75,
    ("learned", 800): 0.80,
    ("v frozen", 800): 0.76,
    ("v fine-tuned", 800): 0.801,
}


def test_the_simplest_of_equals_is_recommended() -> None:
    found = advise(runs_of(CROSSING))
    assert found.metric == "accuracy"
    assert found.advice.arm == "learned"
    assert "With all 800 texts: use learned; v fine-tuned, the best on development texts" in found.advice.headline
    assert "is not shown to be better" in found.advice.headline
    assert any("may have gone unnoticed" in reason for reason in found.advice.reasons)
    pretrained = found.advice.reasons[0]
    assert "+6.0 points [" in pretrained.replace("+5.9", "+6.0").replace("+6.1", "+6.0")
    assert "with 100 texts (v frozen)" in pretrained
    assert "with all 800 texts no difference could be shown" in pretrained
    assert "more labelled texts should still pay" in found.advice.reasons[1]


def test_a_clear_winner_is_recommended_with_its_lead() -> None:
    found = advise(runs_of({**CROSSING, ("v fine-tuned", 800): 0.84}))
    assert found.advice.arm == "v fine-tuned"
    assert "use v fine-tuned, which is ahead of learned, the next, by +4." in found.advice.headline


def test_a_winner_that_is_the_simplest_says_how_sure_that_is() -> None:
    found = advise(runs_of({**CROSSING, ("bag of words", 800): 0.8015}))
    assert found.advice.arm == "bag of words"


def scattering(bag: float) -> list[Run]:
    """Make runs in which the learned layer scatters so widely that nothing is shown to beat it."""
    runs = []
    for seed in range(5):
        runs.append(run("bag of words", 800, seed, bag + NOISE[seed]))
        runs.append(run("learned", 800, seed, 0.60 + 0.04 * (seed - 2), dev=0.60))
        runs.append(run("v frozen", 800, seed, 0.66 + 1.1 * NOISE[seed]))
    return runs


def test_scattering_widely_does_not_win() -> None:
    found = advise(scattering(bag=0.61))
    assert found.advice.arm == "v frozen"
    assert "that it is better than" not in found.advice.headline, "the next is the bag of words, and it is beaten"
    assert advise(scattering(bag=0.58)).advice.arm == "learned", "nothing simpler does as well here"


def test_a_rival_that_something_simpler_equals_is_said_to_be_out() -> None:
    runs = [replace(each, dev_accuracy=0.65) if each.arm == "learned" else each for each in scattering(bag=0.61)]
    found = advise(runs)
    assert found.advice.arm == "v frozen"
    assert "that it is better than learned could not be shown" in found.advice.headline
    assert "but bag of words, simpler still, does no worse than learned" in found.advice.headline


def test_among_vectors_of_one_kind_development_texts_choose() -> None:
    """Both kinds of frozen vectors are equal to the fine-tuned ones; the first in the order has less on development."""
    arms = {"w frozen": (0.70, 0.68), "v frozen": (0.70, 0.70), "v fine-tuned": (0.701, 0.71), "learned": (0.5, 0.5)}
    kinds = {**KINDS, "w frozen": "static"}
    runs = [
        replace(run(arm, 800, seed, test + (1 + place / 9) * NOISE[seed], dev=dev), kind=kinds[arm])
        for seed in range(5)
        for place, (arm, (test, dev)) in enumerate(arms.items())
    ]
    found = find(runs, arms=list(arms), recommendable=list(arms), all_texts=800, commonest="positive", imbalanced=False)
    assert found.advice.arm == "v frozen"


def test_the_best_is_chosen_on_development_texts() -> None:
    runs = [run("learned", 800, seed, 0.70 + NOISE[seed]) for seed in range(5)]
    runs += [run("v frozen", 800, seed, 0.90 + NOISE[seed], dev=0.60) for seed in range(5)]
    runs += [run("v fine-tuned", 800, seed, 0.75 + 1.1 * NOISE[seed], dev=0.80) for seed in range(5)]
    found = advise(runs)
    assert found.differences[0].arm == "v fine-tuned"
    assert found.advice.arm == "v frozen"
    assert "use v frozen; v fine-tuned is behind it by -15." in found.advice.headline


def test_vectors_that_know_too_few_words_are_never_recommended() -> None:
    runs = runs_of({**CROSSING, ("v fine-tuned", 800): 0.95})
    found = advise(runs, recommendable=["bag of words", "learned"])
    assert found.advice.arm == "learned"
    assert found.differences == ()
    assert ("accuracy", "v fine-tuned", 800) in found.scores


def test_no_better_than_the_commonest_class_is_no_recommendation() -> None:
    found = advise(runs_of(dict.fromkeys(CROSSING, 0.5), majority=0.52))
    assert found.advice.arm is None
    assert "always answering 'positive'" in found.advice.headline


def test_one_method_alone_is_no_comparison() -> None:
    found = advise(
        [r for r in runs_of(CROSSING) if r.arm in ("bag of words", MAJORITY)], recommendable=["bag of words"]
    )
    assert found.advice.arm is None
    assert "nothing to compare" in found.advice.headline


@pytest.mark.parametrize("seeds", [1, 2])
def test_few_repetitions_are_no_evidence(seeds: int) -> None:
    found = advise(runs_of(CROSSING, seeds=seeds))
    assert found.advice.arm is None
    assert "fewer than 3 repetitions" in found.advice.headline
    assert not any(difference.shown for difference in found.differences)
    assert (found.scores["accuracy", "learned", 100].interval is None) == (seeds == 1)


def test_imbalanced_classes_go_by_macro_f1() -> None:
    found = advise(runs_of(CROSSING), imbalanced=True)
    assert found.metric == "macro_f1"
    np.testing.assert_allclose(found.scores["macro_f1", "learned", 800].mean, 0.7, atol=0.01)


def test_only_seeds_that_both_have_are_compared() -> None:
    runs = [r for r in runs_of(CROSSING) if not (r.arm == "learned" and r.size == 800 and r.seed > 3)]
    found = advise(runs)
    gap = found.differences[-1].gap
    assert gap is not None
    assert gap.n == 4
    assert found.scores["accuracy", "learned", 800].seeds == 4


def test_without_a_learned_arm_counting_words_is_the_reference() -> None:
    runs = [r for r in runs_of(CROSSING) if r.arm in ("bag of words", "v frozen", MAJORITY)]
    found = advise(runs)
    assert {difference.reference for difference in found.differences} == {"bag of words"}
    assert "against counting words" in found.advice.reasons[0]


def test_a_stopped_comparison_speaks_of_the_largest_repeated_size() -> None:
    runs = [r for r in runs_of(CROSSING) if r.size == 100 or r.seed == 0]
    found = advise(runs)
    assert found.advice.headline.startswith("With 100 texts: use v frozen")
    assert found.sizes == (100, 800)
