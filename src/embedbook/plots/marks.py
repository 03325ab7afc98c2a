"""What is drawn into a figure: lines with bands, bars with whiskers, and means with whiskers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go

from embedbook.plots.look import look_of

if TYPE_CHECKING:
    from embedbook.evaluation import Interval

__all__ = ["add_bars", "add_intervals", "add_line"]


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
    look = look_of(arm)
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
                mode="lines",  # else a short band is given markers at its corners
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
            marker={"color": [look_of(arm).colour for arm in arms]},
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


def add_intervals(
    figure: go.Figure,
    names: Sequence[str],
    intervals: Sequence[Interval],
    *,
    arms: Sequence[str],
    decimals: int = 1,
    signed: bool = False,
) -> go.Figure:
    """Draw one mean with its interval for each name, one below the other, the number written above the mark.

    Fit for what may lie on either side of zero, such as differences, where a bar would show nothing.

    Parameters
    ----------
    figure : plotly.graph_objects.Figure
        A figure from :func:`new_figure`; it is changed in place.
    names : sequence of str
        What each mean is of, from top to bottom; no two alike.
    intervals : sequence of Interval
        Such as `embedbook.evaluation.mean_interval` and `paired_difference` give, in the unit of the x axis.
    arms : sequence of str
        A key of :data:`ARMS` for each mean; it decides colour and marker.
    decimals : int
        Of the numbers that are written.
    signed : bool
        Write a sign before each number and draw a line at zero.

    Returns
    -------
    plotly.graph_objects.Figure
        The same figure.

    Raises
    ------
    ValueError
        If the lengths differ, two names are alike, or an arm is unknown.
    """
    if not len(names) == len(intervals) == len(arms):
        raise ValueError(f"{len(names)} names, {len(intervals)} intervals and {len(arms)} arms; give equally many")
    if len(set(names)) < len(names):
        raise ValueError(f"two of the names are alike: {', '.join(names)}")
    looks = [look_of(arm) for arm in arms]
    number = f"{{:{'+' if signed else ''}.{decimals}f}}"
    means = [each.mean for each in intervals]
    figure.add_trace(
        go.Scatter(
            x=means,
            y=list(names),
            mode="markers+text",
            text=[number.format(mean) for mean in means],
            textposition="top center",
            marker={"color": [each.colour for each in looks], "symbol": [each.marker for each in looks], "size": 10},
            error_x={
                "type": "data",
                "array": [each.high - each.mean for each in intervals],
                "arrayminus": [each.mean - each.low for each in intervals],
                "color": "#7a7a7a",
                "thickness": 1.5,
            },
            customdata=[[number.format(each.low), number.format(each.high), each.n] for each in intervals],
            hovertemplate="%{y}: %{text} [%{customdata[0]}, %{customdata[1]}], n = %{customdata[2]}<extra></extra>",
            showlegend=False,
        )
    )
    if signed:
        figure.add_vline(x=0, line={"color": "#7a7a7a", "width": 1})
    # From top to bottom, with room for the first number above its mark.
    figure.update_yaxes(range=[len(names) - 0.5, -0.8], ticks="", type="category")
    return figure
