"""Turn texts into arrays of word ids: tokens, a vocabulary, padding."""

from __future__ import annotations

import json
import os
import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Literal, NamedTuple

import numpy as np

__all__ = ["Coverage", "Vocabulary", "encode_texts", "pad", "tokenize"]

# --- Tokens ----------------------------------------------------------------------------------------------------------

# Python's \w leaves out combining marks, so without them "i̇" (Turkish) or any Hindi word would fall into pieces.
_MARKS = "".join(chr(code) for code in range(0x0300, 0x1E00) if unicodedata.category(chr(code)).startswith("M"))
_LETTER = rf"[^\W\d_][{_MARKS}]*"
_SIGNS = rf"(?:[^\W_][{_MARKS}]*)+"  # letters and digits in a row
_NUMBER = rf"\d+(?:[.,:/]\d+)+(?:{_SIGNS})?"  # 1,000  2.5m  9/11  10:30
_PIECE = rf"(?:{_NUMBER}|{_SIGNS})"
_TOKEN = re.compile(
    "|".join(
        (
            rf"(?:{_LETTER}\.){{2,}}",  # u.s.  e.g.
            rf"(?:mr|mrs|ms|dr|jr|sr|st|vs)\.(?!{_SIGNS})",
            rf"{_PIECE}(?:[-']{_PIECE})*",  # words, with what is inside them: well-known  o'clock  don't
            rf"'(?:\d0s|[smd]|ll|re|ve)(?!{_SIGNS})",  # clitics standing alone, and decades: 's  '70s
            r"\.{2,}",
            r"-{2,}",
            r"\S",
        )
    )
)
_CLITIC = re.compile(r"(?<=[^\W_])(?:n't|'(?:[smd]|ll|re|ve))$")

# One way to write each sign, so that MR (straight quotes), SST (`` '') and GloVe 6B agree.
_SAME_SIGN = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "“": '"', "”": '"', "„": '"', "…": " ... "})
_TREEBANK_ESCAPES = (
    (re.compile(r"``|''"), ' " '),
    (re.compile(r"(?<!\S)-l[rcs]b-(?!\S)"), "("),
    (re.compile(r"(?<!\S)-r[rcs]b-(?!\S)"), ")"),
    (re.compile(r"\\(?=[/*])"), ""),
)


def tokenize(text: str) -> list[str]:
    r"""Split a text into lower-case tokens in the manner of the Penn Treebank.

    MR, SST and GloVe 6B are all written this way, so their words meet. Clitics are split off ("do n't", "it 's",
    "ca n't"), each punctuation sign is a token of its own, numbers, hyphenated words, abbreviations ("u.s.", "mr.")
    and runs of dots or dashes ("...", "--") are kept whole, letters of every script are kept, and curly quotes,
    ````, ``''`` and ``-lrb-`` become plain signs.
    Splitting what is already split changes nothing: ``tokenize(" ".join(tokens))`` gives the same tokens.

    Parameters
    ----------
    text : str
        Any text; it may be empty.

    Returns
    -------
    list of str
        The tokens in order; empty if the text holds nothing but white space and control characters.

    Raises
    ------
    ValueError
        If `text` is not a string (a missing value in a table often is not).

    Examples
    --------
    >>> tokenize("Don't miss it: it's a 2.5-hour treat!")
    ['do', "n't", 'miss', 'it', ':', 'it', "'s", 'a', '2.5-hour', 'treat', '!']
    """
    if not isinstance(text, str):
        raise ValueError(f"tokenize needs a string, not {type(text).__name__}: {text!r}")
    tokens: list[str] = []
    for match in _TOKEN.finditer(_normalise(text)):
        token = match.group()
        if token.startswith(".."):
            token = "..."
        elif token.startswith("--"):
            token = "--"
        tokens.extend(_split_clitics(token))
    return tokens


def _normalise(text: str) -> str:
    """Lower-case `text` and give equal signs equal characters."""
    # Composed twice, since lower-casing can make a pair that composes (and the Kelvin sign composes to a capital K).
    text = unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).lower())
    if not text.isascii():
        text = "".join(_visible(character) for character in text).translate(_SAME_SIGN)
    text = re.sub(r"[\x00-\x1f\x7f]", " ", text)
    for pattern, replacement in _TREEBANK_ESCAPES:
        text = pattern.sub(replacement, text)
    return text


def _visible(character: str) -> str:
    """Return `character`, a space for a control character, or nothing for an invisible one inside a word."""
    category = unicodedata.category(character)
    if category == "Cc" or character == "\u200b":  # MR holds a few stray controls where dashes and quotes were
        return " "
    return "" if category == "Cf" else character


def _split_clitics(token: str) -> list[str]:
    """Split the clitics off the end of one token: "wouldn't've" becomes would, n't, 've."""
    if "'" not in token:
        return [token]
    clitics: list[str] = []
    while found := _CLITIC.search(token):
        clitics.append(found.group())
        token = token[: found.start()]
    return [token, *reversed(clitics)]


