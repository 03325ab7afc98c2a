"""Which way to take, read off learning curves: what a reader's answers admit, what was best of it, what is simplest.

The rule, for one set of curves and one number of labelled texts:

1. A reader's answers admit some of four ways, and for the pretrained ones some of the measured vectors.
2. Where several vectors are admitted, development texts choose among them, so that test texts have no part in it.
3. The way with the highest mean accuracy on test texts is the best.
4. A way that a simpler one equals or passes in mean accuracy is out: else it could win by scattering widely.
5. Recommended is the simplest way left that the best is not shown to beat: the 95 % interval of their paired
   difference contains 0.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import product

from embedbook.evaluation import Interval, PairedDifference, choose_simplest
from embedbook.experiments import LearningCurves

__all__ = [
    "KINDS",
    "NO_VECTORS",
    "WAYS",
    "Advice",
    "Answers",
    "Kind",
    "Option",
    "Way",
    "advise",
    "all_advice",
    "levels",
]

#: The level of coverage of readers for whose words there are no pretrained vectors.
NO_VECTORS = 0


@dataclass(frozen=True)
class Way:
    """One of the four ways.

    Parameters
    ----------
    key : str
        "one-hot", "learned", "static" or "fine-tuned".
    name, phrase, short : str
        What pages call it: as a title, within a sentence, and in a narrow column.
    small : bool
        Whether it trains few weights.
    """

    key: str
    name: str
    phrase: str
    short: str
    small: bool


#: The ways, the simplest first: counts, a network that needs no vectors, vectors from a file, and a network with both.
WAYS = (
    Way("one-hot", "One-hot with a linear model", "one-hot with a linear model", "one-hot", True),
    Way("learned", "A learned Embedding layer", "a learned Embedding layer", "learned", False),
    Way("static", "Pretrained vectors, frozen", "frozen pretrained vectors", "frozen", True),
    Way("fine-tuned", "Pretrained vectors, fine-tuned", "fine-tuned pretrained vectors", "fine-tuned", False),
)


@dataclass(frozen=True)
class Kind:
    """A kind of texts that a reader can recognise theirs in.

    Parameters
    ----------
    key : str
        What links call it.
    name : str
        What a reader chooses.
    datasets : tuple of str
        Data sets of this kind. The first that is measured gives the advice; the others say whether they agree.
    own_spaces : frozenset of str
        Pretrained spaces that have read text of this kind: what a reader can have who trains vectors on their own text.
    """

    key: str
    name: str
    datasets: tuple[str, ...]
    own_spaces: frozenset[str] = frozenset()


_REVIEW_SPACES = frozenset({"imdb", "wiki+imdb"})

KINDS = (
    Kind("opinions", "opinions, a sentence each", ("mr", "sst2"), _REVIEW_SPACES),
    Kind("questions", "questions, sorted by topic", ("trec",)),
    Kind("reviews", "opinions, many sentences each", ("imdb",), _REVIEW_SPACES),
)

# Vectors whose coverage differs by less than so many per cent are one choice: a reader can hardly tell them apart.
_SAME_COVERAGE = 5.0


@dataclass(frozen=True)
class Answers:
    """What a reader says of their texts.

    Parameters
    ----------
    kind : str
        The key of one of `KINDS`.
    texts : int
        Number of labelled texts, one of the measured sizes.
    coverage : int
        Share of running words for which there are ready-made vectors, in per cent: one of `levels`.
    own_text : bool
        Whether they can train vectors on unlabelled text of the same kind.
    small : bool
        Whether speed and size matter more than the last point of accuracy.
    """

    kind: str
    texts: int
    coverage: int
    own_text: bool
    small: bool


@dataclass(frozen=True)
class Option:
    """A way that the answers admit.

    Parameters
    ----------
    way : str
        The key of one of `WAYS`.
    arm : str
        The arm that stands for it.
    accuracy : Interval
        On test texts, in per cent.
    lead : PairedDifference or None
        How far the recommended arm is ahead of this one, in points; None for the recommended one itself.
    """

    way: str
    arm: str
    accuracy: Interval
    lead: PairedDifference | None


@dataclass(frozen=True)
class Advice:
    """What the curves advise.

    Parameters
    ----------
    recommended, best : str
        Keys of the recommended way, and of the one with the highest mean accuracy.
    outdone : frozenset of str
        Keys of the ways that a simpler one equals or passes in mean accuracy.
    options : tuple of Option
        All ways that were admitted, the simplest first.
    """

    recommended: str
    best: str
    outdone: frozenset[str]
    options: tuple[Option, ...]

    def option(self, way: str) -> Option:
        """Return the option of a way."""
        return next(option for option in self.options if option.way == way)


def levels(curves: LearningCurves, kind: Kind, dataset: str) -> dict[int, frozenset[str]]:
    """Return the shares of running words, in per cent, that a reader can choose between.

    Parameters
    ----------
    curves : LearningCurves
        With the column "coverage_tokens".
    kind : Kind
        Of texts.
    dataset : str
        One of the kind's.

    Returns
    -------
    dict of int to frozenset of str
        From `NO_VECTORS` up: the measured coverage, and the ready-made spaces that cover so much or less.
    """
    spaces = {space: curves.coverage(dataset, f"{space} static") for space in _spaces(curves, dataset)}
    found: dict[int, frozenset[str]] = {NO_VECTORS: frozenset()}
    begun = 0.0
    known: frozenset[str] = frozenset()
    last = NO_VECTORS
    for space, coverage in sorted(spaces.items(), key=lambda item: item[1]):
        if space in kind.own_spaces:
            continue
        if last != NO_VECTORS and coverage - begun < _SAME_COVERAGE:
            del found[last]
        else:
            begun = coverage
        last, known = round(coverage), known | {space}
        found[last] = known
    return found


def advise(curves: LearningCurves, dataset: str, size: int, spaces: frozenset[str], *, small: bool) -> Advice:
    """Apply the rule at the head of this module.

    Parameters
    ----------
    curves : LearningCurves
        The results.
    dataset : str
        Whose curves to read.
    size : int
        Number of labelled texts; it must have been measured.
    spaces : frozenset of str
        The pretrained spaces that are admitted.
    small : bool
        Whether only ways that train few weights are admitted.

    Returns
    -------
    Advice

    Raises
    ------
    ValueError
        If there are no results for the data set, the size or one of the spaces.
    """
    arms = _admitted(curves, dataset, spaces)
    measured = curves.sizes(dataset, *curves.arms(dataset))
    if size not in measured:
        there = ", ".join(f"{known:,}" for known in measured)
        raise ValueError(f"{dataset} has no results with {size:,} texts; there are results with {there}")
    chosen = {
        way.key: arms[way.key][0] if len(arms[way.key]) == 1 else curves.best_on_dev(dataset, size, arms[way.key])
        for way in WAYS
        if way.key in arms and (way.small or not small)
    }
    accuracy = {way: curves.interval(dataset, size, arm) for way, arm in chosen.items()}
    best = max(accuracy, key=lambda way: accuracy[way].mean)

    @cache
    def lead(way: str, over: str) -> PairedDifference:
        return curves.gain(dataset, size, chosen[way], over=chosen[over])

    choice = choose_simplest(list(chosen), best, lead)
    options = tuple(
        Option(way, arm, accuracy[way], None if way == choice.method else lead(choice.method, way))
        for way, arm in chosen.items()
    )
    return Advice(choice.method, best, frozenset(choice.outdone), options)


def _admitted(curves: LearningCurves, dataset: str, spaces: frozenset[str]) -> dict[str, list[str]]:
    """Return the arms of each way that make do with some pretrained spaces."""
    if dataset not in curves.datasets():
        raise ValueError(f"there are no results on {dataset!r}; there are some on {', '.join(curves.datasets())}")
    arms: dict[str, list[str]] = {}
    missing = set(spaces)
    for arm in curves.arms(dataset):
        space, _, way = arm.rpartition(" ")
        missing.discard(space)
        if not space or space in spaces:
            arms.setdefault(way, []).append(arm)
    if missing:
        raise ValueError(f"{dataset} has no results with the vectors {', '.join(sorted(missing))}")
    return arms


def all_advice(curves: LearningCurves, kind: Kind) -> Iterator[tuple[Answers, Advice, dict[str, str]]]:
    """Give the advice for every combination of answers about one kind of texts.

    Parameters
    ----------
    curves : LearningCurves
        Of finished runs; see `LearningCurves.complete`.
    kind : Kind
        Of texts.

    Yields
    ------
    tuple of Answers, Advice, dict
        The last holds what other data sets of the kind recommend, by name: at the nearest size and coverage.
    """
    there = [dataset for dataset in kind.datasets if dataset in curves.datasets()]
    sizes = {dataset: curves.sizes(dataset, *curves.arms(dataset)) for dataset in there}
    shares = {dataset: levels(curves, kind, dataset) for dataset in there}
    own = {dataset: kind.own_spaces & set(_spaces(curves, dataset)) for dataset in there}
    known: dict[tuple[str, int, frozenset[str], bool], Advice] = {}

    def look_up(dataset: str, answers: Answers) -> Advice:
        size = min(sizes[dataset], key=lambda measured: abs(math.log(measured / answers.texts)))
        level = min(shares[dataset], key=lambda share: abs(share - answers.coverage))
        spaces = shares[dataset][level] | (own[dataset] if answers.own_text else frozenset())
        key = dataset, size, spaces, answers.small
        if key not in known:
            known[key] = advise(curves, dataset, size, spaces, small=answers.small)
        return known[key]

    first, *others = there
    for texts, coverage, own_text, small in product(
        sizes[first], shares[first], (False, True) if kind.own_spaces else (False,), (False, True)
    ):
        answers = Answers(kind.key, texts, coverage, own_text, small)
        agreeing = {other: look_up(other, answers).recommended for other in others}
        yield answers, look_up(first, answers), agreeing


def _spaces(curves: LearningCurves, dataset: str) -> list[str]:
    """Return the pretrained spaces that were measured on a data set."""
    return list(dict.fromkeys(arm.rpartition(" ")[0] for arm in curves.arms(dataset) if " " in arm))
