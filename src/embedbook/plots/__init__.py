"""Plotly figures that share one look, and that carry their own description and data.

Every figure of the book starts with :func:`new_figure` and ends with :func:`describe`, which attaches the text
alternative, the caption and the table behind the figure. They travel inside the figure's own JSON (`layout.meta`),
so the stored notebook holds them and the site can show them to readers who cannot see the drawing.
"""

from __future__ import annotations

from embedbook.plots.curves import CURVE_COLUMNS, add_learning_curve, learning_curve_figure
from embedbook.plots.description import Table, describe, table
from embedbook.plots.look import ARMS, TEMPLATE, Arm, new_figure
from embedbook.plots.marks import add_bars, add_intervals, add_line

__all__ = [
    "ARMS",
    "CURVE_COLUMNS",
    "TEMPLATE",
    "Arm",
    "Table",
    "add_bars",
    "add_intervals",
    "add_learning_curve",
    "add_line",
    "describe",
    "learning_curve_figure",
    "new_figure",
    "table",
]