# --- Vocabulary ------------------------------------------------------------------------------------------------------


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
            _require_positive("max_words", max_words)
        _require_positive("min_count", min_count)
        counter: Counter[str] = Counter()
        for tokens in _checked(token_lists):
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
        for tokens in _checked(token_lists):
            counter.update(tokens)
        if not counter:
            raise ValueError("the texts hold no token, so there is nothing to cover")
        known = {word: count for word, count in counter.items() if word in self._ids}
        return Coverage(len(known) / len(counter), sum(known.values()) / sum(counter.values()))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the vocabulary as JSON; an existing file is replaced only when the new one is complete."""
        target = Path(path)
        content = json.dumps({"words": self.words, "counts": self.counts}, ensure_ascii=False)
        temporary = target.with_name(f".{target.name}.{os.getpid()}")
        try:
            temporary.write_text(content, encoding="utf-8")
            temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)

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


# --- Arrays ----------------------------------------------------------------------------------------------------------


def pad(sequences: Iterable[Sequence[int]], *, length: int | None = None) -> np.ndarray:
    """Put sequences of different lengths into one array, with zeros on the right.

    Parameters
    ----------
    sequences : iterable of sequences of int
        The ids of each text.
    length : int, optional
        The number of columns; longer sequences are cut there. By default as long as the longest (at least 1).

    Returns
    -------
    numpy.ndarray of int32, shape (n texts, T tokens)

    Raises
    ------
    ValueError
        If there is no sequence, `length` is not a whole number from 1 on, or an id is negative or not whole.
    """
    rows = list(sequences)
    if not rows:
        raise ValueError("there are no sequences to pad")
    if length is None:
        length = max(1, *map(len, rows))
    _require_positive("length", length)
    largest = np.iinfo(np.int32).max
    padded = np.full((len(rows), length), Vocabulary.PADDING, dtype=np.int32)
    for index, row in enumerate(rows):
        ids = np.asarray(row[:length])
        if ids.size == 0:
            continue
        if ids.ndim != 1 or not np.issubdtype(ids.dtype, np.integer) or ids.min() < 0 or ids.max() > largest:
            raise ValueError(f"sequence {index} is not a list of ids (whole numbers, 0 or more): {list(row)[:8]!r}")
        padded[index, : len(ids)] = ids
    return padded


def encode_texts(
    texts: Collection[str],
    vocabulary: Vocabulary,
    *,
    length: int | None = None,
    empty: Literal["error", "oov"] = "error",
) -> np.ndarray:
    """Tokenise texts, look their words up and pad them to one array.

    Parameters
    ----------
    texts : collection of str
        The texts, not yet tokenised.
    vocabulary : Vocabulary
        Gives the ids; unknown words become `Vocabulary.OOV`.
    length : int, optional
        The number of columns; longer texts are cut there. By default as long as the longest text.
    empty : {"error", "oov"}
        What to do with a text that has no token. A row of padding alone has no mean, and one such row can turn all
        weights of a model into NaN; so the default refuses it, and "oov" gives it one unknown word.

    Returns
    -------
    numpy.ndarray of int32, shape (n texts, T tokens)

    Raises
    ------
    ValueError
        If a text is empty (the message names the rows) or not a string, if there are no texts, or if an option is bad.
    """
    if empty not in ("error", "oov"):
        raise ValueError(f'empty must be "error" or "oov", not {empty!r}')
    if isinstance(texts, str):
        raise ValueError("texts must be a list of texts, not one string; write [text]")
    sequences = []
    empty_rows = []
    for row, text in enumerate(texts):
        if not isinstance(text, str):
            raise ValueError(f"text {row} is {text!r} ({type(text).__name__}), not a string; drop or fill it")
        tokens = tokenize(text)
        if not tokens:
            empty_rows.append(row)
        sequences.append(vocabulary.encode(tokens) or [Vocabulary.OOV])
    if not sequences:
        raise ValueError("there are no texts to encode")
    if empty_rows and empty == "error":
        shown = ", ".join(map(str, empty_rows[:10])) + (", …" if len(empty_rows) > 10 else "")
        raise ValueError(
            f"{len(empty_rows)} of {len(sequences)} texts have no token (rows {shown}); "
            'drop them, or pass empty="oov" to treat each as one unknown word'
        )
    return pad(sequences, length=length)


def _checked(token_lists: Iterable[Sequence[str]]) -> Iterable[Sequence[str]]:
    """Yield the token lists; refuse a string, whose letters would otherwise pass for words."""
    if isinstance(token_lists, str):
        raise ValueError("token_lists must be a list of token lists, not a string; call tokenize first")
    for index, tokens in enumerate(token_lists):
        if isinstance(tokens, str):
            raise ValueError(f"token list {index} is a string, not a list of tokens; call tokenize first")
        yield tokens


def _require_positive(name: str, value: int) -> None:
    """Raise a ValueError unless `value` is a whole number from 1 on."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < 1:
        raise ValueError(f"{name} must be a whole number, 1 or more, not {value!r}")
