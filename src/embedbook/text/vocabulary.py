"""The words that a model knows, their ids, and which share of a text they cover."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, NamedTuple

from embedbook.text.checks import checked_token_lists, require_positive
from embedbook.whole_files import replaced_when_whole

__all__ = ["Coverage", "Vocabulary"]


class Coverage(NamedTuple):
    """How much of a text a vocabulary knows, as fractions from 0 to 1."""

    by_type: float
    """Known distinct words / all distinct words."""
    by_token: float
    """Known running words / all running words."""


@dataclass(frozen=True, repr=False)
class Vocabulary:
    """The words a model knows, each with an id.

    Id 0 is padding and id 1 stands for every unknown word (out-of-vocabulary, OOV); real words follow from 2 on, the
    most frequent first, words of equal frequency in alphabetical order. Make one with `Vocabulary.fit`, from the
    *training* texts only: a word that occurs in the test texts alone is unknown when the model meets it.

    Parameters
    ----------
    words : tuple of str
        The real words; ``words[i]`` has the id ``i + 2``.
    counts : tuple of int
        How often each of them occurred in the texts the vocabulary was made from.

    Raises
    ------
    ValueError
        If there is no word, a word occurs twice, is empty or is one of the special names, or a count is missing.

    Examples
    --------
    >>> vocabulary = Vocabulary.fit([["a", "good", "film"], ["a", "film"]])
    >>> vocabulary.encode(["a", "bad", "film"])
    [2, 1, 3]
    """

    words: tuple[str, ...]
    counts: tuple[int, ...]
    _ids: dict[str, int] = field(init=False, compare=False)

    PADDING: ClassVar[int] = 0
    OOV: ClassVar[int] = 1
    _SPECIAL: ClassVar[tuple[str, str]] = ("<pad>", "<oov>")

    def __post_init__(self) -> None:
        object.__setattr__(self, "words", tuple(self.words))
        object.__setattr__(self, "counts", tuple(self.counts))
        if not self.words:
            raise ValueError("a vocabulary needs at least one word")
        if len(self.counts) != len(self.words):
            raise ValueError(f"counts has {len(self.counts)} entries for {len(self.words)} words; give one each")
        for word in self.words:
            if not isinstance(word, str) or not word:
                raise ValueError(f"words holds {word!r}; each word must be a string with at least one character")
            if word in self._SPECIAL:
                raise ValueError(f"words holds {word!r}, which is kept for a special id; rename or drop it")
        if any(isinstance(count, bool) or not isinstance(count, int) or count < 0 for count in self.counts):
            raise ValueError("counts must be whole numbers, 0 or more")
        object.__setattr__(self, "_ids", {word: number for number, word in enumerate(self.words, len(self._SPECIAL))})
        if len(self._ids) != len(self.words):
            twice = next(word for word, times in Counter(self.words).items() if times > 1)
            raise ValueError(f"words holds {twice!r} more than once; each word needs one id")

    @classmethod
    def fit(
        cls, token_lists: Iterable[Sequence[str]], *, max_words: int | None = None, min_count: int = 1
    ) -> Vocabulary:
        """Count the words of tokenised texts and keep the frequent ones.

        Parameters
        ----------
        token_lists : iterable of sequences of str
            One list of tokens a text.
        max_words : int, optional
            Keep at most this many real words, the most frequent; all by default.
        min_count : int
            Keep only words that occur at least this often.

        Returns
        -------
        Vocabulary

        Raises
        ------
        ValueError
            If no word is left, if a text is given as a string, or if an option is not a whole number from 1 on.
        """
        if max_words is not None:
            require_positive("max_words", max_words)
        require_positive("min_count", min_count)
        counter: Counter[str] = Counter()
        for tokens in checked_token_lists(token_lists):
            counter.update(tokens)
        kept = sorted(
            ((word, count) for word, count in counter.items() if count >= min_count),
            key=lambda pair: (-pair[1], pair[0]),
        )[:max_words]
        if not kept:
            raise ValueError(
                f"no word is left: {len(counter)} distinct words in the texts, none with min_count={min_count}; "
                "give more text or lower min_count"
            )
        return cls(words=tuple(word for word, _ in kept), counts=tuple(count for _, count in kept))

    def __len__(self) -> int:
        return len(self.words) + len(self._SPECIAL)

    def __contains__(self, word: object) -> bool:
        return word in self._ids

    def __repr__(self) -> str:
        return f"Vocabulary({len(self.words):,} words: {', '.join(self.words[:3])}, …)"

    def id_of(self, word: str) -> int:
        """Return the id of `word`, or `OOV` if it is unknown."""
        return self._ids.get(word, self.OOV)

    def word_of(self, number: int) -> str:
        """Return the word with the id `number`; ids 0 and 1 give "<pad>" and "<oov>".

        Raises
        ------
        ValueError
            If no word has this id.
        """
        if not 0 <= number < len(self):
            raise ValueError(f"id {number} is not in this vocabulary; its ids run from 0 to {len(self) - 1}")
        if number < len(self._SPECIAL):
            return self._SPECIAL[number]
        return self.words[number - len(self._SPECIAL)]

    def encode(self, tokens: Sequence[str]) -> list[int]:
        """Return the id of each token; unknown ones get `OOV`."""
        if isinstance(tokens, str):
            raise ValueError("encode needs a list of tokens, not a string; call tokenize first")
        return [self._ids.get(token, self.OOV) for token in tokens]

    def decode(self, ids: Iterable[int]) -> list[str]:
        """Return the word of each id, padding included.

        Raises
        ------
        ValueError
            If an id is outside the vocabulary.
        """
        return [self.word_of(int(number)) for number in ids]

    def coverage(self, token_lists: Iterable[Sequence[str]]) -> Coverage:
        """Return which share of the words in tokenised texts this vocabulary knows.

        Parameters
        ----------
        token_lists : iterable of sequences of str
            One list of tokens a text.

        Returns
        -------
        Coverage
            Fractions from 0 to 1, by distinct word and by running word.

        Raises
        ------
        ValueError
            If the texts hold no token at all.
        """
        counter: Counter[str] = Counter()
        for tokens in checked_token_lists(token_lists):
            counter.update(tokens)
        if not counter:
            raise ValueError("the texts hold no token, so there is nothing to cover")
        known = {word: count for word, count in counter.items() if word in self._ids}
        return Coverage(len(known) / len(counter), sum(known.values()) / sum(counter.values()))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the vocabulary as JSON; an existing file is replaced only when the new one is complete."""
        content = json.dumps({"words": self.words, "counts": self.counts}, ensure_ascii=False)
        with replaced_when_whole(Path(path)) as temporary:
            temporary.write_text(content, encoding="utf-8")

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Vocabulary:
        """Read a vocabulary that `save` wrote.

        Raises
        ------
        ValueError
            If the file is not such a vocabulary; the message names the file.
        """
        try:
            content = json.loads(Path(path).read_text(encoding="utf-8"))
            return cls(words=tuple(content["words"]), counts=tuple(content["counts"]))
        except (ValueError, KeyError, TypeError) as error:  # UnicodeDecodeError and JSONDecodeError are ValueErrors
            raise ValueError(
                f"{path} is not a saved vocabulary ({error}); write it again with Vocabulary.save"
            ) from error
