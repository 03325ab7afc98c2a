"""The chooser's place on a page: the questions, the advice for all answers as data, and the same as plain tables.

Write the directive ``chooser`` on a page. All advice is computed when the page is built; its script only looks it up,
and without the script the tables hold the same.
"""

from __future__ import annotations

import html
import json
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from docutils import nodes
from docutils.parsers.rst import Directive

from embedbook.experiments import read_costs
from embedbook.site.chooser.advice import NO_VECTORS, WAYS, Answers
from embedbook.site.chooser.data import answers_key, chooser_data
from embedbook.site.short_answer import GRID, finished_curves, unfinished

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

__all__ = ["chooser_html", "connect"]

_NODE_CLASS = "chooser-output"
#: Where the measurements are explained, the best place first, and where a reader learns to measure on their own texts.
_BEHIND = ("chapters/11-how-much-data", "chapters/10-features", "chapters/04-sentiment")
_OWN = ("chapters/13-your-own-data",)
_BEGIN_WITH = 200  # labelled texts


def chooser_html(data: dict[str, Any], links: Sequence[tuple[str, str, str]]) -> str:
    """Write the chooser.

    Parameters
    ----------
    data : dict
        From `chooser_data`, of at least one kind of texts.
    links : sequence of (str, str, str)
        What a link is for, its text and its address.

    Returns
    -------
    str
        A `div` element.
    """
    # "</" would end the script element early; the backslash is invisible to JSON.
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("</", "<\\/")
    further = " ".join(
        f'{html.escape(why)} <a href="{html.escape(uri)}">{html.escape(name)}</a>.' for why, name, uri in links
    )
    return (
        f'<div class="chooser"><form class="chooser__form" hidden>{_questions(data)}</form>'
        '<div class="chooser__answer" hidden><output class="chooser__advice" aria-live="polite"></output>'
        '<div class="chooser__numbers" tabindex="0" role="group" aria-label="The measured numbers"></div>'
        '<p class="chooser__source"></p></div>'
        f'<p class="chooser__links">{further}</p>'
        f"<details open><summary>All advice, for all answers</summary>{_tables(data)}</details>"
        f'<script type="application/json" class="chooser__data">{text}</script></div>'
    )


def _questions(data: dict[str, Any]) -> str:
    kinds = data["kinds"]
    alike = _choice(
        "like", "Your texts are most like", [(key, kind["name"]) for key, kind in kinds.items()], next(iter(kinds))
    )
    first = _choice(
        "first",
        "What comes first",
        [("accuracy", "accuracy"), ("small", "speed and size")],
        "accuracy",
    )
    return alike + "".join(_kind_questions(key, kind) for key, kind in kinds.items()) + first


def _kind_questions(key: str, kind: dict[str, Any]) -> str:
    """Write the questions whose choices depend on what was measured on one kind of texts."""
    sizes, levels = kind["sizes"], kind["levels"]
    begin = min(range(len(sizes)), key=lambda place: abs(sizes[place] - _BEGIN_WITH))
    ticks = "".join(f"<span>{size:,}</span>" for size in sizes)
    slider = (
        f'<div class="chooser__field"><label for="chooser-texts-{key}">Labelled texts that you have: '
        f'<strong class="chooser__texts">{sizes[begin]:,}</strong></label>'
        f'<input type="range" id="chooser-texts-{key}" name="texts-{key}" min="0" max="{len(sizes) - 1}" step="1" '
        f'value="{begin}" aria-valuetext="{sizes[begin]:,} texts">'
        f'<div class="chooser__ticks" aria-hidden="true">{ticks}</div></div>'
    )
    words = _choice(
        f"words-{key}",
        "Share of your running words that ready-made vectors have",
        [(str(level), _share(level, levels)) for level in reversed(levels)],
        str(levels[-1]),
    )
    if kind["own"]:
        own = _choice(
            f"own-{key}",
            "Unlabelled text of your own kind, to train vectors on",
            [("no", "little or none"), ("yes", "plenty")],
            "no",
        )
    else:
        own = (
            '<p class="chooser__note">For this kind of texts, no vectors were measured that had read text of the same '
            "kind, so you are not asked whether you have some.</p>"
        )
    return f'<div class="chooser__kind" data-kind="{key}">{slider}{words}{own}</div>'


