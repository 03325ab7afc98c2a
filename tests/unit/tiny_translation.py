"""Tiny translation runs: a language that spells English backwards, learnt in seconds, in other processes too."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from embedbook.datasets import ParallelTexts
from embedbook.experiments import (
    Grid,
    Results,
    TranslationSettings,
    TranslationSpec,
    run_grid,
    run_translation,
    write_tables,
)

WORDS = ("cat", "dog", "bird", "fish", "mouse", "sees", "hears", "likes", "the", "red", "old", "big")
PAIRS = ("tiny-xx-en", "tiny-yy-en")
PAIR = PAIRS[0]
SETTINGS = TranslationSettings(
    dimensions=8,
    hidden=24,
    std_scale=0.5,
    pre_scale=0.5,
    learning_rate=1e-2,
    batch_tokens=100,
    epochs=8,
    epoch_updates=30,
    dropout=0.0,
    label_smoothing=0.0,
    min_count=1,
    beam=2,
    max_ratio=3.0,
)


def sentences(n: int, *, seed: int) -> tuple[list[str], list[str]]:
    rng = np.random.default_rng(seed)
    targets = [rng.choice(WORDS, rng.integers(2, 6)).tolist() for _ in range(n)]
    return [" ".join(word[::-1] for word in tokens) for tokens in targets], [" ".join(tokens) for tokens in targets]


def tiny_pairs(name: str, **_: Any) -> ParallelTexts:
    source, target = sentences(160, seed=PAIRS.index(name))
    split = {"train": np.arange(120), "dev": np.arange(120, 140), "test": np.arange(140, 160)}
    languages = (name.split("-")[1], "en")
    return ParallelTexts(name, name, source, target, languages, "real", "none", "CC0", official_split=split)


def use_tiny_pairs(setattr_: Callable[[Any, str, Any], None]) -> None:
    """Make runs read the tiny pairs instead of real ones."""
    import embedbook.datasets
    from embedbook.experiments import translation_data, translation_runs

    translation_data._tokenised.cache_clear()
    setattr_(embedbook.datasets, "load_parallel", tiny_pairs)
    setattr_(translation_runs, "_checksum", lambda spec: "tiny")


def tiny_spec(**fields: Any) -> TranslationSpec:
    return TranslationSpec(**{"pairs": (PAIR,), "settings": SETTINGS, **fields})


def spaces(folder: Path) -> dict[str, Any]:
    """Write a space of either language, one the other turned, and return the fields that name them."""
    from embedbook import vectors

    rng = np.random.default_rng(0)
    rows = rng.normal(size=(len(WORDS), SETTINGS.dimensions)).astype(np.float32)
    turn, _ = np.linalg.qr(rng.normal(size=(SETTINGS.dimensions, SETTINGS.dimensions)))
    # Beside the words some signs that both languages have, for those who look for words spelt alike.
    signs = [f"sign{number}" for number in range(10)]
    more = rng.normal(size=(10, SETTINGS.dimensions)).astype(np.float32)
    files = {}
    for name, words, values in (
        ("source", [word[::-1] for word in WORDS], rows),
        ("target", list(WORDS), rows @ turn.astype(np.float32)),
    ):
        turned = more if name == "source" else more @ turn.astype(np.float32)
        files[name] = folder / f"{name}.txt"
        vectors.save(
            vectors.keyed_vectors([*words, *signs], np.vstack([values, turned])), files[name], format="word2vec"
        )
    return {"source_spaces": (str(files["source"]),), "target_space": str(files["target"])}


def tiny_grid() -> Grid:
    specs = tuple(tiny_spec(seed=seed, share=share) for seed in (0, 1) for share in (1.0, 0.5))
    return Grid("tiny", "a language spelt backwards", specs, run_translation)


def main(folder: Path) -> None:
    import os

    os.environ["EMBEDBOOK_CACHE"] = str(folder / "cache")
    use_tiny_pairs(setattr)
    from embedbook.models import translation_training

    write = translation_training.write_checkpoint

    def write_and_tell(file: Path, checkpoint: Any) -> None:
        write(file, checkpoint)
        with (folder / "diary.txt").open("a", encoding="utf-8") as diary:
            diary.write(f"{file.name}\n")

    translation_training.write_checkpoint = write_and_tell
    results = Results(folder / "results")
    grid = tiny_grid()
    run_grid(grid, results=results)
    write_tables(grid, folder, results=results)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
