"""The whole book as one HTML page, to print or to search: Sphinx' builder, with a place of its own for each link.

Sphinx puts the chapters one after the other and leaves their anchors as they are. Each chapter has an "exercises" and
an "id4", so most links would lead into the first chapter. Here each anchor is preceded by the name of its chapter.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from docutils import nodes
from sphinx import addnodes
from sphinx.builders.singlehtml import SingleFileHTMLBuilder

if TYPE_CHECKING:
    from sphinx.application import Sphinx

__all__ = ["OnePageBuilder", "connect"]

# How Sphinx writes a link from one chapter into another at this point: "#document-" chapter "#" anchor.
_LINK = re.compile(r"^#document-(?P<chapter>[^#]+)#(?P<anchor>.+)$")
_ANCHOR_IN_HTML = re.compile(r'(?<=<div id=")(?=claim-)')
_SEARCH_INDEX = re.compile(r'\s*<script src="searchindex\.js"></script>')


class OnePageBuilder(SingleFileHTMLBuilder):
    """Builder "singlehtml" of this book."""

    def init(self) -> None:
        """Hide the theme's search, which needs an index that one page does not have: the browser searches a page."""
        super().init()
        self.app.add_css_file("one-page.css")

    def fix_refuris(self, tree: nodes.Node) -> None:
        """Let links lead to the anchors as `assemble_doctree` names them."""
        for link in tree.findall(nodes.reference):
            if found := _LINK.match(link.get("refuri", "")):
                link["refuri"] = f"#{_prefix(found['chapter'])}{found['anchor']}"

    def assemble_doctree(self) -> nodes.document:
        """Put the chapters one after the other, each anchor with its chapter's name before it."""
        tree = super().assemble_doctree()
        _rename(tree, self.config.root_doc)
        return tree

    def finish(self) -> None:
        """Finish, and take out the request for the index of the search."""
        super().finish()
        page = Path(self.outdir) / f"{self.config.root_doc}{self.out_suffix}"
        page.write_text(_SEARCH_INDEX.sub("", page.read_text(encoding="utf-8")), encoding="utf-8")


def _prefix(chapter: str) -> str:
    return f"{chapter.replace('/', '-')}--"


def _rename(node: nodes.Element, chapter: str) -> None:
    """Put the chapter's name before the anchors of a node and of all below it, and before links to them."""
    prefix = _prefix(chapter)
    for names in ("ids", "backrefs"):
        if node.get(names):
            node[names] = [f"{prefix}{anchor}" for anchor in node[names]]
    if "refid" in node:
        node["refid"] = f"{prefix}{node['refid']}"
    for child in list(node.children):
        if isinstance(child, nodes.raw) and child.get("format") == "html":
            text = _ANCHOR_IN_HTML.sub(prefix, child.astext())
            node.replace(child, nodes.raw("", text, **child.attributes))
        elif isinstance(child, addnodes.start_of_file):
            _rename(child, child["docname"])
        elif isinstance(child, nodes.Element):
            _rename(child, chapter)


def connect(app: Sphinx) -> None:
    """Let "singlehtml" be built by `OnePageBuilder`.

    Parameters
    ----------
    app : sphinx.application.Sphinx
        The running build.
    """
    app.add_builder(OnePageBuilder, override=True)
