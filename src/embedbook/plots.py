"""Plotly figures that share one look, and that carry their own description and data.

Every figure of the book starts with :func:`new_figure` and ends with :func:`describe`, which attaches the text
alternative, the caption and the table behind the figure. They travel inside the figure's own JSON (`layout.meta`),
so the stored notebook holds them and the site can show them to readers who cannot see the drawing.
"""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

__all__ = ["ARMS", "TEMPLATE", "Arm", "Table", "add_bars", "add_line", "describe", "new_figure", "table"]


@dataclass(frozen=True)
class Arm:
    """How one way of getting embeddings looks in every figure of the book.

    Parameters
    ----------
    name : str
        Its name on axes and labels.
    colour : str
        Hexadecimal colour, from the palette of Okabe and Ito, which colour-blind readers can tell apart.
    dash : str
        Plotly's line dash, so that lines differ without colour too.
    marker : str
        Plotly's marker symbol, for the same reason.
    """

    name: str
    colour: str
    dash: str
    marker: str


#: One colour, dash, marker and name for each arm, the same on every page.
ARMS: Mapping[str, Arm] = MappingProxyType(
    {
        "one-hot": Arm("one-hot", "#7F7F7F", "dashdot", "square"),
        "random": Arm("random", "#AFAFAF", "dot", "x"),
        "learned": Arm("learned", "#D55E00", "solid", "circle"),
        "word2vec": Arm("word2vec", "#0072B2", "dash", "diamond"),
        "glove": Arm("GloVe", "#009E73", "longdash", "triangle-up"),
        "both": Arm("word2vec and GloVe", "#CC79A7", "longdashdot", "star"),
        "wiki+imdb": Arm("Wikipedia and IMDB", "#56B4E9", "12px,3px", "hexagon"),
        "imdb": Arm("IMDB", "#E69F00", "6px,2px,2px,2px,2px,2px", "cross"),
        "wiki": Arm("Wikipedia", "#B59F00", "3px,7px", "pentagon"),
    }
)

# Half-transparent greys read well on white and on black; the site's script sets the text colour to the theme's.
_GRID = "rgba(128, 128, 128, 0.25)"
_AXIS = {
    "gridcolor": _GRID,
    "linecolor": "rgba(128, 128, 128, 0.6)",
    "zerolinecolor": _GRID,
    "ticks": "outside",
    "tickcolor": "rgba(128, 128, 128, 0.6)",
    "automargin": True,
    "title": {"standoff": 12},
}

# A label at each power of ten, written out: 10,000 and not 10k.
_LOGARITHMIC = {"type": "log", "dtick": 1, "tickformat": ",~g"}

#: The look of every figure: transparent ground, quiet grid, readable in light and dark.
TEMPLATE = go.layout.Template(
    layout={
        "paper_bgcolor": "rgba(0, 0, 0, 0)",
        "plot_bgcolor": "rgba(0, 0, 0, 0)",
        "font": {"size": 14, "color": "#7a7a7a"},
        "colorway": [arm.colour for arm in ARMS.values()],
        "xaxis": _AXIS,
        "yaxis": _AXIS,
        "margin": {"l": 64, "r": 24, "t": 24, "b": 56},
        "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
        "hoverlabel": {"font": {"size": 13}},
    }
)


def new_figure(*, x: str, y: str, log_x: bool = False, log_y: bool = False, height: int = 400) -> go.Figure:
    """Start a figure in the book's look.

    Parameters
    ----------
    x, y : str
        Axis titles, with the unit.
    log_x, log_y : bool
        Logarithmic axis, for sizes.
    height : int
        Height in pixels; the width follows the page.

    Returns
    -------
    plotly.graph_objects.Figure
        An empty figure.
    """
    figure = go.Figure(layout={"template": TEMPLATE, "height": height})
    figure.update_xaxes(title_text=x, **(_LOGARITHMIC if log_x else {}))
    figure.update_yaxes(title_text=y, **(_LOGARITHMIC if log_y else {}))
    return figure


def _style(arm: str) -> Arm:
    try:
        return ARMS[arm]
    except KeyError:
        raise ValueError(f"unknown arm {arm!r}; the arms are {', '.join(ARMS)}") from None


