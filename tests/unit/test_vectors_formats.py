"""Binary files, arrays, archives and gensim's own files: read back exactly, or refused without running anything."""

from __future__ import annotations

import gzip
import io
import lzma
import pickle
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gensim.models import KeyedVectors
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from embedbook.vectors import VectorsError, VectorsWarning, describe, load, save
from embedbook.vectors.keyed import keyed_vectors

anywhere = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
finite32 = st.floats(width=32, allow_nan=False, allow_infinity=False)

WORDS = ["the", "of", "Zürich", "'s"]
MATRIX = np.array([[0.5, -1.25, 3], [1e-30, 2.5, -0.0], [7, 8, 9], [0, 0, 0]], dtype=np.float32)
TEXT = b"the 0.5 -1.25 3\nof 1e-30 2.5 -0\nZ\xc3\xbcrich 7 8 9\n's 0 0 0\n"


def write(folder: Path, content: bytes, name: str) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def binary(words: list[str], matrix: np.ndarray, *, line_ends: bool = False) -> bytes:
    content = f"{len(words)} {matrix.shape[1]}\n".encode()
    for word, row in zip(words, matrix, strict=True):
        content += word.encode() + b" " + row.astype("<f4").tobytes() + (b"\n" if line_ends else b"")
    return content


def assert_is_ours(vectors: KeyedVectors) -> None:
    assert vectors.index_to_key == WORDS
    assert vectors.vectors.dtype == np.float32
    assert vectors.vectors.tobytes() == MATRIX.tobytes()


# --- word2vec binary -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("line_ends", [False, True])
def test_word2vec_binary_is_read_with_and_without_line_ends(tmp_path: Path, line_ends: bool) -> None:
    path = write(tmp_path, binary(WORDS, MATRIX, line_ends=line_ends), "vectors.bin")
    assert describe(path).format == "word2vec-binary"
    assert_is_ours(load(path))


def test_gensim_and_we_read_each_others_files(tmp_path: Path) -> None:
    ours = keyed_vectors(WORDS, MATRIX)
    for name, is_binary in (("a.bin", True), ("a.vec", False)):
        ours.save_word2vec_format(str(tmp_path / name), binary=is_binary)
        assert_is_ours(load(tmp_path / name))
        save(ours, tmp_path / f"b{name}")
        assert_is_ours(KeyedVectors.load_word2vec_format(str(tmp_path / f"b{name}"), binary=is_binary))


words_in_binary = st.text(st.characters(exclude_characters=" \n", exclude_categories=["Cs"]), min_size=1, max_size=12)


@anywhere
@given(
    words=st.lists(words_in_binary, min_size=1, max_size=12, unique=True),
    dimensions=st.integers(1, 9),
    suffix=st.sampled_from([".bin", ".bin.gz", ".bin.zip", ".npz", ".npy", ".kv", ""]),
    data=st.data(),
)
def test_whatever_is_written_is_read_back(
    tmp_path: Path, words: list[str], dimensions: int, suffix: str, data: st.DataObject
) -> None:
    rows = data.draw(
        st.lists(st.lists(finite32, min_size=dimensions, max_size=dimensions), min_size=len(words), max_size=len(words))
    )
    matrix = np.array(rows, dtype=np.float32)
    path = tmp_path / f"vectors{suffix}"
    save(keyed_vectors(words, matrix), path)
    back = load(path, format="word2vec-binary" if ".bin" in suffix else None)
    assert back.index_to_key == words
    assert np.array(back.vectors).tobytes() == matrix.tobytes()


