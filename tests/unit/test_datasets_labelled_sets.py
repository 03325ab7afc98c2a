"""Readers of labelled sets give each text its own label, and an error names file and line."""

from __future__ import annotations

import gzip
import io
import lzma
import tarfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from datasets_support import closed_address, entry, file_entry, isolate, use_registry

from embedbook.datasets import (
    DataError,
    LabelledTexts,
    TextEncodingError,
    load_labelled,
    load_reviews,
    load_table,
    read_labelled_csv,
)

# "\x85" stands inside sentences of MR; str.splitlines would end a line there.
MR = "0 dull \x85 and long .\n1 caf\xe9 society , warm . \n0 \x85the rest .\n".encode("latin-1")


def load(
    monkeypatch: pytest.MonkeyPatch,
    folder: Path,
    name: str,
    files: dict[str, bytes],
    encoding: str,
    records: int | None,
) -> LabelledTexts:
    isolate(monkeypatch, folder)
    monkeypatch.setenv("EMBEDBOOK_MIRROR", str(folder))
    for place, content in files.items():
        (folder / place).parent.mkdir(exist_ok=True)
        (folder / place).write_bytes(content)
    entries = [file_entry(place, content, closed_address(), records) for place, content in files.items()]
    use_registry(monkeypatch, entry(name, *entries, encoding=encoding), entry("adult", *entries, kind="table"))
    return load_labelled(name)


