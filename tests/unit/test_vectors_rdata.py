"""Tables that R has saved."""

from __future__ import annotations

import gzip
import lzma
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from vectors_support import (
    MATRIX,
    WORDS,
    assert_is_ours,
    r_file,
    r_integer,
    r_named,
    r_numbers,
    r_string,
    r_strings,
    r_table,
    write,
)

from embedbook.vectors import VectorsError, load


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
