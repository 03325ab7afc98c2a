"""Tables of mixed columns, and the reader of the Adult census data."""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from embedbook.datasets.badge import data_badge
from embedbook.datasets.catalogue import require_kind, sample_folder
from embedbook.datasets.errors import DataError
from embedbook.datasets.modes import real_files

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Table", "load_table", "read_adult"]

_NUMBERS = ("age", "fnlwgt", "education_num", "capital_gain", "capital_loss", "hours_per_week")
_COLUMNS = (
    "age",
    "workclass",
    "fnlwgt",
    "education",
    "education_num",
    "marital_status",
    "occupation",
    "relationship",
    "race",
    "sex",
    "capital_gain",
    "capital_loss",
    "hours_per_week",
    "native_country",
    "income",
)
_INCOMES = ("<=50K", ">50K")


@dataclass(frozen=True, eq=False, repr=False)
class Table:
    """A table with one column to predict.

    Shown in a notebook it is the data badge, which tells a reader which data the page ran on.

    Parameters
    ----------
    name : str
        Short name, such as "adult".
    title : str
        Title to show.
    frame : pandas.DataFrame
        n rows.
    target : str
        The column to predict.
    origin : {"real", "sample"}
        Public data, or the book's small sample.
    citation, licence : str
        Whom to cite, and under which terms.
    homepage : str
        Address that the citation links to.

    Raises
    ------
    DataError
        If the table is empty, or has no such column.
    """

    name: str
    title: str
    frame: pd.DataFrame
    target: str
    origin: Literal["real", "sample"]
    citation: str
    licence: str
    homepage: str = ""

    def __post_init__(self) -> None:
        if self.origin not in ("real", "sample"):
            raise DataError(f"{self.name}: origin {self.origin!r} is neither 'real' nor 'sample'")
        if len(self.frame) == 0:
            raise DataError(f"{self.name}: the table has no rows; give at least one")
        if self.target not in self.frame.columns:
            columns = ", ".join(map(str, self.frame.columns))
            raise DataError(f"{self.name}: there is no column {self.target!r} to predict, only {columns}")

    def __len__(self) -> int:
        return len(self.frame)

    def __repr__(self) -> str:
        columns = len(self.frame.columns)
        return f"Table({self.name!r}: {len(self):,} {self.origin} rows, {columns} columns; target {self.target!r})"

    def _repr_html_(self) -> str:
        shares = self.frame[self.target].value_counts().sort_index()
        classes = ", ".join(f"{value} {count:,}" for value, count in shares.items())
        facts = [f"{len(self):,} rows, {len(self.frame.columns)} columns", f"{self.target}: {classes}"]
        return data_badge(
            self.origin, self.title, facts, licence=self.licence, citation=self.citation, homepage=self.homepage
        )


def load_table(name: str = "adult", *, mode: Literal["auto", "real", "sample"] | None = None) -> Table:
    """Return a table with one column to predict.

    Parameters
    ----------
    name : {"adult"}
        Adult has 48,842 rows: 32,561 with `split` "train" and 16,281 with "test". Missing values are missing (NaN).
    mode : {"auto", "real", "sample"}, optional
        By default what `EMBEDBOOK_DATA` says. "sample" gives the census that was simulated for this book (see
        `simulate_census`): 1,600 rows, eight of Adult's attributes, invented countries.

    Returns
    -------
    Table
        For Adult: 14 attributes, the target `income` ("<=50K" or ">50K") and `split`; the sample has no split.

    Raises
    ------
    DataError
        If the name or mode is unknown, or the files are missing or damaged.

    References
    ----------
    Becker and Kohavi (1996). Adult. UCI Machine Learning Repository. doi:10.24432/C5XW20
    """
    entry = require_kind(name, "table", "Tables are: adult.")
    files = real_files(name, mode)
    if files is None:
        return _sample_table()
    frame = read_adult(files["adult.data.gz"], files["adult.test.gz"])
    expected = sum(file.records or 0 for file in entry.files)
    if len(frame) != expected:
        raise DataError(
            f"{name}: {len(frame):,} rows were read where the registry says {expected:,}. "
            "Correct `records` in registry.toml."
        )
    return Table(
        name=name,
        title=entry.title,
        frame=frame,
        target="income",
        origin="real",
        citation=entry.citation,
        licence=entry.licence,
        homepage=entry.homepage,
    )


def _sample_table() -> Table:
    # Readers of texts, and `embedbook data`, need not wait for pandas.
    import pandas as pd

    return Table(
        name="sample",
        title="Simulated census",
        frame=pd.read_csv(sample_folder() / "census.csv", encoding="utf-8"),
        target="income",
        origin="sample",
        citation="Learned or Pretrained? Word embeddings, side by side; data/sample/README.md",
        licence="CC BY 4.0",
    )


def read_adult(train: Path, test: Path) -> pd.DataFrame:
    """Read the two gzipped files of the Adult census data.

    Parameters
    ----------
    train, test : Path
        adult.data.gz and adult.test.gz.

    Returns
    -------
    pandas.DataFrame
        One row a person: six columns of int64, eight of text with NaN where the file has "?", `income`, and `split`
        ("train" or "test").

    Raises
    ------
    DataError
        If a file cannot be unpacked, or a row has other fields than described; the message names file and line.
    """
    # Readers of texts, and `embedbook data`, need not wait for pandas.
    import pandas as pd

    parts = {"train": _adult_rows(train), "test": _adult_rows(test)}
    frame = pd.DataFrame([row for rows in parts.values() for row in rows], columns=list(_COLUMNS))
    return frame.assign(split=[part for part, rows in parts.items() for _ in rows])


def _adult_rows(file: Path) -> list[list[str | int | float]]:
    try:
        content = gzip.decompress(file.read_bytes()).decode("ascii")
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise DataError(f"{file}: is not a gzipped ASCII table: {error}. Fetch it again.") from error
    rows = []
    for line, fields in enumerate(csv.reader(io.StringIO(content)), start=1):
        # The test file begins with a remark; both end with an empty line.
        if fields and not fields[0].startswith("|"):
            rows.append(_adult_row(f"{file}, line {line}", [field.strip() for field in fields]))
    return rows


def _adult_row(where: str, fields: list[str]) -> list[str | int | float]:
    if len(fields) != len(_COLUMNS):
        raise DataError(f"{where}: has {len(fields)} fields instead of {len(_COLUMNS)}. Fetch the file again.")
    row: list[str | int | float] = []
    for column, field in zip(_COLUMNS, fields, strict=True):
        if column in _NUMBERS:
            if not field.isdecimal():
                raise DataError(f"{where}: {column} is {field!r}, not a whole number. Fetch the file again.")
            row.append(int(field))
        else:
            row.append(float("nan") if field == "?" else field)
    # The labels of the test file end with a dot.
    income = fields[-1].removesuffix(".")
    if income not in _INCOMES:
        raise DataError(f"{where}: income is {fields[-1]!r}, neither of {', '.join(_INCOMES)}. Fetch the file again.")
    row[-1] = income
    return row
