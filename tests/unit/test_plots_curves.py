"""Figures of learning curves: every arm in its look, named, with its numbers behind it."""

from __future__ import annotations

import pandas as pd
import pytest

from embedbook import plots
from embedbook.experiments import LearningCurves

SIZES = (50, 500, 5000)
MEANS = {
    "one-hot": (0.52, 0.62, 0.72),
    "learned": (0.55, 0.70, 0.80),
    "glove static": (0.65, 0.72, 0.74),
    "glove fine-tuned": (0.60, 0.71, 0.81),
}
LABELS = {arm: arm.upper() for arm in MEANS}


@pytest.fixture
def curves() -> LearningCurves:
    rows = [
        ("trec", arm, seed, size, 500, mean + (seed - 1) / 100, mean)
        for arm, means in MEANS.items()
        for size, mean in zip(SIZES, means, strict=True)
        for seed in range(3)
    ]
    names = ["dataset", "arm", "seed", "n_train", "n_test", "test_accuracy", "dev_accuracy"]
    return LearningCurves(pd.DataFrame(rows, columns=names))


def test_static_vectors_are_dashed_in_the_colour_of_their_space(curves: LearningCurves) -> None:
    figure = plots.new_figure(x="texts", y="%", log_x=True)
    rows = plots.add_learning_curve(figure, curves, "trec", "glove static")
    plots.add_learning_curve(figure, curves, "trec", "glove fine-tuned")
    _, static, _, tuned = figure.data
    assert static.line.color == tuned.line.color == plots.ARMS["glove"].colour
    assert (static.line.dash, tuned.line.dash) == ("dash", "solid")
    assert list(static.x) == list(SIZES)
    assert list(static.y) == pytest.approx([65, 72, 74])
    assert rows[0][:3] == ("glove static", 50, "65.0")


def test_every_line_has_its_name_beside_it_and_its_numbers_behind_it(curves: LearningCurves) -> None:
    figure = plots.learning_curve_figure(curves, "trec", LABELS, alt="Four lines.", caption="They rise.")
    named = {note.text: (note.x, note.ay > 0) for note in figure.layout.annotations}
    assert set(named) == set(LABELS.values())
    assert len(set(named.values())) == len(named), "two names stand in one place"
    assert len(figure.layout.meta["table"]["rows"]) == len(MEANS) * len(SIZES)
    assert figure.layout.meta["table"]["rows"][0][0] == "ONE-HOT"


def test_a_name_stands_on_the_side_where_there_is_room(curves: LearningCurves) -> None:
    figure = plots.learning_curve_figure(curves, "trec", LABELS, alt="Four lines.", caption="They rise.")
    below = {note.text: note.ay > 0 for note in figure.layout.annotations}
    assert below["ONE-HOT"], "nothing lies below the lowest line"
    assert not below["GLOVE STATIC"], "nothing lies above it at 50 texts"
