"""The Adult table is read with its types, its missing values and its split."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from datasets_support import closed_address, entry, file_entry, isolate, use_registry

from embedbook.datasets import ChecksumError, DataError, Table, data_folder, load_table, simulate_census

ROW = "39, {work}, 77516, Bachelors, 13, Divorced, Sales, Husband, White, Male, 2174, 0, 40, {land}, {income}\n"
TRAIN = ROW.format(work="Private", land="?", income="<=50K") + ROW.format(work="?", land="Peru", income=">50K") + "\n"
TEST = "|1x3 Cross validator\n" + ROW.format(work="Private", land="Peru", income=">50K.") + "\n"


def load(
    monkeypatch: pytest.MonkeyPatch, folder: Path, train: str | bytes = TRAIN, test: str = TEST, **options: Any
) -> Table:
    isolate(monkeypatch, folder)
    monkeypatch.setenv("EMBEDBOOK_MIRROR", str(folder))
    entries = []
    for name, content, records in (("adult.data.gz", train, 2), ("adult.test.gz", test, 1)):
        packed = content if isinstance(content, bytes) else gzip.compress(content.encode())
        (folder / "adult").mkdir(exist_ok=True)
        (folder / "adult" / name).write_bytes(packed)
        entries.append(file_entry(f"adult/{name}", packed, closed_address(), records))
    use_registry(monkeypatch, entry("adult", *entries, kind="table", encoding="ascii"))
    return load_table("adult", **options)


def test_adult_is_read_with_types_missing_values_and_split(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    table = load(monkeypatch, tmp_path)
    frame = table.frame
    assert frame["income"].tolist() == ["<=50K", ">50K", ">50K"]
    assert frame["split"].tolist() == ["train", "train", "test"]
    assert frame["age"].tolist() == [39, 39, 39]
    numbers = {name for name in frame.columns if pd.api.types.is_integer_dtype(frame[name])}
    assert numbers == {"age", "fnlwgt", "education_num", "capital_gain", "capital_loss", "hours_per_week"}
    assert frame["workclass"].isna().tolist() == [False, True, False]
    assert frame["native_country"].fillna("missing").tolist() == ["missing", "Peru", "Peru"]
    assert frame["education"].iloc[0] == "Bachelors"
    assert len(frame.columns) == 16
    assert (table.name, table.target, table.origin) == ("adult", "income", "real")


@pytest.mark.parametrize(
    ("train", "message"),
    [
        (TRAIN.replace("Bachelors, ", ""), r"adult\.data\.gz, line 1: has 14 fields instead of 15"),
        ("\n" + TRAIN.replace("39", "x"), r"adult\.data\.gz, line 2: age is 'x'"),
        (TRAIN.replace(">50K", "rich"), r"adult\.data\.gz, line 2: income is 'rich'"),
        (TRAIN + TRAIN, "5 rows were read where the registry says 3"),
        (b"not gzipped", r"adult\.data\.gz: is not a gzipped ASCII table"),
        (gzip.compress(TRAIN.encode(), mtime=0)[:-9], r"adult\.data\.gz: is not a gzipped ASCII table"),
        (gzip.compress(b"\xe9", mtime=0), r"adult\.data\.gz: is not a gzipped ASCII table"),
    ],
)
def test_a_malformed_file_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, train: str | bytes, message: str
) -> None:
    with pytest.raises(DataError, match=message):
        load(monkeypatch, tmp_path, train)


def test_without_the_real_files_the_simulated_census_stands_in(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    table = load(monkeypatch, tmp_path, mode="sample")
    assert (table.origin, table.target, len(table)) == ("sample", "income", 1600)
    monkeypatch.delenv("EMBEDBOOK_MIRROR")
    assert load_table("adult", mode="auto").origin == "sample"
    with pytest.raises(DataError, match="could not be reached"):
        load_table("adult", mode="real")


def test_the_stored_sample_is_what_the_generator_draws(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    stored = load(monkeypatch, tmp_path, mode="sample").frame
    pd.testing.assert_frame_equal(stored, simulate_census(), check_dtype=False)
    file = data_folder() / "sample" / "census.csv"
    assert file.stat().st_size <= 100_000
    assert set(stored.columns) < {*load(monkeypatch, tmp_path).frame.columns}


def test_the_simulated_census_follows_its_rules() -> None:
    frame = simulate_census(20_000, seed=1)
    high = frame["income"] == ">50K"
    steps = high.groupby(frame["education_num"]).mean()
    assert (steps.diff().dropna() > 0).all()  # each step of schooling pays
    by_country = high.groupby(frame["native_country"]).mean()
    assert by_country[["Auland", "Brenmark", "Cordia"]].min() > by_country[["Dalmora", "Estria", "Fenwia"]].max()
    assert by_country[["Dalmora", "Estria", "Fenwia"]].min() > by_country[["Galdur", "Hestan", "Istrova"]].max()
    assert high.groupby(frame["marital_status"]).mean().idxmax() == "married"
    missing = frame.isna().mean()
    assert missing[["workclass", "occupation", "native_country"]].between(0.03, 0.05).all()
    assert missing.drop(["workclass", "occupation", "native_country"]).eq(0).all()
    assert frame["age"].between(18, 80).all()


def test_equal_seeds_simulate_equal_rows_and_no_rows_are_refused() -> None:
    assert simulate_census(50, seed=3).equals(simulate_census(50, seed=3))
    assert not simulate_census(50, seed=3).equals(simulate_census(50, seed=4))
    with pytest.raises(ValueError, match="n must be 1 row or more"):
        simulate_census(0)


def test_a_changed_file_is_not_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    load(monkeypatch, tmp_path)
    (tmp_path / "adult" / "adult.test.gz").write_bytes(gzip.compress(b"other"))
    with pytest.raises(ChecksumError, match=r"adult\.test\.gz"):
        load_table("adult")


def test_a_table_shows_what_it_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    table = load(monkeypatch, tmp_path)
    assert repr(table) == "Table('adult': 3 real rows, 16 columns; target 'income')"
    badge = table._repr_html_()
    for part in ("Real data", "data-badge--real", "3 rows, 16 columns", "income: &lt;=50K 1, &gt;50K 2", "CC0"):
        assert part in badge


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"target": "wage"}, "no column 'wage'"),
        ({"frame": pd.DataFrame({"a": []})}, "no rows"),
        ({"origin": "x"}, "'x'"),
    ],
)
def test_a_table_that_cannot_be_right_is_refused(changes: dict[str, Any], message: str) -> None:
    fields = {"name": "t", "title": "T", "frame": pd.DataFrame({"a": [1]}), "target": "a", "origin": "real"}
    with pytest.raises(DataError, match=message):
        Table(**{**fields, "citation": "C", "licence": "L", **changes})


def test_the_real_table_is_the_published_one(mirror: Path) -> None:
    frame = load_table("adult", mode="real").frame
    assert frame["split"].value_counts().to_dict() == {"train": 32_561, "test": 16_281}
    assert frame.loc[frame["split"] == "train", "income"].value_counts().to_dict() == {"<=50K": 24_720, ">50K": 7841}
