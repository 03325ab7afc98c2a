"""The table of finished runs, results.csv: written after each run, so that a comparison can go on where it stopped."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from embedbook.comparison.errors import ComparisonError
from embedbook.whole_files import replaced_when_whole

__all__ = ["Run", "read_runs", "write_file", "write_runs"]


@dataclass(frozen=True)
class Run:
    """One finished run: a row of results.csv.

    Parameters
    ----------
    arm : str
        The method.
    kind : str
        "bag", "learned", "static" or "nonstatic"; "majority" for the baseline that reads no text.
    vectors : str
        Name of the pretrained vectors, if there are any.
    size, seed : int
        Training texts, and the number of the division.
    n_dev, n_test : int
        Development and test texts.
    accuracy, macro_f1, loss : float
        On the test texts.
    dev_accuracy, dev_macro_f1, dev_loss : float
        On the development texts.
    epochs : int
        Passes over the training texts; 0 where there are none.
    seconds : float
        The run took so long.
    data, space : str
        Fingerprints of texts and settings, and of the vectors: a run counts only while they are the same.
    """

    arm: str
    kind: str
    vectors: str
    size: int
    seed: int
    n_dev: int
    n_test: int
    accuracy: float
    macro_f1: float
    loss: float
    dev_accuracy: float
    dev_macro_f1: float
    dev_loss: float
    epochs: int
    seconds: float
    data: str
    space: str

    @property
    def cell(self) -> tuple[str, int, int]:
        """Method, size and seed."""
        return self.arm, self.size, self.seed


_PARSERS: dict[str, Callable[[str], Any]] = {"str": str, "int": int, "float": float}


def read_runs(path: Path) -> list[Run]:
    """Read results.csv.

    Parameters
    ----------
    path : pathlib.Path
        The table; there are no runs if it is missing.

    Raises
    ------
    ComparisonError
        If it is not such a table.
    """
    try:
        content = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError) as error:
        raise _damaged(path, error) from None
    try:
        rows = list(csv.DictReader(io.StringIO(content, newline=""), strict=True))
        return [
            Run(**{field.name: _PARSERS[str(field.type)](row[field.name]) for field in fields(Run)}) for row in rows
        ]
    except (csv.Error, KeyError, TypeError, ValueError) as error:
        raise _damaged(path, error) from None


def write_runs(path: Path, runs: Sequence[Run]) -> None:
    """Write results.csv; one that exists is replaced when the new one is complete.

    Parameters
    ----------
    path : pathlib.Path
        The table.
    runs : sequence of Run
        Its rows.
    """
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, [field.name for field in fields(Run)], lineterminator="\n")
    writer.writeheader()
    for run in runs:
        writer.writerow({name: _short(value) for name, value in asdict(run).items()})
    write_file(path, text.getvalue())


def write_file(path: Path, content: str) -> None:
    """Write a text file such that it is there as a whole or not at all.

    Parameters
    ----------
    path : pathlib.Path
        The file; one that exists is replaced.
    content : str
        What to write, as UTF-8.
    """
    with replaced_when_whole(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
        file.write(content)


def _short(value: Any) -> Any:
    return f"{value:.6g}" if isinstance(value, float) and not math.isnan(value) else value


def _damaged(path: Path, error: Exception) -> ComparisonError:
    return ComparisonError(
        f"{path} is not a table of runs, or is damaged ({type(error).__name__}: {error}); start anew with --fresh, or "
        "give another folder with --out"
    )
