"""What stands in for a figure where it cannot be seen, and tables as pages show them."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

__all__ = ["Table", "describe", "table"]


def describe(figure: go.Figure, *, alt: str, caption: str, table: pd.DataFrame) -> go.Figure:
    """Attach to a figure what stands in for it where it cannot be seen.

    Parameters
    ----------
    figure : plotly.graph_objects.Figure
        The finished figure; it is changed in place.
    alt : str
        What the figure shows, for a reader who cannot see it: its kind, its axes, its message.
    caption : str
        One or two sentences under the figure that say what to see.
    table : pandas.DataFrame
        The numbers behind the figure, with the unit in each column's name and rounded as they should be read.

    Returns
    -------
    plotly.graph_objects.Figure
        The same figure; as the last expression of a cell it is shown.

    Raises
    ------
    ValueError
        If the text alternative or the caption is empty, or the table has no rows.
    """
    for what, value in (("alt", alt), ("caption", caption)):
        if not value.strip():
            raise ValueError(f"a figure needs a text for {what!r}: say what a reader should see")
    if table.empty:
        raise ValueError("a figure needs the table behind it, and this one has no rows")
    figure.update_layout(
        meta={
            "alt": " ".join(alt.split()),
            "caption": " ".join(caption.split()),
            "table": {
                "columns": [str(column) for column in table.columns],
                "rows": [[_cell(value) for value in row] for row in table.itertuples(index=False)],
            },
        }
    )
    return figure


@dataclass(frozen=True)
class Table:
    """A small table as a page shows it; made by :func:`table`.

    Parameters
    ----------
    columns : tuple of str
        The header.
    rows : tuple of tuple of str
        The cells, as they are read.
    caption : str
        One sentence that says what to see.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    caption: str

    def __repr__(self) -> str:
        lines = [self.columns, *self.rows]
        widths = [max(len(line[column]) for line in lines) for column in range(len(self.columns))]
        text = [
            "  ".join(cell.rjust(width) if place else cell.ljust(width) for place, (cell, width) in enumerate(cells))
            for cells in (list(zip(line, widths, strict=True)) for line in lines)
        ]
        return "\n".join([self.caption, *text])

    def _repr_html_(self) -> str:
        head = "".join(f'<th scope="col">{html.escape(name)}</th>' for name in self.columns)
        body = "".join("<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>" for row in self.rows)
        return (
            f'<div class="book-table" tabindex="0" role="group" aria-label="{html.escape(self.caption)}">'
            f"<table><caption>{html.escape(self.caption)}</caption>"
            f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
        )


def table(frame: pd.DataFrame, *, caption: str) -> Table:
    """Show a data frame as the book shows tables: no index, numbers to the right, a caption.

    Parameters
    ----------
    frame : pandas.DataFrame
        The rows, with units in the columns' names and rounded as they should be read.
    caption : str
        One sentence that says what to see.

    Returns
    -------
    Table
        As the last expression of a cell it is shown.

    Raises
    ------
    ValueError
        If there are no rows, no caption, or a column without a name.
    """
    if frame.empty:
        raise ValueError("this table has no rows")
    if not caption.strip():
        raise ValueError("a table needs a caption: say in one sentence what to see")
    if not all(str(column).strip() for column in frame.columns):
        raise ValueError("a column of this table has no name; a screen reader would read nothing there")
    rows = tuple(tuple(_cell(value) for value in row) for row in frame.itertuples(index=False))
    return Table(tuple(str(column) for column in frame.columns), rows, caption)


def _cell(value: Any) -> str:
    if isinstance(value, (float, np.floating)):
        return f"{value:,.6g}"
    if isinstance(value, (int, np.integer)) and not isinstance(value, bool):
        return f"{value:,}"
    return str(value)
