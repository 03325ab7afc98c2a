"""Linear probes: what can be read from word vectors by a linear model that is tested on words it has not seen."""

from __future__ import annotations

import math
import warnings
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from embedbook.evaluation.intervals import Interval
from embedbook.evaluation.resampling import bootstrap_weights, check_resampling, percentile_interval, weighted_auc

__all__ = ["ProbeScore", "probe", "probe_difference"]

# Inverse strengths of regularisation to choose from; vectors are standardised, so one range suits all spaces.
_STRENGTHS = (0.0003, 0.003, 0.03, 0.3, 3.0)
_INNER_FOLDS = 3


@dataclass(frozen=True)
class ProbeScore:
    """How well a linear probe names the class of words that it was not trained on.

    Parameters
    ----------
    accuracy : Interval
        Share of the words that were named rightly, each by the model of the fold that held it out.
    macro_f1 : Interval
        The mean of the classes' F1, in which rare classes count as much as common ones.
    auc : Interval or None
        Of two classes: how often a word of the second class scores above one of the first, words of the same fold
        compared. None with more classes.
    majority : float
        Accuracy of always naming the commonest class.
    control : Interval
        Accuracy of the same probe, regularised as strongly, on labels that were dealt anew among the words, once: what
        it gets right where there is nothing to know.
    memorised : float
        Accuracy of the control's models on the words that they *were* trained on. As far as it lies above `majority`,
        this probe can learn labels by heart, and only words that it has not seen say something.
    classes : tuple of str
        Names of the classes.
    n, folds, dimensions : int
        Number of words, of folds, and of the vectors' numbers.
    correct : bool array, shape (n,)
        Which words were named rightly, in the order given.
    groups : int array, shape (n,)
        Which words were kept together.
    """

    accuracy: Interval
    macro_f1: Interval
    auc: Interval | None
    majority: float
    control: Interval
    memorised: float
    classes: tuple[str, ...]
    n: int
    folds: int
    dimensions: int
    correct: NDArray[np.bool_] = field(repr=False, compare=False)
    groups: NDArray[np.intp] = field(repr=False, compare=False)

    @property
    def selectivity(self) -> float:
        """Accuracy less the control's accuracy, from -1 to 1."""
        return self.accuracy.mean - self.control.mean


def probe(
    vectors: ArrayLike,
    labels: Sequence[str] | ArrayLike,
    *,
    groups: Sequence[object] | None = None,
    folds: int = 5,
    confidence: float = 0.95,
    resamples: int = 1000,
    seed: int = 0,
) -> ProbeScore:
    """Train a linear probe on word vectors and test it on words that it has not seen.

    Logistic regression on standardised vectors, in a cross-validation over the words. How strongly it is regularised
    is chosen anew inside the training part of each fold, by its log-loss in a smaller cross-validation, and so is the
    standardisation; a held-out word has no part in either. With one seed all spaces get the same folds.

    In the control task of Hewitt and Liang (2019) a word keeps its random label wherever it occurs, so a probe can
    learn the labels by heart. Here each word occurs once and the probe is tested on other words: the control's
    accuracy then checks the procedure (it must be what chance gives), and `memorised` says how much was learnt by
    heart.

    Parameters
    ----------
    vectors : array of float, shape (n, d)
        One vector a word.
    labels : sequence of str or int, length n
        The class of each word; two classes or more.
    groups : sequence of length n, optional
        Words with the same entry are never parted between training and test, such as `word_families` gives; and they
        are drawn together for the intervals.
    folds : int
        Number of folds, 2 or more.
    confidence, resamples : float, int
        Of the intervals, by bootstrap over words (or groups).
    seed : int
        Decides folds, control labels and resamples.

    Returns
    -------
    ProbeScore

    Raises
    ------
    ValueError
        If sizes differ, a vector is not finite, there is one class only, or a class has too few words (or groups) for
        the folds.

    References
    ----------
    Alain and Bengio (2017), "Understanding intermediate layers using linear classifier probes", ICLR workshop. Control
    tasks and selectivity: Hewitt and Liang (2019), "Designing and Interpreting Probes with Control Tasks",
    EMNLP-IJCNLP, sections 2 and 3.

    Examples
    --------
    >>> score = probe(space[words], ["praise", "blame", ...])  # doctest: +SKIP
    >>> score.accuracy.percent(), score.majority  # doctest: +SKIP
    ('88.1 [86.7, 89.4]', 0.63)
    """
    check_resampling(confidence, resamples)
    x, classes, y = _checked(vectors, labels, folds)
    families = _group_numbers(groups, len(y))
    fold_of = _folds(y, families, folds, seed, classes)
    strengths = _strengths(x, y, families, fold_of, seed)
    predicted, scores, _ = _held_out(x, y, fold_of, strengths)
    correct = predicted == y

    weights = bootstrap_weights(len(y), groups=families, resamples=int(resamples), seed=seed)
    # The first row is the sample itself, so that value and interval come from one formula.
    weights = np.vstack([np.ones((1, len(y)), dtype=np.float32), weights])

    def interval(values: NDArray[np.float64]) -> Interval:
        return percentile_interval(float(values[0]), values[1:], n=len(y), confidence=confidence)

    auc = None
    if len(classes) == 2:
        auc = interval(weighted_auc(scores, y == 1, weights, fold_of))

    # Dealt anew among families, so that a family has one label here as it mostly has there.
    control_y = _dealt(y, families, seed)
    control_folds = _folds(control_y, families, folds, seed, classes)
    control, _, memorised = _held_out(x, control_y, control_folds, strengths)
    return ProbeScore(
        accuracy=interval(_shares(correct, weights)),
        macro_f1=interval(_macro_f1(y, predicted, len(classes), weights)),
        auc=auc,
        majority=float(np.bincount(y).max() / len(y)),
        control=interval(_shares(control == control_y, weights)),
        memorised=memorised,
        classes=classes,
        n=len(y),
        folds=folds,
        dimensions=x.shape[1],
        correct=correct,
        groups=families,
    )


