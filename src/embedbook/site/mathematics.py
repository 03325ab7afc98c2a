"""Formulas as MathML, made at build time: every current browser draws it, no script needed, screen readers read it."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from typing import TYPE_CHECKING, Any

from docutils import nodes
from latex2mathml.converter import convert
from sphinx.errors import SphinxError

if TYPE_CHECKING:
    from sphinx.application import Sphinx

__all__ = ["connect", "to_mathml"]

# What latex2mathml passes on untouched when it does not know a command.
_UNKNOWN_COMMAND = re.compile(r"\\[A-Za-z]+")


def to_mathml(latex: str, *, display: bool = False) -> str:
    """Turn a formula into MathML.

    Parameters
    ----------
    latex : str
        The formula, without dollar signs.
    display : bool
        Whether it stands in a line of its own.

    Returns
    -------
    str
        A `math` element.

    Raises
    ------
    ValueError
        If the formula holds a command that has no MathML here, or cannot be read.
    """
    try:
        mathml = convert(latex, display="block" if display else "inline")
        ElementTree.fromstring(mathml)
    except Exception as error:
        raise ValueError(f"cannot read the formula {latex!r}: {error or type(error).__name__}") from error
    unknown = _UNKNOWN_COMMAND.findall(mathml)
    if unknown:
        raise ValueError(f"the formula {latex!r} uses {', '.join(sorted(set(unknown)))}, which has no MathML here")
    return mathml


def _render(latex: str, *, display: bool) -> str:
    try:
        return to_mathml(latex, display=display)
    except ValueError as error:
        raise SphinxError(str(error)) from error


def _visit_inline(translator: Any, node: nodes.math) -> None:
    translator.body.append(_render(node.astext(), display=False))
    raise nodes.SkipNode


def _visit_block(translator: Any, node: nodes.math_block) -> None:
    # A long formula may be wider than a phone: it scrolls in its own box, which the keyboard can reach.
    translator.body.append('<div class="formula" tabindex="0" role="group" aria-label="Formula">')
    translator.body.append(_render(node.astext(), display=True))
    translator.body.append("</div>")
    raise nodes.SkipNode


def _leave_nothing(translator: Any, node: nodes.Element) -> None:
    """Do nothing: the visitors above skip the departure."""


def connect(app: Sphinx) -> None:
    """Make MathML the renderer of formulas.

    Parameters
    ----------
    app : sphinx.application.Sphinx
        The running build.
    """
    app.add_html_math_renderer("mathml", (_visit_inline, _leave_nothing), (_visit_block, _leave_nothing))
