"""The short answer of the landing page: a sentence, a figure and a table, made from the stored learning curves.

Write the directive ``short-answer`` on a page. The numbers are those of ``data/results/learning-curves.csv``; none of
them is typed by hand.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from docutils import nodes
from docutils.parsers.rst import Directive

from embedbook import plots
from embedbook.experiments import LearningCurves, read_learning_curves
from embedbook.site.figures import figure_node

if TYPE_CHECKING:
    from plotly.graph_objects import Figure
    from sphinx.application import Sphinx

    from embedbook.evaluation import PairedDifference

__all__ = ["answer_figure", "answer_sentence", "answer_table", "connect"]

_FEW = 200
#: How the data sets are called, and what they hold.
_NAMES = {
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
        f"On {_NAMES[dataset]}, frozen pretrained vectors are {_points(few)} points ahead of learned ones with {_FEW} "
        f"labelled texts and {_points(end)} with all {last:,}, where pretrained vectors that go on learning are "
        f"{_points(tuned)} ahead (a minus means behind; 95 % intervals, {few.n} seeds)."
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
        alt=f"Three lines over a logarithmic axis of labelled texts: accuracy on {_NAMES[dataset]} with vectors "
        "learned for the task, frozen pretrained vectors, and fine-tuned pretrained vectors.",
        caption=f"{_NAMES[dataset]}. {where} learned vectors are no longer behind frozen pretrained ones (words from "
        "Wikipedia and film reviews). Bands: 95 % intervals over seeds.",
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
    rows = []
    for dataset, name in _NAMES.items():
        sizes = curves.sizes(dataset, *_ARMS)
        if _FEW in sizes and len(sizes) > 1:
            leads = [
                f"{_points(curves.gain(dataset, size, arm))}" for size in (_FEW, sizes[-1]) for arm in (_STATIC, _TUNED)
            ]
            rows.append([name, *leads[:2], f"{sizes[-1]:,}", *leads[2:]])
    columns = [
        "data set",
        f"frozen, {_FEW} texts",
        f"fine-tuned, {_FEW} texts",
        "all texts",
        "frozen, all",
        "fine-tuned, all",
    ]
    return plots.table(
        pd.DataFrame(rows, columns=columns),
        caption="Lead of pretrained over learned vectors in points of accuracy, with 95 % intervals.",
    )


def _points(gain: PairedDifference) -> str:
    return f"{gain.mean:+.1f} [{gain.low:+.1f}, {gain.high:+.1f}]"


class _ShortAnswer(Directive):
    def run(self) -> list[nodes.Node]:
        env = self.state.document.settings.env
        results = Path(env.srcdir, "data", "results")
        env.note_dependency(str(results / "learning-curves.csv"))
        curves = read_learning_curves(results)
        return [
            nodes.paragraph("", answer_sentence(curves)),
            figure_node(json.loads(answer_figure(curves).to_json())),
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