def test_blocks_do_not_split_records(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("embedbook.vectors.binary_format._BLOCK", 1)
    monkeypatch.setattr("embedbook.vectors.binary_format.MAX_WORD", 20)
    words = [f"word{number}" for number in range(300)]
    matrix = np.random.default_rng(0).normal(size=(300, 7)).astype(np.float32)
    back = load(write(tmp_path, binary(words, matrix), "vectors.bin"))
    assert back.index_to_key == words
    np.testing.assert_array_equal(back.vectors, matrix)


def test_a_binary_file_cut_off_anywhere_is_an_error(tmp_path: Path) -> None:
    content = binary(WORDS, MATRIX)
    for length in range(len(content)):
        path = write(tmp_path, content[:length], "vectors.bin")
        with pytest.raises(VectorsError):
            load(path)
        packed = write(tmp_path, gzip.compress(content[:length]), "vectors.bin.gz")
        with pytest.raises(VectorsError):
            load(packed)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (binary(WORDS, MATRIX).replace(b"4 3\n", b"5 3\n"), "the 5 vectors of its header need"),
        (binary(WORDS, MATRIX).replace(b"4 3\n", b"3 3\n"), "bytes follow after record 3"),
        (binary(WORDS, MATRIX).replace(b"4 3\n", b"999999999999 3\n"), "cut off, or its header is wrong"),
        (binary(WORDS, MATRIX).replace(b"4 3\n", b"4 99999999\n"), "1 to 65,536 dimensions"),
        (b"1 3\n" + b"a" * 20_000 + b" " + bytes(12), "record 1: no word of less than 10,000 bytes"),
        (binary(["the", "of"], np.array([[1, 2], [np.nan, 3]])), "record 2: number 1 of the vector of 'of' is not fin"),
        (binary(["the", ""], np.array([[1, 2], [4, 3]])), "record 2: the word is empty"),
        (binary(["the", "caf~"], np.array([[1, 2], [4, 3]])).replace(b"~", b"\xe9"), "record 2: .* not UTF-8"),
    ],
)
def test_a_broken_binary_file_is_one_clear_error(tmp_path: Path, content: bytes, message: str) -> None:
    with pytest.raises(VectorsError, match=message):
        load(write(tmp_path, content, "vectors.bin"))


def test_duplicates_in_binary_keep_the_first(tmp_path: Path) -> None:
    content = binary(["a", "b", "a"], np.array([[1, 2, 3, 4], [5, 6, 7, 8], [9, 9, 9, 9]]))
    with pytest.warns(VectorsWarning, match="record 3, 'a'"):
        vectors = load(write(tmp_path, content, "vectors.bin"))
    np.testing.assert_array_equal(vectors.vectors, [[1, 2, 3, 4], [5, 6, 7, 8]])


# --- Archives --------------------------------------------------------------------------------------------------------


