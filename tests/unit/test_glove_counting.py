"""Counting co-occurrences."""

from __future__ import annotations

import math
import subprocess
import sys
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
import scipy.sparse
from hypothesis import given, settings
from hypothesis import strategies as st

from embedbook.glove import Cooccurrences, EncodedCorpus, StorageError, count_cooccurrences, read_corpus


def cells(table: Cooccurrences) -> dict[tuple[str, str], float]:
    """The whole table as {(word, context): count}."""
    matrix = table.to_scipy().tocoo()
    return {
        (table.words[i], table.words[j]): x
        for i, j, x in zip(matrix.row.tolist(), matrix.col.tolist(), matrix.data.tolist(), strict=True)
    }


def by_definition(corpus: EncodedCorpus, window: int, symmetric: bool, weighted: bool) -> np.ndarray:
    """X as defined: every word of every context, one after the other."""
    table = np.zeros((len(corpus.words),) * 2)
    for document in range(len(corpus)):
        ids = corpus.ids[corpus.offsets[document] : corpus.offsets[document + 1]].tolist()
        for i, word in enumerate(ids):
            for j, context in enumerate(ids):
                near = 1 <= i - j <= window or (symmetric and 1 <= j - i <= window)
                if near and word >= 0 and context >= 0:
                    table[word, context] += 1 / abs(i - j) if weighted else 1
    return table


def random_corpus(tokens: int, words: int, *, documents: int, seed: int = 0, gaps: bool = False) -> EncodedCorpus:
    """A corpus whose words are about as uneven as those of a language."""
    random = np.random.default_rng(seed)
    ids = np.minimum(random.zipf(1.3, tokens) - 1, words - 1).astype(np.int32)
    if gaps:
        ids[random.random(tokens) < 0.2] = -1
    edges = np.sort(random.integers(0, tokens + 1, documents - 1))  # some documents are empty
    offsets = np.concatenate([[0], edges, [tokens]]).astype(np.int64)
    counts = np.bincount(ids[ids >= 0], minlength=words)
    return EncodedCorpus(ids, offsets, tuple(f"w{i}" for i in range(words)), counts, tokens)


def test_cells_counted_by_hand() -> None:
    # "a b c a" with two words to each side: a-b at distance 1 and again at 2, a-c at 2 and at 1, b-c at 1.
    # "a c": a-c at 1. The line end between them is no distance at all.
    table = count_cooccurrences(read_corpus(["a b c a", "a c"]), window=2)
    assert cells(table) == {
        ("a", "b"): 1.5,
        ("b", "a"): 1.5,
        ("a", "c"): 2.5,
        ("c", "a"): 2.5,
        ("b", "c"): 1.0,
        ("c", "b"): 1.0,
    }
    assert table.nonzero == 6
    assert table.symmetric
    assert table.word_counts is not None
    assert dict(zip(table.words, table.word_counts.tolist(), strict=True)) == {"a": 3, "c": 2, "b": 1}


def test_a_word_next_to_itself_counts_from_both_sides() -> None:
    assert cells(count_cooccurrences(read_corpus(["a a a"]), window=2)) == {("a", "a"): 2 * (1 + 1 + 1 / 2)}


def test_an_asymmetric_window_looks_to_the_left_only() -> None:
    table = count_cooccurrences(read_corpus(["a b c a"]), window=2, symmetric=False)
    assert cells(table) == {("b", "a"): 1.0, ("c", "a"): 0.5, ("c", "b"): 1.0, ("a", "b"): 0.5, ("a", "c"): 1.0}
    assert table.nonzero == 5


def test_without_distance_weighting_each_neighbour_counts_one() -> None:
    table = count_cooccurrences(read_corpus(["a b c a", "a c"]), window=2, distance_weighting=False)
    assert (table.count("a", "b"), table.count("c", "a"), table.count("b", "c")) == (2.0, 3.0, 1.0)


def test_removed_words_close_up_and_gaps_keep_the_distance() -> None:
    text = ["a x b"]
    closed = count_cooccurrences(read_corpus(text, vocabulary=["a", "b"]), window=2)
    kept = count_cooccurrences(read_corpus(text, vocabulary=["a", "b"], unknown="gap"), window=2)
    assert (closed.count("a", "b"), kept.count("a", "b")) == (1.0, 0.5)
    with pytest.raises(ValueError, match="no two words"):
        count_cooccurrences(read_corpus(text, vocabulary=["a", "b"], unknown="gap"), window=1)


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    words=st.integers(1, 200),
    window=st.integers(1, 60),  # from 43 on no whole number of 64 bits is a multiple of all k
    symmetric=st.booleans(),
    weighted=st.booleans(),
    gaps=st.booleans(),
    threads=st.integers(1, 3),
)
def test_counts_equal_the_definition(
    seed: int, words: int, window: int, symmetric: bool, weighted: bool, gaps: bool, threads: int
) -> None:
    corpus = random_corpus(300, words, documents=12, seed=seed, gaps=gaps)
    expected = by_definition(corpus, window, symmetric, weighted)
    table = count_cooccurrences(
        corpus, window=window, symmetric=symmetric, distance_weighting=weighted, threads=threads
    )
    np.testing.assert_allclose(table.to_scipy().toarray(), expected, rtol=1e-9)
    assert table.nonzero == np.count_nonzero(expected)


