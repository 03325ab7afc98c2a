"""Text files of vectors: every number exact, every flaw reported with its line or repaired with a warning."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from embedbook.vectors import VectorsError, VectorsWarning, load, save
from embedbook.vectors.decimals import MALFORMED, PARSED, parse_rows
from embedbook.vectors.keyed import keyed_vectors

anywhere = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def write(folder: Path, content: str | bytes, name: str = "vectors.txt") -> Path:
    path = folder / name
    path.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
    return path


def parse(number: str) -> float | None:
    data = np.frombuffer(number.encode(), dtype=np.uint8)
    rows = np.empty((1, 1), dtype=np.float32)
    status = parse_rows(data, np.array([0]), np.array([len(data)]), rows)[0]
    return None if status == MALFORMED else float(rows[0, 0]) if status == PARSED else float("nan")


# --- Numbers ---------------------------------------------------------------------------------------------------------

finite32 = st.floats(width=32, allow_nan=False, allow_infinity=False)
decimals = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    finite32.map(repr),
    finite32.map(lambda number: f"{number:.9g}"),
    finite32.map(lambda number: f"{number:.5f}"),
    st.from_regex(r"[+-]?[0-9]{1,30}(\.[0-9]{0,30})?([eE][+-]?[0-9]{1,3})?", fullmatch=True),
    st.from_regex(r"[+-]?\.[0-9]{1,25}", fullmatch=True),
)


@settings(max_examples=600, deadline=None)
@given(number=decimals)
def test_a_number_is_read_as_numpy_reads_it(number: str) -> None:
    with np.errstate(over="ignore"):
        expected = np.float32(number)
    found = parse(number)
    assert found is not None
    if not np.isnan(found):  # NaN marks what is left to Python's float, which the next test covers
        assert struct.pack("f", found) == struct.pack("f", expected)


@anywhere
@given(numbers=st.lists(decimals, min_size=1, max_size=8))
def test_a_line_is_read_as_numpy_reads_it(tmp_path: Path, numbers: list[str]) -> None:
    with np.errstate(over="ignore"):
        expected = np.array([np.float32(number) for number in numbers])
    path = write(tmp_path, f"word {' '.join(numbers)}\n")
    if np.isfinite(expected).all():
        assert load(path, format="glove").vectors.tobytes() == expected.tobytes()
    else:
        with pytest.raises(VectorsError, match=r"line 1: number .* is not finite"):
            load(path, format="glove")


@settings(max_examples=200, deadline=None)
@given(exponent=st.integers(-45, 38), step=st.integers(0, 2**23 - 1))
def test_numbers_halfway_between_two_float32_are_rounded_as_numpy_rounds_them(exponent: int, step: int) -> None:
    low = np.float32((1 + step / 2**23) * 2.0**exponent)
    halfway = (float(low) + float(np.nextafter(low, np.float32(np.inf)))) / 2
    numbers = [f"{halfway * factor:.{digits}g}" for factor in (1, 1 + 2**-50, 1 - 2**-50) for digits in range(16, 41)]
    for number in numbers:
        found = parse(number)
        assert found is not None
        assert np.isnan(found) or found == float(np.float32(number))


@pytest.mark.parametrize("bad", ["", "-", ".", "1.2.3", "1e", "e5", "1_000", "0x10", "1,5", "--1", "1e+", "١", "1 x"])
def test_what_is_no_number_is_malformed(bad: str) -> None:
    assert parse(bad) is None


# --- Files that are in order -----------------------------------------------------------------------------------------


def test_glove_text_is_read(tmp_path: Path) -> None:
    vectors = load(write(tmp_path, "the 0.418 -0.24968\nof 7.2e-05 4.0071\n"))
    assert vectors.index_to_key == ["the", "of"]
    assert vectors.vectors.dtype == np.float32
    np.testing.assert_array_equal(vectors["the"], np.array([0.418, -0.24968], dtype=np.float32))
    assert vectors.key_to_index == {"the": 0, "of": 1}


def test_word2vec_text_is_read_with_the_trailing_spaces_of_the_original_program(tmp_path: Path) -> None:
    vectors = load(write(tmp_path, "2 3\n</s> 1 2 3 \nthe 4 5 6 \n"))
    assert vectors.index_to_key == ["</s>", "the"]
    np.testing.assert_array_equal(vectors.vectors, [[1, 2, 3], [4, 5, 6]])


def test_words_that_are_numbers_or_signs_are_words(tmp_path: Path) -> None:
    content = "1999 1 2\n, 3 4\n. 5 6\nnan 7 8\n\u00a0 9 10\nx\u2028y 11 12\n"
    assert load(write(tmp_path, content)).index_to_key == ["1999", ",", ".", "nan", "\u00a0", "x\u2028y"]


def test_words_with_spaces_as_in_glove_840b_keep_them(tmp_path: Path) -> None:
    vectors = load(write(tmp_path, "the 1 2 3\n. . . 4 5 6\nat name@domain.com 7 8 9\nof 1 1 1\n"))
    assert vectors.index_to_key == ["the", ". . .", "at name@domain.com", "of"]
    np.testing.assert_array_equal(vectors["at name@domain.com"], [7, 8, 9])


words_in_text = st.text(st.characters(exclude_characters="\n", exclude_categories=["Cs"]), min_size=1, max_size=12)


@anywhere
@given(
    words=st.lists(words_in_text, min_size=1, max_size=12, unique=True),
    dimensions=st.integers(1, 6),
    kind=st.sampled_from(["glove", "word2vec"]),
    packing=st.sampled_from(["", ".gz", ".zip"]),
    data=st.data(),
)
def test_whatever_is_written_as_text_is_read_back(
    tmp_path: Path, words: list[str], dimensions: int, kind: str, packing: str, data: st.DataObject
) -> None:
    rows = data.draw(
        st.lists(st.lists(finite32, min_size=dimensions, max_size=dimensions), min_size=len(words), max_size=len(words))
    )
    matrix = np.array(rows, dtype=np.float32)
    path = tmp_path / f"vectors.txt{packing}"
    try:
        save(keyed_vectors(words, matrix), path, format=kind)
    except VectorsError as error:
        assert "cannot be told from its neighbours" in str(error)
        return
    back = load(path, format=kind)
    assert back.index_to_key == words
    assert back.vectors.tobytes() == matrix.tobytes()


def test_the_original_cut_to_the_words_of_a_subset_equals_the_subset(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    words = [f"w{number}" for number in range(300)]
    lines = [f"{word} {' '.join(f'{value:.5g}' for value in rng.normal(size=50))}\n" for word in words]
    whole = load(write(tmp_path, "".join(lines), "original.txt"))
    subset = load(write(tmp_path, "".join(lines[10:40]), "subset.txt"))
    for part in (load(tmp_path / "original.txt", words=subset.index_to_key), load(tmp_path / "original.txt", top=30)):
        assert len(part) == 30
    trimmed = load(tmp_path / "original.txt", words=subset.index_to_key)
    assert trimmed.index_to_key == subset.index_to_key
    assert trimmed.vectors.tobytes() == subset.vectors.tobytes() == whole.vectors[10:40].tobytes()


def test_blocks_do_not_split_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = "".join(f"word{number} {number} {number / 8}\n" for number in range(200))
    for size in (1, 7, 64, 1000):
        monkeypatch.setattr("embedbook.vectors.text_format._BLOCK", size)
        vectors = load(write(tmp_path, content))
        assert vectors.index_to_key == [f"word{number}" for number in range(200)]
        np.testing.assert_array_equal(vectors.vectors[:, 0], np.arange(200))


def test_progress_ends_at_the_size_of_the_file(tmp_path: Path) -> None:
    path = write(tmp_path, "the 1 2\nof 3 4\n")
    told: list[tuple[int, int]] = []
    load(path, progress=lambda done, total: told.append((done, total)))
    assert told[-1] == (path.stat().st_size, path.stat().st_size)


# --- Flaws that are repaired -----------------------------------------------------------------------------------------


def test_the_first_of_duplicate_words_counts(tmp_path: Path) -> None:
    path = write(tmp_path, "the 1 2\nof 3 4\nthe 5 6\nthe 7 8\n")
    with pytest.warns(VectorsWarning, match=r"vectors.txt: duplicate words .*: 2 \(first at line 3, 'the'\)"):
        vectors = load(path)
    assert vectors.index_to_key == ["the", "of"]
    np.testing.assert_array_equal(vectors.vectors, [[1, 2], [3, 4]])


def test_windows_line_ends_are_repaired(tmp_path: Path) -> None:
    for content in ("the 1 2\r\nof 3 4\r\n", "2 2\r\nthe 1 2\r\nof 3 4\r\n"):
        with pytest.warns(VectorsWarning, match="Windows line ends"):
            vectors = load(write(tmp_path, content))
        np.testing.assert_array_equal(vectors.vectors, [[1, 2], [3, 4]])


def test_a_byte_order_mark_is_left_out(tmp_path: Path) -> None:
    with pytest.warns(VectorsWarning, match="byte order mark"):
        assert load(write(tmp_path, "\ufeffthe 1 2\nof 3 4\n")).index_to_key == ["the", "of"]


def test_empty_lines_at_the_end_do_not_matter(tmp_path: Path) -> None:
    assert len(load(write(tmp_path, "the 1 2\nof 3 4\n\n\n"))) == 2
    assert len(load(write(tmp_path, "2 2\nthe 1 2\nof 3 4\n\n"))) == 2


def test_bytes_that_are_not_utf8_are_replaced_if_asked_for(tmp_path: Path) -> None:
    path = write(tmp_path, b"the 1 2\ncaf\xe9 3 4\nof 5 6\n")
    with pytest.raises(VectorsError, match=r"vectors.txt, line 2: the word b'caf\\xe9' is not UTF-8 \(byte 4\)"):
        load(path)
    with pytest.warns(VectorsWarning, match="not UTF-8, replaced by U\\+FFFD: 1"):
        assert load(path, errors="replace").index_to_key == ["the", "caf\ufffd", "of"]


# --- Flaws that are errors -------------------------------------------------------------------------------------------

LINES = "".join(f"word{number} {number} 2 3\n" for number in range(5))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "is empty"),
        ("\n\n", "holds no vectors"),
        ("2 3\n", "holds no vectors"),
        ("6 3\n" + LINES, "line 6: the file ends after 5 of the 6 vectors"),
        ("4 3\n" + LINES, "line 6: the header says 4 vectors, but more lines follow"),
        ("5 4\n" + LINES, "line 2: only 3, where 4 numbers are expected"),
        ("5 2\n" + LINES, "line 2: 3 numbers, where 2 numbers are expected"),
        ("0 3\n", "line 1: the header says 0 vectors"),
        ("3 0\n" + LINES, "line 1: the header says 3 vectors of 0 dimensions"),
        ("5 99999999999\n" + LINES, "line 1: the header says 5 vectors of 99999999999 dimensions"),
        (LINES + "cut 1 2\n", "line 6: only 2, where 3 numbers"),
        (LINES + "cut\n", "line 6: only 0, where 3 numbers"),
        (LINES + "cut 1 2 3.", "line 6 has no line end"),
        (LINES + "extra 1 2 3 4\n", "line 6: 4 numbers, where 3 numbers are expected.*extra column"),
        (LINES + "bad 1 x 3\n", "line 6: number 2 is b'x', which is no number"),
        (LINES + "bad 1 0x2 3\n", "line 6: number 2 is b'0x2'"),
        (LINES + "bad 1 nan 3\n", "line 6: number 2 of the vector of 'bad' is not finite"),
        (LINES + "bad -inf 1 3\n", "line 6: number 1 of the vector of 'bad' is not finite"),
        (LINES + "bad 1 2 1e39\n", "line 6: number 3 of the vector of 'bad' is not finite"),
        (LINES + " 1 2 3\n", "line 6: the word is empty"),
        (LINES + "  a 1 2 3\n", "line 6 begins with a space"),
        (LINES + "\n" + LINES.replace("word", "w"), "line 6 is empty"),
        ("a\t1\t2\t3\nb\t4\t5\t6\n", "line 1: expected a word and its numbers, parted by spaces"),
        ("just some prose\nand more of it\n", "line 1: expected a word and its numbers"),
        ("cos\nsystem\n(S'touch hacked'\ntR.", "line 1: expected a word and its numbers"),
        ("\ufeff\ufeff".encode("utf-16"), "UTF-16"),
    ],
)
def test_a_broken_file_is_one_clear_error(tmp_path: Path, content: str | bytes, message: str) -> None:
    path = write(tmp_path, content)
    with pytest.raises(VectorsError, match=message) as error:
        load(path)
    assert str(path) in str(error.value)
    assert "\n" not in str(error.value)


def test_a_file_that_is_cut_off_anywhere_never_gives_a_wrong_vector(tmp_path: Path) -> None:
    lines = b"the 0.25 0.5 12.5\nof 1.5 2.5 3.5\nand 4.5 5.5 6.5\n"
    for header in (b"", b"3 3\n"):
        content = header + lines
        whole = load(write(tmp_path, content))
        for length in range(len(content)):
            path = write(tmp_path, content[:length])
            if header or length == 0 or content[length - 1 : length] != b"\n":
                with pytest.raises(VectorsError):
                    load(path)
            else:  # without header nobody can tell that whole lines are missing
                np.testing.assert_array_equal(load(path).vectors, whole.vectors[: content.count(b"\n", 0, length)])


@pytest.mark.parametrize("where", ["first", "later", "header"])
def test_a_line_of_ten_megabytes_is_refused_at_once(tmp_path: Path, where: str) -> None:
    long = "a" * 10_000_000 + " 1 2 3\n"
    content = {"first": long, "later": LINES + long, "header": "5 3\n" + LINES[:-1] + " " + long}[where]
    line = {"first": 1, "later": 6, "header": 6}[where]
    with pytest.raises(VectorsError, match=f"line {line} is longer than"):
        load(write(tmp_path, content))


def test_words_asked_for_must_be_there(tmp_path: Path) -> None:
    path = write(tmp_path, LINES)
    assert load(path, words=["word3", "word1", "unknown"]).index_to_key == ["word1", "word3"]
    assert load(path, words=["word3", "word1", "word4"], top=2).index_to_key == ["word1", "word3"]
    with pytest.raises(VectorsError, match="none of the words asked for"):
        load(path, words=["unknown"])
    with pytest.raises(VectorsError, match="not the string"):
        load(path, words="word1")
    for top in (0, -1, 2.5, True):
        with pytest.raises(VectorsError, match="top must be"):
            load(path, top=top)  # type: ignore[arg-type]


def test_a_file_that_is_not_there_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(VectorsError, match="does not exist; check the path"):
        load(tmp_path / "missing.txt")
    with pytest.raises(VectorsError, match="there is no format 'bin'"):
        load(write(tmp_path, LINES), format="bin")  # type: ignore[arg-type]
    with pytest.raises(VectorsError, match='errors must be "strict" or "replace"'):
        load(write(tmp_path, LINES), errors="ignore")  # type: ignore[arg-type]
    with pytest.raises(VectorsError, match="no header"):
        load(write(tmp_path, LINES), format="word2vec")