def test_mr_is_split_at_line_ends_only(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    reviews = load(monkeypatch, tmp_path, "mr", {"kim/rt.all": MR}, "latin-1", 3)
    assert reviews.texts == ("dull \x85 and long .", "caf\xe9 society , warm .", "\x85the rest .")
    assert reviews.labels.tolist() == [0, 1, 0]
    assert reviews.classes == ("negative", "positive")
    assert (reviews.name, reviews.title, reviews.licence, reviews.origin) == ("mr", "The set mr", "CC0", "real")
    assert reviews.official_split is None


def test_sst2_keeps_the_split_of_its_authors(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    parts = {
        "kim/stsa.binary.train": "1 très bon\n0 bad".encode(),
        "kim/stsa.binary.dev": b"1 fine\n0 poor\n",
        "kim/stsa.binary.test": b"0 dull\r\n1 warm\r\n",
    }
    reviews = load(monkeypatch, tmp_path, "sst2", parts, "utf-8", 2)
    assert reviews.texts == ("très bon", "bad", "fine", "poor", "dull", "warm")
    assert reviews.official_split is not None
    assert {part: rows.tolist() for part, rows in reviews.official_split.items()} == {
        "train": [0, 1],
        "dev": [2, 3],
        "test": [4, 5],
    }


def test_the_split_of_trec_has_no_development_part(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    parts = {"kim/TREC.train.all": b"0 why ?\n5 how many ?\n", "kim/TREC.test.all": b"4 where ?\n3 who ?\n"}
    questions = load(monkeypatch, tmp_path, "trec", parts, "ascii", 2)
    assert [questions.classes[label] for label in questions.labels] == ["description", "number", "location", "human"]
    assert questions.official_split is not None
    assert {part: rows.tolist() for part, rows in questions.official_split.items()} == {"train": [0, 1], "test": [2, 3]}


def test_lines_without_text_are_left_out_only_where_they_are_known(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert load(monkeypatch, tmp_path, "cr", {"kim/cr.all": b"0 bad\n0 \n1 good\n"}, "ascii", 2).texts == (
        "bad",
        "good",
    )
    with pytest.raises(DataError, match=r"cr\.all: 1 texts were read where the registry says 2"):
        load(monkeypatch, tmp_path, "cr", {"kim/cr.all": b"0 \n1 good\n"}, "ascii", 2)
    with pytest.raises(DataError, match=r"subj\.all, line 2: has a label but no text"):
        load(monkeypatch, tmp_path, "subj", {"kim/subj.all": b"0 bad\n0 \n1 good\n"}, "ascii", 2)


def test_reviews_are_two_of_the_labelled_sets(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    texts = load(monkeypatch, tmp_path, "mr", {"kim/rt.all": MR}, "latin-1", 3).texts
    assert load_reviews().texts == load_reviews("mr").texts == texts
    load(monkeypatch, tmp_path, "subj", {"kim/subj.all": MR}, "latin-1", 3)
    with pytest.raises(DataError, match=r"'subj' is read by load_labelled\. Reviews are: mr, sst2"):
        load_reviews("subj")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"0 bad\n2 good\n", r"rt\.all, line 2: begins with '2', not with a label: 0, 1"),
        (b"0 bad\ngood\n", r"rt\.all, line 2: begins with 'good'"),
        (b"0 bad\n\n1 good\n", r"rt\.all, line 2: begins with ''"),
        (b"0 bad\n1  \n", r"rt\.all, line 2: has a label but no text"),
        (b"0 bad\n1\n", r"rt\.all, line 2: has a label but no text"),
        (b"", r"rt\.all: is empty"),
        (b"0 bad\n0 worse\n", "at least two classes"),
        (b"0 bad\n1 good\n1 great\n", r"rt\.all: 3 texts were read where the registry says 2"),
    ],
)
def test_a_malformed_line_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: bytes, message: str
) -> None:
    with pytest.raises(DataError, match=message):
        load(monkeypatch, tmp_path, "mr", {"kim/rt.all": content}, "latin-1", 2)


def test_wrong_bytes_are_named_with_file_line_and_byte(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with pytest.raises(TextEncodingError, match=r"rt\.all, line 2, byte 6: 0xe9 is not utf-8.*cp1252"):
        load(monkeypatch, tmp_path, "mr", {"kim/rt.all": b"0 bad\n1 caf\xe9\n"}, "utf-8", None)


def test_a_data_set_of_another_kind_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    load(monkeypatch, tmp_path, "mr", {"kim/rt.all": MR}, "latin-1", 3)
    with pytest.raises(DataError, match=r"'adult' holds table, not labelled texts. Reviews are: mr, sst2"):
        load_reviews("adult")
    with pytest.raises(DataError, match="'mr' holds labelled texts, not table"):
        load_table("mr")


def test_the_sample_is_read_with_its_labels(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "reviews.csv").write_text(
        'text,label,domain\n"Warm, and long.",positive,film\nDull.,negative,film\n', encoding="utf-8"
    )
    monkeypatch.setattr("embedbook.datasets.labelled_sets.sample_folder", lambda: tmp_path)
    reviews = load_reviews("sst2", mode="sample")
    assert reviews.texts == ("Warm, and long.", "Dull.")
    assert reviews.labels.tolist() == [1, 0]
    assert (reviews.name, reviews.origin, reviews.licence) == ("sample", "sample", "CC BY 4.0")
    (tmp_path / "reviews.csv").unlink()
    with pytest.raises(DataError, match=r"reviews\.csv: cannot be read"):
        load_reviews(mode="sample")


def test_the_sample_stands_in_for_every_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    isolate(monkeypatch, tmp_path)
    for name in ("mr", "sst1", "sst2", "subj", "trec", "cr", "mpqa", "imdb"):
        sample = load_labelled(name, mode="sample")
        assert (sample.name, sample.classes, len(sample)) == ("sample", ("negative", "positive"), 2040)


@pytest.mark.parametrize("name", ["enwiki-2015", "adult"])
def test_what_holds_no_labelled_texts_is_refused(name: str) -> None:
    with pytest.raises(DataError, match=rf"'{name}' holds .*, not labelled texts\. Labelled sets are: mr, .*, imdb\."):
        load_labelled(name, mode="sample")


def test_a_set_that_the_registry_knows_but_no_reader_does_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with pytest.raises(DataError, match="no reader for the labelled set 'other'"):
        load(monkeypatch, tmp_path, "other", {"kim/other.all": MR}, "latin-1", 3)


# --- IMDB ------------------------------------------------------------------------------------------------------------

IMDB = {
    "aclImdb/test/pos/0_10.txt": "Fine.",
    "aclImdb/test/neg/10_1.txt": "Poor.",
    "aclImdb/train/pos/2_7.txt": "Warm.<br /><br />Really\nwarm!",
    "aclImdb/train/pos/10_8.txt": "Café.",
    "aclImdb/train/neg/0_3.txt": "Bad.",
    "aclImdb/train/neg/1_3.txt": "Worse.",
    "aclImdb/train/urls_neg.txt": "http://example.org",
}
UNLABELLED = {"aclImdb/train/unsup/0_0.txt": "So so."}


def packed(members: dict[str, str], pack: Callable[[bytes], bytes] = lzma.compress) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, text in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(text.encode())
            archive.addfile(info, io.BytesIO(text.encode()))
    return pack(out.getvalue())


def load_imdb(monkeypatch: pytest.MonkeyPatch, folder: Path, files: dict[str, bytes]) -> LabelledTexts:
    isolate(monkeypatch, folder)
    monkeypatch.setenv("EMBEDBOOK_MIRROR", str(folder))
    monkeypatch.setattr("embedbook.datasets.labelled_sets._IMDB_REVIEWS", {"train": 4, "test": 2})
    (folder / "imdb").mkdir(exist_ok=True)
    for name, content in files.items():
        (folder / "imdb" / name).write_bytes(content)
    entries = [file_entry(f"imdb/{name}", content, closed_address()) for name, content in files.items()]
    use_registry(monkeypatch, entry("imdb", *entries, kind="corpus"))
    return load_labelled("imdb")


def test_imdb_is_the_same_from_each_packing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    labelled = packed(IMDB)
    whole = packed(dict(reversed({**IMDB, **UNLABELLED}.items())), gzip.compress)
    for files in (
        {"aclImdb_labelled.tar.xz": labelled, "aclImdb_unsup.tar.xz": packed(UNLABELLED)},
        {"aclImdb_v1.tar.gz": whole},
    ):
        reviews = load_imdb(monkeypatch, tmp_path, files)
        assert reviews.texts == ("Bad.", "Worse.", "Warm.  Really warm!", "Café.", "Poor.", "Fine.")
        assert reviews.labels.tolist() == [0, 0, 1, 1, 0, 1]
        assert reviews.classes == ("negative", "positive")
        assert reviews.title == "Large Movie Review Dataset (IMDB): 50,000 labelled reviews"
        assert reviews.official_split is not None
        assert {part: rows.tolist() for part, rows in reviews.official_split.items()} == {
            "train": [0, 1, 2, 3],
            "test": [4, 5],
        }


def test_an_archive_with_too_few_reviews_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    fewer = {name: text for name, text in IMDB.items() if "test/pos" not in name}
    with pytest.raises(DataError, match=r"all\.tar\.xz: holds \{'train': 4, 'test': 1\} labelled reviews, not"):
        load_imdb(monkeypatch, tmp_path, {"all.tar.xz": packed(fewer)})
    with pytest.raises(DataError, match=r"all\.tar\.xz: holds no member like"):
        load_imdb(monkeypatch, tmp_path, {"all.tar.xz": packed(UNLABELLED)})
    with pytest.raises(DataError, match=r"all\.txt: is no archive of reviews"):
        load_imdb(monkeypatch, tmp_path, {"all.txt": b"Good."})


# --- A reader's own file ---------------------------------------------------------------------------------------------


def write(folder: Path, content: str | bytes) -> Path:
    file = folder / "mine.csv"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return file


def test_a_readers_own_file_is_read(tmp_path: Path) -> None:
    file = write(tmp_path, '\ufefflabel,id,text\r\nspam,1,"Win, win"\r\n\r\nham,2,"Two\nlines"\r\nspam,3, Now \r\n')
    texts = read_labelled_csv(file)
    assert texts.texts == ("Win, win", "Two\nlines", "Now")
    assert texts.classes == ("ham", "spam")
    assert texts.labels.tolist() == [1, 0, 1]
    assert texts.labels.dtype == np.int64
    assert (texts.name, texts.title, texts.origin) == ("mine", "mine.csv", "real")


def test_columns_encoding_and_classes_can_be_given(tmp_path: Path) -> None:
    file = write(tmp_path, "review,stars\ncaf\xe9,1\nd\xe9j\xe0,bad\n".encode("cp1252"))
    texts = read_labelled_csv(
        str(file), text_column="review", label_column="stars", classes=("bad", "good"), encoding="cp1252", name="n"
    )
    assert texts.texts == ("café", "déjà")
    assert texts.labels.tolist() == [1, 0]
    assert texts.name == "n"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("body,label\na,0\n", r"mine\.csv, line 1: there is no column 'text', only body, label"),
        ("text;label\na;0\n", r"mine\.csv, line 1: there is no column 'text', only text;label"),
        ("", r"mine\.csv, line 1: there is no column 'text', only nothing"),
        ("text,label\n", r"mine\.csv: holds no texts"),
        ("text,label\na,negative\n ,positive\n", r"mine\.csv, line 3: the text is empty"),
        ("text,label\na,negative\nb,\n", r"mine\.csv, line 3: the label is empty"),
        ('text,label\n"a\nb",negative\nc,neutral\n', r"mine\.csv, line 4: label 'neutral' is none of the classes"),
        ("text,label\na, b,negative\n", r"mine\.csv, line 2: has 3 fields where the header has 2"),
        ("text,label\na\n", r"mine\.csv, line 2: has 1 fields where the header has 2"),
        ('text,label\na,negative\n"b,positive\n', r"mine\.csv, line 3: is not valid CSV"),
        ("text,label\na,negative\nb,negative\n", r"mine\.csv, lines 2 to 3: all texts are 'negative'"),
    ],
)
def test_a_malformed_file_is_named_with_its_line(tmp_path: Path, content: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        read_labelled_csv(write(tmp_path, content), classes=("negative", "positive"))


def test_one_class_only_is_refused_where_classes_are_found_in_the_file(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"mine\.csv, lines 2 to 3: every label in column 'label' is 'a'"):
        read_labelled_csv(write(tmp_path, "text,label\nx,a\ny,a\n"))


@pytest.mark.parametrize("start", ["", "\ufeff"])
def test_bytes_that_are_not_utf8_are_named(tmp_path: Path, start: str) -> None:
    file = write(tmp_path, start.encode() + "text,label\ngut,1\nschön,0\n".encode("latin-1"))
    with pytest.raises(
        TextEncodingError, match=r"mine\.csv, line 3, byte 4: 0xf6 is not utf-8.*Save the file as UTF-8"
    ):
        read_labelled_csv(file)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"none\.csv: cannot be read \(No such file"):
        read_labelled_csv(tmp_path / "none.csv")
    with pytest.raises(DataError, match="encoding 'utf-9' is unknown"):
        read_labelled_csv(write(tmp_path, "text,label\n"), encoding="utf-9")


