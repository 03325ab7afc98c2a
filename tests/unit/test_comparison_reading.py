"""Tables of a reader's own: every format, every encoding, and a plain sentence for everything that is wrong."""

from __future__ import annotations

import csv
import gzip
import json
import sys
import types
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from comparison_support import sentences, write_csv

from embedbook.comparison.collection import Collection, Reading
from embedbook.comparison.columns import choose_columns
from embedbook.comparison.errors import ComparisonError
from embedbook.comparison.reading import read_collection
from embedbook.comparison.sources import open_source


def read(path: Path, test: Path | None = None, **options: Any) -> Collection:
    return read_collection(path, Reading(**options), test=test)


def same(first: Collection, second: Collection) -> bool:
    return first.tokens == second.tokens and first.classes == second.classes and (first.labels == second.labels).all()


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    return write_csv(tmp_path / "plain.csv", sentences())


# --- Formats ---------------------------------------------------------------------------------------------------------


def test_a_csv_file_gives_tokens_and_labels(plain: Path) -> None:
    found = read(plain)
    assert len(found) == 60
    assert found.classes == ("negative", "positive")
    assert found.tokens[3] == sentences()[3][0].split()
    assert found.labels[:4].tolist() == [0, 1, 0, 1]
    assert found.counts == {"negative": 30, "positive": 30}
    assert found.warnings == ()


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
def test_the_sign_between_cells_is_told_from_the_first_line(tmp_path: Path, plain: Path, sign: str) -> None:
    path = tmp_path / "other.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=sign).writerows([["text", "label"], *sentences()])
    assert same(read(path), read(plain))


@pytest.mark.parametrize("name", ["t.tsv", "t.txt", "t.tsv.gz"])
def test_a_tsv_file_needs_no_quotes_and_may_have_stray_ones(tmp_path: Path, name: str) -> None:
    rows = sentences()
    rows[0][0] = '"Unclosed and fine'
    rows[1][0] = 'He said "hello" to me'
    content = "\n".join("\t".join(row) for row in [["text", "label"], *rows]) + "\n"
    path = tmp_path / name
    path.write_bytes(gzip.compress(content.encode()) if name.endswith(".gz") else content.encode())
    found = read(path)
    assert len(found) == 60
    assert found.tokens[0] == ['"', "unclosed", "and", "fine"]


def test_a_tsv_file_with_quotes_is_read_with_them(tmp_path: Path) -> None:
    rows = sentences()
    rows[0][0] = 'two\nlines with a\ttab and a "word"'
    path = tmp_path / "t.tsv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter="\t").writerows([["text", "label"], *rows])
    found = read(path)
    assert len(found) == 60
    assert found.tokens[0] == ["two", "lines", "with", "a", "tab", "and", "a", '"', "word", '"']


def test_json_lines_may_have_numbers_and_more_keys(tmp_path: Path, plain: Path) -> None:
    path = tmp_path / "t.jsonl"
    stars = {"negative": 1, "positive": 5.0}
    lines = [json.dumps({"id": n, "text": text, "label": stars[label]}) for n, (text, label) in enumerate(sentences())]
    path.write_text("\n".join(lines) + "\n\n", encoding="utf-8")
    found = read(path)
    assert found.classes == ("1", "5")
    assert found.tokens == read(plain).tokens


def test_numbers_as_labels_are_sorted_by_value(tmp_path: Path) -> None:
    found = read(write_csv(tmp_path / "t.csv", sentences(classes=("10", "9", "-1"))))
    assert found.classes == ("-1", "9", "10")


def test_a_parquet_file_is_read_in_batches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, plain: Path) -> None:
    rows = [(text, label, number) for number, (text, label) in enumerate(sentences())]
    names = ["text", "label", "id"]

    class Column(list):  # type: ignore[type-arg]
        def to_pylist(self) -> list[Any]:
            return list(self)

    class Batch:
        def __init__(self, part: list[Any], columns: list[str]) -> None:
            self.schema = types.SimpleNamespace(get_field_index=columns.index)
            self._columns = [Column(row[names.index(name)] for row in part) for name in columns]

        def column(self, index: int) -> Column:
            return self._columns[index]

    class ParquetFile:
        def __init__(self, path: Path) -> None:
            self.schema_arrow = types.SimpleNamespace(names=names)

        def iter_batches(self, size: int, columns: list[str]) -> Any:
            for start in range(0, len(rows), 25):
                yield Batch(rows[start : start + 25], columns)

    monkeypatch.setitem(sys.modules, "pyarrow", types.ModuleType("pyarrow"))
    module = types.ModuleType("pyarrow.parquet")
    module.ParquetFile = ParquetFile  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", module)
    path = tmp_path / "t.parquet"
    path.write_bytes(b"PAR1 and so on")
    assert same(read(path), read(plain))