def _choice(name: str, legend: str, choices: Sequence[tuple[str, str]], chosen: str) -> str:
    radios = "".join(
        f'<label><input type="radio" name="{name}" value="{value}"{" checked" if value == chosen else ""}>'
        f"<span>{html.escape(text)}</span></label>"
        for value, text in choices
    )
    return f'<fieldset class="chooser__field"><legend>{html.escape(legend)}</legend>{radios}</fieldset>'


def _share(level: int, levels: Sequence[int]) -> str:
    if level == NO_VECTORS:
        return "no ready-made vectors"
    return f"{level} % or more" if level == levels[-1] else f"about {level} %"


def _tables(data: dict[str, Any]) -> str:
    short = [way.short for way in WAYS]
    tables = []
    for key, kind in data["kinds"].items():
        rows = []
        for level in reversed(kind["levels"]):
            for own in (False, True) if kind["own"] else (False,):
                for small in (False, True):
                    answers = [Answers(key, size, level, own, small) for size in kind["sizes"]]
                    found = [kind["entries"][kind["advice"][answers_key(each)]] for each in answers]
                    said = [
                        _share(level, kind["levels"]),
                        "yes" if own else "no",
                        "speed and size" if small else "accuracy",
                    ]
                    cells = "".join(f"<td>{short[entry['way']]}</td>" for entry in found)
                    rows.append(f'<tr><th scope="row">{said[0]}</th><td>{said[1]}</td><td>{said[2]}</td>{cells}</tr>')
        head = "".join(f'<th scope="col">{size:,} texts</th>' for size in kind["sizes"])
        caption = f"Texts like {kind['name']}: read off {kind['source']}, {kind['seeds']} seeds."
        tables.append(
            f'<div class="book-table" tabindex="0" role="group" aria-label="{html.escape(caption)}"><table>'
            f"<caption>{html.escape(caption)}</caption><thead><tr>"
            '<th scope="col">words with vectors</th><th scope="col">own text</th><th scope="col">first</th>'
            f"{head}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
        )
    return "".join(tables)


# --- In the build ----------------------------------------------------------------------------------------------------


class _Chooser(nodes.General, nodes.Element):
    """Stands where the chooser will be, until all chapters have been read and can be linked to."""


class _ChooserDirective(Directive):
    def run(self) -> list[nodes.Node]:
        env = self.state.document.settings.env
        curves = finished_curves(env)
        if not curves.datasets():
            return unfinished()
        env.metadata[env.docname]["chooser"] = "yes"
        return [_Chooser(data=chooser_data(curves, _seconds(Path(env.srcdir, "data", "results"))))]


def _seconds(results: Path) -> dict[tuple[str, str, int], float]:
    """Return the median over seeds of what the stored runs took."""
    spent: dict[tuple[str, str, int], list[float]] = {}
    for row, seconds in read_costs(results, GRID):
        spent.setdefault((row["dataset"], row["arm"], row["n_train"]), []).append(seconds)
    return {run: median(values) for run, values in spent.items()}


def _outdated(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Write the page anew in each build: a chapter to link to may have come."""
    return [docname for docname, metadata in env.metadata.items() if "chooser" in metadata]


def _resolve(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    for place in list(doctree.findall(_Chooser)):
        links = []
        for why, targets in (
            ("The measurements behind it:", _BEHIND),
            ("Better still, measure on your own texts:", _OWN),
        ):
            target = next((name for name in targets if name in app.env.found_docs), None)
            if target:
                uri = app.builder.get_relative_uri(docname, target)
                links.append((why, app.env.titles[target].astext(), uri))
        place.replace_self(nodes.raw("", chooser_html(place["data"], links), format="html", classes=[_NODE_CLASS]))


def _add_assets(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    if doctree is not None and any(_NODE_CLASS in node["classes"] for node in doctree.findall(nodes.raw)):
        app.add_css_file("chooser.css")
        app.add_js_file("chooser.js", loading_method="defer")


def connect(app: Sphinx) -> None:
    """Register the directive and what its page needs.

    Parameters
    ----------
    app : sphinx.application.Sphinx
        The running build.
    """
    app.add_node(_Chooser)
    app.add_directive("chooser", _ChooserDirective)
    app.connect("env-updated", _outdated)
    app.connect("doctree-resolved", _resolve)
    app.connect("html-page-context", _add_assets)