def add_line(
    figure: go.Figure,
    x: Sequence[float],
    y: Sequence[float],
    *,
    arm: str,
    name: str | None = None,
    interval: tuple[Sequence[float], Sequence[float]] | None = None,
    hover: str | None = None,
    dash: str | None = None,
) -> go.Figure:
    """Draw one arm as a line with markers, its name written at the line's end.

    Parameters
    ----------
    figure : plotly.graph_objects.Figure
        A figure from :func:`new_figure`; it is changed in place.
    x, y : sequence of float
        The points, in order.
    arm : str
        A key of :data:`ARMS`; it decides colour, dash and marker.
    name : str, optional
        The label, where the arm's own name does not say enough; empty for none.
    interval : (low, high), optional
        Two sequences as long as `y`, drawn as a band.
    hover : str, optional
        Plotly hover template for the points.
    dash : str, optional
        Plotly's line dash instead of the arm's own: "solid" for fine-tuned vectors beside static ones, "dash".

    Returns
    -------
    plotly.graph_objects.Figure
        The same figure.

    Raises
    ------
    ValueError
        If the arm is unknown or the lengths differ.
    """
    look = _style(arm)
    label = look.name if name is None else name
    if len(x) != len(y):
        raise ValueError(f"x has {len(x)} points and y has {len(y)}; a line needs as many of one as of the other")
    if interval is not None:
        low, high = interval
        if not len(low) == len(high) == len(y):
            raise ValueError(f"the interval has {len(low)} and {len(high)} points, the line {len(y)}")
        figure.add_trace(
            go.Scatter(
                x=[*x, *reversed(list(x))],
                y=[*high, *reversed(list(low))],
                fill="toself",
                fillcolor=look.colour,
                opacity=0.18,
                line={"width": 0},
                hoverinfo="skip",
                showlegend=False,
            )
        )
    # The name stands beside the last point: a reader need not carry a legend in the head.
    text = [""] * (len(x) - 1) + [label]
    figure.add_trace(
        go.Scatter(
            x=list(x),
            y=list(y),
            name=label,
            mode="lines+markers+text",
            text=text,
            textposition="top left",
            textfont={"color": look.colour},
            line={"color": look.colour, "dash": dash or look.dash, "width": 2.5},
            marker={"symbol": look.marker, "size": 8, "color": look.colour},
            hovertemplate=hover,
            showlegend=False,
        )
    )
    return figure


def add_bars(
    figure: go.Figure,
    names: Sequence[str],
    values: Sequence[float],
    *,
    arms: Sequence[str],
    errors: tuple[Sequence[float], Sequence[float]] | None = None,
    labels: Sequence[str] | None = None,
) -> go.Figure:
    """Draw one horizontal bar for each name, coloured by its arm, with the value written beside it.

    Parameters
    ----------
    figure : plotly.graph_objects.Figure
        A figure from :func:`new_figure`; it is changed in place.
    names : sequence of str
        What each bar stands for, from top to bottom.
    values : sequence of float
        The lengths of the bars.
    arms : sequence of str
        A key of :data:`ARMS` for each bar.
    errors : (low, high), optional
        The ends of each bar's interval, in the unit of `values`.
    labels : sequence of str, optional
        The text beside each bar; without it the value.

    Returns
    -------
    plotly.graph_objects.Figure
        The same figure.

    Raises
    ------
    ValueError
        If the lengths differ or an arm is unknown.
    """
    if not len(names) == len(values) == len(arms):
        raise ValueError(f"{len(names)} names, {len(values)} values and {len(arms)} arms; all must be equally many")
    value = np.asarray(values, dtype=float)
    whiskers = None
    if errors is not None:
        low, high = (np.asarray(side, dtype=float) for side in errors)
        if not len(low) == len(high) == len(value):
            raise ValueError(f"the interval has {len(low)} and {len(high)} ends for {len(value)} bars")
        whiskers = {"type": "data", "array": high - value, "arrayminus": value - low, "color": "#7a7a7a"}
    figure.add_trace(
        go.Bar(
            x=value,
            y=list(names),
            orientation="h",
            marker={"color": [_style(arm).colour for arm in arms]},
            error_x=whiskers,
            text=list(labels) if labels is not None else [f"{number:.3g}" for number in value],
            # Inside the bar's foot, since the whisker occupies its end.
            textposition="inside",
            insidetextanchor="start",
            textfont={"color": ["#111111" if arm == "random" else "white" for arm in arms]},
            hovertemplate="%{y}: %{x:.1f}<extra></extra>",
            showlegend=False,
        )
    )
    figure.update_yaxes(autorange="reversed", ticks="")
    return figure


