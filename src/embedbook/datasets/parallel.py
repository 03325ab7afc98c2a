"""ParallelTexts: sentences with their translations, checked once and never changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from embedbook.datasets.badge import data_badge
from embedbook.datasets.errors import DataError
from embedbook.datasets.labelled import first_few

__all__ = ["Dropped", "ParallelTexts", "drop_unlikely", "halves"]


@dataclass(frozen=True, eq=False, repr=False)
class ParallelTexts:
    """Sentences in one language, each with its translation into another.

    Shown in a notebook it is the data badge, which tells a reader which data the page ran on.

    Parameters
    ----------
    name : str
        Short name, such as "ted-gl-en".
    title : str
        Title to show.
    source, target : sequence of str
        n sentences and their n translations, none of them empty. Kept as tuples.
    languages : tuple of two str
        Codes of the source's and the target's language, such as ("gl", "en").
    origin : {"real", "sample"}
        Public (or the reader's own) data, or the book's small sample.
    citation, licence : str
        Whom to cite, and under which terms.
    homepage : str
        Address that the citation links to.
    official_split : mapping of str to array of int, optional
        The authors' own division into "train", "dev" and "test", as row numbers.

    Raises
    ------
    DataError
        If the two sides differ in length, one is empty, or a sentence is empty (the message names rows).

    Examples
    --------
    >>> ParallelTexts("mine", "Mine", ["o gato"], ["the cat"], ("gl", "en"), "real", "none", "CC0")
    ParallelTexts('mine': 1 real pairs, gl to en)
    """

    name: str
    title: str
    source: tuple[str, ...]
    target: tuple[str, ...]
    languages: tuple[str, str]
    origin: Literal["real", "sample"]
    citation: str
    licence: str
    homepage: str = ""
    official_split: Mapping[str, np.ndarray] | None = None

    def __post_init__(self) -> None:
        for side in ("source", "target"):
            sentences = getattr(self, side)
            if isinstance(sentences, str):
                raise DataError(f"{self.name}: {side} is one string; give a sequence of sentences")
            object.__setattr__(self, side, tuple(sentences))
        object.__setattr__(self, "languages", tuple(self.languages))
        if len(self.languages) != 2:
            raise DataError(f"{self.name}: languages must be two codes such as ('gl', 'en'), not {self.languages}")
        for side, language in zip(("source", "target"), self.languages, strict=True):
            _check_side(self.name, side, language, getattr(self, side))
        if len(self.source) != len(self.target):
            raise DataError(
                f"{self.name}: the source ({self.languages[0]}) has {len(self.source):,} sentences and the target "
                f"({self.languages[1]}) {len(self.target):,}; line i of one must be the translation of line i of the "
                "other"
            )
        if self.origin not in ("real", "sample"):
            raise DataError(f"{self.name}: origin {self.origin!r} is neither 'real' nor 'sample'")
        if self.official_split is not None:
            split = {part: np.asarray(rows, dtype=np.int64) for part, rows in self.official_split.items()}
            for part, rows in split.items():
                if len(rows) and not (rows.min() >= 0 and rows.max() < len(self)):
                    raise DataError(f"{self.name}: the rows of {part!r} run outside 0 to {len(self) - 1}")
            object.__setattr__(self, "official_split", split)

    def __len__(self) -> int:
        return len(self.source)

    def __repr__(self) -> str:
        source, target = self.languages
        return f"ParallelTexts({self.name!r}: {len(self):,} {self.origin} pairs, {source} to {target})"

    def _repr_html_(self) -> str:
        parts = self.official_split or {}
        facts = [f"{len(self):,} pairs", *(f"{part} {len(rows):,}" for part, rows in parts.items())]
        return data_badge(
            self.origin, self.title, facts, licence=self.licence, citation=self.citation, homepage=self.homepage
        )

    def part(self, name: str) -> ParallelTexts:
        """Return one part of the authors' division.

        Parameters
        ----------
        name : str
            Such as "train", "dev" or "test".

        Returns
        -------
        ParallelTexts

        Raises
        ------
        DataError
            If there is no such part.
        """
        parts = self.official_split or {}
        if name not in parts:
            there = f"there are {', '.join(parts)}" if parts else "its authors did not divide it"
            raise DataError(f"{self.name}: there is no part {name!r}; {there}")
        return self.subset(parts[name])

    def subset(self, rows: Sequence[int] | np.ndarray) -> ParallelTexts:
        """Return some of the pairs, without an official split.

        Parameters
        ----------
        rows : sequence or array of int
            Which pairs, in which order.

        Returns
        -------
        ParallelTexts

        Raises
        ------
        DataError
            If no row is given, or one is out of range.
        """
        chosen = np.asarray(rows, dtype=np.int64)
        if chosen.ndim != 1 or not len(chosen) or chosen.min() < 0 or chosen.max() >= len(self):
            raise DataError(f"{self.name}: rows must be one or more numbers from 0 to {len(self) - 1}")
        return replace(
            self,
            source=tuple(self.source[row] for row in chosen),
            target=tuple(self.target[row] for row in chosen),
            official_split=None,
        )


def halves(texts: ParallelTexts) -> tuple[ParallelTexts, ParallelTexts]:
    """Divide pairs into two halves in their order, so that neighbouring sentences of a talk stay together.

    Where a language has no text of its own, the source side of one half can stand for it, and the other half be all the
    parallel text that there is.

    Parameters
    ----------
    texts : ParallelTexts
        Two pairs or more.

    Returns
    -------
    tuple of two ParallelTexts
        The first half, one pair more if the number is odd, and the second.

    Raises
    ------
    DataError
        If there is only one pair.
    """
    middle = (len(texts) + 1) // 2
    return texts.subset(np.arange(middle)), texts.subset(np.arange(middle, len(texts)))


@dataclass(frozen=True)
class Dropped:
    """Which pairs a filter left out, and why.

    Parameters
    ----------
    kept : numpy.ndarray of int
        Rows that stayed.
    too_long, unequal : int
        How many were left out because a side has too many tokens, and, of the rest, because one side has so many more
        than the other that they can hardly mean the same.
    """

    kept: np.ndarray
    too_long: int
    unequal: int

    def __str__(self) -> str:
        total = len(self.kept) + self.too_long + self.unequal
        return (
            f"{len(self.kept):,} of {total:,} pairs kept; dropped: {self.too_long:,} too long, "
            f"{self.unequal:,} of unequal length"
        )


def drop_unlikely(
    source: Sequence[Sequence[str]], target: Sequence[Sequence[str]], *, max_tokens: int, max_ratio: float
) -> Dropped:
    """Say which pairs are fit to train on.

    In the TED pairs some sentences stand beside the last part of their translation; their lengths tell.

    Parameters
    ----------
    source, target : sequence of sequences of str
        n tokenised sentences and their translations.
    max_tokens : int
        Leave out pairs with more tokens on a side.
    max_ratio : float
        Leave out pairs of which one side has more than so many times the tokens of the other, where the longer has
        more than five: of two short sentences nothing can be told.

    Returns
    -------
    Dropped

    Raises
    ------
    DataError
        If the sides differ in length, an option is out of range, or nothing is left.
    """
    if len(source) != len(target):
        raise DataError(f"there are {len(source):,} sentences and {len(target):,} translations; give one each")
    if max_tokens < 1 or max_ratio < 1:
        raise DataError(f"max_tokens and max_ratio must be 1 or more, not {max_tokens!r} and {max_ratio!r}")
    lengths = np.array([[len(one), len(other)] for one, other in zip(source, target, strict=True)]).reshape(-1, 2)
    shorter, longer = lengths.min(axis=1), lengths.max(axis=1)
    too_long = longer > max_tokens
    unequal = ~too_long & ((shorter == 0) | ((longer > max_ratio * shorter) & (longer > 5)))
    kept = np.flatnonzero(~too_long & ~unequal)
    if not len(kept):
        raise DataError(
            f"none of the {len(source):,} pairs has at most {max_tokens} tokens a side and sides of like length; "
            "raise max_tokens or max_ratio, or look whether the files belong together"
        )
    return Dropped(kept, int(too_long.sum()), int(unequal.sum()))


def _check_side(name: str, side: str, language: str, sentences: tuple[str, ...]) -> None:
    if not sentences:
        raise DataError(f"{name}: the {side} side ({language}) holds no sentence")
    strange = [row for row, sentence in enumerate(sentences) if not isinstance(sentence, str)]
    if strange:
        raise DataError(f"{name}: not a string on the {side} side ({language}) in rows {first_few(strange)}")
    empty = [row for row, sentence in enumerate(sentences) if not sentence.strip()]
    if empty:
        raise DataError(
            f"{name}: empty sentences on the {side} side ({language}) in rows {first_few(empty)}; remove these pairs"
        )
