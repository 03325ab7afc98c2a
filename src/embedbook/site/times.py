"""The line under a chapter's title that says how long it takes to read and how long its code ran."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from docutils import nodes
from myst_nb.sphinx_ import NbMetadataCollector

if TYPE_CHECKING:
    from sphinx.application import Sphinx

__all__ = ["connect", "reading_minutes", "running_time"]

_WORDS_A_MINUTE = 180  # slower than a novel: there is code and mathematics between the sentences


def reading_minutes(doctree: nodes.document) -> int:
    """Estimate how long a page takes to read.

    Parameters
    ----------
    doctree : docutils.nodes.document
        The page.

    Returns
    -------
    int
        Minutes, at least one, from the words of its paragraphs.
    """
    words = sum(len(paragraph.astext().split()) for paragraph in doctree.findall(nodes.paragraph))
    return max(1, round(words / _WORDS_A_MINUTE))


def running_time(seconds: float) -> str:
    """Write a duration as a reader would say it.

    Parameters
    ----------
    seconds : float
        The duration.

    Returns
    -------
    str
        Such as "20 seconds" or "3 minutes".
    """
    if seconds < 90:
        return f"{max(10, round(seconds, -1)):.0f} seconds"
    return f"{seconds / 60:.0f} minutes"


def _seconds(app: Sphinx, docname: str) -> float | None:
    """Take the duration of this build's run where there was one, else the one stored with the outputs."""
    executed = NbMetadataCollector.get_exec_data(app.env, docname) or {}
    if executed.get("runtime"):
        return float(executed["runtime"])
    source = Path(app.env.doc2path(docname))
    stored = json.loads(source.read_text(encoding="utf-8")).get("metadata", {}).get("embedbook", {})
    return stored.get("seconds")


def _insert(app: Sphinx, doctree: nodes.document) -> None:
    docname = app.env.docname
    if not str(app.env.doc2path(docname)).endswith(".ipynb"):
        return
    title = next(iter(doctree.findall(nodes.title)), None)
    if title is None or title.parent is None:
        return
    text = f"{reading_minutes(doctree)} minutes to read"
    seconds = _seconds(app, docname)
    if seconds is not None:
        text += f", {running_time(seconds)} to run on two cores"
    line = nodes.paragraph(text, text, classes=["chapter-times"])
    title.parent.insert(title.parent.index(title) + 1, line)


def connect(app: Sphinx) -> None:
    """Write the line into every chapter.

    Parameters
    ----------
    app : sphinx.application.Sphinx
        The running build.
    """
    app.connect("doctree-read", _insert)
