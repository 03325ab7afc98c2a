"""What a page shows of a code cell: the markers that the tests look for are of no use to a reader."""

from __future__ import annotations

from typing import TYPE_CHECKING

from docutils import nodes

if TYPE_CHECKING:
    from sphinx.application import Sphinx

__all__ = ["MARKERS", "connect"]

#: Lines of a cell whose output nbval compares, or never does.
MARKERS = frozenset({"# NBVAL_CHECK_OUTPUT", "# NBVAL_IGNORE_OUTPUT"})


def _drop_markers(app: Sphinx, doctree: nodes.document) -> None:
    for block in list(doctree.findall(nodes.literal_block)):
        lines = block.astext().split("\n")
        if not MARKERS.isdisjoint(lines):
            shown = "\n".join(line for line in lines if line not in MARKERS)
            block.replace_self(nodes.literal_block(shown, shown, **block.attributes))


def connect(app: Sphinx) -> None:
    """Leave the markers out of the pages.

    Parameters
    ----------
    app : sphinx.application.Sphinx
        The running build.
    """
    app.connect("doctree-read", _drop_markers)
