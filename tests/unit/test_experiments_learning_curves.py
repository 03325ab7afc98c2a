"""Learning curves read from a table of runs."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from embedbook.experiments import Arm, Grid, LabelledSpec, LearningCurves, read_learning_curves, run_labelled

SIZES = (50, 500, 5000)
# Accuracy by size: pretrained vectors begin ahead of learned ones and end behind them.
MEANS = {"learned": (0.55, 0.70, 0.80), "glove static": (0.65, 0.72, 0.74), "wiki static": (0.60, 0.73, 0.76)}
# How far seeds lie apart; it is the same for all arms of a seed, so a paired difference is sure.
SHIFTS = (-0.02, 0.0, 0.02)


def table(dataset: str = "trec", *, shifts: tuple[float, ...] = SHIFTS) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "dataset": dataset,
            "arm": arm,
            "seed": seed,
            "n_train": size,
            "n_test": 1000,
            "test_accuracy": mean + shift,
            "dev_accuracy": 1 - mean,  # the other way round, to see which of the two is used
        }
        for arm, means in MEANS.items()
        for size, mean in zip(SIZES, means, strict=True)
        for seed, shift in enumerate(shifts)
    )


def test_names_what_it_holds() -> None:
    curves = LearningCurves(pd.concat([table("trec"), table("mr")]))
    assert curves.datasets() == ["trec", "mr"]
    assert curves.arms("mr") == list(MEANS)
    assert curves.sizes("mr", "learned", "glove static") == list(SIZES)
    assert curves.accuracy("mr", "learned").loc[1].tolist() == pytest.approx([55, 70, 80])


def test_a_gain_is_paired_by_seed() -> None:
    gain = LearningCurves(table()).gain("trec", 50, "glove static")
    assert (gain.mean, gain.low, gain.high) == pytest.approx((10, 10, 10))
    assert gain.n == 3


def test_sets_that_are_divided_at_random_get_wider_intervals() -> None:
    fixed, divided = (LearningCurves(table(name)).interval(name, 500, "learned") for name in ("trec", "mr"))
    assert fixed.mean == divided.mean == pytest.approx(70)
    ratio = (divided.high - divided.low) / (fixed.high - fixed.low)
    assert ratio == pytest.approx(((1 / 3 + 1000 / 5000) / (1 / 3)) ** 0.5)


def test_a_curve_crosses_where_the_lead_is_gone() -> None:
    crossing = LearningCurves(table()).crossing("trec", "glove static")
    assert 500 < crossing.size < 5000
    assert crossing.ahead_at_first == pytest.approx(10)
    assert crossing.ahead_at_last == pytest.approx(-6)


def test_an_arm_is_chosen_on_development_texts() -> None:
    curves = LearningCurves(table())
    arms = ("glove static", "wiki static")
    assert curves.best_on_dev("trec", 50, arms) == "wiki static"
    assert curves.best_on_dev("trec", 500, arms) == "glove static"
    with pytest.raises(ValueError, match="no arm has results on trec with 70 texts yet"):
        curves.best_on_dev("trec", 70, arms)


def test_an_unfinished_grid_gives_what_it_can() -> None:
    runs = table(shifts=(*SHIFTS, 0.04))
    last = (runs["seed"] == 3) & (runs["n_train"] == 5000)
    few = (runs["seed"] >= 2) & (runs["n_train"] == 500) & (runs["arm"] == "learned")
    curves = LearningCurves(runs[~last & ~few])
    assert curves.sizes("trec", "learned") == [50, 5000]
    assert curves.gain("trec", 5000, "glove static").n == 3
    assert curves.gain("trec", 50, "glove static").n == 4
    assert curves.crossing("trec", "glove static").ahead_at_last == pytest.approx(-6)


class TestCompleteness:
    """A data set counts when each planned arm, seed and size has its run."""

    GRID = Grid(
        "curves",
        "two sets, two arms",
        tuple(
            LabelledSpec(dataset, arm, size=size, seed=seed)
            for dataset in ("mr", "trec")
            for arm in (Arm("learned"), Arm("static", ("glove",)))
            for size in (50, 500, None)
            for seed in range(3)
        ),
        run_labelled,
    )

    def test_keeps_the_sets_whose_runs_are_all_there(self) -> None:
        runs = pd.concat([table("mr"), table("trec")])
        assert LearningCurves(runs).complete(self.GRID).datasets() == ["mr", "trec"]
        assert LearningCurves(table("trec")).complete(self.GRID).datasets() == ["trec"]

    @pytest.mark.parametrize("lacking", [{"seed": 2, "n_train": 500}, {"arm": "learned"}, {"n_train": 5000}])
    def test_leaves_out_a_set_that_lacks_a_run(self, lacking) -> None:
        runs = table("mr")
        gone = pd.concat([runs[name] == value for name, value in lacking.items()], axis=1).all(axis=1)
        some = LearningCurves(pd.concat([runs[~gone], table("trec")])).complete(self.GRID)
        assert some.datasets() == ["trec"]
        assert some.sizes("trec", "learned") == list(SIZES)

    def test_a_run_more_of_one_arm_does_not_stand_for_one_less_of_another(self) -> None:
        """Counting rows would not see this."""
        runs = table("mr")
        more = runs[(runs["arm"] == "glove static") & (runs["seed"] == 0) & (runs["n_train"] == 50)].assign(n_train=99)
        less = (runs["arm"] == "learned") & (runs["seed"] == 0) & (runs["n_train"] == 50)
        curves = LearningCurves(pd.concat([runs[~less], more]))
        assert curves.complete(self.GRID).datasets() == []


def test_coverage_is_the_mean_over_runs_in_per_cent() -> None:
    runs = table().assign(coverage_tokens=[0.5, 0.6, 0.7] * 9)
    assert LearningCurves(runs).coverage("trec", "glove static") == pytest.approx(60)


def test_a_missing_table_says_how_to_make_it(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="embedbook experiment run learning-curves"):
        read_learning_curves(tmp_path)


def test_reads_the_stored_table(tmp_path: Path) -> None:
    table().to_csv(tmp_path / "learning-curves.csv", index=False)
    assert read_learning_curves(tmp_path).sizes("trec", "learned") == list(SIZES)
