"""GloVe: counting co-occurrences, and one epoch of training, on Wikipedia."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import Sizes
from measuring import Key, Measure, Session

_WINDOW, _MIN_COUNT = 10, 5
_ROUNDS = 3


@pytest.mark.parametrize("threads", [1, 2], ids=["1-thread", "2-threads"])
def test_counting_co_occurrences(
    measure: Measure, session: Session, text_of: Callable[[int], Path], tokens: int, threads: int
) -> None:
    name = "glove: count co-occurrences"
    (facts,) = measure(
        Key(name, _parameter(tokens, threads)),
        "count_pairs",
        text=str(text_of(tokens)),
        window=_WINDOW,
        min_count=_MIN_COUNT,
        threads=threads,
        rounds=_ROUNDS,
        yardstick=Key(name, _parameter(tokens, 1)) if threads > 1 else None,
    )
    assert facts["sum"] == pytest.approx(facts["sum_by_hand"], rel=1e-9)
    assert session.agrees(Key(name, f"{tokens}"), facts), "the counts depend on the number of threads"


@pytest.mark.parametrize("threads", [1, 2], ids=["1-thread", "2-threads"])
def test_an_epoch_of_training(
    measure: Measure, session: Session, text_of: Callable[[int], Path], sizes: Sizes, tokens: int, threads: int
) -> None:
    name = f"glove: one epoch, {sizes.dimensions} dimensions"
    (facts,) = measure(
        Key(name, _parameter(tokens, threads)),
        "train_epoch",
        text=str(text_of(tokens)),
        window=_WINDOW,
        min_count=_MIN_COUNT,
        dimensions=sizes.dimensions,
        threads=threads,
        rounds=_ROUNDS,
        yardstick=Key(name, _parameter(tokens, 1)) if threads > 1 else None,
    )
    losses = facts["losses"]
    assert losses == sorted(losses, reverse=True), "the loss must fall from epoch to epoch"
    assert session.agrees(Key(name, f"{tokens}"), facts), "the vectors depend on the number of threads"


def _parameter(tokens: int, threads: int) -> str:
    return f"{tokens:,} tokens, {threads} thread{'s' if threads > 1 else ''}"
