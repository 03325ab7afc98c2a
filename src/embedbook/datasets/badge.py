"""The data badge: one line of HTML that tells a page's reader which data it ran on."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

__all__ = ["data_badge"]


def data_badge(
    origin: str, title: str, facts: Iterable[str], *, licence: str, citation: str, homepage: str = ""
) -> str:
    """Return the badge of a data set.

    Parameters
    ----------
    origin : {"real", "sample"}
        Decides the words and the class, `data-badge--real` or `data-badge--sample`.
    title : str
        Title of the data set.
    facts : iterable of str
        Short facts such as sizes.
    licence, citation : str
        As the registry has them.
    homepage : str
        An https address that the citation links to; without one it is plain text.

    Returns
    -------
    str
        A `<div>`; everything in it is escaped.
    """
    words = "Real data" if origin == "real" else "Sample data"
    cited = escape(citation)
    if homepage.startswith("https://"):
        cited = f'<a href="{escape(homepage)}">{cited}</a>'
    items = [
        f'<span class="data-badge__origin">{words}</span>',
        f'<span class="data-badge__title">{escape(title)}</span>',
        *(f'<span class="data-badge__fact">{escape(fact)}</span>' for fact in facts),
        f'<span class="data-badge__licence">Licence: {escape(licence)}</span>',
        f'<span class="data-badge__citation">{cited}</span>',
    ]
    # The dots keep the parts apart where no style sheet is loaded, as in JupyterLab.
    return f'<div class="data-badge data-badge--{escape(origin)}">{" · ".join(items)}</div>'
