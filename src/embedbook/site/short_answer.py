"""The short answer of the landing page: a sentence, a figure and a table, made from the stored learning curves.

Write the directive ``short-answer`` on a page. The numbers are those of ``data/results/learning-curves.csv``; none of
them is typed by hand. Data sets whose runs are not all there yet are left out.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from docutils import nodes
from docutils.parsers.rst import Directive
from sphinx.errors import SphinxError

from embedbook import plots
from embedbook.experiments import LearningCurves, find_grid, read_learning_curves
from embedbook.site.drawing import line_chart_svg
from embedbook.site.figures import figure_html

if TYPE_CHECKING:
    from plotly.graph_objects import Figure
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

    from embedbook.evaluation import PairedDifference

__all__ = [
    "DATASET_NAMES",
    "GRID",
    "answer_figure",
    "answer_sentence",
    "answer_table",
    "connect",
    "finished_curves",
    "in_points",
    "unfinished",
]

#: The grid whose tables the landing page reads.
GRID = "learning-curves"

_FEW = 200
#: How the data sets are called, and what they hold.
DATASET_NAMES = {
    "mr": "MR (sentences of film reviews)",
    "sst2": "SST-2 (sentences of film reviews)",
    "trec": "TREC (questions, six classes)",
    "imdb": "IMDB (whole film reviews)",
}
_STATIC, _TUNED = "wiki+imdb static", "wiki+imdb fine-tuned"
_ARMS = {"learned": "learned", _STATIC: "pretrained, frozen", _TUNED: "pretrained, fine-tuned"}


def answer_sentence(curves: LearningCurves, dataset: str = "mr") -> str:
    """Say by how much pretrained vectors lead with few texts, where frozen ones stop leading, and how it ends.

    Parameters
    ----------
    curves : LearningCurves
        The stored results.
    dataset : str
        The data set that the sentence is about.

    Returns
    -------
    str
    """
    last = curves.sizes(dataset, *_ARMS)[-1]
    few, end, tuned = (
        curves.gain(dataset, size, arm) for size, arm in ((_FEW, _STATIC), (last, _STATIC), (last, _TUNED))
    )
    return (
        f"On {DATASET_NAMES[dataset]}, frozen vectors pretrained on Wikipedia and film reviews are {_standing(few)} "
        f"learned ones with {_FEW} labelled texts, and {_standing(end)} them with all {last:,}; pretrained vectors "
        f"that go on learning are then {_standing(tuned)} them. (Points of accuracy; 95 % intervals, {few.n} seeds.)"
    )


def answer_figure(curves: LearningCurves, dataset: str = "mr") -> Figure:
    """Draw learned and pretrained vectors against the number of labelled texts, with the crossing marked.

    Parameters
    ----------
    curves : LearningCurves
        The stored results.
    dataset : str
        The data set.

    Returns
    -------
    plotly.graph_objects.Figure
    """
    crossing = curves.crossing(dataset, _STATIC)
    crosses = np.isfinite(crossing.size)
    where = f"From about {crossing} texts on" if crosses else "At no size that was measured"
    figure = plots.learning_curve_figure(
        curves,
        dataset,
        _ARMS,
        alt=f"Three lines over a logarithmic axis of labelled texts: accuracy on {DATASET_NAMES[dataset]} with vectors "
        "learned for the task, frozen pretrained vectors, and fine-tuned pretrained vectors.",
        caption=f"{DATASET_NAMES[dataset]}. {where} learned vectors are no longer behind frozen pretrained ones (words "
        "from Wikipedia and film reviews). Bands: 95 % intervals over seeds.",
    )
    if crosses:
        figure.add_vline(x=crossing.size, line={"color": "#7a7a7a", "width": 1.5, "dash": "dot"})
    return figure


def answer_table(curves: LearningCurves) -> plots.Table:
    """Set the lead of pretrained vectors side by side for all data sets whose curves are there.

    Parameters
    ----------
    curves : LearningCurves
        The stored results.

    Returns
    -------
    embedbook.plots.Table
    """
    rows, named = [], []
    for dataset, name in DATASET_NAMES.items():
        sizes = curves.sizes(dataset, *_ARMS)
        if _FEW in sizes and len(sizes) > 1:
            leads = [
                in_points(curves.gain(dataset, size, arm)) for size in (_FEW, sizes[-1]) for arm in (_STATIC, _TUNED)
            ]
            rows.append([f"{name.partition(' (')[0]}, {sizes[-1]:,} texts", *leads])
            named.append(name)
    columns = [f"{kind}, {size} texts" for size in (f"{_FEW}", "all") for kind in ("frozen", "fine-tuned")]
    return plots.table(
        pd.DataFrame(rows, columns=["data set", *columns]),
        caption="Lead of pretrained over learned vectors in points of accuracy, with 95 % intervals. "
        f"The data sets: {', '.join(named)}.",
    )


def _standing(gain: PairedDifference) -> str:
    sign, side = (1, "ahead of") if gain.mean >= 0 else (-1, "behind")
    low, high = sorted((sign * gain.low, sign * gain.high))
    doubt = ", which may be chance," if low <= 0 <= high else ""
    return f"{sign * gain.mean:.1f} points [{low:.1f}, {high:.1f}]{doubt} {side}"


def in_points(gain: PairedDifference) -> str:
    """Write a difference with its interval: "+1.2 [-0.3, +2.8]".

    Parameters
    ----------
    gain : PairedDifference
        In points of per cent.

    Returns
    -------
    str
    """
    return f"{gain.mean:+.1f} [{gain.low:+.1f}, {gain.high:+.1f}]"


def finished_curves(env: BuildEnvironment) -> LearningCurves:
    """Read the stored curves for a page, which is written anew when they change.

    Parameters
    ----------
    env : sphinx.environment.BuildEnvironment
        The build.

    Returns
    -------
    LearningCurves
        Of the data sets whose runs are all there.

    Raises
    ------
    sphinx.errors.SphinxError
        If there is no table at all.
    """
    results = Path(env.srcdir, "data", "results")
    for name in (f"{GRID}.csv", f"{GRID}-runs.csv"):
        env.note_dependency(str(results / name))
    try:
        curves = read_learning_curves(results)
    except FileNotFoundError as error:
        raise SphinxError(str(error)) from error
    return curves.complete(find_grid(GRID))


def unfinished() -> list[nodes.Node]:
    """Say that there is nothing to show yet, and how to go on."""
    return [
        nodes.paragraph(
            "",
            "The runs behind this part are still being computed; ",
            nodes.literal("", f"embedbook experiment run {GRID}"),
            nodes.Text(" goes on with them."),
        )
    ]


class _ShortAnswer(Directive):
    def run(self) -> list[nodes.Node]:
        curves = finished_curves(self.state.document.settings.env)
        first = next((name for name in DATASET_NAMES if name in curves.datasets()), None)
        if first is None:
            return unfinished()
        figure = answer_figure(curves, first)
        return [
            nodes.paragraph("", answer_sentence(curves, first)),
            nodes.raw("", figure_html(json.loads(figure.to_json()), line_chart_svg(figure)), format="html"),
            nodes.raw("", answer_table(curves)._repr_html_(), format="html"),
        ]


def connect(app: Sphinx) -> None:
    """Make the directive known.

    Parameters
    ----------
    app : sphinx.application.Sphinx
        The running build.
    """
    app.add_directive("short-answer", _ShortAnswer)