def test_the_real_reviews_are_the_published_ones(mirror: Path) -> None:
    mr, sst2 = load_reviews("mr", mode="real"), load_reviews("sst2", mode="real")
    assert len(mr) == 10_662
    assert mr.counts == {"negative": 5331, "positive": 5331}
    assert mr.texts[0] == "simplistic , silly and tedious ."
    assert sst2.official_split is not None
    assert {part: len(rows) for part, rows in sst2.official_split.items()} == {"train": 6920, "dev": 872, "test": 1821}


@pytest.mark.parametrize(
    ("name", "counts", "parts"),
    [
        (
            "sst1",
            {"very negative": 1510, "negative": 3140, "neutral": 2242, "positive": 3111, "very positive": 1852},
            {"train": 8544, "dev": 1101, "test": 2210},
        ),
        ("subj", {"subjective": 5000, "objective": 5000}, None),
        (
            "trec",
            {"description": 1300, "entity": 1344, "abbreviation": 95, "human": 1288, "location": 916, "number": 1009},
            {"train": 5452, "test": 500},
        ),
        # Without the four and three lines that hold no text: 3,775 and 10,606 in Kim (2014), table 1.
        ("cr", {"negative": 1366, "positive": 2405}, None),
        ("mpqa", {"negative": 7292, "positive": 3311}, None),
        ("imdb", {"negative": 25_000, "positive": 25_000}, {"train": 25_000, "test": 25_000}),
    ],
)
def test_the_real_sets_are_the_published_ones(
    mirror: Path, name: str, counts: dict[str, int], parts: dict[str, int] | None
) -> None:
    texts = load_labelled(name, mode="real")
    assert texts.counts == counts
    assert parts == (texts.official_split and {part: len(rows) for part, rows in texts.official_split.items()})
    assert not any("<br" in text for text in texts.texts)


def test_in_the_real_subjectivity_set_plots_are_objective(mirror: Path) -> None:
    subj = load_labelled("subj", mode="real")
    plot = "the movie begins in the past where a young boy named sam attempts to save celebi from a hunter ."
    assert subj.classes[subj.labels[subj.texts.index(plot)]] == "objective"


def test_the_real_questions_have_the_published_test_part(mirror: Path) -> None:
    trec = load_labelled("trec", mode="real")
    assert trec.official_split is not None
    test = trec.labels[trec.official_split["test"]]
    assert dict(zip(trec.classes, np.bincount(test).tolist(), strict=True)) == {
        "description": 138,
        "entity": 94,
        "abbreviation": 9,
        "human": 65,
        "location": 81,
        "number": 113,
    }
