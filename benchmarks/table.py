"""The table of results: one row a benchmark, each with the run, the machine and the versions it comes from."""

from __future__ import annotations

import os
import platform
import re
from datetime import datetime, timezone
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import NamedTuple

import pandas as pd

_LIBRARIES = ("embedbook", "gensim", "numba", "numpy")


class Row(NamedTuple):
    """One benchmark of this run."""

    name: str
    parameter: str
    seconds: tuple[float, ...]
    held_mb: float
    peak_mb: float
    load: float
    yardstick: tuple[str, str] | None


def write(path: Path, rows: list[Row]) -> None:
    """Put the rows of a run into the table; rows of other benchmarks stay as they are.

    Parameters
    ----------
    path : pathlib.Path
        The CSV table, made if it is missing. It is replaced when the new one is complete, and only then.
    rows : list of Row
        Ratios are made from these alone, so that both times of a ratio come from one run.
    """
    new = tabulate(rows)
    if path.exists():
        before = pd.read_csv(path, dtype=str, keep_default_na=False)
        if list(before.columns) != list(new.columns):
            raise ValueError(f"{path} has other columns than this suite writes: move it away, or give --table")
        replaced = before.set_index(["name", "parameter"]).index.isin(new.set_index(["name", "parameter"]).index)
        new = pd.concat([before[~replaced], new], ignore_index=True)
    new = new.sort_values(["name", "parameter"], kind="stable", key=lambda column: column.map(_natural))
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        new.to_csv(temporary, index=False, lineterminator="\n")
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def tabulate(rows: list[Row]) -> pd.DataFrame:
    """Return the rows as they are written, every value as text."""
    medians = {(row.name, row.parameter): median(row.seconds) for row in rows}
    common = {
        "date": datetime.now(timezone.utc).date().isoformat(),
        "machine": machine(),
        "versions": "; ".join([f"python {platform.python_version()}", *(f"{n} {version(n)}" for n in _LIBRARIES)]),
    }
    records = []
    for row in rows:
        own = medians[row.name, row.parameter]
        compared = medians.get(row.yardstick) if row.yardstick is not None else None
        records.append(
            {
                "name": row.name,
                "parameter": row.parameter,
                "seconds_median": f"{own:.4g}",
                "seconds_min": f"{min(row.seconds):.4g}",
                "rounds": str(len(row.seconds)),
                "peak_mb": f"{row.peak_mb:.0f}",
                "held_mb": f"{row.held_mb:.0f}",
                "yardstick": ", ".join(row.yardstick) if row.yardstick is not None and compared is not None else "",
                "times_as_fast": f"{compared / own:.3g}" if compared is not None else "",
                "load": f"{row.load:.1f}",
                **common,
            }
        )
    return pd.DataFrame(records, dtype=str)


def machine() -> str:
    """Return processor, cores and memory, and nothing that names this one computer."""
    model = platform.processor() or platform.machine()
    try:
        found = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(encoding="utf-8"), re.M)
        model = found[1].strip() if found else model
    except OSError:
        pass
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    parts = [model, f"{cores} cores"]
    if hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        parts.append(f"{os.sysconf('SC_PHYS_PAGES') * os.sysconf('SC_PAGE_SIZE') / 2**30:.0f} GiB")
    return "; ".join([*parts, f"{platform.system()} {platform.machine()}"])


def _natural(text: str) -> tuple[tuple[int, str], ...]:
    """Sort 1 before 10 before 48: numbers count as numbers, whatever separates their thousands."""
    pieces = re.findall(r"\d+|\D+", text.replace(",", ""))
    return tuple((int(piece), "") if piece.isdigit() else (-1, piece) for piece in pieces)