def zipped(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


@pytest.mark.parametrize(
    "pack", [gzip.compress, lzma.compress, lambda content: zipped({"vectors.txt": content})], ids=["gz", "xz", "zip"]
)
def test_packed_files_are_read_whatever_their_name(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    assert_is_ours(load(write(tmp_path, pack(TEXT), "vectors")))
    assert_is_ours(load(write(tmp_path, pack(binary(WORDS, MATRIX)), "vectors"), format="word2vec-binary"))


def test_one_member_of_a_zip_archive_is_chosen(tmp_path: Path) -> None:
    path = write(tmp_path, zipped({"a.txt": TEXT, "b/c.txt": b"x 1\ny 2\n"}), "both.zip")
    with pytest.raises(VectorsError, match=r"holds 2 files: name one, as in '.*both.zip::a.txt'"):
        load(path)
    assert_is_ours(load(f"{path}::a.txt"))
    assert load(f"{path}::b/c.txt").index_to_key == ["x", "y"]
    with pytest.raises(VectorsError, match=r"no member 'd.txt'; it holds a.txt, b/c.txt"):
        load(f"{path}::d.txt")
    with pytest.raises(VectorsError, match="is not a zip archive, so it has no member"):
        load(f"{write(tmp_path, TEXT, 'plain.txt')}::a.txt")


def test_clutter_in_a_zip_archive_is_passed_over(tmp_path: Path) -> None:
    path = write(tmp_path, zipped({"__MACOSX/._a.txt": b"?", ".DS_Store": b"?", "a.txt": TEXT}), "mac.zip")
    assert_is_ours(load(path))


@pytest.mark.parametrize("name", ["../a.txt", "/etc/a.txt", "b/../../a.txt", "C:\\a.txt", "..\\a.txt"])
def test_a_zip_archive_that_points_outside_is_refused(tmp_path: Path, name: str) -> None:
    info = zipfile.ZipInfo("placeholder")
    info.filename = name
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(info, TEXT)
    with pytest.raises(VectorsError, match="points outside the archive"):
        load(write(tmp_path, buffer.getvalue(), "bad.zip"))
    assert [path.name for path in tmp_path.iterdir()] == ["bad.zip"]


def test_bombs_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("embedbook.vectors.reading.FREE_BYTES", 2**19)
    monkeypatch.setattr("embedbook.vectors.array_format.FREE_BYTES", 2**19)
    bomb = b"".join(b"word%d" % number + b" 0" * 5000 + b"\n" for number in range(120))
    with pytest.raises(VectorsError, match=r"declares 1,\d{3},\d{3} bytes .* looks like a zip bomb"):
        load(write(tmp_path, zipped({"vectors.txt": bomb}), "bomb.zip"))
    with pytest.raises(VectorsError, match="looks like a zip bomb"):
        load(write(tmp_path, gzip.compress(bomb), "bomb.gz"))
    zeros = io.BytesIO()
    np.savez_compressed(zeros, vectors=np.zeros((2000, 300), np.float32))
    write(tmp_path, b"", "bomb.vocab.txt")
    with pytest.raises(VectorsError, match="looks like a zip bomb"):
        load(write(tmp_path, zeros.getvalue(), "bomb.npz"))


@pytest.mark.parametrize("pack", [gzip.compress, lzma.compress, lambda content: zipped({"vectors.txt": content})])
def test_a_damaged_archive_is_an_error(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    content = pack(b"".join(b"word%d %d 2 3\n" % (number, number) for number in range(2000)))
    for damaged in (content[: len(content) // 2], content[:-9], content[:40] + b"?" + content[41:], content[:12]):
        with pytest.raises(VectorsError):
            load(write(tmp_path, damaged, "vectors.packed"))


def test_an_encrypted_member_is_an_error(tmp_path: Path) -> None:
    content = bytearray(zipped({"vectors.txt": TEXT}))
    content[content.index(b"PK\x03\x04") + 6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(VectorsError, match="is encrypted"):
        load(write(tmp_path, bytes(content), "vectors.zip"))


# --- NumPy arrays ----------------------------------------------------------------------------------------------------


def test_npz_and_npy_are_read_with_the_words_beside_them(tmp_path: Path) -> None:
    words = ("\n".join(WORDS) + "\n").encode()
    write(tmp_path, words, "vectors.vocab.txt")
    np.savez(tmp_path / "vectors.npz", vectors=MATRIX, other=np.arange(3))
    np.save(tmp_path / "vectors.npy", MATRIX)
    assert_is_ours(load(tmp_path / "vectors.npz"))
    mapped = load(tmp_path / "vectors.npy")
    assert_is_ours(mapped)
    assert isinstance(mapped.vectors, np.memmap)
    assert not isinstance(load(tmp_path / "vectors.npy", mmap=False).vectors, np.memmap)
    np.save(tmp_path / "elsewhere.npy", MATRIX.astype(np.float64))
    assert_is_ours(load(tmp_path / "elsewhere.npy", vocabulary=write(tmp_path, words, "list")))
    assert load(tmp_path / "vectors.npz", top=2).index_to_key == WORDS[:2]


@pytest.mark.parametrize(
    ("array", "words", "message"),
    [
        (np.array([[1, "x"]], dtype=object), "a\n", "cannot be read as NumPy arrays of numbers"),
        (np.zeros((2, 3), dtype=np.int64), "a\nb\n", "vectors are a table of floats"),
        (np.zeros(3, dtype=np.float32), "a\nb\nc\n", "vectors are a table of floats|holds 0 tables"),
        (np.zeros((2, 3), dtype=np.float32), "a\n", "1 words for 2 vectors"),
        (np.zeros((0, 3), dtype=np.float32), "", "holds no vectors"),
        (np.array([[1, np.inf]], dtype=np.float32), "a\n", "row 1: number 2 of the vector of 'a' is not finite"),
        (np.array([[1, 1e300]]), "a\n", "row 1: number 2 of the vector of 'a' is not finite"),
        (np.zeros((2, 3), dtype=np.float32), "a\n\n", "row 2: the word is empty"),
    ],
)
def test_broken_arrays_are_one_clear_error(tmp_path: Path, array: np.ndarray, words: str, message: str) -> None:
    (tmp_path / "vectors.vocab.txt").write_text(words, encoding="utf-8")
    np.save(tmp_path / "vectors.npy", array)
    np.savez(tmp_path / "vectors.npz", array)
    for name in ("vectors.npy", "vectors.npz"):
        with pytest.raises(VectorsError, match=message):
            load(tmp_path / name)


def test_an_array_needs_a_list_of_words(tmp_path: Path) -> None:
    np.save(tmp_path / "vectors.npy", MATRIX)
    with pytest.raises(VectorsError, match="has no list of words beside it"):
        load(tmp_path / "vectors.npy")
    write(tmp_path, b"a\nb\ncaf\xe9\nd\n", "vectors.vocab.txt")
    with pytest.raises(VectorsError, match=r"vectors.vocab.txt, line 3: the word is not UTF-8"):
        load(tmp_path / "vectors.npy")
    with pytest.raises(VectorsError, match="vocabulary goes with"):
        load(write(tmp_path, TEXT, "a.txt"), vocabulary=tmp_path / "vectors.vocab.txt")


def test_duplicate_words_of_an_array_keep_the_first(tmp_path: Path) -> None:
    np.save(tmp_path / "vectors.npy", MATRIX)
    write(tmp_path, b"a\nb\na\nd\n", "vectors.vocab.txt")
    with pytest.warns(VectorsWarning, match=r": 1 \(first at row 3, 'a'\)"):
        vectors = load(tmp_path / "vectors.npy")
    assert vectors.index_to_key == ["a", "b", "d"]
    np.testing.assert_array_equal(vectors.vectors, MATRIX[[0, 1, 3]])


# --- gensim's own files ----------------------------------------------------------------------------------------------


class _Hostile:
    """Touches a file when it is unpickled, as a hostile file could do anything."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (self.path,))


def test_what_gensim_saves_is_read(tmp_path: Path) -> None:
    keyed_vectors(WORDS, MATRIX).save(str(tmp_path / "vectors.kv"))
    assert_is_ours(load(tmp_path / "vectors.kv"))
    assert describe(tmp_path / "vectors.kv").format == "kv"


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_pickles_of_every_age_are_read(tmp_path: Path, protocol: int) -> None:
    for matrix in (MATRIX, np.asfortranarray(MATRIX), MATRIX.astype(">f4"), MATRIX.astype(np.float64)):
        vectors = keyed_vectors(WORDS, MATRIX)
        vectors.vectors = matrix
        path = write(tmp_path, pickle.dumps(vectors, protocol=protocol), "vectors.kv")
        assert_is_ours(load(path))


def test_a_large_array_that_gensim_puts_in_its_own_file_is_mapped(tmp_path: Path) -> None:
    path = tmp_path / "vectors.kv"
    keyed_vectors(WORDS, MATRIX).save(str(path), separately=["vectors"])
    assert (tmp_path / "vectors.kv.vectors.npy").is_file()
    vectors = load(path)
    assert_is_ours(vectors)
    assert isinstance(vectors.vectors, np.memmap)
    (tmp_path / "vectors.kv.vectors.npy").unlink()
    with pytest.raises(VectorsError, match=r"vectors.kv.vectors.npy does not exist"):
        load(path)


def test_a_hostile_pickle_runs_nothing(tmp_path: Path) -> None:
    touched = tmp_path / "touched"
    hostile = keyed_vectors(WORDS, MATRIX)
    hostile.extra = _Hostile(touched)
    content = pickle.dumps(hostile)
    for name in ("vectors.kv", "vectors.txt", "vectors.bin", "vectors"):
        for given_format in (None, "kv", "glove", "word2vec", "word2vec-binary", "npy", "npz", "rda"):
            with pytest.raises(VectorsError):
                load(write(tmp_path, content, name), format=given_format)
    write(tmp_path, b"a\nb\nc\nd\n", "object.vocab.txt")
    np.save(tmp_path / "object.npy", np.array([_Hostile(touched)], dtype=object), allow_pickle=True)
    np.savez(tmp_path / "object.npz", np.array([_Hostile(touched)], dtype=object), allow_pickle=True)
    for name in ("object.npy", "object.npz"):
        with pytest.raises(VectorsError):
            load(tmp_path / name)
    with pytest.raises(VectorsError, match="is a Python pickle"):
        load(write(tmp_path, gzip.compress(content), "vectors.gz"))
    assert not touched.exists()
    pickle.loads(content)  # the pickle is indeed loaded
    assert touched.exists()


@pytest.mark.parametrize(
    "content",
    [
        pickle.dumps(["a", "b"]),
        pickle.dumps({"vectors": MATRIX}),
        b"\x80\x04cos\nsystem\n(S'touch hacked'\ntR.",
        b"\x80\x04cnumpy\ndtype\n(S'V8'\nI0\nI1\ntR.",
        b"\x80\x04cnumpy.core.multiarray\n_reconstruct\n}b.",  # sets attributes of what is allowed
        b"\x80\x04cgensim.models.keyedvectors\nKeyedVectors\n)\x81.",
        b"\x80\x04c__builtin__\neval\n(S'1'\ntR.",
        b"\x80\x05\x96\xff\xff\xff\xff\xff\xff\xff\x7f.",  # a byte array of 8 EB
        b"\x80\x04]r\xff\xff\xff\x7f.",  # says that it has two thousand million objects
        b"\x80\x04",
        b"",
        b"not a pickle",
        b"(" * 100_000,
    ],
)
def test_pickles_of_other_things_are_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(VectorsError):
        load(write(tmp_path, content, "vectors.kv"))


def test_a_kv_file_with_forged_arrays_is_refused(tmp_path: Path) -> None:
    def forged(**changes: Any) -> bytes:
        vectors = keyed_vectors(WORDS, MATRIX)
        for name, value in changes.items():
            setattr(vectors, name, value)
        return pickle.dumps(vectors)

    for content in (
        forged(vectors=np.array([[None]], dtype=object)),
        forged(vectors=MATRIX[0]),
        forged(vectors="text"),
        forged(vectors=MATRIX.astype(np.int32)),
        forged(index_to_key="text"),
        forged(index_to_key=[1, 2, 3, 4]),
        forged(index_to_key=WORDS[:2]),
    ):
        with pytest.raises(VectorsError):
            load(write(tmp_path, content, "vectors.kv"))


# --- R data files ----------------------------------------------------------------------------------------------------


def r_integer(value: int) -> bytes:
    return struct.pack(">i", value)


def r_string(text: str) -> bytes:
    return r_integer(0x00040009) + r_integer(len(text.encode())) + text.encode()


def r_strings(texts: list[str], flags: int = 0) -> bytes:
    return r_integer(16 | flags) + r_integer(len(texts)) + b"".join(map(r_string, texts))


def r_numbers(values: list[float]) -> bytes:
    return r_integer(14) + r_integer(len(values)) + b"".join(struct.pack(">d", value) for value in values)


def r_named(name: str, value: bytes) -> bytes:
    return r_integer(0x402) + r_integer(1) + r_string(name) + value


def r_table(words: list[str], rows: list[list[float]], more_attributes: bytes = b"") -> bytes:
    columns = r_strings(words) + r_integer(19) + r_integer(len(rows)) + b"".join(map(r_numbers, rows))
    attributes = r_named("names", r_strings(["word", "vec"])) + more_attributes + r_integer(254)
    return r_integer(0x313) + r_integer(2) + columns + attributes


def r_file(value: bytes, version: int = 2) -> bytes:
    start = b"RDX%d\nX\n" % version + r_integer(version) + r_integer(0x40202) + r_integer(0x20300)
    encoding = r_integer(5) + b"UTF-8" if version == 3 else b""
    return start + encoding + r_named("data", value) + r_integer(254)


@pytest.mark.parametrize("pack", [bytes, gzip.compress, lzma.compress], ids=["plain", "gz", "xz"])
@pytest.mark.parametrize("version", [2, 3])
def test_an_r_table_is_read(tmp_path: Path, pack: Callable[[bytes], bytes], version: int) -> None:
    rows = MATRIX.astype(np.float64).tolist()
    own_reference = r_named(".internal.selfref", r_integer(22) + r_integer(254) + r_integer(254))
    content = r_file(r_table(WORDS, rows, own_reference), version)
    assert_is_ours(load(write(tmp_path, pack(content), "vectors.rda")))


def test_compact_r_values_are_read(tmp_path: Path) -> None:
    def compact(name: str, state: bytes) -> bytes:
        information = r_integer(2) + r_integer(1) + r_string(name) + r_integer(254)
        return r_integer(238) + information + state + r_integer(254)

    row_names = r_named("row.names", compact("compact_intseq", r_numbers([4, 1, 1])))
    not_sorted = r_integer(13) + r_integer(2) + r_integer(0) + r_integer(0)
    wrapped = compact("wrap_real", r_integer(2) + r_numbers([1, 2]) + not_sorted)
    columns = r_strings(["a"]) + r_integer(19) + r_integer(1) + wrapped
    attributes = row_names + r_named("names", r_strings(["word", "vec"])) + r_integer(254)
    table = r_integer(0x313) + r_integer(2) + columns + attributes
    vectors = load(write(tmp_path, r_file(table, 3), "vectors.rda"))
    np.testing.assert_array_equal(vectors["a"], [1, 2])


def test_bfloat16_numbers_rounded_to_six_decimals_are_restored(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    exact = rng.normal(0, 0.2, size=(50, 8)).astype(np.float32)
    exact[np.abs(exact) < 1e-3] = 0.5  # bfloat16 numbers below 0.00025 lie closer together than six decimals can tell
    exact = (exact.view(np.uint32) & np.uint32(0xFFFF0000)).view(np.float32)
    words = [f"word{number}" for number in range(50)]
    rounded = np.round(exact.astype(np.float64), 6)
    assert not np.array_equal(rounded.astype(np.float32), exact)
    restored = load(write(tmp_path, r_file(r_table(words, rounded.tolist())), "vectors.rda"))
    np.testing.assert_array_equal(restored.vectors, exact)

    other = rng.normal(size=(50, 8))  # not bfloat16: must stay what it is
    kept = load(write(tmp_path, r_file(r_table(words, other.tolist())), "vectors.rda"))
    np.testing.assert_array_equal(kept.vectors, other.astype(np.float32))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (r_file(r_integer(3) + bytes(40)), "holds an item of type 3"),  # a function
        (r_file(r_integer(4) + bytes(40)), "holds an item of type 4"),  # an environment
        (r_file(r_integer(6) + bytes(40)), "holds an item of type 6"),  # a call
        (r_file(r_integer(25) + bytes(40)), "holds an item of type 25"),  # an object of class S4
        (r_file(r_integer(14) + r_integer(2**31 - 1)), "a vector longer than the file"),
        (r_file(r_integer(14) + r_integer(-1) + r_integer(2**30) + r_integer(0)), "a vector longer than the file"),
        (r_file(r_integer(16) + r_integer(1) + r_integer(9) + r_integer(2**30)), "a string longer than the file"),
        (r_file((r_integer(19) + r_integer(1)) * 100), "lists nested too deeply"),
        (r_file(r_integer(255 | 7 << 8)), "is damaged"),
        (r_file(r_numbers([1])), "holds no data frame with the columns word and vec"),
        (r_file(r_table(["a", "b"], [[1, 2], [3]])), "number vectors of one length"),
        (r_file(r_table(["a", "b"], [[1, 2]])), "2 words for 1 vectors"),
        (r_file(r_table(["a"], [[1, float("nan")]])), "row 1: number 2 of the vector of 'a' is not finite"),
        (
            r_file(
                r_integer(0x213)
                + r_integer(1)
                + r_strings(["a"])
                + r_named("names", r_strings(["word", "vec"]))
                + r_integer(254)
            ),
            "holds no data frame",
        ),
        (
            r_file(
                r_integer(0x213)
                + r_integer(2)
                + r_strings(["a"])
                + r_strings(["b"])
                + r_named("names", r_strings(["word", "vec"]))
                + r_integer(254)
            ),
            "must hold text",
        ),
        (
            r_file(
                r_integer(0x213)
                + r_integer(2)
                + r_strings(["a"])
                + r_integer(254)
                + r_named("names", r_strings(["word", "vec"]))
                + r_integer(254)
            ),
            "must hold text",
        ),
        (b"RDX2\nA\n2\n", "no R data file in R's binary XDR form"),
        (b"RDX3\nX\n", "is damaged"),
    ],
)
def test_a_broken_or_hostile_r_file_is_one_clear_error(tmp_path: Path, content: bytes, message: str) -> None:
    with pytest.raises(VectorsError, match=message):
        load(write(tmp_path, content, "vectors.rda"))


def test_an_r_file_cut_off_anywhere_is_an_error(tmp_path: Path) -> None:
    content = r_file(r_table(WORDS, MATRIX.astype(np.float64).tolist()))
    for length in range(8, len(content) - 4):
        with pytest.raises(VectorsError):
            load(write(tmp_path, content[:length], "vectors.rda"))


# --- Random damage ---------------------------------------------------------------------------------------------------


def npz(matrix: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, matrix)
    return buffer.getvalue()


SAMPLES: dict[str, bytes] = {
    "glove": TEXT,
    "word2vec": b"4 3\n" + TEXT,
    "word2vec-binary": binary(WORDS, MATRIX),
    "gz": gzip.compress(TEXT),
    "zip": zipped({"vectors.txt": TEXT}),
    "rda": r_file(r_table(WORDS, MATRIX.astype(np.float64).tolist())),
    "npz": npz(MATRIX),
    "kv": pickle.dumps(keyed_vectors(WORDS, MATRIX), protocol=4),
}


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(kind=st.sampled_from(sorted(SAMPLES)), data=st.data())
@pytest.mark.filterwarnings("ignore::embedbook.vectors.VectorsWarning")
def test_random_damage_gives_vectors_or_one_clear_error(tmp_path: Path, kind: str, data: st.DataObject) -> None:
    content = bytearray(SAMPLES[kind])
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(content) - 1))
        match data.draw(st.sampled_from(["change", "remove", "insert"])):
            case "change":
                content[place] = data.draw(st.integers(0, 255))
            case "remove":
                del content[place]
            case _:
                content.insert(place, data.draw(st.integers(0, 255)))
    write(tmp_path, ("\n".join(WORDS) + "\n").encode(), "vectors.vocab.txt")
    path = write(tmp_path, bytes(content), "vectors.kv" if kind == "kv" else "vectors")
    try:
        vectors = load(path)
    except VectorsError as error:
        assert str(path) in str(error)
    else:
        assert vectors.vectors.shape == (len(vectors.index_to_key), vectors.vector_size)
        assert np.isfinite(vectors.vectors).all()


# --- Telling formats apart -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (TEXT, "glove"),
        (b"4 3\n" + TEXT, "word2vec"),
        (b"  4  3 \n" + TEXT, "word2vec"),
        (binary(WORDS, MATRIX), "word2vec-binary"),
        (b"BZh91 1 2\nPK 3 4\n", "glove"),
        (gzip.compress(binary(WORDS, MATRIX)), "word2vec-binary"),
    ],
)
def test_the_format_is_told_from_the_content(tmp_path: Path, content: bytes, found: str) -> None:
    assert describe(write(tmp_path, content, "vectors.dat")).format == found


def test_a_damaged_first_line_of_text_is_not_taken_for_binary(tmp_path: Path) -> None:
    path = write(tmp_path, b"2 3\nthe 0.1 x 0.3\nof 0.4 0.5 0.6\n", "vectors.txt")
    with pytest.raises(VectorsError, match="line 2: number 2 is b'x'"):
        load(path)


def test_a_description_counts_when_asked_to_check(tmp_path: Path) -> None:
    path = write(tmp_path, TEXT, "vectors.txt")
    quick, checked = describe(path), describe(path, check=True)
    assert (quick.count, quick.dimensions, quick.first_words) == (None, 3, tuple(WORDS))
    assert (checked.count, checked.checked, checked.first_words) == (4, True, tuple(WORDS))
    with pytest.raises(VectorsError, match="line 5"):
        describe(write(tmp_path, TEXT + b"bad 1 2\n", "bad.txt"), check=True)
