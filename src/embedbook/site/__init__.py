"""The Sphinx extension of the book: everything the published pages need that Jupyter Book does not do by itself.

- figures drawn by a Plotly that the site serves itself, loaded when the first figure comes into view;
- formulas as MathML, made at build time, so that no script and no other host is needed for them;
- execution of the chapters keyed to everything that can change a result;
- the claims ledger and the status page, made from what the chapters put out;
- the explorer: its page, its data, and the way to it from every page;
- the short answer and the chooser of the landing page, made from the stored learning curves;
- the whole book on one page;
- buttons for the repository and for Binder only where the repository's address is known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from embedbook import __version__

if TYPE_CHECKING:
    from sphinx.application import Sphinx

__all__ = ["setup"]


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension with Sphinx.

    Parameters
    ----------
    app : sphinx.application.Sphinx
        The running build.

    Returns
    -------
    dict
        The extension's version and what it allows.
    """
    # Here, and not above: the programs in this package, such as `running`, need none of them.
    from embedbook.site import (
        assets,
        bibliography,
        cells,
        execution,
        figures,
        ledger,
        mathematics,
        one_page,
        repository,
        short_answer,
        status,
        times,
    )
    from embedbook.site.chooser import page as chooser
    from embedbook.site.explorer import page as explorer

    look = (assets, bibliography, cells, figures, mathematics, times)
    for part in (execution, repository, *look, ledger, short_answer, chooser, status, explorer, one_page):
        part.connect(app)
    return {"version": __version__, "parallel_read_safe": True, "parallel_write_safe": True}
