"""Plotly figures on the site: drawn by a script the site serves itself, and readable without it.

Plotly stores a figure in a notebook as JSON of its own type, which MyST-NB drops with a warning. The renderer here
turns it into a page element that holds the figure's data, its text alternative, its caption and its table.
"""

from __future__ import annotations

import html
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from docutils import nodes

if TYPE_CHECKING:
    from sphinx.application import Sphinx

__all__ = ["MIME_TYPE", "PlotlyRenderer", "connect", "figure_html", "figure_node"]

MIME_TYPE = "application/vnd.plotly.v1+json"
_SCRIPT = "plotly.min.js"
# The raw node carries this class, the figure inside it another one: with one class for both it would be drawn twice.
_NODE_CLASS = "plotly-output"


def figure_html(figure: dict[str, Any], drawing: str | None = None) -> str:
    """Write one figure as HTML.

    Parameters
    ----------
    figure : dict
        A figure as Plotly stores it, with `layout.meta` as :func:`embedbook.plots.describe` makes it.
    drawing : str, optional
        The figure as SVG, if the build has drawn it already (:mod:`embedbook.site.drawing`).

    Returns
    -------
    str
        A `figure` element: the drawing, or the place to draw in and the data; the caption, and the table behind it.

    Raises
    ------
    ValueError
        If the figure carries no description.
    """
    layout = dict(figure.get("layout", {}))
    meta = layout.pop("meta", None) or {}
    missing = [key for key in ("alt", "caption", "table") if not meta.get(key)]
    if missing:
        raise ValueError(f"a figure has no {', '.join(missing)}: finish it with embedbook.plots.describe")
    return (
        f'<figure class="book-figure" aria-label="{html.escape(meta["alt"])}">'
        f"{drawing or _place_to_draw_in(figure.get('data', []), layout)}"
        f"<figcaption>{html.escape(meta['caption'])}</figcaption>"
        f"<details><summary>The numbers behind this figure</summary>{_table_html(meta['table'])}</details>"
        "</figure>"
    )


def _place_to_draw_in(traces: list[dict[str, Any]], layout: dict[str, Any]) -> str:
    # "</" would end the script element early; the backslash is invisible to JSON.
    data = json.dumps({"data": traces, "layout": layout}, separators=(",", ":")).replace("</", "<\\/")
    height = int(layout.get("height", 400))
    return (
        f'<div class="book-figure__plot" style="min-height:{height}px">'
        f'<script type="application/json" class="book-figure__data">{data}</script>'
        "<noscript><p>Drawing this figure needs JavaScript; its numbers stand in the table below.</p></noscript></div>"
    )


def _table_html(table: dict[str, Any]) -> str:
    head = "".join(f'<th scope="col">{html.escape(column)}</th>' for column in table["columns"])
    rows = "".join(
        "<tr>" + "".join(f"<td>{html.escape(str(cell))}</td>" for cell in row) + "</tr>" for row in table["rows"]
    )
    return (
        '<div class="book-figure__table" tabindex="0" role="group" aria-label="The numbers behind this figure">'
        f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def figure_node(figure: dict[str, Any]) -> nodes.raw:
    """Return a figure as a node of a page, which Plotly will draw there.

    Parameters
    ----------
    figure : dict
        Plotly's JSON of a figure that `embedbook.plots.describe` has finished.

    Returns
    -------
    docutils.nodes.raw
    """
    return nodes.raw("", figure_html(figure), format="html", classes=[_NODE_CLASS])


class PlotlyRenderer:
    """Teaches MyST-NB Plotly's own type (entry point `myst_nb.mime_renderers`)."""

    # Of both ways to build: a page for each chapter, and the whole book on one page.
    mime_priority_overrides: ClassVar[Sequence[tuple[str, str, int]]] = [
        (builder, MIME_TYPE, 5) for builder in ("html", "singlehtml")
    ]

    @staticmethod
    def handle_mime(renderer: Any, data: Any, inline: bool) -> list[nodes.Element] | None:
        """Render one output of a cell.

        Parameters
        ----------
        renderer : myst_nb.core.render.NbElementRenderer
            MyST-NB's renderer.
        data : myst_nb.core.render.MimeData
            The output.
        inline : bool
            Whether the output stands within a line of text, where a figure cannot.

        Returns
        -------
        list of docutils.nodes.Element or None
            One raw HTML node, or None to leave the output to others.
        """
        if inline or data.mime_type != MIME_TYPE:
            return None
        return [figure_node(data.content)]


def _has_figure(doctree: nodes.document | None) -> bool:
    return doctree is not None and any(_NODE_CLASS in node["classes"] for node in doctree.findall(nodes.raw))


def _add_script(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    if _has_figure(doctree):
        script = context["pathto"](f"_static/{_SCRIPT}", resource=True)
        app.add_js_file("figures.js", loading_method="defer", **{"data-plotly": script})


def _write_plotly(app: Sphinx, exception: Exception | None) -> None:
    if exception is not None or app.builder.format != "html":
        return
    from plotly.offline import get_plotlyjs

    target = Path(app.outdir) / "_static" / _SCRIPT
    target.write_text(get_plotlyjs(), encoding="utf-8")


def connect(app: Sphinx) -> None:
    """Add the figures' script to the pages that have figures, and Plotly to the site.

    Parameters
    ----------
    app : sphinx.application.Sphinx
        The running build.
    """
    app.connect("html-page-context", _add_script)
    app.connect("build-finished", _write_plotly)
