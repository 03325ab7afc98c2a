"""Learning curves as one SVG drawing: no library, readable without JavaScript, in light and dark and on paper."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from embedbook.comparison.findings import METRICS, Findings, Score
from embedbook.comparison.running import MAJORITY
from embedbook.plots import ARMS

__all__ = ["Look", "capital", "draw", "looks"]

_WIDTH, _HEIGHT = 860, 440
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 190, 16, 56
_LABEL_GAP = 17.0  # pixels between two names at the lines' ends
# For the vectors of a user, after the book's own two.
_MORE_COLOURS = tuple(ARMS[name].colour for name in ("both", "imdb", "wiki+imdb", "wiki"))
_DASHES = {"bag": "8 3 2 3", "learned": "", "static": "7 5", "nonstatic": ""}
_STEPS = (1, 2, 5, 10, 20)


@dataclass(frozen=True)
class Look:
    """How a method is drawn.

    Parameters
    ----------
    colour : str
        Hexadecimal.
    dash : str
        SVG's stroke-dasharray: frozen vectors are dashed, fine-tuned ones solid.
    marker : str
        "circle", "square", "diamond" or "triangle".
    """

    colour: str
    dash: str
    marker: str


def looks(kinds: Mapping[str, str], vectors: Mapping[str, str]) -> dict[str, Look]:
    """Give each method its look; one colour a source of vectors, as everywhere in the book.

    Parameters
    ----------
    kinds : mapping of str to str
        The kind of each method.
    vectors : mapping of str to str
        The name of its vectors, or "".
    """
    names = list(dict.fromkeys(name for name in vectors.values() if name))
    own = [name for name in names if name not in ("word2vec", "GloVe")]
    colours = {"word2vec": ARMS["word2vec"].colour, "GloVe": ARMS["glove"].colour}
    colours.update({name: _MORE_COLOURS[place % len(_MORE_COLOURS)] for place, name in enumerate(own)})
    found = {}
    for arm, kind in kinds.items():
        if kind == "bag":
            found[arm] = Look(ARMS["one-hot"].colour, _DASHES[kind], "square")
        elif kind == "learned":
            found[arm] = Look(ARMS["learned"].colour, _DASHES[kind], "circle")
        else:
            marker = "diamond" if kind == "static" else "triangle"
            found[arm] = Look(colours[vectors[arm]], _DASHES.get(kind, ""), marker)
    return found


def draw(findings: Findings, metric: str, look: Mapping[str, Look]) -> str:
    """Draw one metric of all methods against the number of training texts.

    Parameters
    ----------
    findings : Findings
        What the runs say.
    metric : str
        A key of `METRICS`.
    look : mapping of str to Look
        From `looks`.

    Returns
    -------
    str
        An ``<svg>`` element. Each method is a group of the class "arm" that a script can hide.
    """
    frame = _Frame(findings, metric)
    lines = [frame.grid()]
    ends = _spread({arm: frame.y(points[-1][1].mean) for arm, points in frame.curves.items()})
    for arm, curve in frame.curves.items():
        lines.append(_arm(frame, arm, curve, look.get(arm), ends[arm]))
    title = f"{capital(METRICS[metric])} on test texts against the number of training texts"
    best = {arm: points[-1][1] for arm, points in frame.curves.items()}
    said = "; ".join(f"{arm} {score} % at {frame.curves[arm][-1][0]:,} texts" for arm, score in best.items())
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-labelledby="title-{metric} desc-{metric}" '
        f'class="chart" data-metric="{metric}"><title id="title-{metric}">{escape(title)}</title>'
        f'<desc id="desc-{metric}">{escape(f"Lines with 95 % intervals. At their ends: {said}.")}</desc>'
        + "".join(lines)
        + "</svg>"
    )


def capital(name: str) -> str:
    """Begin a sentence with a name: "Macro-F1", whose last letter stays as it is.

    Parameters
    ----------
    name : str
        One word or more.
    """
    return name[:1].upper() + name[1:]


class _Frame:
    """The axes of a drawing."""

    def __init__(self, findings: Findings, metric: str) -> None:
        self.metric, self.sizes = metric, findings.sizes
        self.curves: dict[str, list[tuple[int, Score]]] = {}
        for arm in (*findings.arms, MAJORITY):
            curve = [(size, s) for size in self.sizes if (s := findings.scores.get((metric, arm, size)))]
            if curve:
                self.curves[arm] = curve
        every = [score for curve in self.curves.values() for _, score in curve]
        # A wide interval from few seeds shall not flatten all curves: its band is cut at the frame.
        low, high = (100 * extreme(score.mean for score in every) for extreme in (min, max))
        step = next((step for step in _STEPS if (high - low + 4) / step <= 8), _STEPS[-1])
        self.low = max(0, step * math.floor((low - 2) / step))
        self.high = min(100, step * math.ceil((high + 2) / step))
        self.ticks = range(self.low, self.high + 1, step)

    def x(self, size: int) -> float:
        first, last = math.log(self.sizes[0]), math.log(self.sizes[-1])
        share = (math.log(size) - first) / (last - first) if last > first else 0.5
        return _LEFT + 12 + share * (_WIDTH - _LEFT - _RIGHT - 24)

    def y(self, fraction: float) -> float:
        share = (min(max(100 * fraction, self.low), self.high) - self.low) / (self.high - self.low)
        return _HEIGHT - _BOTTOM - share * (_HEIGHT - _TOP - _BOTTOM)

    def grid(self) -> str:
        right, bottom = _WIDTH - _RIGHT, _HEIGHT - _BOTTOM
        parts = []
        for tick in self.ticks:
            y = self.y(tick / 100)
            parts.append(f'<line class="grid" x1="{_LEFT}" x2="{right}" y1="{y:.1f}" y2="{y:.1f}"/>')
            parts.append(f'<text class="tick" x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{tick}</text>')
        before = -math.inf
        for size in self.sizes:
            x = self.x(size)
            parts.append(f'<line class="axis" x1="{x:.1f}" x2="{x:.1f}" y1="{bottom}" y2="{bottom + 5}"/>')
            if x - before > 44:
                parts.append(f'<text class="tick" x="{x:.1f}" y="{bottom + 20}" text-anchor="middle">{size:,}</text>')
                before = x
        parts.append(f'<line class="axis" x1="{_LEFT}" x2="{right}" y1="{bottom}" y2="{bottom}"/>')
        middle = (_LEFT + right) / 2
        parts.append(f'<text class="name" x="{middle}" y="{_HEIGHT - 12}" text-anchor="middle">training texts</text>')
        height = (_TOP + bottom) / 2
        parts.append(
            f'<text class="name" x="16" y="{height}" text-anchor="middle" transform="rotate(-90 16 {height})">'
            f"{METRICS[self.metric]} (%)</text>"
        )
        return "".join(parts)


def _arm(frame: _Frame, arm: str, curve: Sequence[tuple[int, Score]], look: Look | None, label_y: float) -> str:
    look = look or Look("currentColor", "2 4", "")
    places = [(frame.x(size), frame.y(score.mean)) for size, score in curve]
    parts = []
    banded = [(frame.x(size), score.interval) for size, score in curve if score.interval and look.marker]
    if len(banded) > 1:
        above = [f"{x:.1f},{frame.y(interval.high):.1f}" for x, interval in banded]
        below = [f"{x:.1f},{frame.y(interval.low):.1f}" for x, interval in reversed(banded)]
        parts.append(f'<polygon class="band" fill="{look.colour}" points="{" ".join(above + below)}"/>')
    elif banded and banded[0][1] is not None:
        x, interval = banded[0]
        parts.append(
            f'<line stroke="{look.colour}" stroke-width="2" x1="{x:.1f}" x2="{x:.1f}" y1="{frame.y(interval.low):.1f}" '
            f'y2="{frame.y(interval.high):.1f}"/>'
        )
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    dash = f' stroke-dasharray="{look.dash}"' if look.dash else ""
    parts.append(f'<polyline class="line" stroke="{look.colour}"{dash} points="{line}"/>')
    for (x, y), (size, score) in zip(places, curve, strict=True):
        hint = f"{arm}, {size:,} texts: {score} %, {score.seeds} seed{'s' if score.seeds > 1 else ''}"
        parts.append(f'<g class="point" data-hint="{escape(hint)}"><title>{escape(hint)}</title>')
        parts.append(f'<circle class="reach" cx="{x:.1f}" cy="{y:.1f}" r="11"/>{_marker(look, x, y)}</g>')
    right = _WIDTH - _RIGHT
    end_x, end_y = places[-1]
    parts.append(
        f'<polyline class="leader" points="{end_x + 6:.1f},{end_y:.1f} {right - 2:.1f},{label_y:.1f} '
        f'{right + 6},{label_y:.1f}"/>'
        f'<text class="label" x="{right + 10}" y="{label_y + 4:.1f}">{escape(_shortened(arm))}</text>'
    )
    return f'<g class="arm" data-arm="{escape(arm)}">{"".join(parts)}</g>'


def _marker(look: Look, x: float, y: float) -> str:
    if look.marker == "circle":
        return f'<circle fill="{look.colour}" cx="{x:.1f}" cy="{y:.1f}" r="4.5"/>'
    if look.marker == "square":
        return f'<rect fill="{look.colour}" x="{x - 4:.1f}" y="{y - 4:.1f}" width="8" height="8"/>'
    corners = {
        "diamond": ((0, -6), (6, 0), (0, 6), (-6, 0)),
        "triangle": ((0, -6), (5.5, 4), (-5.5, 4)),
    }.get(look.marker, ())
    points = " ".join(f"{x + dx:.1f},{y + dy:.1f}" for dx, dy in corners)
    return f'<polygon fill="{look.colour}" points="{points}"/>' if points else ""


def _spread(wanted: Mapping[str, float]) -> dict[str, float]:
    """Move the names at the lines' ends apart, as little as needed to read them, and keep them inside the drawing."""
    placed: dict[str, float] = {}
    bottom = _HEIGHT - _BOTTOM
    before = -math.inf
    for name in sorted(wanted, key=lambda name: wanted[name]):
        before = placed[name] = max(wanted[name], before + _LABEL_GAP, _TOP + 6)
    limit = float(bottom) + _LABEL_GAP
    for name in sorted(placed, key=lambda name: -placed[name]):
        limit = placed[name] = min(placed[name], limit - _LABEL_GAP)
    return placed


def _shortened(name: str, limit: int = 24) -> str:
    return name if len(name) <= limit else name[: limit - 1] + "…"
