"""The status page: what each chapter took to run, on which data and with which versions, as its notebook says.

Write the directive ``chapter-status`` on a page.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docutils import nodes
from docutils.parsers.rst import Directive

if TYPE_CHECKING:
    from sphinx.application import Sphinx

__all__ = ["MOST_MEGABYTES", "MOST_SECONDS", "connect", "read_runs"]

#: What all chapters together may take on real data, in seconds on two cores.
MOST_SECONDS = 30 * 60
#: What one chapter's kernel may hold at its peak, in megabytes.
MOST_MEGABYTES = 1500


def read_runs(folder: Path) -> dict[str, dict[str, Any]]:
    """Read what the stored chapters say of their last run.

    Parameters
    ----------
    folder : pathlib.Path
        Where the notebooks lie.

    Returns
    -------
    dict of str to dict
        By the notebook's name without its ending: "seconds", "peak_megabytes", "data", and where they were kept "date"
        and "versions".
    """
    runs = {}
    for path in sorted(folder.glob("*.ipynb")):
        stored = json.loads(path.read_text(encoding="utf-8"))["metadata"].get("embedbook")
        if stored:
            runs[path.stem] = stored
    return runs


class _Status(nodes.General, nodes.Element):
    """Stands where the table will be, until the chapters' titles are known."""


class _StatusDirective(Directive):
    def run(self) -> list[nodes.Node]:
        env = self.state.document.settings.env
        for path in sorted(Path(env.srcdir, "chapters").glob("*.ipynb")):
            env.note_dependency(str(path))
        return [_Status()]


def _resolve(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    for place in list(doctree.findall(_Status)):
        runs = read_runs(Path(app.srcdir, "chapters"))
        known = {name: run for name, run in runs.items() if f"chapters/{name}" in app.env.titles}
        place.replace_self(_report(app, docname, known))


def _report(app: Sphinx, docname: str, runs: Mapping[str, Mapping[str, Any]]) -> list[nodes.Node]:
    seconds = sum(run["seconds"] for run in runs.values())
    memory = max((run["peak_megabytes"] for run in runs.values()), default=0)
    text = (
        f"All {len(runs)} chapters took {seconds / 60:.0f} minutes (the limit is {MOST_SECONDS // 60}); the most "
        f"memory that one held was {memory:,} MB (the limit is {MOST_MEGABYTES:,})."
    )
    rows: list[list[nodes.Node]] = []
    for name, run in runs.items():
        page = f"chapters/{name}"
        title = app.env.titles[page].astext()
        link = nodes.reference("", title, internal=True, refuri=app.builder.get_relative_uri(docname, page))
        words = [f"{run['seconds']:,}", f"{run['peak_megabytes']:,}", run["data"], run.get("date", "not kept")]
        rows.append([link, *map(nodes.Text, words)])
    head = ["chapter", "seconds", "peak memory (MB)", "data", "stored on"]
    versions = sorted({run["versions"] for run in runs.values() if "versions" in run})
    kept = [nodes.paragraph("", f"Versions: {each}.") for each in versions]
    return [nodes.paragraph("", text), _table(head, rows), *kept]


def _table(head: Sequence[str], rows: Sequence[Sequence[nodes.Node]]) -> nodes.table:
    group = nodes.tgroup("", *(nodes.colspec(colwidth=1) for _ in head), cols=len(head))
    group += nodes.thead("", nodes.row("", *(nodes.entry("", nodes.paragraph("", name)) for name in head)))
    body = nodes.tbody()
    for row in rows:
        body += nodes.row("", *(nodes.entry("", nodes.paragraph("", "", cell)) for cell in row))
    group += body
    return nodes.table("", group, classes=["status"])


def connect(app: Sphinx) -> None:
    """Make the directive known.

    Parameters
    ----------
    app : sphinx.application.Sphinx
        The running build.
    """
    app.add_node(_Status)
    app.add_directive("chapter-status", _StatusDirective)
    app.connect("doctree-resolved", _resolve)
