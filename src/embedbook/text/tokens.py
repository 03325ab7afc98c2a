"""Split a text into tokens, in the manner in which MR, SST and GloVe 6B are written."""

from __future__ import annotations

import re
import unicodedata

__all__ = ["tokenize"]

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