def test_a_parquet_file_without_pyarrow_names_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    path = tmp_path / "t.data"
    path.write_bytes(b"PAR1 and so on")
    with pytest.raises(ComparisonError, match="pip install pyarrow"):
        read(path)


# --- Encodings -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_marks_and_line_ends_of_other_systems_change_nothing(tmp_path: Path, encoding: str, end: str) -> None:
    rows = sentences()
    rows[0][0] = "a café with naïve \x85 waiters"
    content = end.join(["text,label", *(f"{text},{label}" for text, label in rows), ""])
    path = tmp_path / "t.csv"
    path.write_bytes(content.encode(encoding))
    found = read(path)
    assert len(found) == 60
    assert found.tokens[0] == ["a", "café", "with", "naïve", "waiters"]


def test_another_encoding_is_an_error_that_names_the_lines_and_the_remedy(tmp_path: Path) -> None:
    rows = sentences()
    rows[4][0], rows[9][0] = "a café", "a naïve waiter"
    path = write_csv(tmp_path / "t.csv", rows)
    path.write_bytes(path.read_text(encoding="utf-8").encode("cp1252"))
    with pytest.raises(ComparisonError, match=r"lines 6, 11: not utf-8.*--encoding cp1252"):
        read(path)
    assert read(path, encoding="cp1252").tokens[4] == ["a", "café"]


def test_a_mixture_is_told_from_another_encoding_and_can_be_repaired(tmp_path: Path) -> None:
    rows = sentences()
    rows[0][0], rows[1][0] = "un café", "CAFE"
    path = write_csv(tmp_path / "t.csv", rows)
    path.write_bytes(path.read_bytes().replace(b"CAFE", "das Café".encode("cp1252")))
    with pytest.raises(ComparisonError, match=r"line 3: not UTF-8, unlike 1 other line with.*--encoding mixed"):
        read(path)
    found = read(path, encoding="mixed")
    assert found.tokens[:2] == [["un", "café"], ["das", "café"]]
    assert "1 line not in UTF-8, read as Windows-1252 (line 3)" in found.warnings[0]


