"""Tables of results: one row a run, and beside them what each run cost."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from embedbook.experiments.grid import Grid, Results
from embedbook.experiments.runs import Result, Spec

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["cost_table", "read_costs", "result_table", "write_tables"]


def result_table(grid: Grid, *, results: Results | None = None) -> pd.DataFrame:
    """Return the results of a grid, one row a run, in the order of the grid; runs that are missing have no row.

    Nothing in it depends on when, or how often interrupted, the runs were made.

    Parameters
    ----------
    grid : Grid
        The grid.
    results : Results, optional
        Where results are kept.

    Returns
    -------
    pandas.DataFrame
        "run" (the digest), what the specification says, the metrics, and what the result was computed from.
    """
    import pandas as pd

    return pd.DataFrame(
        {"run": spec.digest, **spec.row(), **result.metrics, **result.origin} for spec, result in _done(grid, results)
    )


def cost_table(grid: Grid, *, results: Results | None = None) -> pd.DataFrame:
    """Return what each run of a grid cost.

    Parameters
    ----------
    grid : Grid
        The grid.
    results : Results, optional
        Where results are kept.

    Returns
    -------
    pandas.DataFrame
        "run", "seconds", "peak_mb" and "date", and the times of single steps where the results have them.
    """
    import pandas as pd

    rows = []
    for spec, result in _done(grid, results):
        cost = {"seconds": round(result.seconds, 1), "peak_mb": round(result.peak_mb), "date": result.date}
        steps = {name: round(seconds, 4) for name, seconds in result.times.items()}
        rows.append({"run": spec.digest, **cost, **steps})
    return pd.DataFrame(rows) if rows else pd.DataFrame(columns=["run", "seconds", "peak_mb", "date"])


def _done(grid: Grid, results: Results | None) -> Iterator[tuple[Spec, Result]]:
    results = Results() if results is None else results
    return ((spec, results[spec]) for spec in grid.specs if spec in results)


def write_tables(grid: Grid, folder: Path, *, results: Results | None = None) -> tuple[Path, Path]:
    """Write ``NAME.csv`` and ``NAME-runs.csv``; files that exist are replaced only when the new ones are complete.

    Parameters
    ----------
    grid : Grid
        The grid.
    folder : pathlib.Path
        Where to.
    results : Results, optional
        Where results are kept.

    Returns
    -------
    tuple of two pathlib.Path
        The table of results (the same bytes for the same results) and that of costs.

    Raises
    ------
    ValueError
        If the grid has no result yet.
    OSError
        If the folder cannot be written to.
    """
    table = result_table(grid, results=results)
    if table.empty:
        raise ValueError(f"no run of {grid.name!r} is done yet; make some with `embedbook experiment run {grid.name}`")
    files = folder / f"{grid.name}.csv", folder / f"{grid.name}-runs.csv"
    for file, content in zip(files, (table, cost_table(grid, results=results)), strict=True):
        temporary = file.with_name(f".{file.name}.{os.getpid()}")
        try:
            content.to_csv(temporary, index=False, float_format="%.6g", lineterminator="\n")
            temporary.replace(file)
        finally:
            temporary.unlink(missing_ok=True)
    return files


def read_costs(folder: Path, name: str) -> list[tuple[dict[str, Any], float]]:
    """Return the rows of a stored table with the seconds that each run took, to tell how long more of them will take.

    Parameters
    ----------
    folder : pathlib.Path
        Where ``NAME.csv`` and ``NAME-runs.csv`` lie.
    name : str
        The grid.

    Returns
    -------
    list of (dict, float)
        Empty where there are no such tables.
    """
    import pandas as pd

    files = folder / f"{name}.csv", folder / f"{name}-runs.csv"
    if not all(file.is_file() for file in files):
        return []
    table, costs = (pd.read_csv(file, dtype={"run": str}, low_memory=False) for file in files)
    seconds = costs.set_index("run").seconds
    rows = table[table.run.isin(seconds.index)]
    return [(row, float(seconds[row["run"]])) for row in rows.to_dict("records")]
