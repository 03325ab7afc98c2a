"""Learning curves as figures: accuracy by number of labelled texts, each arm in its look, named beside its line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from embedbook.experiments import LearningCurves
from embedbook.plots.description import describe
from embedbook.plots.look import look_of, new_figure
from embedbook.plots.marks import add_line

__all__ = ["CURVE_COLUMNS", "add_learning_curve", "learning_curve_figure"]

#: Of the table behind a figure of learning curves.
CURVE_COLUMNS = ("arm", "texts", "accuracy (%)", "95 % interval", "seeds")

_DASHES = {"static": "dash", "fine-tuned": "solid"}
_LABEL_GAP = 22  # pixels between a line and its name
# A name is about as wide as two steps between sizes, and as high as so many points of accuracy.
_LABEL_STEPS, _LABEL_POINTS = 2, 4.0


def add_learning_curve(
    figure: go.Figure, curves: LearningCurves, dataset: str, arm: str, *, name: str | None = None
) -> list[tuple[str, int, str, str, int]]:
    """Draw the mean accuracy of one arm with its band.

    Parameters
    ----------
    figure : plotly.graph_objects.Figure
        From `new_figure` with a logarithmic axis; it is changed in place.
    curves : LearningCurves
        The results.
    dataset : str
        The data set.
    arm : str
        The arm's name in the results; its first word decides colour and marker, and static vectors are dashed.
    name : str, optional
        What to write at the line's end and to show on hovering; the arm's name by default, and "" writes nothing.

    Returns
    -------
    list of tuple
        The rows behind the line, as `CURVE_COLUMNS` names them.
    """
    label = arm if name is None else name
    key, _, training = arm.partition(" ")
    sizes = curves.sizes(dataset, arm)
    points = [curves.interval(dataset, size, arm) for size in sizes]
    hover = f"%{{x:,}} texts: %{{y:.1f}} %<extra>{label or arm}</extra>"
    band = ([point.low for point in points], [point.high for point in points])
    means = [point.mean for point in points]
    add_line(figure, sizes, means, arm=key, name=label, interval=band, hover=hover, dash=_DASHES.get(training))
    return [
        (label or arm, size, f"{point.mean:.1f}", f"{point.low:.1f} to {point.high:.1f}", point.n)
        for size, point in zip(sizes, points, strict=True)
    ]


def learning_curve_figure(
    curves: LearningCurves, dataset: str, arms: Mapping[str, str], *, alt: str, caption: str, height: int = 460
) -> go.Figure:
    """Draw the learning curves of a few arms, each named where its line is farthest from the others.

    Parameters
    ----------
    curves : LearningCurves
        The results.
    dataset : str
        The data set.
    arms : mapping of str to str
        Names of arms, and what the figure calls them.
    alt, caption : str
        See `describe`.
    height : int
        In pixels.

    Returns
    -------
    plotly.graph_objects.Figure
        With the table behind it.
    """
    figure = new_figure(x="labelled texts", y="accuracy on test texts (%)", log_x=True, height=height)
    rows = [row for arm in arms for row in add_learning_curve(figure, curves, dataset, arm, name="")]
    lines = {arm: curves.accuracy(dataset, arm).mean() for arm in arms}
    for arm, place in _label_places(list(lines.values()), list(lines)):
        figure.add_annotation(
            x=float(np.log10(place.size)),
            y=place.accuracy,
            text=arms[arm],
            ax=0,
            ay=-_LABEL_GAP if place.above else _LABEL_GAP,
            font={"color": look_of(arm.partition(" ")[0]).colour},
            arrowcolor="#7a7a7a",
            arrowwidth=1,
        )
    named = [(arms[arm], *rest) for arm, *rest in rows]
    return describe(figure, alt=alt, caption=caption, table=pd.DataFrame(named, columns=list(CURVE_COLUMNS)))


class _Place(NamedTuple):
    size: int
    accuracy: float
    above: bool


def _label_places(lines: Sequence[pd.Series], names: Sequence[str]) -> list[tuple[str, _Place]]:
    """Find for each line the point, and the side of it, with the most room to the next line; no point serves twice."""
    places: list[tuple[str, _Place]] = []
    for position, (name, line) in enumerate(zip(names, lines, strict=True)):
        others = [other for index, other in enumerate(lines) if index != position]
        best: tuple[float, _Place] | None = None
        steps = list(line.index)
        for size, accuracy in line.items():
            gaps = [float(other[size]) - accuracy for other in others if size in other]
            for above in (True, False):
                room = min((abs(gap) for gap in gaps if (gap > 0) == above), default=np.inf)
                # Outside of all lines there is room without end; then the middle of the line reads best.
                score = min(room, 12.0) - 0.01 * abs(steps.index(size) - len(line) / 2)
                # A place where two names would run into each other serves only where there is no other.
                score -= 100 * any(
                    place.size in steps
                    and abs(steps.index(place.size) - steps.index(size)) <= _LABEL_STEPS
                    and abs(place.accuracy - accuracy) < _LABEL_POINTS
                    for _, place in places
                    if place.above == above
                )
                taken = any(place.size == size and place.above == above for _, place in places)
                if not taken and (best is None or score > best[0]):
                    best = score, _Place(int(size), float(accuracy), above)
        assert best is not None  # a line has more points than there are lines
        places.append((name, best[1]))
    return places
