"""`embedbook experiment`: run the grids behind the book's tables."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Optional

import typer

if TYPE_CHECKING:
    from embedbook.experiments import Grid, Outlook

__all__ = ["app"]

app = typer.Typer(no_args_is_help=True, help="Run the grids of experiments behind the book's tables.")

_Name = Annotated[str, typer.Argument(metavar="NAME", help="A grid that `embedbook experiment list` shows.")]


@app.command("list")
def list_() -> None:
    """Show the grids, and how much of each this machine has done."""
    from embedbook.experiments import list_grids

    for name in list_grids():
        grid = _grid(name)
        typer.echo(f"{name:16} {_progress(_outlook(grid)):20} {grid.title}")


@app.command("run")
def run(
    name: _Name,
    workers: Annotated[int, typer.Option(help="Processes; each uses one core.")] = 1,
    scheduler: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(metavar="ADDRESS", help="Run on the workers of this Dask scheduler instead, as tcp://HOST:8786."),
    ] = None,
    limit: Annotated[
        Optional[int],  # noqa: UP045
        typer.Option(help="At most so many runs."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would run, and how long it would take.")] = False,
    anew: Annotated[
        bool,
        typer.Option("--anew", help="Take over no run from the book's tables; with an empty EMBEDBOOK_CACHE, run all."),
    ] = False,
    again: Annotated[
        Optional[list[str]],  # noqa: UP045
        typer.Option(metavar="RUN", help="Make this run of the tables again; may be given several times."),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="Show no progress bar.")] = False,
) -> None:
    """Run what is missing of NAME; stop it at any time, it goes on from there.

    A run whose row stands in the book's tables is not missing.
    """
    from embedbook.experiments import run_grid
    from embedbook.threads import limit_threads

    grid = _grid(name, anew=anew)
    _forget(grid, again or [])
    before = _outlook(grid)
    if dry_run:
        typer.echo(f"{name}: {_progress(before)}; {before.total - before.done} to run, {_time_left(before, workers)}")
        _show_missing(grid, limit)
        return
    # Runs in several processes, of one thread each, take less time than one run after the other with several threads,
    # and their results do not depend on the number of cores.
    limit_threads(1)
    added = run_grid(
        grid, workers=workers, scheduler=scheduler, limit=limit, progress=not quiet and sys.stderr.isatty()
    )
    typer.echo(f"{name}: {added} runs added, {_progress(_outlook(grid))}")


@app.command("status")
def status(name: _Name) -> None:
    """Say how far NAME is, and how long the rest will take on one core."""
    grid = _grid(name)
    ahead = _outlook(grid)
    typer.echo(f"{name}: {_progress(ahead)}, {_time_left(ahead, 1)}")


@app.command("table")
def table(
    name: _Name,
    to: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(
            metavar="FOLDER", help="Write NAME.csv and NAME-runs.csv here; by default data/results of the book."
        ),
    ] = None,
) -> None:
    """Write the results of NAME that this machine has as tables, those of the book's tables among them."""
    from embedbook.experiments import write_tables

    grid = _grid(name)
    folder = _tables() if to is None else to
    if not folder.is_dir():
        raise ValueError(f"there is no folder {folder}; make it, or give another with --to")
    files = write_tables(grid, folder)
    if grid.write_more is not None:
        grid.write_more(folder)
    typer.echo(f"{files[0]}: {_progress(_outlook(grid))}")


def _grid(name: str, *, anew: bool = False) -> Grid:
    """Return a grid after taking over what the book's tables hold of it, unless it is to be run anew."""
    from embedbook.experiments import find_grid, restore_results

    grid = find_grid(name)
    if not anew:
        restore_results(grid, _tables())
    return grid


def _forget(grid: Grid, digests: list[str]) -> None:
    from embedbook.experiments import Results

    runs = {spec.digest: spec for spec in grid.specs}
    unknown = [digest for digest in digests if digest not in runs]
    if unknown:
        raise ValueError(f"{grid.name} has no run {unknown[0]!r}; the column run of its table holds their names")
    for digest in digests:
        Results().forget(runs[digest])


def _tables() -> Path:
    from embedbook.datasets import data_folder

    return data_folder() / "results"


def _outlook(grid: Grid) -> Outlook:
    from embedbook.experiments import outlook, read_costs

    return outlook(grid, known=read_costs(_tables(), grid.name))


def _progress(ahead: Outlook) -> str:
    return f"{ahead.done:,} of {ahead.total:,} runs done"


def _time_left(ahead: Outlook, workers: int) -> str:
    if ahead.done == ahead.total:
        return "nothing is left"
    if ahead.seconds_left is None:
        return "for how long is unknown: no like run was measured yet (`--limit 1` measures one)"
    minutes = ahead.seconds_left / workers / 60
    span = f"{minutes:.0f} min" if minutes < 90 else f"{minutes / 60:.1f} h"
    return f"about {span} in {workers} process{'' if workers == 1 else 'es'}"


def _show_missing(grid: Grid, limit: int | None) -> None:
    from embedbook.experiments import Results

    results = Results()
    missing = [spec for spec in grid.specs if spec not in results][:limit]
    counts: dict[tuple[str, str], int] = {}
    for spec in missing:
        row: dict[str, Any] = spec.row()
        arm = row.get("arm", f"{row.get('source', '')}/{row.get('target', '')}")
        group = (str(row.get("dataset", row.get("pairs", ""))), str(arm))
        counts[group] = counts.get(group, 0) + 1
    for (dataset, arm), count in counts.items():
        typer.echo(f"  {dataset:8} {arm:28} {count:4}")
