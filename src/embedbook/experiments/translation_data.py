"""The sentences of a translation run: which pairs are trained on, which decide, which judge; and their vocabularies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from embedbook.experiments.translation_specs import TranslationSpec
from embedbook.text import Vocabulary

__all__ = ["TranslationParts", "TranslationTexts", "parts_of_translation"]


class TranslationTexts(NamedTuple):
    """Tokenised pairs of one part."""

    source: list[list[str]]
    target: list[list[str]]


@dataclass(frozen=True)
class TranslationParts:
    """What a translation run reads.

    Parameters
    ----------
    train, dev : dict of str to TranslationTexts
        Pairs to learn from and to decide with, by the name of the pair of languages, rid of unlikely ones.
    dev_whole, test : dict of str to TranslationTexts
        All pairs of the development part and of the test part, to translate.
    vocabularies : tuple of two Vocabulary
        Of the sources and of the target. With several languages a source word carries its language, "gl:casa".
    dropped : tuple of two int
        Training pairs that were left out because they are too long, or of unequal length.
    """

    train: dict[str, TranslationTexts]
    dev: dict[str, TranslationTexts]
    dev_whole: dict[str, TranslationTexts]
    test: dict[str, TranslationTexts]
    vocabularies: tuple[Vocabulary, Vocabulary]
    dropped: tuple[int, int]

    def together(self, part: str) -> TranslationTexts:
        """Return all pairs of "train" or "dev", whatever their language."""
        each = getattr(self, part).values()
        sides = ([tokens for texts in each for tokens in getattr(texts, side)] for side in TranslationTexts._fields)
        return TranslationTexts(*sides)


def parts_of_translation(spec: TranslationSpec) -> TranslationParts:
    """Read, tokenise, filter and choose the pairs of a run.

    Parameters
    ----------
    spec : TranslationSpec
        The run.

    Returns
    -------
    TranslationParts

    Raises
    ------
    embedbook.datasets.DataError
        If texts are unknown or not to be had, or no pair is left.
    """
    from embedbook.datasets import drop_unlikely

    settings = spec.settings
    train, dev, dev_whole, test = {}, {}, {}, {}
    too_long = unequal = 0
    for pair, language in zip(spec.pairs, spec.languages, strict=True):
        parts = _tokenised(pair)
        chosen = parts["train"]
        if pair in spec.halved:
            middle = (len(chosen.source) + 1) // 2  # as `embedbook.datasets.halves` divides
            chosen = TranslationTexts(chosen.source[:middle], chosen.target[:middle])
        dropped = drop_unlikely(*chosen, max_tokens=settings.max_tokens, max_ratio=settings.max_ratio)
        too_long, unequal = too_long + dropped.too_long, unequal + dropped.unequal
        order = np.random.default_rng([spec.seed, 2018]).permutation(dropped.kept)
        train[pair] = _rows(chosen, np.sort(order[: max(1, round(spec.share * len(order)))]))
        whole = parts["dev"]
        # Longer than those trained on, but not so long that a few of them decide.
        likely = drop_unlikely(*whole, max_tokens=2 * settings.max_tokens, max_ratio=settings.max_ratio)
        dev[pair], dev_whole[pair], test[pair] = _rows(whole, likely.kept), whole, parts["test"]
        if len(spec.pairs) > 1:
            for texts in (train, dev, dev_whole, test):
                texts[pair] = _tagged(texts[pair], language)
    # At most so many words of each language, so that one with much text does not crowd out the others.
    words = [
        Vocabulary.fit(texts.source, min_count=settings.min_count, max_words=settings.source_words)
        for texts in train.values()
    ]
    vocabularies = (
        words[0] if len(words) == 1 else _joined(words),
        Vocabulary.fit(
            [tokens for texts in train.values() for tokens in texts.target],
            min_count=settings.min_count,
            max_words=settings.target_words,
        ),
    )
    return TranslationParts(train, dev, dev_whole, test, vocabularies, (too_long, unequal))


@lru_cache(maxsize=4)  # a worker runs many specifications of one pair in a row
def _tokenised(pair: str) -> dict[str, TranslationTexts]:
    from embedbook.datasets import load_parallel
    from embedbook.text import tokenize

    # A result is about the pair that its specification names, so no sample may stand for it.
    texts = load_parallel(pair, mode="real")
    return {
        name: TranslationTexts([tokenize(s) or ["."] for s in part.source], [tokenize(t) or ["."] for t in part.target])
        for name, part in ((name, texts.part(name)) for name in ("train", "dev", "test"))
    }


def _rows(texts: TranslationTexts, rows: np.ndarray) -> TranslationTexts:
    return TranslationTexts([texts.source[row] for row in rows], [texts.target[row] for row in rows])


def _tagged(texts: TranslationTexts, language: str) -> TranslationTexts:
    return TranslationTexts([[f"{language}:{token}" for token in tokens] for tokens in texts.source], texts.target)


def _joined(vocabularies: Sequence[Vocabulary]) -> Vocabulary:
    ranked = sorted(
        ((word, count) for each in vocabularies for word, count in zip(each.words, each.counts, strict=True)),
        key=lambda pair: (-pair[1], pair[0]),
    )
    return Vocabulary(tuple(word for word, _ in ranked), tuple(count for _, count in ranked))
