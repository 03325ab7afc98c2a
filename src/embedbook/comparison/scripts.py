"""Notice texts whose script puts no spaces between words: split at spaces, each would be one unknown word."""

from __future__ import annotations

import re
from collections.abc import Sequence

__all__ = ["unspaced_script"]

_SCRIPTS = {
    "Chinese or Japanese": "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff",
    "Thai": "\u0e00-\u0e7f",
    "Lao": "\u0e80-\u0eff",
    "Burmese": "\u1000-\u109f",
    "Khmer": "\u1780-\u17ff",
    "Tibetan": "\u0f00-\u0fff",
}
_LOOKED_AT = 2_000  # texts
_SHARE = 0.3  # of the letters
_LONG = 15  # letters a word on average; Finnish and Turkish stay below 9


def unspaced_script(tokens: Sequence[Sequence[str]]) -> str | None:
    """Say what to do if the words of tokenised texts are not words.

    Parameters
    ----------
    tokens : sequence of sequences of str
        The texts.

    Returns
    -------
    str or None
        A sentence, or None if nothing is wrong.
    """
    words = [word for text in tokens[:_LOOKED_AT] for word in text if word[0].isalpha()]
    letters = "".join(words)
    if not letters:
        return None
    for name, signs in _SCRIPTS.items():
        if len(re.findall(f"[{signs}]", letters)) > _SHARE * len(letters):
            return (
                f"much of it is {name}, written without spaces between words; put spaces between them first (with a "
                "word segmenter), or whole phrases count as words"
            )
    if len(letters) > _LONG * len(words):
        mean = len(letters) / len(words)
        return f"words are {mean:.0f} letters long on average; texts need spaces between their words"
    return None
