"""Translate: greedy or beam search over a translator's next words, many sentences at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from keras import ops

from embedbook.models.translators import Translator, as_graph
from embedbook.text import Vocabulary, pad

__all__ = ["translate_ids"]

_NEVER = -1e9
_WORTH_COMPILING = 5  # batches; for fewer, compiling takes longer than it saves


def translate_ids(
    model: Translator,
    sources: Sequence[Sequence[int]],
    *,
    beam: int = 4,
    length_penalty: float = 1.0,
    max_tokens: int = 60,
    batch_size: int = 64,
) -> list[list[int]]:
    """Translate sentences given as ids.

    A partial translation is worth the sum of the log-probabilities of its words, divided by (number of words, the end
    included) to the power `length_penalty` once it has ended. A sentence's search is over when no open translation
    can beat the best ended one any more. The OOV id is never written: a reader has no use for it.

    Parameters
    ----------
    model : Translator
        The translator.
    sources : sequence of sequences of int
        n sentences; no padding.
    beam : int
        Partial translations that are kept; 1 is greedy search.
    length_penalty : float
        0 prefers short translations; 1 compares the mean log-probability of a word.
    max_tokens : int
        Longest translation, in words.
    batch_size : int
        Sentences at a time; bounds memory and changes no translation.

    Returns
    -------
    list of list of int
        n translations, without boundaries.

    Raises
    ------
    ValueError
        If an option is out of range, or a sentence is empty or holds ids that the translator does not know.

    References
    ----------
    Wu et al. (2016), "Google's Neural Machine Translation System", section 7; the penalty here is the plain power of
    the length.
    """
    for name, value in (("beam", beam), ("max_tokens", max_tokens), ("batch_size", batch_size)):
        if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < 1:
            raise ValueError(f"{name} must be a whole number, 1 or more, not {value!r}")
    if not 0 <= length_penalty < np.inf:
        raise ValueError(f"length_penalty must be 0 or more, not {length_penalty!r}")
    for row, ids in enumerate(sources):
        if not len(ids) or min(ids) < 1 or max(ids) >= model.source_size:
            raise ValueError(
                f"sentence {row} is empty or holds ids outside 1 to {model.source_size - 1}; encode it with the "
                "vocabulary that the translator was made for"
            )
    found: list[list[int]] = [[] for _ in sources]
    asked = _Asked(model, many=len(sources) > _WORTH_COMPILING * batch_size)
    order = sorted(range(len(sources)), key=lambda row: len(sources[row]))
    for first in range(0, len(order), batch_size):
        rows = order[first : first + batch_size]
        translated = _search(asked, pad([sources[row] for row in rows]), beam, length_penalty, max_tokens)
        for row, ids in zip(rows, translated, strict=True):
            found[row] = ids
    return found


class _Asked:
    """The questions that a search asks a translator, compiled if it asks them for many sentences."""

    def __init__(self, model: Translator, *, many: bool) -> None:
        def encode(source: Any) -> tuple[Any, ...]:
            return model.encode(source, training=False)

        self.boundary, self.first_state = model.boundary, model.first_state
        self.encode: Callable[..., Any] = as_graph(encode, matrices_of_ids=1) if many else encode
        self.step: Callable[..., Any] = as_graph(model.step) if many else model.step


def _search(model: _Asked, source: np.ndarray, beam: int, length_penalty: float, max_tokens: int) -> list[list[int]]:
    n = len(source)
    memory = model.encode(source)
    memory = tuple(ops.repeat(part, beam, axis=0) for part in memory)
    state = model.first_state(memory)
    written = np.full((n, beam, 0), 0, dtype=np.int32)
    # All partial translations of a sentence begin alike, so only the first of them counts at first.
    open_scores = np.full((n, beam), _NEVER)
    open_scores[:, 0] = 0.0
    last = np.full(n * beam, model.boundary, dtype=np.int32)
    best: list[tuple[float, list[int]]] = [(-np.inf, []) for _ in range(n)]
    running = np.arange(n)
    for length in range(1, max_tokens + 2):
        logits, state = model.step(last, state, memory)
        words, gains = _likely(logits, beam + 1, model.boundary, must_end=length > max_tokens)
        k = words.shape[-1]
        words, gains = words.reshape(len(running), beam, k), gains.reshape(len(running), beam, k)
        totals = open_scores[:, :, None] + gains
        keep = np.zeros(len(running), dtype=bool)
        chosen = np.zeros((len(running), beam), dtype=np.int64)
        next_words = np.zeros((len(running), beam), dtype=np.int32)
        next_scores = np.full((len(running), beam), _NEVER)
        for place, sentence in enumerate(running):
            going_on, ending = _ranked(totals[place], words[place], beam, model.boundary)
            for parent, total in ending:
                score = total / length**length_penalty
                if score > best[sentence][0]:
                    best[sentence] = score, written[place, parent].tolist()
            for rank, (parent, word, total) in enumerate(going_on):
                chosen[place, rank], next_words[place, rank], next_scores[place, rank] = parent, word, total
            # The most that an open translation can still come to: no further loss, and the longest divisor.
            hope = next_scores[place, 0] / (max_tokens + 1) ** length_penalty
            keep[place] = bool(going_on) and hope > best[sentence][0]
        if not keep.any():
            break
        rows = (np.arange(len(running))[:, None] * beam + chosen)[keep].reshape(-1)
        written = np.concatenate([written.reshape(len(running) * beam, -1)[rows], next_words[keep].reshape(-1, 1)], 1)
        running = running[keep]
        written = written.reshape(len(running), beam, -1)
        open_scores, last = next_scores[keep], next_words[keep].reshape(-1)
        state = tuple(ops.take(part, rows, axis=0) for part in state)
        if not keep.all():
            memory = tuple(ops.take(part, rows, axis=0) for part in memory)
    return [ids for _, ids in best]


def _ranked(
    totals: np.ndarray, words: np.ndarray, beam: int, boundary: int
) -> tuple[list[tuple[int, int, float]], list[tuple[int, float]]]:
    """Go through one sentence's next words (beam × k), the best first, until `beam` of them leave it open.

    Returns parent, word and score of those, and parent and score of the translations that end before.
    """
    going_on: list[tuple[int, int, float]] = []
    ending: list[tuple[int, float]] = []
    for candidate in np.argsort(-totals, axis=None, kind="stable"):
        parent, which = divmod(int(candidate), totals.shape[1])
        total, word = float(totals[parent, which]), int(words[parent, which])
        if total <= _NEVER / 2 or len(going_on) == beam:
            break
        if word == boundary:
            ending.append((parent, total))
        else:
            going_on.append((parent, word, total))
    return going_on, ending


def _likely(logits: Any, k: int, boundary: int, *, must_end: bool) -> tuple[np.ndarray, np.ndarray]:
    """Return the k likeliest ids and their log-probabilities, in falling order; never padding or OOV."""
    size = logits.shape[-1]
    total = ops.logsumexp(logits, axis=-1, keepdims=True)
    if must_end:
        ids = np.full((logits.shape[0], 1), boundary, dtype=np.int32)
        return ids, ops.convert_to_numpy(logits[:, boundary : boundary + 1] - total).astype(np.float64)
    hidden = np.zeros(size, dtype=np.float32)
    hidden[[Vocabulary.PADDING, Vocabulary.OOV]] = 2 * _NEVER
    best, ids = ops.top_k(logits + hidden, min(k, size - 2))
    return ops.convert_to_numpy(ids).astype(np.int32), ops.convert_to_numpy(best - total).astype(np.float64)