def probe_difference(
    first: ProbeScore, second: ProbeScore, *, confidence: float = 0.95, resamples: int = 1000, seed: int = 0
) -> Interval:
    """Compare the accuracy of two probes of the same words, such as of two spaces.

    Parameters
    ----------
    first, second : ProbeScore
        Of the same words in the same order, with the same groups.
    confidence, resamples, seed : float, int, int
        Of the bootstrap over words (or groups); both probes get the same draws.

    Returns
    -------
    Interval
        Of the first accuracy less the second; an interval that leaves out 0 shows a difference.

    Raises
    ------
    ValueError
        If the two were not made of the same words.
    """
    check_resampling(confidence, resamples)
    if first.n != second.n or first.classes != second.classes or not np.array_equal(first.groups, second.groups):
        raise ValueError(
            f"the probes are of {first.n} and {second.n} words, or their classes or groups differ; give two of the "
            "same words in the same order"
        )
    weights = bootstrap_weights(first.n, groups=first.groups, resamples=int(resamples), seed=seed)
    gaps = _shares(first.correct, weights) - _shares(second.correct, weights)
    value = float(first.correct.mean() - second.correct.mean())
    return percentile_interval(value, gaps, n=first.n, confidence=confidence)


def _checked(
    vectors: ArrayLike, labels: Sequence[str] | ArrayLike, folds: int
) -> tuple[NDArray[np.float64], tuple[str, ...], NDArray[np.intp]]:
    """Return the vectors, the names of the classes, and the number of each word's class."""
    x = np.asarray(vectors, dtype=np.float64)
    given = np.asarray(labels)
    if x.ndim != 2 or 0 in x.shape:
        raise ValueError(f"vectors must be n words × d numbers, not an array of shape {x.shape}")
    if given.shape != (len(x),):
        raise ValueError(f"there are {len(x)} vectors but labels of shape {given.shape}; give one label a word")
    if not np.isfinite(x).all():
        raise ValueError(f"the vector in row {int(np.flatnonzero(~np.isfinite(x).all(axis=1))[0])} is not finite")
    if isinstance(folds, bool) or not isinstance(folds, (int, np.integer)) or folds < 2:
        raise ValueError(f"folds must be a whole number, 2 or more, not {folds!r}")
    names, y = np.unique(given, return_inverse=True)
    if len(names) < 2:
        raise ValueError(f"all {len(x)} words have the label {names[0]!r}; a probe needs at least two classes")
    return x, tuple(str(name) for name in names), y.ravel()


def _group_numbers(groups: Sequence[object] | None, n: int) -> NDArray[np.intp]:
    if groups is None:
        return np.arange(n)
    if len(groups) != n:
        raise ValueError(f"there are {n} words but {len(groups)} groups; give one a word")
    number: dict[object, int] = {}
    return np.array([number.setdefault(group, len(number)) for group in groups], dtype=np.intp)


