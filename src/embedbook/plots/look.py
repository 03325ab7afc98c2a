"""The look of all figures: one colour, dash and marker for each arm, one template."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import plotly.graph_objects as go

__all__ = ["ARMS", "TEMPLATE", "Arm", "look_of", "new_figure"]


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


def look_of(arm: str) -> Arm:
    """Return the look of an arm.

    Parameters
    ----------
    arm : str
        A key of :data:`ARMS`.

    Returns
    -------
    Arm

    Raises
    ------
    ValueError
        If there is none of this name.
    """
    try:
        return ARMS[arm]
    except KeyError:
        raise ValueError(f"unknown arm {arm!r}; the arms are {', '.join(ARMS)}") from None
