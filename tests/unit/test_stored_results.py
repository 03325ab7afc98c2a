"""Some cells of the tables in data/results, made again: what stands there is what the code gives."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from typing import Any

import pandas as pd
import pytest

from embedbook.datasets import data_folder
from embedbook.experiments import find_grid

# The cheapest of each table, with a network among them where the table has any.
CELLS = [
    ("learning-curves", {"dataset": "mr", "arm": "one-hot", "size": 200}),
    ("learning-curves", {"dataset": "trec", "arm": "learned", "size": 200}),
    ("kim2014", {"dataset": "cr", "arm": "one-hot"}),
    ("kim2014", {"dataset": "cr", "arm": "glove fine-tuned"}),
    (
        "features",
        {"dataset": "mr", "learner": "logistic", "arm": "word2vec+glove", "weighting": "mean", "size": 200},
    ),
]


def on_real_data() -> None:
    os.environ["EMBEDBOOK_DATA"] = "real"


def accuracy_again(name: str, digest: str) -> float:
    grid = find_grid(name)
    (spec,) = (spec for spec in grid.specs if spec.digest == digest)
    return grid.run(spec).metrics["test_accuracy"]


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[Executor]:
    """A process of its own: this one may hold texts of the sample that other tests read."""
    spawned = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=spawned, initializer=on_real_data) as executor:
        yield executor


@pytest.mark.usefixtures("mirror")
@pytest.mark.parametrize(("name", "cell"), CELLS, ids=[f"{name}-{cell['arm']}" for name, cell in CELLS])
def test_a_run_of_a_stored_table_comes_out_the_same(name: str, cell: dict[str, Any], elsewhere: Executor) -> None:
    digests = [spec.digest for spec in find_grid(name).specs if cell.items() <= spec.row().items()]
    assert len(digests) == 5  # one a seed

    table = pd.read_csv(data_folder() / "results" / f"{name}.csv", low_memory=False).set_index("run")
    stored = table.loc[digests, "test_accuracy"]
    again = elsewhere.submit(accuracy_again, name, digests[0]).result()

    assert abs(again - stored.mean()) <= 3 * stored.std()
    # Another machine may round otherwise, and a network makes more of that than a linear model.
    assert again == pytest.approx(stored.iloc[0], abs=0.01 if cell["arm"] == "one-hot" else 0.03)
