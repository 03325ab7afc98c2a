"""Divisions: equal shares, nothing on both sides, every beginning fair, and the same again for the same seed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from comparison_support import sentences, write_csv

from embedbook.comparison.collection import Collection, Reading
from embedbook.comparison.errors import ComparisonError
from embedbook.comparison.reading import read_collection
from embedbook.comparison.splits import Division, dev_size, grow


def collection(path: Path, rows: list[list[str]], *, group: bool = False, test: Path | None = None) -> Collection:
    header = ("text", "label", "who") if group else ("text", "label")
    return read_collection(write_csv(path / "t.csv", rows, header), Reading(group="who" if group else None), test=test)


def shares(found: Collection, rows: np.ndarray) -> np.ndarray:
    return np.bincount(found.labels[rows], minlength=len(found.classes)) / len(rows)


def test_ten_seeds_test_each_text_once(tmp_path: Path) -> None:
    found = collection(tmp_path, sentences(230, classes=("a", "a", "a", "b", "c")))
    division = Division(found)
    tested = np.concatenate([division(seed).test for seed in range(10)])
    assert sorted(tested.tolist()) == list(range(230))
    for seed in range(12):
        parts = division(seed)
        assert sorted(np.concatenate(parts).tolist()) == list(range(230))
        assert 22 <= len(parts.test) <= 24
        assert 22 <= len(parts.dev) <= 24
        for part in parts:
            np.testing.assert_allclose(shares(found, part), [0.6, 0.2, 0.2], atol=0.05)


def test_a_seed_gives_the_same_parts_again_and_another_seed_others(tmp_path: Path) -> None:
    found = collection(tmp_path, sentences(100))
    for first, second in zip(Division(found)(3), Division(found)(3), strict=True):
        np.testing.assert_array_equal(first, second)
    division = Division(found)
    assert set(division(3).test) != set(division(13).test)
    assert division(3).train.tolist() != division(4).train.tolist()
    assert division.training_size(5) == 80


def test_texts_that_belong_together_are_in_one_part(tmp_path: Path) -> None:
    rows = [[*row, f"u{number % 23}"] for number, row in enumerate(sentences(300))]
    rows += [[rows[0][0], "negative", "u1"]]
    found = collection(tmp_path, rows, group=True)
    for seed in range(10):
        parts = Division(found)(seed)
        units = [set(found.units[part].tolist()) for part in parts]
        assert not (units[0] & units[1] or units[0] & units[2] or units[1] & units[2])
        assert len(parts.test) > 10


def test_repeated_texts_never_cross(tmp_path: Path) -> None:
    rows = sentences(100)
    found = collection(tmp_path, rows + rows[:40] + rows[:10])
    for seed in range(10):
        texts = [{" ".join(found.tokens[row]) for row in part} for part in Division(found)(seed)]
        assert not (texts[0] & texts[1] or texts[0] & texts[2] or texts[1] & texts[2])


def test_too_few_groups_or_one_class_in_a_part_is_an_error(tmp_path: Path) -> None:
    rows = [[*row, f"u{number % 3}"] for number, row in enumerate(sentences(100))]
    with pytest.raises(ComparisonError, match=r"column 'who' has 3 groups.*at least 5"):
        Division(collection(tmp_path, rows, group=True))(0)
    rows = [[text, label, label + str(number % 6)] for number, (text, label) in enumerate(sentences(100))]
    found = collection(tmp_path, rows, group=True)
    with pytest.raises(ComparisonError, match="the groups in 'who' leave only one class in the"):
        for seed in range(10):
            Division(found)(seed)


def test_a_test_file_is_the_test_part_of_every_seed(tmp_path: Path) -> None:
    test = write_csv(tmp_path / "test.csv", sentences(50, seed=9))
    found = collection(tmp_path, sentences(200), test=test)
    division = Division(found)
    for seed in range(3):
        parts = division(seed)
        assert parts.test.tolist() == list(range(200, 250))
        assert sorted([*parts.train, *parts.dev]) == list(range(200))
        assert len(parts.dev) == 20


def test_every_beginning_has_the_classes_in_their_shares() -> None:
    labels = np.array([0] * 700 + [1] * 250 + [2] * 49 + [3])
    order = grow(np.arange(1000), labels, np.random.default_rng(0))
    assert sorted(order.tolist()) == list(range(1000))
    assert set(labels[order[:4]]) == {0, 1, 2, 3}
    for size in (50, 100, 333, 800):
        counts = np.bincount(labels[order[:size]], minlength=4)
        np.testing.assert_allclose(counts / size, [0.7, 0.25, 0.05, 0.0], atol=0.035)


def test_few_training_texts_go_with_few_development_texts() -> None:
    assert [dev_size(size) for size in (10, 100, 200, 1_000, 8_000)] == [50, 50, 50, 250, 2_000]


def test_fifty_thousand_texts_are_divided_in_seconds(tmp_path: Path) -> None:
    few = collection(tmp_path, sentences(50, classes=tuple("abcde")))
    labels = np.random.default_rng(0).integers(0, 5, 50_000)
    parts = Division(replace(few, tokens=[["word"]] * 50_000, labels=labels, units=np.arange(50_000)))(0)
    assert abs(len(parts.test) - 5_000) < 10