def describe(figure: go.Figure, *, alt: str, caption: str, table: pd.DataFrame) -> go.Figure:
    """Attach to a figure what stands in for it where it cannot be seen.

    Parameters
    ----------
    figure : plotly.graph_objects.Figure
        The finished figure; it is changed in place.
    alt : str
        What the figure shows, for a reader who cannot see it: its kind, its axes, its message.
    caption : str
        One or two sentences under the figure that say what to see.
    table : pandas.DataFrame
        The numbers behind the figure, with the unit in each column's name and rounded as they should be read.

    Returns
    -------
    plotly.graph_objects.Figure
        The same figure; as the last expression of a cell it is shown.

    Raises
    ------
    ValueError
        If the text alternative or the caption is empty, or the table has no rows.
    """
    for what, value in (("alt", alt), ("caption", caption)):
        if not value.strip():
            raise ValueError(f"a figure needs a text for {what!r}: say what a reader should see")
    if table.empty:
        raise ValueError("a figure needs the table behind it, and this one has no rows")
    figure.update_layout(
        meta={
            "alt": " ".join(alt.split()),
            "caption": " ".join(caption.split()),
            "table": {
                "columns": [str(column) for column in table.columns],
                "rows": [[_cell(value) for value in row] for row in table.itertuples(index=False)],
            },
        }
    )
    return figure


@dataclass(frozen=True)
class Table:
    """A small table as a page shows it; made by :func:`table`.

    Parameters
    ----------
    columns : tuple of str
        The header.
    rows : tuple of tuple of str
        The cells, as they are read.
    caption : str
        One sentence that says what to see.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    caption: str

    def __repr__(self) -> str:
        lines = [self.columns, *self.rows]
        widths = [max(len(line[column]) for line in lines) for column in range(len(self.columns))]
        text = [
            "  ".join(cell.rjust(width) if place else cell.ljust(width) for place, (cell, width) in enumerate(cells))
            for cells in (list(zip(line, widths, strict=True)) for line in lines)
        ]
        return "\n".join([self.caption, *text])

    def _repr_html_(self) -> str:
        head = "".join(f'<th scope="col">{html.escape(name)}</th>' for name in self.columns)
        body = "".join("<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>" for row in self.rows)
        return (
            f'<div class="book-table" tabindex="0" role="group" aria-label="{html.escape(self.caption)}">'
            f"<table><caption>{html.escape(self.caption)}</caption>"
            f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
        )


def table(frame: pd.DataFrame, *, caption: str) -> Table:
    """Show a data frame as the book shows tables: no index, numbers to the right, a caption.

    Parameters
    ----------
    frame : pandas.DataFrame
        The rows, with units in the columns' names and rounded as they should be read.
    caption : str
        One sentence that says what to see.

    Returns
    -------
    Table
        As the last expression of a cell it is shown.

    Raises
    ------
    ValueError
        If there are no rows, no caption, or a column without a name.
    """
    if frame.empty:
        raise ValueError("this table has no rows")
    if not caption.strip():
        raise ValueError("a table needs a caption: say in one sentence what to see")
    if not all(str(column).strip() for column in frame.columns):
        raise ValueError("a column of this table has no name; a screen reader would read nothing there")
    rows = tuple(tuple(_cell(value) for value in row) for row in frame.itertuples(index=False))
    return Table(tuple(str(column) for column in frame.columns), rows, caption)


def _cell(value: Any) -> str:
    if isinstance(value, (float, np.floating)):
        return f"{value:,.6g}"
    if isinstance(value, (int, np.integer)) and not isinstance(value, bool):
        return f"{value:,}"
    return str(value)
