"""Building a small book with Sphinx, one after the other in one process."""

from __future__ import annotations

import io
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace


def build(folder: Path, builder: str = "html") -> str:
    """Build the book of a folder into its folder "_build"; return the warnings.

    What a build registers with Docutils is forgotten after it, or the next one would warn of each piece.
    """
    warnings, out = io.StringIO(), folder / "_build"
    with docutils_namespace():
        Sphinx(folder, folder, out, out / "trees", builder, status=None, warning=warnings).build()
    return warnings.getvalue()
