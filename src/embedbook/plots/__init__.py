"""Plotly figures that share one look, and that carry their own description and data.

Every figure of the book starts with :func:`new_figure` and ends with :func:`describe`, which attaches the text
alternative, the caption and the table behind the figure. They travel inside the figure's own JSON (`layout.meta`),
so the stored notebook holds them and the site can show them to readers who cannot see the drawing.
"""

from __future__ import annotations

from embedbook.plots.description import Table, describe, table
from embedbook.plots.look import ARMS, TEMPLATE, Arm, new_figure
from embedbook.plots.marks import add_bars, add_line

__all__ = ["ARMS", "TEMPLATE", "Arm", "Table", "add_bars", "add_line", "describe", "new_figure", "table"]
