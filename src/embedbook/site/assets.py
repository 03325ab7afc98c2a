"""Style sheet and icons of the site, and the removal of what calls another host or confuses a screen reader."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.config import Config

__all__ = ["connect"]

_WRONG_ROLES = re.compile(r' role="doc-biblioentry"|(?<=<div) role="list"(?= class="citation-list")')
_STATIC = Path(__file__).parent / "static"


def _drop_thebe(app: Sphinx, config: Config) -> None:
    """Silence sphinx-thebe, which the theme loads: it writes a foreign host's address into every page."""
    for event, listeners in app.events.listeners.items():
        app.events.listeners[event] = [
            listener for listener in listeners if not listener.handler.__module__.startswith("sphinx_thebe")
        ]
    app.registry.css_files = [sheet for sheet in app.registry.css_files if "thebe" not in sheet[0]]


def _add(app: Sphinx, config: Config) -> None:
    config["html_static_path"] = [*config["html_static_path"], str(_STATIC)]


def _drop_wrong_roles(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Take the roles from the bibliography that Docutils still writes and ARIA has withdrawn."""
    if "body" in context:
        context["body"] = _WRONG_ROLES.sub("", context["body"])


def connect(app: Sphinx) -> None:
    """Add the book's style sheet, and clean the pages of what the theme and Docutils bring along.

    Parameters
    ----------
    app : sphinx.application.Sphinx
        The running build.
    """
    app.connect("config-inited", _drop_thebe)
    app.connect("config-inited", _add)
    app.connect("html-page-context", _drop_wrong_roles)
    app.add_css_file("book.css")
    app.add_js_file("paper.js", loading_method="defer")
