"""The advice in words and numbers, as the chooser's script and its plain table show it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from embedbook.experiments import LearningCurves
from embedbook.plots import ARMS
from embedbook.site.chooser.advice import KINDS, WAYS, Advice, Answers, Kind, all_advice, levels
from embedbook.site.short_answer import DATASET_NAMES, in_points

__all__ = ["answers_key", "chooser_data"]

_ORDER = [way.key for way in WAYS]
_PHRASES = {way.key: way.phrase for way in WAYS}

_Seconds = Mapping[tuple[str, str, int], float]


def chooser_data(curves: LearningCurves, seconds: _Seconds | None = None) -> dict[str, Any]:
    """Gather the advice for all answers.

    Parameters
    ----------
    curves : LearningCurves
        Of finished runs.
    seconds : mapping of (str, str, int) to float, optional
        How long data set, arm and number of texts took.

    Returns
    -------
    dict
        "ways" by name, and for each of the "kinds" of texts that were measured: its source, the choices, what each arm
        reached ("cells", by size), and "advice": from `answers_key` to a place in "entries".
    """
    there = curves.datasets()
    kinds = {
        kind.key: _kind_data(curves, kind, next(name for name in kind.datasets if name in there), seconds or {})
        for kind in KINDS
        if set(kind.datasets) & set(there)
    }
    return {"ways": [way.name for way in WAYS], "kinds": kinds}


def answers_key(answers: Answers) -> str:
    """Return the answers about one kind of texts as the script looks them up.

    Parameters
    ----------
    answers : Answers
        What a reader says.

    Returns
    -------
    str
        Texts, coverage, own text and "small first", such as "200/84/1/0".
    """
    return f"{answers.texts}/{answers.coverage}/{int(answers.own_text)}/{int(answers.small)}"


def _kind_data(curves: LearningCurves, kind: Kind, dataset: str, seconds: _Seconds) -> dict[str, Any]:
    sizes = curves.sizes(dataset, *curves.arms(dataset))
    entries: dict[str, int] = {}  # many answers lead to one piece of advice
    advice = {}
    for answers, found, others in all_advice(curves, kind):
        entry = json.dumps(_entry(found, others), ensure_ascii=False)
        advice[answers_key(answers)] = entries.setdefault(entry, len(entries))
    return {
        "name": kind.name,
        "source": DATASET_NAMES[dataset],
        "seeds": int(curves.table.loc[curves.table["dataset"] == dataset, "seed"].nunique()),
        "sizes": sizes,
        "levels": list(levels(curves, kind, dataset)),
        "own": bool(kind.own_spaces),
        "arms": {arm: _arm_name(arm) for arm in curves.arms(dataset)},
        "cells": _cells(curves, dataset, sizes, seconds),
        "advice": advice,
        "entries": [json.loads(entry) for entry in entries],
    }


def _entry(advice: Advice, others: Mapping[str, str]) -> dict[str, Any]:
    return {
        "way": _ORDER.index(advice.recommended),
        "why": " ".join([_reason(advice), *_agreement(advice, others)]),
        "rows": [
            [_ORDER.index(option.way), option.arm, in_points(option.lead) if option.lead else ""]
            for option in advice.options
        ],
    }


def _reason(advice: Advice) -> str:
    if len(advice.options) == 1:
        return "Your answers leave no other way."
    if advice.best != advice.recommended:
        lead = advice.option(advice.best).lead
        assert lead is not None  # only the recommended way has none
        return (
            f"The highest mean accuracy was that of {_PHRASES[advice.best]}, but no difference could be shown: "
            f"this way stands at {in_points(lead)} points against that, an interval that holds 0. So take the "
            "simpler of the two."
        )
    place = advice.options.index(advice.option(advice.recommended))
    if place == 0:
        return "It is the simplest way left, and had the highest mean accuracy as well."
    simpler = {option.way: option.lead for option in advice.options[:place] if option.lead}
    leads = {way: lead for way, lead in simpler.items() if way not in advice.outdone}
    nearest = min(leads, key=lambda way: leads[way].mean)
    reason = (
        "It had the highest mean accuracy, and a lead that could be shown over each simpler way in question; over the "
        f"nearest, {_PHRASES[nearest]}, it is {in_points(leads[nearest])} points."
    )
    outdone = [_PHRASES[way] for way in simpler if way in advice.outdone]
    if outdone:
        reason += f" Out of the question: {' and '.join(outdone)}, since a simpler way did no worse in the mean."
    return reason


def _agreement(advice: Advice, others: Mapping[str, str]) -> list[str]:
    """Say what other data sets of the same kind would have advised."""
    return [
        f"{DATASET_NAMES[dataset]} gives the same advice."
        if way == advice.recommended
        else f"{DATASET_NAMES[dataset]} would advise another way: {_PHRASES[way]}."
        for dataset, way in others.items()
    ]


def _arm_name(arm: str) -> str:
    """Say whose vectors an arm uses, if it uses any that are pretrained."""
    space = arm.rpartition(" ")[0]
    return ARMS[space].name if space else ""


def _cells(curves: LearningCurves, dataset: str, sizes: list[int], seconds: _Seconds) -> list[dict[str, list[Any]]]:
    """Return what each arm reached: accuracy in words, its places on the axis, trained weights, seconds."""
    reached = {(size, arm): curves.interval(dataset, size, arm) for size in sizes for arm in curves.arms(dataset)}
    low = min(point.low for point in reached.values())
    high = max(point.high for point in reached.values())
    rows = curves.table[curves.table["dataset"] == dataset]
    weights = rows.groupby(["arm", "n_train"])["parameters"].median() if "parameters" in rows else {}
    cells: list[dict[str, list[Any]]] = [{} for _ in sizes]
    for (size, arm), point in reached.items():
        places = [round(100 * (value - low) / (high - low)) for value in (point.low, point.mean, point.high)]
        spent = seconds.get((dataset, arm, size))
        cells[sizes.index(size)][arm] = [
            f"{point.mean:.1f} [{point.low:.1f}, {point.high:.1f}]",
            places,
            f"{weights[arm, size]:,.0f}" if (arm, size) in weights else "",
            "" if spent is None else f"{spent:.1f}",
        ]
    return cells
