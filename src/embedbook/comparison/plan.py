"""What to run in the time there is: sizes, seeds and methods, and in which order they are given up."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from embedbook.comparison.errors import counted

__all__ = ["Cell", "Costs", "Grid", "default_sizes", "fit_grid", "given_up", "trial_size"]

#: A run: method, number of training texts, seed.
Cell = tuple[str, int, int]

_ROUND_SIZES = (100, 200, 500)
_NEAR_ALL = 0.8  # a round size above this share of all texts would tell what "all" tells
_SIZES_KEPT = 4
_SEEDS_KEPT = 4
_LAST_SIZES, _LAST_SEEDS = 2, 3
_FINE_TUNED = "fine-tuned"
_TRIAL = 8  # a trial has about so many times the texts of the smallest size, to tell how time grows with them
_TRIAL_SHARE = 0.25  # of the time left: a trial is there to plan the rest, so most must be left for it


@dataclass(frozen=True)
class Grid:
    """Which runs make a comparison: all combinations.

    Parameters
    ----------
    arms : tuple of str
        The methods.
    sizes : tuple of int
        Numbers of training texts, growing.
    seeds : int
        How many divisions of the texts.
    """

    arms: tuple[str, ...]
    sizes: tuple[int, ...]
    seeds: int

    def __len__(self) -> int:
        return len(self.arms) * len(self.sizes) * self.seeds

    def cells(self) -> Iterator[Cell]:
        """Yield the runs in their order: after each seed there is a whole curve of every method."""
        for seed in range(self.seeds):
            for size in self.sizes:
                for arm in self.arms:
                    yield arm, size, seed

    def __str__(self) -> str:
        sizes = ", ".join(f"{size:,}" for size in self.sizes)
        return (
            f"{counted(len(self.arms), 'method')} × {sizes} texts × {counted(self.seeds, 'seed')} = "
            f"{counted(len(self), 'run')}"
        )


class Costs:
    """How long runs take, learnt from those that were made."""

    def __init__(self) -> None:
        self._seconds: dict[str, dict[int, list[float]]] = {}

    def add(self, arm: str, size: int, seconds: float) -> None:
        """Note how long a run took."""
        self._seconds.setdefault(arm, {}).setdefault(size, []).append(seconds)

    def estimate(self, arm: str, size: int) -> float:
        """Return the seconds that a run will take, rather too many than too few.

        Parameters
        ----------
        arm : str
            The method; one that was never run counts as the slowest of those that were.
        size : int
            Training texts.
        """
        if arm not in self._seconds:
            return max((self.estimate(other, size) for other in self._seconds), default=1.0)
        means = {known: sum(times) / len(times) for known, times in self._seconds[arm].items()}
        if size in means:
            return means[size]
        smaller = max((known for known in means if known < size), default=None)
        larger = min((known for known in means if known > size), default=None)
        if smaller is None:
            assert larger is not None
            return means[larger]
        if larger is not None:
            share = (size - smaller) / (larger - smaller)
            return means[smaller] + share * max(0.0, means[larger] - means[smaller])
        before = max((known for known in means if known < smaller), default=None)
        if before is None:
            return means[smaller] * size / smaller
        slope = max(0.0, means[smaller] - means[before]) / (smaller - before)
        return means[smaller] + slope * (size - smaller)

    def total(self, cells: Iterator[Cell], done: AbstractSet[Cell]) -> float:
        """Return the seconds of those runs that are not done."""
        return sum(self.estimate(arm, size) for arm, size, seed in cells if (arm, size, seed) not in done)


def default_sizes(largest: int) -> tuple[int, ...]:
    """Return 100, 200, 500, 1,000 and so on, and all.

    Parameters
    ----------
    largest : int
        All training texts.
    """
    sizes, scale = [], 1
    while _ROUND_SIZES[0] * scale < largest:
        sizes += [size * scale for size in _ROUND_SIZES if size * scale <= _NEAR_ALL * largest]
        scale *= 10
    return (*sizes, largest)


def trial_size(wanted: Grid, done: AbstractSet[Cell], costs: Costs, seconds: float) -> int | None:
    """Return the size at which to try every method once more, to learn how the time of a run grows with its texts.

    Parameters
    ----------
    wanted : Grid
        What to run if there is time.
    done : set of Cell
        What was run already: every method at the smallest size.
    costs : Costs
        What those runs took.
    seconds : float
        The time left.

    Returns
    -------
    int or None
        About eight times the smallest size, or the largest below that whose trial should take no more than a quarter of
        the time; None if there is none.
    """
    best = min(wanted.sizes, key=lambda size: abs(math.log(size / (_TRIAL * wanted.sizes[0]))))
    return max(
        (
            size
            for size in wanted.sizes
            if wanted.sizes[0] < size <= best
            and costs.total(Grid(wanted.arms, (size,), 1).cells(), done) <= _TRIAL_SHARE * seconds
        ),
        default=None,
    )


def fit_grid(wanted: Grid, done: AbstractSet[Cell], costs: Costs, seconds: float) -> Grid:
    """Return what of a grid can be run in the time that is left.

    Given up are, in this order and only as far as needed: sizes between the smallest and the largest, until four are
    left; seeds, until four are left; more sizes, until the smallest and the largest are left; the largest, and the same
    once more with the next. If that is not enough, three seeds are left, and no fine-tuned vectors.

    Parameters
    ----------
    wanted : Grid
        What to run if there is time.
    done : set of Cell
        What was run already; it costs nothing.
    costs : Costs
        What runs take.
    seconds : float
        The time left.

    Returns
    -------
    Grid
        The first choice that fits; if none does, the last one.
    """
    choice = wanted
    for choice in _choices(wanted):
        if costs.total(choice.cells(), done) <= seconds:
            break
    return choice


def given_up(wanted: Grid, chosen: Grid) -> list[str]:
    """Say what of a grid was given up, a phrase each.

    Parameters
    ----------
    wanted, chosen : Grid
        Before and after `fit_grid`.
    """
    said = []
    sizes = [f"{size:,}" for size in wanted.sizes if size not in chosen.sizes]
    if sizes:
        said.append(f"the size{'s' if len(sizes) > 1 else ''} {', '.join(sizes)}")
    if chosen.seeds < wanted.seeds:
        said.append(f"{wanted.seeds - chosen.seeds} of {wanted.seeds} seeds")
    arms = [arm for arm in wanted.arms if arm not in chosen.arms]
    if arms:
        said.append("the methods " + ", ".join(arms))
    return said


def _choices(wanted: Grid) -> Iterator[Grid]:
    for top in range(len(wanted.sizes), 0, -1):
        sizes = wanted.sizes[:top]
        yield replace(wanted, sizes=sizes)
        while len(sizes) > _SIZES_KEPT:
            sizes = _thinner(sizes)
            yield replace(wanted, sizes=sizes)
        for seeds in range(wanted.seeds - 1, _SEEDS_KEPT - 1, -1):
            yield replace(wanted, sizes=sizes, seeds=seeds)
        while len(sizes) > _LAST_SIZES:
            sizes = _thinner(sizes)
            yield replace(wanted, sizes=sizes, seeds=min(wanted.seeds, _SEEDS_KEPT))
    last = replace(wanted, sizes=wanted.sizes[:_LAST_SIZES], seeds=min(wanted.seeds, _LAST_SEEDS))
    yield last
    yield replace(last, arms=tuple(arm for arm in last.arms if not arm.endswith(_FINE_TUNED)))
    yield replace(last, arms=tuple(arm for arm in last.arms if not arm.endswith(_FINE_TUNED)), sizes=last.sizes[:1])


def _thinner(sizes: Sequence[int]) -> tuple[int, ...]:
    """Leave out the size whose neighbours are closest to each other."""
    least = min(range(1, len(sizes) - 1), key=lambda place: sizes[place + 1] / sizes[place - 1])
    return (*sizes[:least], *sizes[least + 1 :])
