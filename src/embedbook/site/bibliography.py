"""The bibliography with a sentence on each work, from the field ``annotation`` of its entry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pybtex.plugin import register_plugin
from pybtex.richtext import Tag, Text
from pybtex.style import FormattedEntry
from pybtex.style.formatting.plain import Style as PlainStyle

if TYPE_CHECKING:
    from pybtex.database import BibliographyData, Entry
    from sphinx.application import Sphinx

__all__ = ["STYLE", "AnnotatedStyle", "connect"]

#: The name by which pages ask for the style.
STYLE = "annotated"


class AnnotatedStyle(PlainStyle):
    """The plain style, followed by what an entry's ``annotation`` says."""

    def format_entry(self, label: str, entry: Entry, bib_data: BibliographyData | None = None) -> FormattedEntry:
        """Return an entry as the list shows it.

        Parameters
        ----------
        label : str
            Its label.
        entry : pybtex.database.Entry
            The work.
        bib_data : pybtex.database.BibliographyData, optional
            All works.

        Returns
        -------
        pybtex.style.FormattedEntry

        Raises
        ------
        ValueError
            If the entry has no annotation.
        """
        formatted = super().format_entry(label, entry, bib_data)
        annotation = entry.fields.get("annotation")
        if not annotation:
            raise ValueError(f"the entry {entry.key!r} has no annotation; say in a sentence what it is read for")
        return FormattedEntry(formatted.key, Text(formatted.text, " ", Tag("em", annotation)), formatted.label)


def connect(app: Sphinx) -> None:
    """Make the style known to the bibliography's extension.

    Parameters
    ----------
    app : sphinx.application.Sphinx
        The running build.
    """
    register_plugin("pybtex.style.formatting", STYLE, AnnotatedStyle)
