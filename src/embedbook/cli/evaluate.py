"""`embedbook vectors evaluate`: score vectors on word pairs and analogies."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

if TYPE_CHECKING:
    import pandas as pd

from embedbook.whole_files import replaced_when_whole

__all__ = ["add_evaluate"]


def add_evaluate(app: typer.Typer) -> None:
    """Add the command `evaluate` to the group `embedbook vectors`."""
    app.command("evaluate")(_evaluate)


def _evaluate(
    vectors: Annotated[
        str,
        typer.Argument(metavar="VECTORS", help="A file, a store's folder, or a name that `embedbook data list` shows."),
    ],
    csv: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(help="Write the table to this file, too; one that exists is replaced."),
    ] = None,
    top: Annotated[
        Optional[int],  # noqa: UP045
        typer.Option(min=1, help="Use only the first so many words in the analogies; by default all."),
    ] = None,
    progress: Annotated[
        Optional[bool],  # noqa: UP045
        typer.Option("--progress/--no-progress", help="Show progress bars; by default in a terminal."),
    ] = None,
) -> None:
    """Score VECTORS on sets of word pairs and on analogies.

    Value is Spearman's correlation with people's judgement, or the share of right answers, with its 95 % interval.
    Covered are the pairs or questions whose words all have vectors; only they are scored.
    """
    from embedbook.cli.vectors import _load
    from embedbook.evaluation import evaluate_vectors

    if csv is not None and not csv.absolute().parent.is_dir():
        raise ValueError(f"{csv}: there is no folder {csv.absolute().parent}; make it, or give another file")
    table = evaluate_vectors(_load(vectors, progress), top=top)
    if csv is not None:
        _write(table, csv)
    header = ("set", "metric", "value", "low", "high", "covered", "total")
    rows = [
        (row.set, row.metric, *map(_number, (row.value, row.low, row.high)), f"{row.covered:,}", f"{row.total:,}")
        for row in table.itertuples()
    ]
    widths = [max(len(row[column]) for row in (header, *rows)) for column in range(len(header))]
    for row in (header, *rows):
        words, numbers = zip(row[:2], widths[:2], strict=True), zip(row[2:], widths[2:], strict=True)
        cells = [cell.ljust(width) for cell, width in words] + [cell.rjust(width) for cell, width in numbers]
        typer.echo("  ".join(cells))


def _number(value: float) -> str:
    return "-" if value != value else f"{value:.3f}"


def _write(table: pd.DataFrame, file: Path) -> None:
    with replaced_when_whole(file) as temporary:
        table.to_csv(temporary, index=False, lineterminator="\n")
