"""What the stored tables of translation runs say: scores over seeds, gains, and the tests of each contrast."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from embedbook.evaluation import mean_interval, paired_difference
from embedbook.experiments.translation_grid import QI2018_SEEDS
from embedbook.experiments.translation_specs import TranslationSpec

if TYPE_CHECKING:
    import pandas as pd

    from embedbook.evaluation import Interval, PairedDifference

__all__ = ["TranslationTable", "read_translation_table"]


@dataclass(frozen=True)
class TranslationTable:
    """Scores of translators by cell: a specification, whatever its seed.

    Parameters
    ----------
    runs : pandas.DataFrame
        One row a run, its digest in the column "run", as `result_table` gives it.
    contrasts : pandas.DataFrame
        One row a test, as `contrast_table` gives it.
    """

    runs: pd.DataFrame
    contrasts: pd.DataFrame

    def has(self, *cells: TranslationSpec) -> bool:
        """Say whether every seed of every cell is there."""
        known = set(self.runs["run"])
        return all(replace(cell, seed=seed).digest in known for cell in cells for seed in QI2018_SEEDS)

    def values(self, cell: TranslationSpec, metric: str = "bleu", *, pair: str | None = None) -> list[float]:
        """Return a metric of each run of a cell, in the order of the seeds.

        Parameters
        ----------
        cell : TranslationSpec
            The cell.
        metric : str
            A column of the table, such as "bleu", "dev_loss", "repetition" or "f_2_5".
        pair : str, optional
            Of which pair of languages, if the translator reads several and there is a score for each; else the mean.

        Returns
        -------
        list of float

        Raises
        ------
        KeyError
            If a run is not there.
        """
        column = self.runs.set_index("run")[metric if pair is None or len(cell.pairs) == 1 else f"{metric}_{pair}"]
        return [float(column[replace(cell, seed=seed).digest]) for seed in QI2018_SEEDS]

    def interval(self, cell: TranslationSpec, metric: str = "bleu", *, pair: str | None = None) -> Interval:
        """Return the mean over seeds with its 95 % interval; see `values`."""
        return mean_interval(self.values(cell, metric, pair=pair))

    def gain(
        self, system: TranslationSpec, over: TranslationSpec, metric: str = "bleu", *, pair: str | None = None
    ) -> PairedDifference:
        """Return how much more one cell has of a metric than another, seed by seed; see `values`.

        Returns
        -------
        PairedDifference
            With its 95 % interval and the p-value of the paired t test, over seeds.
        """
        return paired_difference(self.values(system, metric, pair=pair), self.values(over, metric, pair=pair))

    def shown(
        self, system: TranslationSpec, over: TranslationSpec, *, pair: str | None = None, level: float = 0.05
    ) -> bool:
        """Say whether a difference in BLEU is beyond doubt.

        It is if it has the same direction with every seed, and the paired bootstrap of each seed finds it significant:
        the seeds speak for other trainings, the bootstrap for other sentences.

        Parameters
        ----------
        system, over : TranslationSpec
            The two cells of a contrast of the grid.
        pair : str, optional
            Which pair of languages, if the translators read several.
        level : float
            The bootstraps' p-values must lie below.

        Returns
        -------
        bool
        """
        both = zip(self.values(system, pair=pair), self.values(over, pair=pair), strict=True)
        directions = {(ours > theirs) - (ours < theirs) for ours, theirs in both}
        p_values = self.bootstrap(system, over, pair=pair)
        return len(directions) == 1 and 0 not in directions and max(p_values, default=1.0) < level

    def bootstrap(
        self, system: TranslationSpec, over: TranslationSpec, *, pair: str | None = None, metric: str = "BLEU"
    ) -> list[float]:
        """Return the p-values of the paired bootstrap over test sentences, one for each seed.

        Parameters
        ----------
        system, over : TranslationSpec
            The two cells of a contrast of the grid.
        pair : str, optional
            Which pair of languages, if the translators read several.
        metric : {"BLEU", "chrF"}
            What was tested.

        Returns
        -------
        list of float
            Empty if the contrast was not tested.
        """
        table = self.contrasts
        found = []
        for seed in QI2018_SEEDS:
            same = (
                (table["baseline"] == replace(over, seed=seed).digest)
                & (table["system"] == replace(system, seed=seed).digest)
                & (table["metric"] == metric)
                & (table["pair"] == (pair or system.pairs[0]))
            )
            found += table.loc[same, "p_value"].head(1).tolist()
        return found


def read_translation_table(folder: Path) -> TranslationTable:
    """Read the stored tables ``qi2018.csv`` and ``qi2018-contrasts.csv``.

    Parameters
    ----------
    folder : pathlib.Path
        Where they lie, such as ``datasets.data_folder() / "results"``.

    Returns
    -------
    TranslationTable

    Raises
    ------
    FileNotFoundError
        If one is not there; the message says how to make it.
    """
    import pandas as pd

    files = folder / "qi2018.csv", folder / "qi2018-contrasts.csv"
    for file in files:
        if not file.is_file():
            raise FileNotFoundError(
                f"{file} is not there; `embedbook experiment run qi2018` and then `embedbook experiment table qi2018` "
                "make it"
            )
    runs = pd.read_csv(files[0], dtype={"run": str}, low_memory=False)
    return TranslationTable(runs, pd.read_csv(files[1], dtype={"baseline": str, "system": str}))
