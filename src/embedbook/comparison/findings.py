"""What the runs say: means, intervals, paired differences, and advice that claims no more than was shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from embedbook.comparison.ledger import Run
from embedbook.comparison.running import BAG, LEARNED, MAJORITY
from embedbook.evaluation import (
    Choice,
    Interval,
    PairedDifference,
    choose_simplest,
    mean_interval,
    paired_difference,
)

__all__ = ["METRICS", "Advice", "Difference", "Findings", "Score", "find"]

#: Columns of the runs, and how they are called.
METRICS = {"accuracy": "accuracy", "macro_f1": "macro-F1"}

_ENOUGH_SEEDS = 3
# What takes least comes first.
_SIMPLICITY = ("bag", "learned", "static", "nonstatic")


@dataclass(frozen=True)
class Score:
    """A method at one size.

    Parameters
    ----------
    mean : float
        Over the seeds, from 0 to 1.
    interval : Interval or None
        With at least two seeds.
    seeds : int
        How many.
    """

    mean: float
    interval: Interval | None
    seeds: int

    def __str__(self) -> str:
        return self.interval.percent() if self.interval else f"{100 * self.mean:.1f}"


@dataclass(frozen=True)
class Difference:
    """The best pretrained arm of a size, chosen on development texts, against the arm that needs no vectors.

    Parameters
    ----------
    size : int
        Training texts.
    arm, reference : str
        The two methods.
    gap : PairedDifference or None
        Over the seeds that both have, if there are enough.
    """

    size: int
    arm: str
    reference: str
    gap: PairedDifference | None

    @property
    def shown(self) -> bool:
        """Whether the interval leaves out 0."""
        return self.gap is not None and (self.gap.low > 0 or self.gap.high < 0)


@dataclass(frozen=True)
class Advice:
    """What to do.

    Parameters
    ----------
    arm : str or None
        The method to use; None if the runs do not support any.
    headline : str
        One sentence.
    reasons : tuple of str
        More sentences, each with its numbers.
    """

    arm: str | None
    headline: str
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Findings:
    """All that the runs say.

    Parameters
    ----------
    metric : str
        The key of `METRICS` that the advice goes by: macro-F1 where the classes are imbalanced.
    arms : tuple of str
        The methods that were run, in their order.
    sizes : tuple of int
        The sizes that were run, growing.
    scores : mapping of (str, str, int) to Score
        By metric, method and size; the commonest class, too.
    differences : tuple of Difference
        One for each size with pretrained vectors.
    advice : Advice
        What to do.
    """

    metric: str
    arms: tuple[str, ...]
    sizes: tuple[int, ...]
    scores: Mapping[tuple[str, str, int], Score]
    differences: tuple[Difference, ...]
    advice: Advice


def find(
    runs: Sequence[Run],
    *,
    arms: Sequence[str],
    recommendable: Sequence[str],
    all_texts: int,
    commonest: str,
    imbalanced: bool,
) -> Findings:
    """Draw what can be drawn from runs.

    Parameters
    ----------
    runs : sequence of Run
        Finished runs, those of the commonest class included.
    arms : sequence of str
        The methods in their order.
    recommendable : sequence of str
        Those that may be recommended: not vectors that know too few of the words.
    all_texts : int
        The largest possible size.
    commonest : str
        The class that most texts have.
    imbalanced : bool
        Whether to go by macro-F1.

    Returns
    -------
    Findings
    """
    metric = "macro_f1" if imbalanced else "accuracy"
    table = _Table(runs, metric)
    ran = tuple(arm for arm in arms if any(run.arm == arm for run in runs))
    sizes = tuple(sorted({run.size for run in runs if run.arm in ran}))
    scores = {
        (name, arm, size): _score(values)
        for name in METRICS
        for arm in (*ran, MAJORITY)
        for size in sizes
        if (values := [getattr(run, name) for run in runs if run.arm == arm and run.size == size])
    }
    reference = LEARNED if LEARNED in ran else BAG
    differences = tuple(
        difference for size in sizes if (difference := table.against(size, reference, ran, recommendable)) is not None
    )
    advisor = _Advisor(table, ran, recommendable, sizes, all_texts, commonest, METRICS[metric], differences)
    return Findings(metric, ran, sizes, scores, differences, advisor.advise())


def _score(values: Sequence[float]) -> Score:
    interval = mean_interval(values) if len(values) > 1 else None
    return Score(float(np.mean(values)), interval, len(values))


class _Table:
    """Runs by method, size and seed."""

    def __init__(self, runs: Sequence[Run], metric: str) -> None:
        self._runs = {run.cell: run for run in runs}
        self._metric = metric
        self.kinds = {run.arm: run.kind for run in runs}

    def values(self, arm: str, size: int, *, dev: bool = False) -> dict[int, float]:
        """Return the metric of each seed."""
        name = f"dev_{self._metric}" if dev else self._metric
        return {seed: getattr(run, name) for (a, n, seed), run in self._runs.items() if (a, n) == (arm, size)}

    def gap(self, a: tuple[str, int], b: tuple[str, int]) -> PairedDifference | None:
        """Compare two methods, or one at two sizes, seed by seed."""
        first, second = self.values(*a), self.values(*b)
        common = sorted(first.keys() & second.keys())
        if len(common) < _ENOUGH_SEEDS:
            return None
        return paired_difference([first[seed] for seed in common], [second[seed] for seed in common])

    def best(self, size: int, arms: Sequence[str]) -> str | None:
        """Return the method that is best on the development texts, whose choice costs no test text its innocence."""
        means = {arm: float(np.mean(list(v.values()))) for arm in arms if (v := self.values(arm, size, dev=True))}
        return max(means, key=lambda arm: means[arm]) if means else None

    def against(
        self, size: int, reference: str, arms: Sequence[str], recommendable: Sequence[str]
    ) -> Difference | None:
        pretrained = [arm for arm in arms if self.kinds[arm] in ("static", "nonstatic") and arm in recommendable]
        best = self.best(size, pretrained)
        if best is None or not self.values(reference, size):
            return None
        return Difference(size, best, reference, self.gap((best, size), (reference, size)))


class _Advisor:
    def __init__(
        self,
        table: _Table,
        arms: Sequence[str],
        recommendable: Sequence[str],
        sizes: Sequence[int],
        all_texts: int,
        commonest: str,
        metric: str,
        differences: Sequence[Difference],
    ) -> None:
        self.table, self.sizes, self.all_texts, self.commonest = table, sizes, all_texts, commonest
        self.metric, self.differences = metric, differences
        self.arms = sorted((arm for arm in arms if arm in recommendable), key=self._rank)

    def advise(self) -> Advice:
        if len(self.arms) < 2:
            said = "No recommendation: there is nothing to compare, since no vectors know enough words of the texts."
            return Advice(None, said, ())
        top = next((size for size in reversed(self.sizes) if len(self._repeated_arms(size)) > 1), None)
        if top is None:
            said = f"No recommendation: fewer than {_ENOUGH_SEEDS} repetitions were finished; give a larger --budget."
            return Advice(None, said, ())
        best = self.table.best(top, self._repeated_arms(top))
        assert best is not None
        reasons = [sentence for sentence in (self._pretrained(), self._more_texts(best, top)) if sentence]
        baseline = self.table.gap((best, top), (MAJORITY, top))
        if baseline is not None and baseline.low <= 0:
            said = (
                f"No recommendation: with {self._texts(top)} no method is shown to be better than always answering "
                f"{self.commonest!r} ({best}: {points(baseline)} {self.metric})."
            )
            return Advice(None, said, tuple(reasons))
        choice = self._choose(best, top)
        arm = choice.method
        if arm == best:
            why = self._why_best(arm, top, choice.outdone)
            return Advice(arm, f"With {self._texts(top)}: use {arm}{why}.", tuple(reasons))
        gap = self.table.gap((best, top), (arm, top))
        assert gap is not None
        if gap.high < 0:
            # What was best on development texts is worse on test texts; and the simpler method is ahead of it.
            headline = f"With {self._texts(top)}: use {arm}; {best} is behind it by {points(gap)}."
            return Advice(arm, headline, tuple(reasons))
        headline = (
            f"With {self._texts(top)}: use {arm}; {best}, the best on development texts, takes more and is not shown "
            f"to be better ({points(gap)})."
        )
        if gap.high > 0:
            reasons.append(f"An advantage of {best} of up to {100 * gap.high:.1f} points may have gone unnoticed.")
        return Advice(arm, headline, tuple(reasons))

    def _rank(self, arm: str) -> int:
        return _SIMPLICITY.index(self.table.kinds[arm])

    def _repeated_arms(self, size: int) -> list[str]:
        return [arm for arm in self.arms if len(self.table.values(arm, size)) >= _ENOUGH_SEEDS]

    def _choose(self, best: str, size: int) -> Choice:
        methods = self._one_of_each_kind(size)
        return choose_simplest(methods, best, lambda arm, other: self.table.gap((arm, size), (other, size)))

    def _one_of_each_kind(self, size: int) -> list[str]:
        """Return the methods, the simplest first; among the vectors of one kind development texts choose."""
        chosen = (
            self.table.best(size, [arm for arm in self._repeated_arms(size) if self.table.kinds[arm] == kind])
            for kind in _SIMPLICITY
        )
        return [arm for arm in chosen if arm is not None]

    def _why_best(self, arm: str, size: int, outdone: Mapping[str, str]) -> str:
        others = [other for other in self.arms if other != arm]
        rival = self.table.best(size, others)
        if rival is None:
            return ""
        gap = self.table.gap((arm, size), (rival, size))
        if gap is None:
            return ""
        if gap.low > 0:
            return f", which is ahead of {rival}, the next, by {points(gap)}"
        said = f", the best on development texts; that it is better than {rival} could not be shown ({points(gap)})"
        if rival in outdone and self._rank(rival) < self._rank(arm):
            said += f", but {outdone[rival]}, simpler still, does no worse than {rival}"
        return said

    def _pretrained(self) -> str:
        """Say at which sizes pretrained vectors help."""
        known = [difference for difference in self.differences if difference.gap is not None]
        if not known:
            return ""
        parts = [
            f"{points(difference.gap)} with {self._texts(difference.size)} ({difference.arm})"
            for difference in known
            if difference.shown and difference.gap is not None
        ]
        others = [self._texts(difference.size).removesuffix(" texts") for difference in known if not difference.shown]
        if others:
            listed = " and ".join([", ".join(others[:-1]), others[-1]] if len(others) > 1 else others)
            parts.append(f"with {listed} texts no difference could be shown")
        reference = "an embedding learned from your texts" if known[0].reference == LEARNED else "counting words"
        return f"Pretrained vectors against {reference}: {'; '.join(parts)}."

    def _more_texts(self, arm: str, top: int) -> str:
        """Say whether the last texts still helped."""
        smaller = [size for size in self.sizes if size <= top / 1.5]
        if not smaller:
            return ""
        before = smaller[-1]
        gap = self.table.gap((arm, top), (arm, before))
        if gap is None:
            return ""
        step = f"From {before:,} to {top:,} texts {arm} changed by {points(gap)}"
        if gap.low > 0:
            return f"{step}: more labelled texts should still pay."
        return f"{step}: that more labelled texts help could not be shown."

    def _texts(self, size: int) -> str:
        return f"all {size:,} texts" if size == self.all_texts else f"{size:,} texts"


def points(gap: PairedDifference) -> str:
    """Write down a difference: "+6.1 points [3.9, 8.2]".

    Parameters
    ----------
    gap : PairedDifference
        Of two fractions.
    """
    return f"{100 * gap.mean:+.1f} points [{100 * gap.low:.1f}, {100 * gap.high:.1f}]"
