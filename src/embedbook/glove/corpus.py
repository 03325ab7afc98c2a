"""Read text as word ids: the vocabulary and the encoded corpus that co-occurrences are counted in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from embedbook.glove.compiling import compiled
from embedbook.glove.numbering import BLOCK, Types, types_of
from embedbook.glove.scanning import END_OF_LINE
from embedbook.glove.storage import ArrayWriter, Scratch

if TYPE_CHECKING:
    from embedbook.text import Vocabulary

__all__ = ["EncodedCorpus", "read_corpus"]

_UNKNOWN = -1

WhenUnknown = Literal["skip", "gap", "error"]


@dataclass(frozen=True, eq=False)
class EncodedCorpus:
    """A corpus as word ids, document after document.

    Parameters
    ----------
    ids : np.ndarray, (tokens,) int32
        Position in `words` of each token; -1 for an unknown word that keeps its place (see `read_corpus`).
        Possibly a read-only memory map.
    offsets : np.ndarray, (documents + 1,) int64
        Document ``i`` is ``ids[offsets[i]:offsets[i + 1]]``; it may be empty.
    words : tuple of str
        The vocabulary, without special words.
    counts : np.ndarray, (V,) int64
        How often each word occurs in `ids`.
    tokens_read : int
        Tokens in the text, those of unknown words included.

    Raises
    ------
    ValueError
        If an id is not a position in `words`, or the offsets do not divide `ids` into documents.
    """

    ids: np.ndarray
    offsets: np.ndarray
    words: tuple[str, ...]
    counts: np.ndarray
    tokens_read: int
    _scratch: Scratch | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        for name, dtype in (("ids", np.int32), ("offsets", np.int64)):
            object.__setattr__(self, name, np.ascontiguousarray(getattr(self, name), dtype=dtype))
        # The loops that count trust these numbers, and would read and write elsewhere.
        if not _all_within(self.ids, _UNKNOWN, len(self.words)):
            raise ValueError(f"every id must be -1 or a position among the {len(self.words)} words")
        if not len(self.offsets) or self.offsets[0] != 0 or self.offsets[-1] != len(self.ids):
            raise ValueError(f"the offsets must begin with 0 and end with {len(self.ids)}, the number of ids")
        if (np.diff(self.offsets) < 0).any():
            raise ValueError("the offsets must not decrease")
        if len(self.counts) != len(self.words):
            raise ValueError(f"there are {len(self.counts)} counts for {len(self.words)} words")

    def __repr__(self) -> str:
        return (
            f"EncodedCorpus({len(self):,} documents, {len(self.ids):,} of {self.tokens_read:,} tokens kept, "
            f"{len(self.words):,} words)"
        )

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def document(self, number: int) -> list[str | None]:
        """Return the words of one document; None stands for an unknown word that keeps its place.

        Parameters
        ----------
        number : int
            From 0 to ``len(corpus) - 1``.
        """
        ids = self.ids[self.offsets[number] : self.offsets[number + 1]].tolist()
        return [None if i == _UNKNOWN else self.words[i] for i in ids]


def read_corpus(
    source: str | Path | Iterable[str] | Iterable[Sequence[str]],
    *,
    vocabulary: Vocabulary | Sequence[str] | None = None,
    max_words: int | None = None,
    min_count: int = 1,
    unknown: WhenUnknown = "skip",
    folder: str | Path | None = None,
    progress: bool = False,
) -> EncodedCorpus:
    """Read tokenised text as word ids.

    Nothing is lower-cased or split further: use `embedbook.text.tokenize` first. A text file is read once, in blocks,
    at roughly 20 million tokens a second and four to eight bytes of memory a token.

    Parameters
    ----------
    source : path, iterable of str, or iterable of token lists
        A UTF-8 text file (also .gz, .bz2 or .xz), one document a line, words apart by white space as in
        ``line.split()``; or documents as strings, split in the same way; or documents as lists of tokens, taken as
        they are. A line ends at a line feed only. A plain string is a path.
    vocabulary : Vocabulary or sequence of str, optional
        The words to number, in this order (of a `Vocabulary`: its ``words``, without padding and OOV). Without it the
        vocabulary is made from the text: the most frequent word first, words of equal frequency in alphabetical order.
    max_words : int, optional
        At most so many words, the most frequent ones. Not together with `vocabulary`.
    min_count : int
        Only words that occur at least so often. Not together with `vocabulary`.
    unknown : {"skip", "gap", "error"}
        What becomes of a token outside the vocabulary. "skip" removes it, so that its neighbours close up (as in
        Stanford's program); "gap" keeps its place, so that distances stay as they are in the text; "error" raises
        KeyError.
    folder : path, optional
        Keep the ids in a file in this folder and memory-map it, for text whose ids do not fit into memory. The file
        is removed with the corpus.
    progress : bool
        Show a progress bar.

    Returns
    -------
    EncodedCorpus

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    KeyError
        If a word is unknown and `unknown` is "error".
    ValueError
        If the text holds no word, no word occurs `min_count` times, the file is not UTF-8 (the message names the
        line), or an argument makes no sense.
    StorageError
        If `folder` cannot be written.

    Examples
    --------
    >>> corpus = read_corpus(["the cat sat", "the dog sat"], min_count=2)
    >>> corpus.words, corpus.ids.tolist(), corpus.offsets.tolist()
    (('sat', 'the'), [1, 0, 1, 0], [0, 2, 4])
    """
    wanted = _check_vocabulary(vocabulary, max_words, min_count)
    if unknown not in ("skip", "gap", "error"):
        raise ValueError(f'unknown must be "skip", "gap" or "error", not {unknown!r}')
    scratch = Scratch(folder) if folder is not None else None

    types = types_of(source, progress)
    keep = _Pieces(scratch)
    for numbers in types.numbered():
        keep.add(numbers)
    types.check()

    counts = types.counts
    if not len(counts):
        raise ValueError(f"{types.name} holds no word; it must be text with words apart by white space")
    if wanted is None:
        words, chosen = _most_frequent(types, max_words, min_count)
        mapping = np.full(len(counts), _UNKNOWN, dtype=np.int32)
        mapping[chosen] = np.arange(len(words), dtype=np.int32)
    else:
        words = wanted
        place = {word: i for i, word in enumerate(words)}
        mapping = np.fromiter((place.get(word, _UNKNOWN) for word in types.words()), np.int32, len(counts))
    if unknown == "error" and (mapping == _UNKNOWN).any():
        raise KeyError(f"word missing from the vocabulary: {types.word(int(np.argmin(mapping)))!r}")

    known = mapping != _UNKNOWN
    word_counts = np.zeros(len(words), dtype=np.int64)
    word_counts[mapping[known]] = counts[known]
    tokens_read = int(counts.sum())
    ids, offsets = keep.renumbered(
        mapping, tokens_read if unknown == "gap" else int(word_counts.sum()), unknown == "gap"
    )
    return EncodedCorpus(ids, offsets, words, word_counts, tokens_read, scratch)


def _check_vocabulary(
    vocabulary: Vocabulary | Sequence[str] | None, max_words: int | None, min_count: int
) -> tuple[str, ...] | None:
    if max_words is not None and max_words < 1:
        raise ValueError(f"max_words must be at least 1, not {max_words}")
    if min_count < 1:
        raise ValueError(f"min_count must be at least 1, not {min_count}")
    if vocabulary is None:
        return None
    if max_words is not None or min_count != 1:
        raise ValueError("give either a vocabulary or max_words and min_count: a given vocabulary is used whole")
    words = tuple(vocabulary.words if hasattr(vocabulary, "words") else vocabulary)
    if not words or not all(isinstance(word, str) and word for word in words):
        raise ValueError("the vocabulary must be a sequence of words, each a string that is not empty")
    if len(set(words)) < len(words):
        twice = next(word for i, word in enumerate(words) if word in words[:i])
        raise ValueError(f"the vocabulary names the word {twice!r} twice")
    return words


def _most_frequent(types: Types, max_words: int | None, min_count: int) -> tuple[tuple[str, ...], np.ndarray]:
    """Choose the vocabulary; return its words and their numbers among the types."""
    counts = types.counts
    frequent = np.flatnonzero(counts >= min_count)
    if not len(frequent):
        raise ValueError(
            f"no word of {types.name} occurs {min_count} times; the most frequent, "
            f"{types.word(int(counts.argmax()))!r}, occurs {counts.max()} times: lower min_count"
        )
    if max_words is not None and len(frequent) > max_words:  # ties at the edge stay in, and are settled below
        edge = np.partition(counts[frequent], -max_words)[-max_words]
        frequent = frequent[counts[frequent] >= edge]
    spelled = sorted((types.word(number), number) for number in frequent.tolist())
    numbers = np.array([number for _, number in spelled], dtype=np.int64)
    order = np.argsort(-counts[numbers], kind="stable")[:max_words]
    return tuple(spelled[i][0] for i in order.tolist()), numbers[order]


# --- From the order of appearance to the vocabulary ------------------------------------------------------------------


class _Pieces:
    """The numbered text, in memory or in a file, until the vocabulary is known."""

    def __init__(self, scratch: Scratch | None) -> None:
        self._arrays: list[np.ndarray] = []
        self._scratch = scratch
        self._file = ArrayWriter(scratch.path / "types", np.int32) if scratch else None
        self._documents = 0

    def add(self, numbers: np.ndarray) -> None:
        self._documents += int(np.count_nonzero(numbers == END_OF_LINE))
        if self._file:
            self._file.write(numbers)
        else:
            self._arrays.append(numbers)

    def renumbered(self, mapping: np.ndarray, tokens: int, gaps: bool) -> tuple[np.ndarray, np.ndarray]:
        """Return the ids of the known words and the offsets of the documents; the pieces are used up."""
        offsets = np.zeros(self._documents + 1, dtype=np.int64)
        state = np.zeros(2, dtype=np.int64)  # documents and tokens so far
        if self._file is None or self._scratch is None:
            ids = np.empty(tokens, dtype=np.int32)
            for i, piece in enumerate(self._arrays):
                _renumber(piece, mapping, gaps, ids[state[1] :], offsets, state)
                self._arrays[i] = ids[:0]  # its memory is free again
            return ids, offsets
        numbers = self._file.finish()
        out = ArrayWriter(self._scratch.path / "ids", np.int32)
        for begin in range(0, len(numbers), BLOCK):
            piece = np.asarray(numbers[begin : begin + BLOCK])
            ids = np.empty(len(piece), dtype=np.int32)
            out.write(ids[: _renumber(piece, mapping, gaps, ids, offsets, state)])
        del numbers
        self._file.discard()
        return out.finish(), offsets


@compiled()
def _all_within(ids: np.ndarray, least: int, end: int) -> bool:
    outside = 0
    for i in ids:
        outside += (i < least) | (i >= end)
    return outside == 0


@compiled()
def _renumber(
    numbers: np.ndarray, mapping: np.ndarray, gaps: bool, ids: np.ndarray, offsets: np.ndarray, state: np.ndarray
) -> int:
    """Write the ids of one piece to the front of `ids`, note where documents end, return how many ids there are."""
    documents, before = state[0], state[1]
    written = 0
    for number in numbers:
        if number == END_OF_LINE:
            documents += 1
            offsets[documents] = before + written
        else:
            word = mapping[number]
            if word != _UNKNOWN or gaps:
                ids[written] = word
                written += 1
    state[0], state[1] = documents, before + written
    return written
