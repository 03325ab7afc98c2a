"""The explorer's page: the directive that makes it, the files it reads, and the link to it in every page's header."""

from __future__ import annotations

import base64
import html
import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import Directive
from sphinx.errors import SphinxError

from embedbook.plots import ARMS
from embedbook.site.explorer import files

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.config import Config

__all__ = ["ExplorerDirective", "connect", "explorer_html"]

_PAGE = "explorer"
_NODE_CLASS = "explorer-output"
_TEMPLATES = Path(__file__).parents[1] / "templates"
_EXAMPLES = ("cat", "good", "bank", "king", "paris", "walk")
_NEIGHBOURS = 4


def explorer_html(explorer: files.Explorer, address: str) -> str:
    """Write the place of the explorer, with a sentence and a small table for readers without JavaScript.

    Parameters
    ----------
    explorer : Explorer
        What the table is computed from.
    address : str
        Of the folder of the explorer's files, from the page.

    Returns
    -------
    str
        A `div` element.
    """
    colours = "; ".join(f"--explorer-{space.title.key}: {ARMS[space.title.arm].colour}" for space in explorer.spaces)
    titles = "".join(f'<th scope="col">{html.escape(space.title.title)}</th>' for space in explorer.spaces)
    rows = []
    for word in (example for example in _EXAMPLES if example in explorer.words):
        found = explorer.neighbours(word, _NEIGHBOURS)
        cells = "".join(f"<td>{html.escape(', '.join(found[space.title.key]))}</td>" for space in explorer.spaces)
        rows.append(f'<tr><th scope="row">{html.escape(word)}</th>{cells}</tr>')
    return (
        f'<div class="explorer" data-files="{html.escape(address)}" style="{colours}"><div class="explorer__without">'
        f"<p>Searching {len(explorer.words):,} words needs JavaScript. Without it, here is what is nearest to a few of "
        "them.</p>"
        '<div class="explorer__plain" tabindex="0" role="group" aria-label="Neighbours of a few words"><table>'
        f'<thead><tr><th scope="col">Word</th>{titles}</tr></thead><tbody>{"".join(rows)}</tbody></table></div>'
        "</div></div>"
    )


class ExplorerDirective(Directive):
    """Puts the explorer where `{explorer}` stands."""

    has_content: ClassVar[bool] = False

    def run(self) -> list[nodes.Node]:
        """Return one raw HTML node."""
        environment = self.state.document.settings.env
        try:
            explorer = files.read(_folder(environment.app))
        except ValueError as error:
            raise SphinxError(str(error)) from error
        environment.note_dependency(str(_folder(environment.app) / files.INDEX))
        return [nodes.raw("", explorer_html(explorer, "_static/explorer/"), format="html", classes=[_NODE_CLASS])]


def _folder(app: Sphinx) -> Path:
    return Path(app.srcdir) / "data" / "explorer"


def _has_explorer(app: Sphinx) -> bool:
    return _PAGE in app.env.found_docs


def _add_template(app: Sphinx, config: Config) -> None:
    config["templates_path"] = [*config["templates_path"], str(_TEMPLATES)]
    options = dict(config["html_theme_options"])
    options["article_header_end"] = ["explorer-link.html", "article-header-buttons.html"]
    config["html_theme_options"] = options


def _add_assets(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    # The page that holds it is the explorer's own, or that of the whole book.
    if doctree is not None and any(_NODE_CLASS in node["classes"] for node in doctree.findall(nodes.raw)):
        app.add_css_file("explorer.css")
        app.add_js_file("explorer.js", loading_method="defer")


def _write_files(app: Sphinx, exception: Exception | None) -> None:
    if exception is not None or app.builder.format != "html" or not _has_explorer(app):
        return
    target = Path(app.outdir) / "_static" / "explorer"
    target.mkdir(parents=True, exist_ok=True)
    packed = [_folder(app) / files.INDEX, *sorted(_folder(app).glob("*.bin"))]
    for file in packed:
        shutil.copyfile(file, target / file.name)
    # A page that is opened from a disk may load scripts, but no other files.
    texts = {file.name: base64.b64encode(file.read_bytes()).decode("ascii") for file in packed}
    (target / "files.js").write_text(f"window.explorerFiles = {json.dumps(texts)};\n", encoding="utf-8")


def connect(app: Sphinx) -> None:
    """Register the directive, the assets, the files and the link.

    Parameters
    ----------
    app : sphinx.application.Sphinx
        The running build.
    """
    app.add_directive("explorer", ExplorerDirective)
    app.connect("config-inited", _add_template)
    app.connect("html-page-context", _add_assets)
    app.connect("build-finished", _write_files)
