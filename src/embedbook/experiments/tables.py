"""Tables of results: one row a run, and beside them what each run cost; and results out of tables."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from embedbook.experiments.grid import Grid, Results
from embedbook.experiments.runs import Result, Spec
from embedbook.whole_files import replaced_when_whole

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["cost_table", "read_costs", "restore_results", "result_table", "write_tables"]

# What of a table's columns says what a result was computed from; the rest, beyond the specification, was measured.
_ORIGIN = ("versions", "machine")
_ORIGIN_ENDINGS = ("_sha256", "_signature")
_COST = ("run", "seconds", "peak_mb", "date")


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
        cost = {"seconds": round(result.seconds, 1), "peak_mb": round(result.peak_mb, 0), "date": result.date}
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
        with replaced_when_whole(file) as temporary:
            content.to_csv(temporary, index=False, float_format="%.6g", lineterminator="\n")
    return files


def restore_results(grid: Grid, folder: Path, *, results: Results | None = None) -> int:
    """Take over from stored tables what this machine has not run itself, so that a grid goes on where others left it.

    Tables written again from what was taken over are the same, byte for byte. They do not hold the epochs' curves.

    Parameters
    ----------
    grid : Grid
        Its specifications decide which rows are taken: those that no specification has any more are left.
    folder : pathlib.Path
        Where ``NAME.csv`` and ``NAME-runs.csv`` lie; without them nothing is taken over.
    results : Results, optional
        Where results are kept.

    Returns
    -------
    int
        How many results were taken over.
    """
    import pandas as pd

    results = Results() if results is None else results
    files = folder / f"{grid.name}.csv", folder / f"{grid.name}-runs.csv"
    if not all(file.is_file() for file in files):
        return 0
    missing = {spec.digest: spec for spec in grid.specs if spec not in results}
    # As text, since a checksum of digits alone is no number.
    table, costs = (pd.read_csv(file, dtype=str, keep_default_na=False).set_index("run") for file in files)
    known = [digest for digest in table.index if digest in missing and digest in costs.index]
    if not known:
        return 0
    measured = [name for name in table.columns if name not in missing[known[0]].row() and not _is_origin(name)]
    numbers = {name: _numbers(table[name]) for name in measured}
    for digest in known:
        cost = costs.loc[digest]
        results.keep(
            missing[digest],
            Result(
                metrics={name: numbers[name][digest] for name in measured},
                origin={name: table.at[digest, name] for name in table.columns if _is_origin(name)},
                seconds=float(cost["seconds"]),
                peak_mb=float(cost["peak_mb"] or "nan"),
                date=cost["date"],
                times={name: float(cost[name]) for name in costs.columns if name not in _COST and cost[name]},
            ),
        )
    return len(known)


def _is_origin(column: str) -> bool:
    return column in _ORIGIN or column.endswith(_ORIGIN_ENDINGS)


def _numbers(column: pd.Series[str]) -> dict[str, Any]:
    """Return the numbers of a column, whole ones as such; the texts of one that holds other things than numbers."""

    def number(text: str) -> float | int:
        return float("nan") if not text else int(text) if text.lstrip("-").isdigit() else float(text)

    try:
        return {digest: number(text) for digest, text in column.items()}
    except ValueError:
        return dict(column.items())


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
