"""Small tables and a trainer that trains nothing, for the tests of `embedbook.comparison`."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from embedbook.experiments.arms import Arm
from embedbook.experiments.outcome import Outcome
from embedbook.experiments.parts import Parts

GOOD = ["good", "great", "lovely", "warm", "funny", "bright", "clever", "charming"]
BAD = ["bad", "dull", "awful", "weak", "boring", "dark", "stupid", "clumsy"]
PLAIN = ["the", "a", "film", "plot", "cast", "story", "music", "ending", "book", "evening", "meal", "room"]


def sentences(count: int = 60, *, classes: Sequence[str] = ("negative", "positive"), seed: int = 0) -> list[list[str]]:
    """Return different short texts, each with its label, the classes in turn."""
    draw = random.Random(seed)
    rows = []
    for number in range(count):
        place = number % len(classes)
        words = draw.sample(PLAIN, 4) + draw.sample((BAD, GOOD)[place % 2], 2) + [f"w{number % 7}", f"n{number}"]
        draw.shuffle(words)
        rows.append([" ".join(words), classes[place]])
    return rows


def write_csv(path: Path, rows: Iterable[Sequence[Any]], header: Sequence[str] = ("text", "label")) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return path


def write_vectors(path: Path, words: Iterable[str] = (*GOOD, *BAD, *PLAIN), dimensions: int = 4) -> Path:
    """Write GloVe text in which good and bad words lie apart."""
    rng = np.random.default_rng(0)
    lines = []
    for word in words:
        row = rng.normal(0, 0.1, dimensions)
        row[0] += (word in GOOD) - (word in BAD)
        lines.append(" ".join([word, *(f"{number:.4f}" for number in row)]))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


class Trainer:
    """Stands in for `train_arm`: remembers its calls, and gives scores that depend on kind, size and seed alone."""

    def __init__(self, **advantage: float) -> None:
        self.advantage = advantage
        self.calls: list[tuple[str, int, int]] = []

    def __call__(self, arm: Arm, parts: Parts, spaces: Any, *, model: str, settings: Any, seed: int) -> Outcome:
        size = len(parts.train.labels)
        assert set(arm.spaces) <= set(spaces)
        self.calls.append((arm.name, size, seed))
        score = 0.6 + 0.02 * np.log2(size) + self.advantage.get(arm.kind, 0.0) + 0.003 * seed
        score += 0.001 * np.random.default_rng([seed, size, len(arm.name)]).normal()
        scores = {"accuracy": float(score), "macro_f1": float(score) - 0.01, "loss": 0.5}
        return Outcome(dev=scores, test=scores, predictions=parts.test.labels, epochs=3)
