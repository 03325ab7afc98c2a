"""A line chart that the build itself draws, as SVG within the page: seen at once, and without a script.

Plotly is several megabytes, which a page whose first view holds a figure would have to read before anything else works.
So the landing page's figure is drawn here, from the same Plotly figure that would be drawn there. Places within the
chart are percentages and sizes of letters are pixels, so it is as wide as its column and as legible on a phone.
"""

from __future__ import annotations

import html
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from plotly.graph_objects import Figure, Scatter
    from plotly.graph_objects.layout import Annotation

__all__ = ["line_chart_svg"]

_PADDING = 0.05  # of an axis, on both sides of what was measured
_TICKS = 7  # at most so many labels on the vertical axis
_APART = 0.25  # decades between two labels of the logarithmic axis
_DASHES = {"solid": "", "dash": "9 9", "dot": "3 3"}


@dataclass(frozen=True)
class _Axis:
    """Where the values of an axis lie, from 0 to 100 per cent of its length."""

    low: float
    high: float

    def share(self, value: float) -> float:
        return 100 * (value - self.low) / (self.high - self.low)

    @classmethod
    def around(cls, values: Sequence[float]) -> _Axis:
        padding = _PADDING * (max(values) - min(values) or 1.0)
        return cls(min(values) - padding, max(values) + padding)


def line_chart_svg(figure: Figure) -> str:
    """Draw a figure of lines and bands over a logarithmic axis of sizes.

    Parameters
    ----------
    figure : plotly.graph_objects.Figure
        Lines (`mode` with "lines") and bands (`fill` "toself") over positive sizes; its annotations name the lines, its
        vertical lines mark sizes. Of Plotly's dashes it may use "solid", "dash" and "dot".

    Returns
    -------
    str
        An `svg` element, hidden from screen readers, which read the figure's text alternative and its table. The name
        of a point, seen by pointing at it, tells its values.

    Raises
    ------
    ValueError
        If the horizontal axis is not logarithmic, there is nothing to draw, or a line has another dash.
    """
    layout = figure.layout
    if layout.xaxis.type != "log":
        raise ValueError("a figure drawn by the build has a logarithmic horizontal axis: new_figure(..., log_x=True)")
    if not figure.data:
        raise ValueError("the figure has nothing to draw: add a line to it first")
    sizes = sorted({float(x) for trace in figure.data for x in trace.x})
    across = _Axis.around([math.log10(size) for size in sizes])
    up = _Axis.around([float(y) for trace in figure.data for y in trace.y])
    bands = [trace for trace in figure.data if trace.fill == "toself"]
    lines = [trace for trace in figure.data if trace.fill != "toself"]
    marked = [(math.log10(shape.x0), _dashes(shape.line.dash), shape.line.width) for shape in layout.shapes]
    parts = [
        *_grid(across, up, sizes),
        # In a picture of 100 times 100 that is stretched to the chart's size; the lines keep their width.
        '<svg viewBox="0 0 100 100" preserveAspectRatio="none" width="100%" height="100%">',
        *(
            f'<polygon points="{_points(band, across, up)}" fill="{band.fillcolor}" opacity="{band.opacity}"/>'
            for band in bands
        ),
        *(
            f'<polyline points="{_points(line, across, up)}" fill="none" stroke="{line.line.color}" '
            f'stroke-width="{line.line.width}"{_dashes(line.line.dash)} vector-effect="non-scaling-stroke"/>'
            for line in lines
        ),
        "</svg>",
        *(
            f'<line x1="{across.share(at):.2f}%" x2="{across.share(at):.2f}%" y1="0" y2="100%" class="mark" '
            f'stroke-width="{width}"{dashes}/>'
            for at, dashes, width in marked
        ),
        *(part for line in lines for part in _markers(line, across, up)),
        *(part for name in layout.annotations for part in _name(name, across, up)),
        f'<text x="50%" y="100%" dy="46" text-anchor="middle">{html.escape(layout.xaxis.title.text)}</text>',
        f'<text x="-44" y="-14">{html.escape(layout.yaxis.title.text)}</text>',
    ]
    return f'<svg aria-hidden="true" class="line-chart" style="--height:{layout.height}px">{"".join(parts)}</svg>'


def _dashes(name: str | None) -> str:
    if (name or "solid") not in _DASHES:
        raise ValueError(f"the build draws no line with the dash {name!r}; it knows {', '.join(_DASHES)}")
    pattern = _DASHES[name or "solid"]
    return f' stroke-dasharray="{pattern}"' if pattern else ""


def _points(trace: Scatter, across: _Axis, up: _Axis) -> str:
    pairs = zip(trace.x, trace.y, strict=True)
    return " ".join(f"{across.share(math.log10(x)):.2f},{100 - up.share(y):.2f}" for x, y in pairs)


def _markers(line: Scatter, across: _Axis, up: _Axis) -> Iterable[str]:
    for x, y in zip(line.x, line.y, strict=True):
        yield (
            f'<circle cx="{across.share(math.log10(x)):.2f}%" cy="{100 - up.share(y):.2f}%" r="4" '
            f'fill="{line.marker.color}"><title>{x:,}: {y:.1f}</title></circle>'
        )


def _name(annotation: Annotation, across: _Axis, up: _Axis) -> Iterable[str]:
    """The name of a line, beside one of its points, and towards the room there is.

    Learning curves rise, so there is room above on the left and below on the right; near an edge, towards the middle.
    """
    x, y, gap = across.share(annotation.x), 100 - up.share(annotation.y), annotation.ay
    anchor = "end" if x > 70 or (gap < 0 and x > 30) else "start"
    where = f'x="{x:.2f}%" y="{y:.2f}%"'
    yield (
        f'<svg {where} overflow="visible"><line y1="{math.copysign(6, gap)}" y2="{gap}" '
        f'stroke="{annotation.font.color}"/></svg>'
    )
    dy = gap - 4 if gap < 0 else gap + 14
    yield f'<text {where} dy="{dy}" text-anchor="{anchor}" class="name">{html.escape(annotation.text)}</text>'


def _grid(across: _Axis, up: _Axis, sizes: Sequence[float]) -> Iterable[str]:
    step = next(
        step
        for power in range(math.floor(math.log10(up.high - up.low)) - 1, 99)
        for step in (10.0**power, 2 * 10.0**power, 5 * 10.0**power)
        if (up.high - up.low) / step <= _TICKS
    )
    decimals = max(0, -math.floor(math.log10(step)))
    for value in np.arange(math.ceil(up.low / step), math.floor(up.high / step) + 1) * step:
        y = 100 - up.share(value)
        yield f'<line x1="0" x2="100%" y1="{y:.2f}%" y2="{y:.2f}%" class="grid"/>'
        yield f'<text x="-8" y="{y:.2f}%" dy="5" text-anchor="end">{value:,.{decimals}f}</text>'
    # The powers of ten, and where the lines begin and end if that is not too near to one of them.
    powers = [10.0**power for power in range(math.ceil(across.low), math.floor(across.high) + 1)]
    ends = [end for end in (sizes[0], sizes[-1]) if all(abs(math.log10(end / power)) >= _APART for power in powers)]
    for value in [*powers, *ends]:
        x = across.share(math.log10(value))
        yield f'<line x1="{x:.2f}%" x2="{x:.2f}%" y1="0" y2="100%" class="grid"/>'
        yield f'<text x="{x:.2f}%" y="100%" dy="22" text-anchor="middle">{value:,.0f}</text>'