# --- What is wrong with a file ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("t.csv", b"", "is empty"),
        ("t.csv", b"\n \n", "is empty"),
        ("t.csv", b"text,label\n", "no labelled texts"),
        ("t.csv", b"text,label\n" + b",a\n ,b\n" * 40, "all 80 texts are empty"),
        ("t.csv", b"text,label\n" + b"\x07,a\n" * 40, "all 40 texts are empty"),
        ("t.csv", b"text,label\n" + b"good,a\nbad,a\n" * 40, "every label in column 'label' is 'a'"),
        ("t.csv", b"text,label\ngood,a\nbad,b\n", "at least 30"),
        ("t.csv", b"text,label\ngood,fine,a\n", "line 2: has 3 cells where the first line names 2"),
        ("t.csv", b'text,label\ngood,a\n"bad,b\n', "line 3: a quote that begins here is never closed"),
        ("t.csv", b'text,label\n"good"x,a\n', "line 2: is not valid CSV"),
        ("t.csv", b"text,label\ngo\0od,a\n", "line 2: holds a NUL"),
        ("t.csv", b"text,label\nok,a\n" + b'"' + b"x" * 5_000_000 + b'",b\n', "line 3: a cell of more than 1,000,000"),
        ("t.csv", b'text,label\nok,a\n"x\n' + b"fine,b\n" * 200_000, "line 3: a cell of more than 1,000,000"),
        ("t.csv", b"text,label\n" + b"x" * 9_000_000, "line 2: is longer than 8,000,000"),
        ("t.jsonl", b'{"text": "' + b"x" * 2_000_000 + b'", "label": 1}', "line 1: 'text' is longer than 1,000,000"),
        ("t.jsonl", b'{"text": "a", "label": 1}\n{"text": "b" "label": 1}\n', "line 2: is not JSON"),
        ("t.jsonl", b'{"text": "a", "label": 1}\n[1, 2]\n', "line 2: is JSON, but not an object"),
        ("t.jsonl", b'{"text": "a", "label": ["x", "y"]}\n', "line 1: 'label' is list"),
        ("t.json", b'[{"text": "a"}]', "is one JSON array"),
        ("t.jsonl", b"text,label\na,b\n", "is not JSON Lines"),
        ("t.xlsx", b"PK\x03\x04 and so on", "save the sheet as CSV"),
        ("t.csv.gz", b"\x1f\x8b\x08\x00 cut off", "damaged gzip"),
    ],
)
def test_each_fault_has_its_sentence(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(ComparisonError, match=message) as caught:
        read(path)
    assert name in str(caught.value)
    assert len(str(caught.value)) < 400


def test_what_is_no_file_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(ComparisonError, match=r"none\.csv does not exist"):
        read(tmp_path / "none.csv")
    with pytest.raises(ComparisonError, match="is a folder"):
        read(tmp_path)


def test_the_limit_of_the_csv_module_is_left_as_it_was(plain: Path) -> None:
    before = csv.field_size_limit()
    read(plain)
    assert csv.field_size_limit() == before


# --- Labels and classes ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("missing", ["", "nan", "NaN", "null", "<NA>"])
def test_a_row_without_a_label_is_an_error_unless_it_shall_be_left_out(tmp_path: Path, missing: str) -> None:
    rows = sentences()
    rows[4][1] = rows[7][1] = missing
    path = write_csv(tmp_path / "t.csv", rows)
    with pytest.raises(ComparisonError, match=r"of 60 rows, 2 without a label.*\(lines 6, 9\).*--skip-unlabelled"):
        read(path)
    found = read(path, skip_unlabelled=True)
    assert len(found) == 58
    assert "2 rows without a label left out (lines 6, 9)" in found.warnings[0]


def test_none_and_na_are_labels(tmp_path: Path) -> None:
    assert read(write_csv(tmp_path / "t.csv", sentences(classes=("none", "NA")))).classes == ("NA", "none")


def test_classes_with_hardly_a_text_are_named(tmp_path: Path) -> None:
    rows = [*sentences(), ["a film of its own", "odd"]]
    with pytest.raises(ComparisonError, match=r"a class: 'odd' \(1\); each class needs at least 3"):
        read(write_csv(tmp_path / "t.csv", rows))
    rows = [[text, f"id-{number}"] for number, (text, _) in enumerate(sentences(90))]
    with pytest.raises(ComparisonError, match="is 'label' the column of labels"):
        read(write_csv(tmp_path / "t.csv", rows))


def test_empty_texts_are_left_out_and_counted(tmp_path: Path) -> None:
    rows = [*sentences(), ["  ", "positive"], ["", "negative"]]
    found = read(write_csv(tmp_path / "t.csv", rows))
    assert (len(found), found.facts.empty) == (60, 2)
    assert "2 empty texts" in found.warnings[0]


# --- Too much --------------------------------------------------------------------------------------------------------


def test_more_rows_than_wanted_are_drawn_evenly_and_said(tmp_path: Path) -> None:
    rows = [[f"text number n{number}", "ab"[number % 2]] for number in range(2_000)]
    found = read(write_csv(tmp_path / "t.csv", rows), max_rows=400)
    numbers = [int(words[2][1:]) for words in found.tokens]
    assert len(found) == 400
    assert numbers == sorted(set(numbers))
    assert 850 < np.mean(numbers) < 1150
    assert 400 < np.std(numbers) < 750
    assert "2,000 rows are more than are used; 400 were drawn" in found.warnings[0]
    assert read(tmp_path / "t.csv", max_rows=400).tokens == found.tokens


def test_classes_that_drawing_made_too_small_are_left_out(tmp_path: Path) -> None:
    rows = [[f"text n{number}", "ab"[number % 2]] for number in range(2_000)]
    rows += [[f"seldom n{number}", "rare"] for number in range(10)]
    found = read(write_csv(tmp_path / "t.csv", rows), max_rows=100)
    assert found.classes == ("a", "b")
    assert "left out: 'rare'" in found.warnings[-1]


def test_long_texts_are_cut(tmp_path: Path) -> None:
    rows = sentences()
    rows[0][0] = "word " * 1_000
    found = read(write_csv(tmp_path / "t.csv", rows), max_words=50)
    assert len(found.tokens[0]) == 50
    assert "1 text cut after 50 words" in found.warnings[0]


# --- What stays together ---------------------------------------------------------------------------------------------


def test_equal_texts_are_one_unit_and_counted(tmp_path: Path) -> None:
    rows = sentences()
    rows += [[rows[0][0].upper(), "negative"], [rows[0][0], "positive"], [rows[1][0], "positive"]]
    found = read(write_csv(tmp_path / "t.csv", rows))
    assert found.units[0] == found.units[60] == found.units[61] != found.units[1]
    assert (found.facts.duplicates, found.facts.conflicting) == (3, 1)
    assert "3 repetitions of other texts" in found.warnings[0]
    assert "With different labels: 1 text" in found.warnings[0]


def test_groups_and_repetitions_bind_each_other(tmp_path: Path) -> None:
    rows = [[*row, str(number // 2)] for number, row in enumerate(sentences())]
    rows.append([rows[0][0], "negative", "29"])
    found = read(write_csv(tmp_path / "t.csv", rows, ("text", "label", "who")), group="who")
    assert found.facts.groups == 30
    assert len({int(found.units[row]) for row in (0, 1, 58, 59, 60)}) == 1
    assert len(set(found.units.tolist())) == 29


def test_a_test_file_must_fit_and_what_is_in_both_is_left_out(tmp_path: Path, plain: Path) -> None:
    rows = sentences(40, seed=5) + sentences()[:6]
    test = write_csv(tmp_path / "test.csv", rows)
    found = read(plain, test=test)
    assert len(found) == 54 + 46
    assert found.test_rows is not None
    assert found.test_rows.tolist() == list(range(54, 100))
    assert any("6 texts are also in" in warning for warning in found.warnings)
    with pytest.raises(ComparisonError, match=r"test\.csv, line 2: label 'meh' does not occur"):
        read(plain, test=write_csv(test, [["new text", "meh"], *rows]))
    with pytest.raises(ComparisonError, match=r"test\.csv holds 3 labelled texts"):
        read(plain, test=write_csv(test, rows[:3]))
    with pytest.raises(ComparisonError, match=r"only 0 of its texts are not in"):
        read(plain, test=plain)
    with pytest.raises(ComparisonError, match=r"test\.csv: there is no column 'text'"):
        read(plain, test=write_csv(test, rows, ("sentence", "label")))


def test_texts_without_spaces_are_noticed(tmp_path: Path) -> None:
    chinese = [["这部电影非常好看我很喜欢" + chr(0x4E00 + n), "ab"[n % 2]] for n in range(40)]
    found = read(write_csv(tmp_path / "t.csv", chinese))
    assert "Chinese or Japanese" in found.warnings[-1]
    glued = [["thisisonelongwordwithoutspaces" + "x" * n, "ab"[n % 2]] for n in range(40)]
    assert "need spaces" in read(write_csv(tmp_path / "t.csv", glued)).warnings[-1]
    hindi = [[f"यह फ़िल्म बहुत अच्छी थी n{n}", "ab"[n % 2]] for n in range(40)]
    assert read(write_csv(tmp_path / "t.csv", hindi)).warnings == ()


# --- Columns ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        (["text", "label"], ("text", "label")),
        (["id", "Label", "Text"], ("Text", "Label")),
        (["id", "review_text", "stars"], ("review_text", "stars")),
        (["title", "text", "rating", "sentiment"], ("text", "sentiment")),
        (["what", "label"], ("what", "label")),
        (["sentence", "kind"], ("sentence", "kind")),
    ],
)
def test_columns_are_guessed_where_only_one_can_be_meant(columns: list[str], expected: tuple[str, str]) -> None:
    assert choose_columns(Path("t.csv"), columns)[:2] == expected


@pytest.mark.parametrize(
    ("columns", "options", "message"),
    [
        (["a", "b", "c"], {}, "cannot tell which column holds the texts; name it with --text.*'a', 'b', 'c'"),
        (["review", "comment", "label"], {}, "which column holds the texts"),
        (["text", "x", "y1"], {}, "which column holds the labels"),
        (["text", "label"], {"text": "txet"}, "there is no column 'txet' for --text; did you mean 'text'"),
        (["text", "Label"], {"label": "label"}, "did you mean 'Label'"),
        (["text", "label"], {"text": "qqq"}, r"no column 'qqq' for --text\. The first line names the columns: 'text'"),
        (["a", "b", "c"], {"text": "a", "label": "a"}, "'a' cannot be both"),
        (["text", "label", "text"], {}, "2 columns are called 'text'"),
        (["text", "label"], {"group": "user"}, "no column 'user' for --group"),
        (["text", "label"], {"group": "label"}, "--group 'label'"),
    ],
)
def test_other_columns_must_be_named(columns: list[str], options: dict[str, str], message: str) -> None:
    with pytest.raises(ComparisonError, match=message):
        choose_columns(Path("t.csv"), columns, **options)


def test_a_source_can_be_read_twice_and_gives_lines(plain: Path) -> None:
    source = open_source(plain)
    first = list(source.rows(["label", "text"]))
    assert first == list(source.rows(["label", "text"]))
    assert first[0] == (2, ["negative", sentences()[0][0]])
    assert source.columns == ["text", "label"]
