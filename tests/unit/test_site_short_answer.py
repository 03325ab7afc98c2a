"""The landing page's answer says what the stored curves say."""

from __future__ import annotations

import pandas as pd
import pytest

from embedbook.experiments import LearningCurves
from embedbook.site.short_answer import answer_figure, answer_sentence, answer_table

SIZES = (50, 200, 2000, 8000)
MEANS = {
    "learned": (0.55, 0.60, 0.70, 0.78),
    "wiki+imdb static": (0.62, 0.68, 0.73, 0.75),
    "wiki+imdb fine-tuned": (0.58, 0.63, 0.72, 0.79),
}


def curves(*datasets: str, means: dict[str, tuple[float, ...]] = MEANS) -> LearningCurves:
    rows = [
        (dataset, arm, seed, size, 0, mean + (seed - 1) / 200, mean)
        for dataset in datasets
        for arm, values in means.items()
        for size, mean in zip(SIZES, values, strict=True)
        for seed in range(3)
    ]
    names = ["dataset", "arm", "seed", "n_train", "n_test", "test_accuracy", "dev_accuracy"]
    return LearningCurves(pd.DataFrame(rows, columns=names))


def test_the_sentence_names_the_leads_with_few_and_with_all_texts() -> None:
    said = answer_sentence(curves("mr"))
    assert "8.0 points [8.0, 8.0] ahead of learned ones with 200 labelled texts" in said
    assert "3.0 points [3.0, 3.0] behind them with all 8,000" in said
    assert "1.0 points [1.0, 1.0] ahead of them" in said
    assert "chance" not in said


def test_the_sentence_says_where_a_lead_may_be_chance() -> None:
    equal = MEANS | {"wiki+imdb fine-tuned": MEANS["learned"]}
    assert "0.0 points [0.0, 0.0], which may be chance, ahead of them" in answer_sentence(curves("mr", means=equal))


def test_the_figure_marks_the_crossing() -> None:
    figure = answer_figure(curves("mr"))
    (line,) = figure.layout.shapes
    assert 2000 < line.x0 == line.x1 < 8000
    assert "From about 4,000 [4,000, 4,000] texts on" in figure.layout.meta["caption"]


def test_curves_that_do_not_cross_are_said_not_to() -> None:
    apart = MEANS | {"wiki+imdb static": (0.62, 0.68, 0.73, 0.80)}
    figure = answer_figure(curves("mr", means=apart))
    assert not figure.layout.shapes
    assert "At no size that was measured" in figure.layout.meta["caption"]


@pytest.mark.parametrize("known", [("mr",), ("trec", "mr")])
def test_the_table_holds_the_data_sets_that_are_there(known: tuple[str, ...]) -> None:
    table = answer_table(curves(*known))
    assert len(table.rows) == len(known)
    assert table.rows[0][0].startswith("MR")
    assert table.rows[0][1] == "+8.0 [+8.0, +8.0]"
