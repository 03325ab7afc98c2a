"""Reading text as word ids."""

from __future__ import annotations

import bz2
import gzip
import lzma
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embedbook.glove import EncodedCorpus, StorageError, read_corpus
from embedbook.glove import numbering as numbering_module
from embedbook.text import Vocabulary


def lines_of(corpus: EncodedCorpus) -> list[list[str | None]]:
    return [corpus.document(i) for i in range(len(corpus))]


def plainly(documents: list[list[str]], min_count: int = 1) -> tuple[tuple[str, ...], list[int], list[list[str]]]:
    """What reading must give, in plain Python."""
    counter = Counter(word for document in documents for word in document)
    words = sorted((word for word in counter if counter[word] >= min_count), key=lambda word: (-counter[word], word))
    kept = [[word for word in document if counter[word] >= min_count] for document in documents]
    return tuple(words), [counter[word] for word in words], kept


# Every white space that str.split knows, and characters whose UTF-8 begins with the same bytes.
SPACES = [chr(code) for code in range(0x3001) if chr(code).isspace() and chr(code) != "\n"]
LOOKALIKES = [
    "\u0080",
    "\u00a1",
    "\u1681",
    "\u200b",
    "\u2030",
    "\u2060",
    "\u3001",
    "\u00e9",
    "\U0001f600",
    "\ufeff",
    "\0",
]
PIECES = st.sampled_from([*SPACES, *LOOKALIKES, "\n", "\r\n", "\n\n", " ", "a", "b", "cat", "the", "e\u0301"])


@settings(max_examples=200, deadline=None)
@given(pieces=st.lists(PIECES, max_size=60), block=st.integers(3, 12), min_count=st.integers(1, 2))
def test_a_file_is_read_as_python_would_split_it_wherever_its_blocks_end(
    tmp_path_factory: pytest.TempPathFactory, pieces: list[str], block: int, min_count: int
) -> None:
    content = "".join(pieces)
    text = content.removeprefix("\ufeff")  # a byte order mark
    documents = [line.split() for line in text.split("\n")]
    if not documents[-1] and (not text or text.endswith("\n")):
        documents.pop()
    words, counts, kept = plainly(documents, min_count)
    path = tmp_path_factory.mktemp("text") / "text.txt"
    path.write_bytes(content.encode())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(numbering_module, "BLOCK", block)
        if not words:
            with pytest.raises(ValueError, match=r"holds no word|lower min_count"):
                read_corpus(path, min_count=min_count)
            return
        corpus = read_corpus(path, min_count=min_count)
    assert corpus.words == words
    assert corpus.counts.tolist() == counts
    assert lines_of(corpus) == kept
    assert corpus.tokens_read == sum(map(len, documents))


@settings(max_examples=100, deadline=None)
@given(
    documents=st.lists(
        st.lists(st.text(min_size=1, max_size=4).filter(lambda word: word.split() == [word]), max_size=8), min_size=1
    ).filter(lambda documents: any(documents))
)
def test_strings_and_token_lists_give_the_same_corpus(documents: list[list[str]]) -> None:
    from_lists = read_corpus(documents)
    from_strings = read_corpus(" ".join(document) for document in documents)
    words, counts, kept = plainly(documents)
    for corpus in (from_lists, from_strings):
        assert (corpus.words, corpus.counts.tolist(), lines_of(corpus)) == (words, counts, kept)


def test_many_words_and_long_words_are_told_apart(tmp_path: Path) -> None:
    words = [f"word{i}" for i in range(70_000)] + ["x" * 700_000, "x" * 700_001]
    path = tmp_path / "long.txt"
    path.write_text(" ".join(words) + "\n" + " ".join(words[::2]))
    corpus = read_corpus(path)
    assert len(corpus.words) == len(words)
    assert lines_of(corpus) == [words, words[::2]]


def test_tokens_in_lists_are_taken_as_they_are() -> None:
    assert read_corpus([["new york", "a"], ["a"]]).words == ("a", "new york")


def test_the_vocabulary_is_ordered_by_frequency_then_alphabet_and_cut() -> None:
    text = ["b b b a a c c d"]
    assert read_corpus(text).words == ("b", "a", "c", "d")
    assert read_corpus(text, max_words=2).words == ("b", "a")
    assert read_corpus(text, min_count=2).words == ("b", "a", "c")
    assert read_corpus(text, min_count=2, max_words=2).ids.tolist() == [0, 0, 0, 1, 1]


