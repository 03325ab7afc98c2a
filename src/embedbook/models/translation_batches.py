"""Pairs of sentences as ids, and dealing them into batches of like length."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from embedbook.text import Vocabulary, pad

__all__ = ["Batch", "EncodedPairs", "batches", "encode_pairs"]


@dataclass(frozen=True)
class EncodedPairs:
    """Sentences and translations as ids.

    Parameters
    ----------
    source, target : tuple of tuple of int
        n sentences and n translations; no padding, and no boundary yet.
    """

    source: tuple[tuple[int, ...], ...]
    target: tuple[tuple[int, ...], ...]

    def __post_init__(self) -> None:
        if len(self.source) != len(self.target):
            raise ValueError(f"there are {len(self.source)} sentences and {len(self.target)} translations")
        for name in ("source", "target"):
            if not getattr(self, name):
                raise ValueError(f"the {name} side holds no sentence")
            empty = [row for row, ids in enumerate(getattr(self, name)) if not ids]
            if empty:
                raise ValueError(f"the {name} side holds empty sentences in rows {', '.join(map(str, empty[:10]))}")

    def __len__(self) -> int:
        return len(self.source)


class Batch(NamedTuple):
    """What one step of training reads: arrays of whole numbers, padded with 0."""

    source: np.ndarray
    before: np.ndarray
    after: np.ndarray


def encode_pairs(
    source: Sequence[Sequence[str]], target: Sequence[Sequence[str]], vocabularies: tuple[Vocabulary, Vocabulary]
) -> EncodedPairs:
    """Look up the ids of tokenised pairs.

    Parameters
    ----------
    source, target : sequence of sequences of str
        n tokenised sentences and their translations.
    vocabularies : tuple of two Vocabulary
        Of the source and of the target.

    Returns
    -------
    EncodedPairs

    Raises
    ------
    ValueError
        If the two sides differ in length, or a sentence is empty.
    """
    return EncodedPairs(
        tuple(tuple(vocabularies[0].encode(tokens)) for tokens in source),
        tuple(tuple(vocabularies[1].encode(tokens)) for tokens in target),
    )


def batches(
    pairs: EncodedPairs,
    boundary: int,
    *,
    tokens: int,
    rng: np.random.Generator | None = None,
    multiple: int = 1,
) -> list[Batch]:
    """Deal pairs into batches of like length, so that there is little padding to compute.

    Parameters
    ----------
    pairs : EncodedPairs
        The pairs.
    boundary : int
        The id that begins and ends a translation.
    tokens : int
        A batch holds at most so many tokens a side, padding and boundary included; at least one pair.
    rng : numpy.random.Generator, optional
        Decides which pairs of a like length come together, and the order of the batches. By default both follow from
        the lengths alone.
    multiple : int
        Make lengths a multiple of this. Backends that compile anew for each shape want few shapes.

    Returns
    -------
    list of Batch
    """
    lengths = np.array([[len(s), len(t) + 1] for s, t in zip(pairs.source, pairs.target, strict=True)])
    order = np.arange(len(pairs)) if rng is None else rng.permutation(len(pairs))
    # By the target's length, whose words cost most, then by the source's; equal pairs stay in their random order.
    order = order[np.lexsort((lengths[order, 0], lengths[order, 1]))]
    groups: list[list[int]] = [[]]
    longest = 0
    for row in order:
        wanted = max(longest, *map(int, lengths[row]))
        if groups[-1] and wanted * (len(groups[-1]) + 1) > tokens:
            groups.append([])
            wanted = int(lengths[row].max())
        groups[-1].append(int(row))
        longest = wanted
    if rng is not None:
        groups = [groups[place] for place in rng.permutation(len(groups))]
    return [_batch(pairs, rows, boundary, multiple) for rows in groups]


def _batch(pairs: EncodedPairs, rows: list[int], boundary: int, multiple: int) -> Batch:
    def padded(sequences: list[tuple[int, ...]]) -> np.ndarray:
        longest = max(map(len, sequences))
        return pad(sequences, length=-(-longest // multiple) * multiple)

    targets = [pairs.target[row] for row in rows]
    return Batch(
        padded([pairs.source[row] for row in rows]),
        padded([(boundary, *ids) for ids in targets]),
        padded([(*ids, boundary) for ids in targets]),
    )
