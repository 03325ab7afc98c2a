"""All that one comparison has to show: what its report, its summary and the terminal are written from."""

from __future__ import annotations

import platform
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from importlib.metadata import distributions
from typing import Any

from embedbook.comparison.collection import Collection, Facts
from embedbook.comparison.findings import METRICS, Findings, points
from embedbook.comparison.pretrained import Space
from embedbook.comparison.running import MAJORITY, Stop
from embedbook.experiments.classification import Model

__all__ = ["Result", "peak_memory", "summary", "table_rows", "versions"]

_LIBRARIES = ("embedbook", "numpy", "scikit-learn", "gensim", "keras", "tensorflow-cpu", "tensorflow")


@dataclass(frozen=True)
class Result:
    """A finished or stopped comparison.

    Parameters
    ----------
    collection : Collection
        The texts.
    spaces : sequence of Space
        The vectors, those that were left out among them.
    findings : Findings
        What the runs say.
    model : str
        The model.
    stop : str
        How it ended.
    wanted : str
        The grid that was asked for, in words.
    runs : int
        Finished runs.
    seconds : float
        Time of this call.
    budget : float
        Minutes it was allowed.
    command : str
        How to run it again.
    kinds, vectors : mapping of str to str
        The kind of each method, and the name of its vectors.
    trained_on : int
        All training texts.
    """

    collection: Collection
    spaces: Sequence[Space]
    findings: Findings
    model: Model
    stop: Stop
    wanted: str
    runs: int
    seconds: float
    budget: float
    command: str
    kinds: Mapping[str, str]
    vectors: Mapping[str, str]
    trained_on: int

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a reader should know, a sentence each."""
        of_spaces = tuple(space.warning for space in self.spaces if space.warning)
        return self.collection.warnings + of_spaces

    @property
    def how_it_ended(self) -> str:
        """One sentence about what is missing, if anything is."""
        if self.stop == "interrupted":
            return f"Stopped by Ctrl-C after {self.runs:,} runs; the same command goes on from here."
        if self.stop == "out of time":
            return (
                f"The time of {self.budget:g} minutes was enough for {self.runs:,} runs of {self.wanted}; the same "
                "command goes on from here."
            )
        return f"Complete: {self.runs:,} runs."


def table_rows(result: Result, metric: str) -> tuple[list[str], list[list[str]]]:
    """Return header and rows of the table of means: a method a row, a size a column.

    Parameters
    ----------
    result : Result
        The comparison.
    metric : str
        A key of `METRICS`.
    """
    findings = result.findings
    header = ["method", *(f"{size:,}" for size in findings.sizes)]
    rows = []
    for arm in (MAJORITY, *findings.arms):
        scores = [findings.scores.get((metric, arm, size)) for size in findings.sizes]
        rows.append([arm, *(str(score) if score else "-" for score in scores)])
    return header, rows


def summary(result: Result) -> dict[str, Any]:
    """Return what summary.json holds.

    Parameters
    ----------
    result : Result
        The comparison.
    """
    collection, findings = result.collection, result.findings
    return {
        "advice": {
            "method": findings.advice.arm,
            "headline": findings.advice.headline,
            "reasons": list(findings.advice.reasons),
            "metric": METRICS[findings.metric],
        },
        "scores": [
            {
                "metric": METRICS[metric],
                "method": arm,
                "texts": size,
                "mean": round(score.mean, 4),
                "low": round(score.interval.low, 4) if score.interval else None,
                "high": round(score.interval.high, 4) if score.interval else None,
                "seeds": score.seeds,
            }
            for (metric, arm, size), score in findings.scores.items()
        ],
        "differences": [
            {
                "texts": difference.size,
                "method": difference.arm,
                "against": difference.reference,
                "points": points(difference.gap) if difference.gap else None,
                "p": round(difference.gap.p, 4) if difference.gap else None,
                "shown": difference.shown,
            }
            for difference in findings.differences
        ],
        "data": {
            "texts": len(collection),
            "classes": collection.counts,
            "imbalanced": collection.imbalanced,
            "training_texts": result.trained_on,
            "file": _facts(collection.facts),
            "test_file": _facts(collection.test_facts) if collection.test_facts else None,
        },
        "vectors": [
            {
                "name": space.name,
                "source": space.source,
                "dimensions": space.dimensions,
                "coverage_of_running_words": round(space.by_token, 4),
                "coverage_of_different_words": round(space.by_type, 4),
                "frequent_words_without_vector": list(space.missing),
                "sha256": space.sha256,
            }
            for space in result.spaces
        ],
        "warnings": list(result.warnings),
        "run": {
            "ended": result.stop,
            "grid": result.wanted,
            "finished_runs": result.runs,
            "model": result.model,
            "seconds": round(result.seconds, 1),
            "budget_minutes": result.budget,
            "peak_memory_mb": peak_memory(),
            "command": result.command,
            "date": datetime.now(timezone.utc).date().isoformat(),
            "versions": versions(),
        },
    }


def versions() -> dict[str, str]:
    """Return the versions of what can change a result."""
    system = {"python": platform.python_version(), "machine": f"{platform.system()} {platform.machine()}"}
    installed = {found.name.lower().replace("_", "-"): found.version for found in distributions()}
    return system | {library: installed[library] for library in _LIBRARIES if library in installed}


def peak_memory() -> int | None:
    """Return the most memory that this process has used so far, in MB; None where the system does not tell."""
    try:
        import resource
    except ImportError:  # Windows
        return None
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(most / (2**20 if sys.platform == "darwin" else 2**10))


def _facts(facts: Facts) -> dict[str, Any]:
    return {
        "name": facts.path.name,
        "sha256": facts.sha256,
        "text_column": facts.text,
        "label_column": facts.label,
        "group_column": facts.group,
        "labelled_rows": facts.rows,
        "texts_used": facts.kept,
        "empty": facts.empty,
        "unlabelled": facts.unlabelled,
        "cut": facts.cut,
        "duplicates": facts.duplicates,
        "duplicates_with_several_labels": facts.conflicting,
        "groups": facts.groups,
    }
