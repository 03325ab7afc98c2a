"""What a page shows of a code cell: the marker that the tests look for is of no use to a reader."""

from __future__ import annotations

from typing import TYPE_CHECKING

from docutils import nodes

if TYPE_CHECKING:
    from sphinx.application import Sphinx

__all__ = ["CHECK_MARKER", "connect"]

#: First line of a cell whose output nbval compares.
CHECK_MARKER = "# NBVAL_CHECK_OUTPUT\n"


def _drop_marker(app: Sphinx, doctree: nodes.document) -> None:
    for block in list(doctree.findall(nodes.literal_block)):
        text = block.astext()
        if text.startswith(CHECK_MARKER):
            shown = text.removeprefix(CHECK_MARKER)
            block.replace_self(nodes.literal_block(shown, shown, **block.attributes))


def connect(app: Sphinx) -> None:
    """Leave the marker out of the pages.

    Parameters
    ----------
    app : sphinx.application.Sphinx
        The running build.
    """
    app.connect("doctree-read", _drop_marker)