def test_cells_come_in_the_order_of_rows_and_columns_even_where_rows_are_short() -> None:
    corpus = random_corpus(4000, 30_000, documents=900)  # rows from one to thousands of cells
    table = count_cooccurrences(corpus, window=5)
    keys = table.rows.astype(np.int64) * len(table.words) + table.columns
    assert (np.diff(keys) > 0).all()
    assert (table.rows <= table.columns).all()


def test_weights_of_one_over_k_are_exact() -> None:
    # Sums of 1/3 and 1/7 are not; whole numbers divided once give the nearest double to the true fraction.
    table = count_cooccurrences(read_corpus(["a x x b"] * 30 + ["a y y y y y y b"] * 30), window=7)
    assert 30 * (1 / 3 + 1 / 7) != 100 / 7
    assert table.count("a", "b") == 100 / 7


@pytest.mark.parametrize("symmetric", [True, False])
@pytest.mark.parametrize("limit", [1, 2_000, 100_000])
def test_spilling_to_disk_changes_nothing(tmp_path: Path, symmetric: bool, limit: int) -> None:
    corpus = random_corpus(3000 if limit == 1 else 20_000, 400, documents=50, gaps=True)
    plain = count_cooccurrences(corpus, window=10, symmetric=symmetric)
    spilled = count_cooccurrences(
        corpus, window=10, symmetric=symmetric, memory_limit=limit, spill_folder=tmp_path, threads=2
    )
    assert isinstance(spilled.counts.base, np.memmap), "the result itself is larger than the limit"
    np.testing.assert_array_equal(plain.rows, spilled.rows)
    np.testing.assert_array_equal(plain.columns, spilled.columns)
    np.testing.assert_array_equal(plain.counts, spilled.counts)
    assert sorted(path.name for folder in tmp_path.iterdir() for path in folder.iterdir()) == [
        "columns",
        "counts",
        "rows",
    ], "the runs are gone"
    del spilled
    assert not list(tmp_path.iterdir()), "and the files go with the table"


def test_one_long_document_is_cut_without_losing_a_pair(tmp_path: Path) -> None:
    corpus = random_corpus(1200, 100, documents=1)
    table = count_cooccurrences(corpus, window=30, memory_limit=2000, spill_folder=tmp_path)
    np.testing.assert_allclose(table.to_scipy().toarray(), by_definition(corpus, 30, True, True), rtol=1e-9)


def test_a_small_result_of_a_spilled_count_is_brought_back_to_memory(tmp_path: Path) -> None:
    corpus = random_corpus(100_000, 20, documents=10)
    table = count_cooccurrences(corpus, window=3, memory_limit=400_000, spill_folder=tmp_path)
    assert not list(tmp_path.iterdir())
    assert table.nonzero == 400


def test_memory_stays_within_the_limit(tmp_path: Path) -> None:
    tokens, words, limit = 1_000_000, 20_000, 8 << 20
    ids = np.random.default_rng(0).integers(0, words, tokens, dtype=np.int32)
    corpus = EncodedCorpus(ids, np.array([0, tokens]), tuple(map(str, range(words))), np.bincount(ids), tokens)
    tracemalloc.start()  # sees the arrays of NumPy, and not the pages of a mapped file, which the system can drop
    try:
        table = count_cooccurrences(corpus, window=2, memory_limit=limit, spill_folder=tmp_path, threads=2)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert len(table.counts) * 16 > 3 * limit, "the result must be too large for the limit, or nothing is shown"
    assert peak < limit


def test_a_full_disk_is_reported_and_leaves_nothing_behind(tmp_path: Path) -> None:
    # A limit on the size of files makes every write fail at some point, as a full disk does.
    program = f"""
import resource, signal, sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
from test_glove_counting import random_corpus
from embedbook.glove import StorageError, count_cooccurrences, train
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
corpus = random_corpus(50_000, 400, documents=50)
table = count_cooccurrences(corpus)
train(table, dimensions=2, epochs=1)
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
for work in (
    lambda: count_cooccurrences(corpus, memory_limit=100_000, spill_folder={str(tmp_path)!r}),
    lambda: train(table, dimensions=2, epochs=1, memory_limit=100_000, spill_folder={str(tmp_path)!r}),
):
    try:
        work()
    except StorageError as error:
        print(error)
"""
    if sys.platform == "win32":
        pytest.skip("the limit on file size is a Unix call")
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    messages = done.stdout.splitlines()
    assert len(messages) == 2
    assert all("cannot write" in message and "memory_limit" in message for message in messages)
    assert not list(tmp_path.iterdir())


