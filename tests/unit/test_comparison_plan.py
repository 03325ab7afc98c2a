"""Plans: what fits into the time, and what is given up first."""

from __future__ import annotations

from embedbook.comparison.plan import Costs, Grid, default_sizes, fit_grid, given_up, trial_size

ARMS = ("bag of words", "learned", "v frozen", "v fine-tuned")


def costs_of(seconds_a_text: float, start: float = 0.0, arms: tuple[str, ...] = ARMS) -> Costs:
    costs = Costs()
    for arm in arms:
        for size in (100, 1_000):
            costs.add(arm, size, start + seconds_a_text * size)
    return costs


def test_sizes_grow_to_all() -> None:
    assert default_sizes(3_200) == (100, 200, 500, 1_000, 2_000, 3_200)
    assert default_sizes(40_000) == (100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 40_000)
    assert default_sizes(5_200) == (100, 200, 500, 1_000, 2_000, 5_200)
    assert default_sizes(110) == (110,)
    assert default_sizes(24) == (24,)


def test_runs_are_estimated_from_those_that_were_made() -> None:
    costs = costs_of(0.01, start=2.0)
    assert costs.estimate("learned", 1_000) == 12.0
    assert abs(costs.estimate("learned", 550) - 7.5) < 1e-9
    assert abs(costs.estimate("learned", 10_000) - 102.0) < 1e-9
    assert costs.estimate("learned", 50) == 3.0
    costs.add("slow", 100, 50.0)
    assert costs.estimate("slow", 200) == 100.0
    assert costs.estimate("unknown", 100) == 50.0
    assert Costs().estimate("first of all", 100) == 1.0


def test_a_trial_takes_a_quarter_of_the_time_at_most() -> None:
    wanted = Grid(ARMS, (100, 200, 500, 1_000, 2_000), 5)
    first = {cell for cell in wanted.cells() if cell[1:] == (100, 0)}
    costs = Costs()
    for arm in ARMS:
        costs.add(arm, 100, 1.0)  # so 1,000 texts should take 10 s with each of four methods
    assert trial_size(wanted, first, costs, 600.0) == 1_000
    assert trial_size(wanted, first, costs, 160.0) == 1_000
    assert trial_size(wanted, first, costs, 150.0) == 500
    assert trial_size(wanted, first, costs, 40.0) == 200
    assert trial_size(wanted, first, costs, 20.0) is None
    assert trial_size(Grid(ARMS, (100,), 5), first, costs, 600.0) is None
    of_earlier_call = first | {cell for cell in wanted.cells() if cell[1:] == (1_000, 0)}
    assert trial_size(wanted, of_earlier_call, costs, 1.0) == 1_000


def test_everything_is_kept_while_there_is_time() -> None:
    wanted = Grid(ARMS, (100, 200, 500, 1_000, 2_000), 5)
    assert fit_grid(wanted, set(), costs_of(0.001), 80.0) == wanted
    assert given_up(wanted, wanted) == []
    assert len(wanted) == len(list(wanted.cells())) == 100
    assert "4 methods × 100, 200, 500, 1,000, 2,000 texts × 5 seeds = 100 runs" in str(wanted)


def test_first_the_middle_then_seeds_then_the_largest() -> None:
    wanted = Grid(ARMS, (100, 200, 500, 1_000, 2_000), 5)
    costs = costs_of(0.001)  # all: 76 s
    thinner = fit_grid(wanted, set(), costs, 73.0)
    assert (len(thinner.sizes), thinner.seeds, thinner.sizes[-1]) == (4, 5, 2_000)
    fewer = fit_grid(wanted, set(), costs, 50.0)
    assert (len(fewer.sizes), fewer.seeds, fewer.sizes[-1]) == (4, 4, 2_000)
    ends = fit_grid(wanted, set(), costs, 40.0)
    assert (ends.sizes, ends.seeds) == ((100, 2_000), 4)
    smaller = fit_grid(wanted, set(), costs, 30.0)
    assert (smaller.sizes, smaller.seeds) == ((100, 200, 500, 1_000), 4)
    assert given_up(wanted, smaller) == ["the size 2,000", "1 of 5 seeds"]
    assert given_up(wanted, fewer)[-1] == "1 of 5 seeds"
    last = fit_grid(wanted, set(), costs, 1.0)
    assert last == Grid(("bag of words", "learned", "v frozen"), (100,), 3)
    assert given_up(wanted, last)[-1] == "the methods v fine-tuned"


def test_what_was_run_costs_nothing() -> None:
    wanted = Grid(ARMS, (100, 1_000), 3)
    done = {cell for cell in wanted.cells() if cell[1] == 1_000}
    assert fit_grid(wanted, set(), costs_of(0.01), 15.0) != wanted
    assert fit_grid(wanted, done, costs_of(0.01), 15.0) == wanted


def test_a_seed_is_finished_before_the_next_begins() -> None:
    cells = list(Grid(("a", "b"), (1, 2), 2).cells())
    assert cells == [
        ("a", 1, 0), ("b", 1, 0), ("a", 2, 0), ("b", 2, 0), ("a", 1, 1), ("b", 1, 1), ("a", 2, 1), ("b", 2, 1),
    ]  # fmt: skip