@pytest.mark.parametrize(("suffix", "pack"), [(".gz", gzip.compress), (".bz2", bz2.compress), (".xz", lzma.compress)])
def test_compressed_files_are_read_and_damaged_ones_refused(tmp_path: Path, suffix: str, pack) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / f"text.txt{suffix}"
    packed = pack(b"a b a\n" * 50)
    path.write_bytes(packed)
    assert read_corpus(path).counts.tolist() == [100, 50]
    path.write_bytes(packed[: len(packed) // 2])
    with pytest.raises(ValueError, match=r"text\.txt"):
        read_corpus(path)


def test_a_given_vocabulary_keeps_its_order_and_decides_what_is_unknown() -> None:
    text = ["the cat saw the dog", "dog"]
    closed = read_corpus(text, vocabulary=["dog", "cat", "bird"])
    assert closed.ids.tolist() == [1, 0, 0]
    assert closed.counts.tolist() == [2, 1, 0]
    assert (closed.tokens_read, closed.offsets.tolist()) == (6, [0, 2, 3])
    gaps = read_corpus(text, vocabulary=["dog", "cat"], unknown="gap")
    assert lines_of(gaps) == [[None, "cat", None, None, "dog"], ["dog"]]
    with pytest.raises(KeyError, match="the"):
        read_corpus(text, vocabulary=["dog", "cat"], unknown="error")


def test_a_vocabulary_of_the_text_module_is_used_without_its_special_words() -> None:
    vocabulary = Vocabulary.fit([["cat", "cat", "dog"]])
    assert read_corpus(["dog cat dog"], vocabulary=vocabulary).words == ("cat", "dog")


def test_ids_can_live_in_a_file(tmp_path: Path) -> None:
    text = [["a", "b", "c", "a"], [], ["b", "a"]] * 50
    mapped, plain = read_corpus(text, min_count=100, folder=tmp_path), read_corpus(text, min_count=100)
    assert isinstance(mapped.ids.base, np.memmap)
    assert mapped.ids.tolist() == plain.ids.tolist()
    assert mapped.offsets.tolist() == plain.offsets.tolist()
    del mapped
    assert not list(tmp_path.iterdir()), "the file goes with the corpus"
    with pytest.raises(StorageError, match="nowhere"):
        read_corpus(text, folder=tmp_path / "nowhere")


@pytest.mark.parametrize("text", [b"", b"\n\n  \n", b"\xef\xbb\xbf"])
def test_a_text_without_words_is_refused(tmp_path: Path, text: bytes) -> None:
    path = tmp_path / "empty.txt"
    path.write_bytes(text)
    with pytest.raises(ValueError, match=r"empty\.txt holds no word"):
        read_corpus(path)


def test_an_empty_list_is_refused() -> None:
    with pytest.raises(ValueError, match="holds no word"):
        read_corpus([])


def test_words_that_are_all_rare_are_an_error_that_says_how_rare() -> None:
    with pytest.raises(ValueError, match=r"no word .* occurs 3 times; .* 'a', occurs 2 times: lower min_count"):
        read_corpus(["a a b"], min_count=3)


@pytest.mark.parametrize("line", [b"caf\xe9", b"ok \xc3 \xa9", b"\xff\xfe", b"x\xe3\x80"])
def test_text_that_is_not_utf8_is_refused_with_its_line(tmp_path: Path, line: bytes) -> None:
    path = tmp_path / "latin.txt"
    path.write_bytes(b"fine\nfine too\n" + line + b"\nfine\n")
    with pytest.raises(ValueError, match=r"latin\.txt, line 3: not UTF-8"):
        read_corpus(path)


def test_a_file_without_white_space_is_refused_before_it_fills_the_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "binary"
    path.write_bytes(b"x" * 100_000)
    monkeypatch.setattr(numbering_module, "BLOCK", 1000)
    monkeypatch.setattr(numbering_module, "_LONGEST_WORD", 4000)
    with pytest.raises(ValueError, match="is it text"):
        read_corpus(path)


@pytest.mark.parametrize(
    ("source", "options", "message"),
    [
        (["a"], {"min_count": 0}, "min_count"),
        (["a"], {"max_words": 0}, "max_words"),
        (["a"], {"unknown": "ignore"}, "unknown"),
        (["a"], {"vocabulary": []}, "vocabulary"),
        (["a"], {"vocabulary": ["a", "b", "a"]}, "'a' twice"),
        (["a"], {"vocabulary": ["a"], "min_count": 2}, "either a vocabulary or"),
        ([["a"], "b"], {}, "document 1 of the corpus is a string"),
        (["a", ["b"]], {}, "document 1 of the corpus is not a string"),
        ([["a"], None], {}, "document 1 of the corpus is not a list of tokens"),
        ([["a", ""]], {}, "every token must be a string that is not empty"),
        ([["a", 3]], {}, "holds 3"),
        (["\ud800"], {}, "surrogate"),
    ],
)
def test_bad_input_is_named(source: list, options: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        read_corpus(source, **options)


@pytest.mark.parametrize(
    ("ids", "offsets", "counts", "message"),
    [
        ([0, 2], [0, 2], [1, 1], "position among the 2 words"),
        ([0, -2], [0, 2], [1, 1], "position among the 2 words"),
        ([0, 1], [0, 3], [1, 1], "end with 2"),
        ([0, 1], [1, 2], [1, 1], "begin with 0"),
        ([0, 1], [0, 2, 1, 2], [1, 1], "must not decrease"),
        ([0, 1], [0, 2], [1], "1 counts for 2 words"),
    ],
)
def test_a_corpus_that_does_not_fit_together_is_refused(ids: list, offsets: list, counts: list, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        EncodedCorpus(np.array(ids), np.array(offsets), ("a", "b"), np.array(counts), 2)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"missing\.txt"):
        read_corpus(tmp_path / "missing.txt")