def test_a_spill_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="nowhere"):
        count_cooccurrences(random_corpus(1000, 50, documents=2), memory_limit=100, spill_folder=tmp_path / "nowhere")


def test_progress_goes_to_stderr_and_only_on_request(capsys: pytest.CaptureFixture[str]) -> None:
    corpus = read_corpus(["a b"])
    count_cooccurrences(corpus)
    assert capsys.readouterr() == ("", "")
    count_cooccurrences(corpus, progress=True)
    assert "counting" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"window": 0}, "window must be a whole number of at least 1, not 0"),
        ({"window": 2.5}, "window"),
        ({"memory_limit": 0}, "memory_limit"),
        ({"threads": 0}, "threads"),
    ],
)
def test_bad_arguments_are_named(options: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        count_cooccurrences(read_corpus(["a b"]), **options)


def test_a_corpus_that_gives_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="corpus is empty"):
        count_cooccurrences(read_corpus(["a b"], vocabulary=["c"]))
    with pytest.raises(ValueError, match="no two words of the corpus meet"):
        count_cooccurrences(read_corpus(["a", "b", "c"]))


# --- The table -------------------------------------------------------------------------------------------------------


def test_a_table_survives_saving(tmp_path: Path) -> None:
    table = count_cooccurrences(read_corpus(["a b c a", "ä é"]), symmetric=False)
    table.save(tmp_path / "table.npz")
    again = Cooccurrences.load(tmp_path / "table.npz")
    assert cells(again) == cells(table)
    assert (again.words, again.symmetric) == (table.words, False)
    np.testing.assert_array_equal(again.word_counts, table.word_counts)
    assert [path.name for path in tmp_path.iterdir()] == ["table.npz"]


def test_files_that_are_not_a_table_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "table.npz"
    with pytest.raises(FileNotFoundError):
        Cooccurrences.load(path)
    for content in (b"", b"PK\x03\x04 cut", b"\x80\x04N."):
        path.write_bytes(content)
        with pytest.raises(ValueError, match=r"table\.npz is not a co-occurrence table"):
            Cooccurrences.load(path)
    np.savez(path, meta=np.array([{"kind": "co-occurrence table"}], dtype=object))  # a pickle inside
    with pytest.raises(ValueError, match=r"table\.npz"):
        Cooccurrences.load(path)
    count_cooccurrences(read_corpus(["a b"])).save(path)
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(ValueError, match=r"table\.npz"):
        Cooccurrences.load(path)


def test_matrices_become_tables() -> None:
    upper = scipy.sparse.coo_matrix(([1.0, 2.0, 3.0], ([0, 0, 1], [1, 1, 1])), shape=(2, 2))  # one cell given twice
    table = Cooccurrences.from_scipy(upper, ["a", "b"])
    assert table.symmetric
    assert cells(table) == {("a", "b"): 3.0, ("b", "a"): 3.0, ("b", "b"): 3.0}
    full = Cooccurrences.from_scipy(np.array([[0.0, 2.0], [5.0, 0.0]]), ["a", "b"])
    assert not full.symmetric
    assert cells(full) == {("a", "b"): 2.0, ("b", "a"): 5.0}
    assert (full.count("b", "a"), full.count("a", "a")) == (5.0, 0.0)
    with pytest.raises(KeyError, match="zebra"):
        full.count("a", "zebra")
    with pytest.raises(ValueError, match="2 × 2 but there are 3 words"):
        Cooccurrences.from_scipy(upper, ["a", "b", "c"])


@pytest.mark.parametrize(
    ("rows", "columns", "counts", "message"),
    [
        ([0], [1], [math.nan], "count nan"),
        ([0], [1], [math.inf], "count inf"),
        ([0, 0], [1, 0], [1.0, 0.0], r"cell 1 \(row 0, column 0\) has the count 0"),
        ([0], [1], [-2.0], "count -2"),
        ([0], [2], [1.0], "outside the vocabulary of 2 words"),
        ([-1], [0], [1.0], "outside the vocabulary"),
        ([2**33], [0], [1.0], "outside the vocabulary"),
        ([1], [0], [1.0], "below the diagonal"),
        ([0, 1], [0], [1.0], "equal length"),
        ([0.5], [1], [1.0], "rows must be int32"),
    ],
)
def test_impossible_cells_are_named(rows: list, columns: list, counts: list, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Cooccurrences(np.array(rows), np.array(columns), np.array(counts), ("a", "b"))


def test_a_vocabulary_with_a_word_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="each word once"):
        Cooccurrences(np.array([0]), np.array([1]), np.array([1.0]), ("a", "a"))
