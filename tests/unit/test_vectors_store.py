"""The book's store, and what is written in general: complete or not at all, in little memory."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from gensim.models import KeyedVectors

from embedbook.vectors import (
    Meta,
    VectorsError,
    VectorsWarning,
    convert,
    load,
    normalise,
    open_store,
    save,
    trim,
    verify_store,
)
from embedbook.vectors.keyed import keyed_vectors

WORDS = [f"word{number}" for number in range(40)]
MATRIX = np.random.default_rng(5).normal(size=(40, 6)).astype(np.float32)


@pytest.fixture
def vectors() -> KeyedVectors:
    return keyed_vectors(WORDS, MATRIX.copy())


@pytest.fixture
def store(tmp_path: Path, vectors: KeyedVectors) -> Path:
    save(vectors, tmp_path / "store", name="Test vectors", source="made for this test")
    return tmp_path / "store"


@pytest.fixture
def glove(tmp_path: Path, vectors: KeyedVectors) -> Path:
    save(vectors, tmp_path / "vectors.txt")
    return tmp_path / "vectors.txt"


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


# --- The store -------------------------------------------------------------------------------------------------------


def test_a_store_says_what_it_holds(store: Path) -> None:
    meta = json.loads((store / "meta.json").read_text(encoding="utf-8"))
    assert meta["name"] == "Test vectors"
    assert meta["source"] == "made for this test"
    assert (meta["count"], meta["dimensions"], meta["dtype"]) == (40, 6, "float32")
    for name in ("vectors.npy", "words.txt", "norms.npy"):
        assert meta["sha256"][name] == sha256(store / name)
    assert sorted(path.name for path in store.iterdir()) == ["meta.json", "norms.npy", "vectors.npy", "words.txt"]
    np.testing.assert_array_equal(np.load(store / "vectors.npy"), MATRIX)
    assert (store / "words.txt").read_text(encoding="utf-8").split("\n") == [*WORDS, ""]
    assert verify_store(store) == Meta(**meta)


def test_a_store_is_mapped_into_memory_and_read_only(store: Path) -> None:
    vectors = load(store)
    assert isinstance(vectors.vectors, np.memmap)
    with pytest.raises(ValueError, match="read-only"):
        vectors.vectors[0] = 0
    own = load(store, mmap=False)
    own.vectors[0] = 0
    assert load(store).vectors[0].any()


def test_vectors_of_a_store_are_those_that_were_saved(store: Path, vectors: KeyedVectors) -> None:
    back = load(store)
    assert back.index_to_key == WORDS
    np.testing.assert_array_equal(back.vectors, MATRIX)
    np.testing.assert_allclose(back.norms, np.linalg.norm(MATRIX, axis=1), rtol=1e-6)
    found, expected = back.most_similar("word3"), vectors.most_similar("word3")
    assert [word for word, _ in found] == [word for word, _ in expected]
    assert [score for _, score in found] == pytest.approx([score for _, score in expected], abs=1e-6)
    assert load(store, top=7).index_to_key == WORDS[:7]
    np.testing.assert_array_equal(load(store, words=["word9", "word2"]).vectors, MATRIX[[2, 9]])


def test_float16_is_half_the_size_and_is_loaded_as_float32(tmp_path: Path, vectors: KeyedVectors) -> None:
    save(vectors, tmp_path / "half", dtype="float16")
    assert np.load(tmp_path / "half" / "vectors.npy").dtype == np.float16
    back = load(tmp_path / "half")
    assert back.vectors.dtype == np.float32
    np.testing.assert_array_equal(back.vectors, MATRIX.astype(np.float16).astype(np.float32))
    vectors.vectors[3, 1] = 1e6
    with pytest.raises(VectorsError, match="'word3' holds a number too large for float16"):
        save(vectors, tmp_path / "large", dtype="float16")
    assert not (tmp_path / "large").exists()


def test_a_vector_of_zeros_is_near_to_nothing_instead_of_nan(tmp_path: Path, vectors: KeyedVectors) -> None:
    vectors.vectors[5] = 0
    save(vectors, tmp_path / "zeros")
    found = dict(load(tmp_path / "zeros").most_similar("word1", topn=100))
    assert found["word5"] == 0
    assert not np.isnan(list(found.values())).any()


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("meta.json", None, "is no store of vectors: it has no meta.json"),
        ("meta.json", b"{", "meta.json is damaged"),
        ("meta.json", b"{}", "meta.json is damaged"),
        ("meta.json", b"[]", "meta.json is damaged"),
        ("meta.json", b"\xff", "meta.json is damaged"),
        ("words.txt", None, "words.txt cannot be read"),
        ("words.txt", b"other\n", "words.txt is not the file that meta.json describes"),
        ("norms.npy", b"", "norms.npy is not the file"),
        ("vectors.npy", None, "vectors.npy does not exist"),
        ("vectors.npy", b"", "vectors.npy cannot be read"),
        ("vectors.npy", b"\x80\x04.", "vectors.npy cannot be read"),
    ],
)
def test_a_damaged_store_is_one_clear_error(store: Path, name: str, content: bytes | None, message: str) -> None:
    if content is None:
        (store / name).unlink()
    else:
        (store / name).write_bytes(content)
    with pytest.raises(VectorsError, match=message):
        load(store)


@pytest.mark.parametrize(
    "changes",
    [{"count": 39}, {"count": "40"}, {"dimensions": 5}, {"dtype": "float16"}, {"dtype": "O"}, {"format": "other"}],
)
def test_a_store_that_contradicts_its_meta_is_an_error(store: Path, changes: dict[str, object]) -> None:
    path = store / "meta.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))
    with pytest.raises(VectorsError):
        load(store)


def test_vectors_cut_off_or_changed_are_noticed(store: Path) -> None:
    path = store / "vectors.npy"
    content = path.read_bytes()
    path.write_bytes(content[:-4])
    with pytest.raises(VectorsError, match="cannot be read"):
        load(store)
    path.write_bytes(content[:-4] + b"\x00\x00\x80\x3f")
    with pytest.raises(VectorsError, match=r"vectors.npy is not the file that meta.json describes"):
        verify_store(store)
    path.unlink()
    with pytest.raises(VectorsError, match="cannot be read"):
        verify_store(store)


def test_a_folder_that_is_no_store_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(VectorsError, match="is no store of vectors"):
        load(tmp_path)


# --- Saving ----------------------------------------------------------------------------------------------------------


def test_an_existing_store_is_replaced_as_a_whole(store: Path) -> None:
    save(keyed_vectors(["only"], np.ones((1, 2), np.float32)), store)
    assert load(store).index_to_key == ["only"]
    assert [path.name for path in store.parent.iterdir()] == ["store"]


def test_a_folder_that_is_no_store_is_not_replaced(tmp_path: Path, vectors: KeyedVectors) -> None:
    precious = tmp_path / "folder" / "precious.txt"
    precious.parent.mkdir()
    precious.write_text("keep me")
    with pytest.raises(VectorsError, match="exists and is no store"):
        save(vectors, tmp_path / "folder")
    assert precious.read_text() == "keep me"
    with pytest.raises(VectorsError, match="is a folder"):
        save(vectors, tmp_path / "folder", format="glove")
    (tmp_path / "empty").mkdir()
    save(vectors, tmp_path / "empty")
    assert len(load(tmp_path / "empty")) == 40


@pytest.mark.parametrize("name", ["v.txt", "v.vec", "v.bin", "v.txt.gz", "v.bin.zip", "v.npz", "v.npy", "v.kv", "v"])
def test_nothing_is_left_when_writing_fails(tmp_path: Path, vectors: KeyedVectors, name: str) -> None:
    path = tmp_path / name
    save(vectors, path)
    before = {part.name: part.read_bytes() for part in tmp_path.rglob("*") if part.is_file()}
    vectors.vectors[20, 0] = np.nan
    with pytest.raises(VectorsError, match="row 21: number 1 of the vector of 'word20' is not finite"):
        save(vectors, path)
    assert {part.name: part.read_bytes() for part in tmp_path.rglob("*") if part.is_file()} == before


def test_the_same_vectors_make_the_same_files(tmp_path: Path, vectors: KeyedVectors) -> None:
    for name in ("v.txt.gz", "v.bin.zip", "v.npy", "v.bin"):
        first, second = tmp_path / f"1{name}", tmp_path / f"2{name}"
        for path in (first, second):
            (path.parent / path.name[0]).mkdir(exist_ok=True)
            save(vectors, path.parent / path.name[0] / name)
        assert (tmp_path / "1" / name).read_bytes() == (tmp_path / "2" / name).read_bytes()


def test_words_that_a_format_cannot_hold_are_refused(tmp_path: Path) -> None:
    row = np.ones((1, 2), np.float32)
    for word, name in (
        ("new york", "v.bin"),
        ("two\nlines", "v.bin"),
        ("two\nlines", "v.txt"),
        ("two\nlines", "v.npz"),
        ("two\nlines", "store"),
        (" york", "v.txt"),
        ("york ", "v.txt"),
        ("route 66", "v.txt"),
        ("\ud800", "v.txt"),
        ("\ud800", "store"),
        ("", "store"),
    ):
        with pytest.raises(VectorsError, match="word"):
            save(keyed_vectors([word], row), tmp_path / name)
    assert list(tmp_path.iterdir()) == []
    save(keyed_vectors(["new york"], row), tmp_path / "v.txt")
    assert load(tmp_path / "v.txt").index_to_key == ["new york"]


def test_targets_that_make_no_sense_are_refused(tmp_path: Path, vectors: KeyedVectors) -> None:
    for name, options, message in (
        ("v.xyz", {}, "cannot tell the format from the name v.xyz"),
        ("v.rda", {}, "are read, not written"),
        ("v.txt", {"format": "csv"}, "there is no format 'csv'"),
        ("v.txt", {"dtype": "float16"}, "float16 goes with"),
        ("v.npy", {"dtype": "int8"}, "dtype must be"),
        ("v.npz.gz", {}, "is not packed"),
        ("missing/v.txt", {}, "there is no folder"),
    ):
        with pytest.raises(VectorsError, match=message):
            save(vectors, tmp_path / name, **options)


def test_a_folder_that_cannot_be_written_is_one_clear_error(
    tmp_path: Path, vectors: KeyedVectors, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbidden(**_: object) -> str:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("tempfile.mkdtemp", forbidden)
    with pytest.raises(VectorsError, match=r"v.txt cannot be written: Permission denied"):
        save(vectors, tmp_path / "v.txt")


def test_a_full_disk_leaves_nothing(tmp_path: Path, vectors: KeyedVectors, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("embedbook.vectors.writing.file_sha256", full)
    with pytest.raises(VectorsError, match="cannot be written: No space left on device; nothing was changed"):
        save(vectors, tmp_path / "store")
    assert list(tmp_path.iterdir()) == []


# --- Converting and trimming -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["v.vec", "v.bin", "v.bin.gz", "v.txt.zip", "v.npz", "v.npy", "v.kv", "v"])
def test_every_format_converts_to_every_other_without_loss(tmp_path: Path, glove: Path, name: str) -> None:
    done = convert(glove, tmp_path / name)
    assert (done.path, done.count, done.dimensions) == (tmp_path / name, 40, 6)
    back = convert(tmp_path / name, tmp_path / "back.txt")
    assert back.format == "glove"
    assert (tmp_path / "back.txt").read_bytes() == glove.read_bytes()


def test_a_store_remembers_where_its_vectors_come_from(tmp_path: Path, glove: Path) -> None:
    convert(glove, tmp_path / "store", name="Mine")
    meta = open_store(tmp_path / "store").meta
    assert (meta.name, meta.source) == ("Mine", "vectors.txt")
    trim(tmp_path / "store", tmp_path / "smaller", top=3)
    meta = open_store(tmp_path / "smaller").meta
    assert (meta.name, meta.source, meta.count) == ("smaller", "vectors.txt", 3)


def test_trimming_keeps_the_words_asked_for_in_the_order_of_the_file(tmp_path: Path, glove: Path) -> None:
    done = trim(glove, tmp_path / "v.bin", words=["word30", "absent", "word4", "word4"])
    assert done.count == 2
    assert done.missing == ("absent",)
    vectors = load(tmp_path / "v.bin")
    assert vectors.index_to_key == ["word4", "word30"]
    np.testing.assert_array_equal(vectors.vectors, MATRIX[[4, 30]])
    assert trim(glove, tmp_path / "v.bin", top=3).count == 3
    with pytest.raises(VectorsError, match="trim needs the words to keep"):
        trim(glove, tmp_path / "v.bin")
    with pytest.raises(VectorsError, match="none of the words asked for"):
        trim(glove, tmp_path / "w.bin", words=["absent"])
    assert not (tmp_path / "w.bin").exists()


def test_reading_ends_when_all_words_asked_for_are_found(tmp_path: Path, glove: Path) -> None:
    content = glove.read_text() * 400 + "damaged 1 2\n"
    glove.write_text(content)
    told: list[tuple[int, int]] = []
    done = trim(glove, tmp_path / "v.bin", words=["word1", "word2"], progress=lambda *now: told.append(now))
    assert (done.count, len(told)) == (2, 1)


def test_repairs_are_counted(tmp_path: Path) -> None:
    (tmp_path / "v.txt").write_bytes(b"a 1 2\r\nb 3 4\r\na 5 6\r\n")
    with pytest.warns(VectorsWarning):
        done = convert(tmp_path / "v.txt", tmp_path / "store")
    assert sorted(done.repairs.values()) == [1, 3]


def test_a_source_that_turns_out_damaged_leaves_no_target(tmp_path: Path, glove: Path) -> None:
    glove.write_text(glove.read_text() + "damaged 1 2\n")
    with pytest.raises(VectorsError, match="line 41"):
        convert(glove, tmp_path / "store")
    assert [path.name for path in tmp_path.iterdir()] == ["vectors.txt"]


def test_normalised_vectors_have_length_one(vectors: KeyedVectors) -> None:
    vectors.vectors[7] = 0
    unit = normalise(vectors)
    lengths = np.linalg.norm(unit.vectors, axis=1)
    np.testing.assert_allclose(np.delete(lengths, 7), 1, rtol=1e-6)
    assert lengths[7] == 0
    np.testing.assert_array_equal(vectors.vectors[8], MATRIX[8])
    assert unit.index_to_key == WORDS


def test_words_and_rows_must_go_together() -> None:
    with pytest.raises(VectorsError, match="2 words do not go with an array of shape"):
        keyed_vectors(["a", "b"], np.ones((3, 2), np.float32))
    with pytest.raises(VectorsError, match="a word occurs twice"):
        keyed_vectors(["a", "a"], np.ones((2, 2), np.float32))


_MEASURE = """
import resource, sys
from embedbook.vectors import trim
trim(sys.argv[1], "warm." + sys.argv[3], top=50)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
trim(sys.argv[2], sys.argv[3], words=[f"word{n}" for n in range(0, 40_000, 40)])
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="ru_maxrss is in kilobytes on Linux only")
@pytest.mark.parametrize("ending", [".txt", ".bin"])
def test_trimming_takes_little_memory_however_large_the_file(tmp_path: Path, ending: str) -> None:
    lines = np.random.default_rng(0).normal(size=(1000, 200)).astype(np.float32)
    texts = [" ".join(map("{:.5f}".format, line)) for line in lines.tolist()]
    for name, count in (("small", 3000), ("large", 40_000)):
        with (tmp_path / f"{name}{ending}").open("wb") as file:
            if ending == ".bin":
                file.write(f"{count} 200\n".encode())
            for number in range(count):
                numbers = lines[number % 1000].tobytes() if ending == ".bin" else f"{texts[number % 1000]}\n".encode()
                file.write(f"word{number} ".encode() + numbers)
    size = (tmp_path / f"large{ending}").stat().st_size
    assert size > 30_000_000
    arguments = [f"small{ending}", f"large{ending}", "target.bin"]
    run = subprocess.run(
        [sys.executable, "-c", _MEASURE, *arguments], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert int(run.stdout) * 1024 < size / 4
    assert len(load(tmp_path / "target.bin")) == 1000
