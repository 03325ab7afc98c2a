"""`embedbook data`: see what data sets there are, fetch, check and find them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Optional

import typer

from embedbook import datasets

__all__ = ["app"]

app = typer.Typer(
    help="List, fetch, check and find the data sets.",
    add_completion=False,
    rich_markup_mode=None,
)

# Files of one data set that `verify` names as not here.
_LISTED = 10

_Names = Annotated[Optional[list[str]], typer.Argument(metavar="NAME...", help="Data sets, as `list` names them.")]  # noqa: UP045


@app.command("list")
def list_() -> None:
    """Show the data sets and where each is now.

    That is in the mirror, in the cache, in part, or not here.
    """
    header = ("name", "title", "kind", "size", "licence", "where")
    rows = [
        (entry.name, entry.title, entry.kind, _megabytes(_size(entry)), entry.licence, datasets.whereabouts(entry))
        for entry in datasets.registry().values()
    ]
    widths = [max(len(row[column]) for row in (header, *rows)) for column in range(len(header))]
    for row in (header, *rows):
        cells = [
            cell.rjust(width) if column == header.index("size") else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        typer.echo("  ".join(cells).rstrip())


@app.command()
def fetch(
    names: _Names = None,
    everything: Annotated[bool, typer.Option("--all", help="Fetch all data sets.")] = False,
    progress: Annotated[
        Optional[bool],  # noqa: UP045
        typer.Option("--progress/--no-progress", help="Show progress bars; by default in a terminal."),
    ] = None,
) -> None:
    """Fetch data sets that are not here yet.

    They go into the cache, unless the mirror has them. Every file is checked.
    """
    if bool(names) == everything:
        raise ValueError("give the NAME of one or more data sets, or --all, not both; `embedbook data list` shows them")
    settings = datasets.TransferSettings(progress=progress)
    for name in _known(names):
        for file in datasets.fetch(name, settings=settings).values():
            typer.echo(f"{name}: {file}")


@app.command()
def verify(names: _Names = None) -> None:
    """Check every file that is here.

    Size and checksum must be right; if one is not, the command ends with 1.
    """
    damaged = 0
    for name in _known(names):
        checks = datasets.verify(name)
        absent = [check.file.path for check in checks if check.path is None]
        for place in absent[:_LISTED]:
            typer.echo(f"{name}: not here: {place}")
        if len(absent) > _LISTED:
            typer.echo(f"{name}: not here: {len(absent) - _LISTED:,} more files")
        for check in checks:
            if check.path is None:
                continue
            if check.intact:
                typer.echo(f"{name}: intact: {check.path}")
            else:
                damaged += 1
                typer.echo(f"{name}: DAMAGED: {check.path}")
    if damaged:
        typer.echo(
            f"embedbook: {damaged} damaged; `embedbook data fetch NAME` replaces a file of the cache, "
            "one of the mirror you replace yourself",
            err=True,
        )
        raise typer.Exit(1)


@app.command("path")
def path_(name: Annotated[str, typer.Argument(metavar="NAME", help="A data set, as `list` names it.")]) -> None:
    """Print where the files of a data set are.

    One a line, checked. Never uses the network.
    """
    for file in datasets.path(name).values():
        typer.echo(str(file))


def _known(names: Sequence[str] | None) -> list[str]:
    # All names are looked up before the first is worked on, so that a misspelt one costs no waiting.
    return [datasets.find_entry(name).name for name in names] if names else list(datasets.registry())


def _size(entry: datasets.Entry) -> int:
    return sum(file.size for file in datasets.chosen_files(entry))


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.1f} MB"