def _of_groups(y: NDArray[np.intp], groups: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return the commonest class of each group; of equally common ones the one that comes first in it."""
    members: list[list[int]] = [[] for _ in range(int(groups.max()) + 1)]
    for group, label in zip(groups.tolist(), y.tolist(), strict=True):
        members[group].append(label)
    return np.array([Counter(labels).most_common(1)[0][0] for labels in members], dtype=np.intp)


def _folds(
    y: NDArray[np.intp], groups: NDArray[np.intp], folds: int, seed: int, classes: Sequence[str]
) -> NDArray[np.intp]:
    """Return the fold of each word: groups whole, classes in like shares."""
    from sklearn.model_selection import StratifiedKFold

    label = _of_groups(y, groups)
    counts = np.bincount(label, minlength=len(classes))
    # Each training part is divided once more to choose the regularisation.
    needed = max(folds, _INNER_FOLDS + 1)
    if counts.min() < needed:
        few = classes[int(counts.argmin())]
        raise ValueError(
            f"the class {few!r} has {int(counts.min())} independent words (or groups), too few for {folds} folds; "
            f"{needed} are needed, so leave the class out or take fewer folds"
        )
    fold_of_group = np.empty(len(label), dtype=np.intp)
    split = StratifiedKFold(folds, shuffle=True, random_state=seed).split(label, label)
    for fold, (_, held) in enumerate(split):
        fold_of_group[held] = fold
    return fold_of_group[groups]


def _dealt(y: NDArray[np.intp], groups: NDArray[np.intp], seed: int) -> NDArray[np.intp]:
    return np.random.default_rng(seed).permutation(_of_groups(y, groups))[groups]


def _held_out(
    x: NDArray[np.float64], y: NDArray[np.intp], fold_of: NDArray[np.intp], strengths: Sequence[float]
) -> tuple[NDArray[np.intp], NDArray[np.float64], float]:
    """Return the class and (of two classes) the score given to each word by a model that has not seen it.

    And the accuracy of the models on the words that they were trained on.
    """
    predicted = np.empty(len(y), dtype=np.intp)
    scores = np.full(len(y), math.nan)
    known = []
    for fold, strength in enumerate(strengths):
        held = fold_of == fold
        scaled = _standardise(x, ~held)
        model = _fit(scaled[~held], y[~held], strength)
        predicted[held] = model.predict(scaled[held])
        if len(model.classes_) == 2:
            scores[held] = model.decision_function(scaled[held])
        known.append(float(model.score(scaled[~held], y[~held])))
    return predicted, scores, float(np.mean(known))


def _strengths(
    x: NDArray[np.float64], y: NDArray[np.intp], groups: NDArray[np.intp], fold_of: NDArray[np.intp], seed: int
) -> list[float]:
    """Return the regularisation for each fold, chosen without the words that it holds out."""
    parts = [fold_of != fold for fold in range(int(fold_of.max()) + 1)]
    return [_strength(x[part], y[part], groups[part], seed) for part in parts]


def _strength(x: NDArray[np.float64], y: NDArray[np.intp], groups: NDArray[np.intp], seed: int) -> float:
    """Choose the regularisation inside the training part: the lowest log-loss on its own held-out words."""
    from sklearn.model_selection import StratifiedKFold

    numbers = np.unique(groups, return_inverse=True)[1].ravel()
    label = _of_groups(y, numbers)
    losses = np.zeros(len(_STRENGTHS))
    with warnings.catch_warnings():
        # A class that is mostly a minority within its families may be short of an inner fold; the rest still choose.
        warnings.filterwarnings("ignore", message="The least populated class", category=UserWarning)
        for _, held_groups in StratifiedKFold(_INNER_FOLDS, shuffle=True, random_state=seed).split(label, label):
            held = np.isin(numbers, held_groups)
            scaled = _standardise(x, ~held)
            for place, strength in enumerate(_STRENGTHS):
                model = _fit(scaled[~held], y[~held], strength)
                losses[place] += _log_loss(model, scaled[held], y[held])
    return _STRENGTHS[int(losses.argmin())]


def _log_loss(model: Any, x: NDArray[np.float64], y: NDArray[np.intp]) -> float:
    """Return the summed log-loss; a class that the model never met counts as one of very small probability."""
    column = {label: place for place, label in enumerate(model.classes_.tolist())}
    chances = model.predict_proba(x)
    given = [chances[row, column[label]] if label in column else 0.0 for row, label in enumerate(y.tolist())]
    return float(-np.log(np.maximum(given, 1e-12)).sum())


def _fit(x: NDArray[np.float64], y: NDArray[np.intp], strength: float) -> Any:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=strength, max_iter=2000, tol=1e-3).fit(x, y)


def _standardise(x: NDArray[np.float64], training: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Scale each dimension by the mean and spread of the training words; one without spread becomes 0."""
    spread = x[training].std(axis=0)
    return (x - x[training].mean(axis=0)) / np.where(spread > 1e-12 * np.abs(x).max(), spread, np.inf)


def _shares(correct: NDArray[np.bool_], weights: NDArray[np.float32]) -> NDArray[np.float64]:
    return (weights @ correct.astype(np.float32)).astype(np.float64) / weights.sum(axis=1, dtype=np.float64)


def _macro_f1(
    y: NDArray[np.intp], predicted: NDArray[np.intp], classes: int, weights: NDArray[np.float32]
) -> NDArray[np.float64]:
    """Return the mean F1 of the classes for each row of weights; a class that a resample lacks is left out of it."""
    truth, said = (np.eye(classes, dtype=np.float32)[side] for side in (y, predicted))
    hits, is_there, named = ((weights @ part).astype(np.float64) for part in (truth * said, truth, said))
    scores = np.divide(2 * hits, is_there + named, out=np.zeros_like(hits), where=hits > 0)
    scores[is_there == 0] = math.nan
    return np.asarray(np.nanmean(scores, axis=1), dtype=np.float64)
