"""Learning curves out of a table of results: accuracy by number of labelled texts, gains, and where curves cross."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from embedbook.evaluation import Crossing, PairedDifference, crossing_point, mean_interval, paired_difference
from embedbook.experiments.labelled_runs import DIVIDED_AT_RANDOM

if TYPE_CHECKING:
    import pandas as pd

    from embedbook.evaluation import Interval
    from embedbook.experiments.grid import Grid

__all__ = ["LearningCurves", "read_learning_curves"]

_LEAST_SEEDS = 3


@dataclass(frozen=True)
class LearningCurves:
    """What arms reach with so many labelled texts.

    Parameters
    ----------
    table : pandas.DataFrame
        One row a run, as `result_table` gives it, with the columns "dataset", "arm", "seed", "n_train", "n_test",
        "test_accuracy" and "dev_accuracy".

    Examples
    --------
    >>> import pandas as pd
    >>> rows = [("mr", arm, seed, n, 100, 0.5 + n / 1000 + seed / 100 + bonus, 0.5)
    ...         for seed in range(3) for n in (50, 100) for arm, bonus in (("learned", 0), ("glove static", 0.05))]
    >>> names = ["dataset", "arm", "seed", "n_train", "n_test", "test_accuracy", "dev_accuracy"]
    >>> curves = LearningCurves(pd.DataFrame(rows, columns=names))
    >>> curves.sizes("mr", "learned")
    [50, 100]
    >>> round(curves.gain("mr", 50, "glove static").mean, 1)
    5.0
    """

    table: pd.DataFrame

    def datasets(self) -> list[str]:
        """Return the data sets in the table's order."""
        return list(dict.fromkeys(self.table["dataset"]))

    def arms(self, dataset: str) -> list[str]:
        """Return the arms of a data set in the table's order."""
        return list(dict.fromkeys(self.table.loc[self.table["dataset"] == dataset, "arm"]))

    def complete(self, grid: Grid) -> LearningCurves:
        """Keep the data sets whose runs are all there: every arm with every seed and size that the grid plans for them.

        Parameters
        ----------
        grid : Grid
            What was planned, such as ``find_grid("learning-curves")``.

        Returns
        -------
        LearningCurves
            Perhaps of no data set at all.
        """
        planned: defaultdict[str, defaultdict[tuple[str, int], set[str]]] = defaultdict(lambda: defaultdict(set))
        for spec in grid.specs:
            row = spec.row()
            planned[row["dataset"]][row["arm"], row["seed"]].add(str(row["size"]))
        done = self.table.groupby(["dataset", "arm", "seed"])["n_train"].nunique()
        whole = [
            dataset
            for dataset, runs in planned.items()
            # Runs on all texts say in the table how many these were, so sizes are counted and not compared.
            if all(done.get((dataset, *run), 0) >= len(sizes) for run, sizes in runs.items())
        ]
        return LearningCurves(self.table[self.table["dataset"].isin(whole)])

    def coverage(self, dataset: str, arm: str) -> float:
        """Return which share of the running words has a pretrained vector, in per cent, as the mean over all runs.

        Parameters
        ----------
        dataset, arm : str
            As in the table, which must have the column "coverage_tokens".

        Returns
        -------
        float
            NaN for an arm without pretrained vectors.
        """
        rows = self.table[(self.table["dataset"] == dataset) & (self.table["arm"] == arm)]
        return 100 * float(rows["coverage_tokens"].mean())

    def accuracy(self, dataset: str, arm: str) -> pd.DataFrame:
        """Return the accuracy on test texts.

        Parameters
        ----------
        dataset, arm : str
            As in the table.

        Returns
        -------
        pandas.DataFrame, seeds × numbers of training texts
            In per cent. Sizes with fewer than three seeds are left out; where a grid is not finished, a seed may lack
            some of the others (NaN).
        """
        return 100 * self._by_size(dataset, arm, "test_accuracy")

    def sizes(self, dataset: str, *arms: str) -> list[int]:
        """Return the numbers of training texts, ascending, that all of the arms have results for."""
        shared = set.intersection(*(set(self._by_size(dataset, arm, "test_accuracy").columns) for arm in arms))
        return sorted(int(size) for size in shared)

    def interval(self, dataset: str, size: int, arm: str) -> Interval:
        """Return the mean accuracy over seeds, in per cent, with its 95 % interval.

        Raises
        ------
        KeyError
            If there is no such result.
        """
        return mean_interval(self.accuracy(dataset, arm)[size].dropna(), overlap=self._overlap(dataset))

    def gain(self, dataset: str, size: int, arm: str, over: str = "learned") -> PairedDifference:
        """Return how much more accurate an arm is than another with the same texts, seed by seed.

        Parameters
        ----------
        dataset : str
            The data set.
        size : int
            Number of training texts.
        arm, over : str
            The two arms.

        Returns
        -------
        PairedDifference
            In points of per cent, with its 95 % interval and the p-value of the paired t test.

        Raises
        ------
        KeyError
            If one of them has no result there.
        """
        ours, theirs = self._pair(dataset, arm, over, [size])
        return paired_difference(ours[size], theirs[size], overlap=self._overlap(dataset))

    def best_on_dev(self, dataset: str, size: int, arms: Iterable[str]) -> str:
        """Return the arm with the highest mean accuracy on development texts: a choice that test texts had no part in.

        Raises
        ------
        ValueError
            If none of the arms has results there.
        """
        means = {}
        for arm in arms:
            dev = self._by_size(dataset, arm, "dev_accuracy")
            if size in dev:
                means[arm] = float(dev[size].mean())
        if not means:
            raise ValueError(f"no arm has results on {dataset} with {size:,} texts yet")
        return max(means, key=lambda arm: means[arm])

    def crossing(self, dataset: str, arm: str, over: str = "learned") -> Crossing:
        """Say from how many texts on an arm is no longer ahead of another; see `crossing_point`."""
        sizes = self.sizes(dataset, arm, over)
        return crossing_point(sizes, *self._pair(dataset, arm, over, sizes))

    def _by_size(self, dataset: str, arm: str, metric: str) -> pd.DataFrame:
        key = dataset, arm, metric
        if key not in self._tables_by_size:
            rows = self.table[(self.table["dataset"] == dataset) & (self.table["arm"] == arm)]
            by_size = rows.pivot(index="seed", columns="n_train", values=metric)
            self._tables_by_size[key] = by_size.loc[:, by_size.count() >= _LEAST_SEEDS]
        return self._tables_by_size[key]

    @cached_property
    def _tables_by_size(self) -> dict[tuple[str, str, str], pd.DataFrame]:
        """What was asked for before: a page asks for each curve hundreds of times."""
        return {}

    def _pair(self, dataset: str, arm: str, over: str, sizes: list[int]) -> list[pd.DataFrame]:
        """Return the accuracies of two arms at some sizes, for the seeds that both have at all of them."""
        both = [self.accuracy(dataset, name)[sizes].dropna() for name in (arm, over)]
        seeds = both[0].index.intersection(both[1].index)
        return [accuracies.loc[seeds] for accuracies in both]

    def _overlap(self, dataset: str) -> float:
        if dataset not in DIVIDED_AT_RANDOM:
            return 0.0
        rows = self.table[self.table["dataset"] == dataset]
        return float(rows["n_test"].max() / rows["n_train"].max())


def read_learning_curves(folder: Path) -> LearningCurves:
    """Read the stored table ``learning-curves.csv``.

    Parameters
    ----------
    folder : pathlib.Path
        Where it lies, such as ``datasets.data_folder() / "results"``.

    Returns
    -------
    LearningCurves

    Raises
    ------
    FileNotFoundError
        If it is not there; the message says how to make it.
    """
    import pandas as pd

    file = folder / "learning-curves.csv"
    if not file.is_file():
        raise FileNotFoundError(
            f"{file} is not there; `embedbook experiment run learning-curves` and then "
            "`embedbook experiment table learning-curves` make it"
        )
    return LearningCurves(pd.read_csv(file))
