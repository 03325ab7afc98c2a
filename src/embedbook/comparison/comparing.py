"""Compare pretrained and learned embeddings on a reader's own texts, from the table to the report."""

from __future__ import annotations

import json
import math
import os
import re
import shlex
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

import numpy as np

from embedbook.comparison.collection import Collection, Reading
from embedbook.comparison.deadline import Deadline
from embedbook.comparison.decoding import check_encoding
from embedbook.comparison.errors import ComparisonError
from embedbook.comparison.findings import Findings, find
from embedbook.comparison.ledger import Run, read_runs, write_file
from embedbook.comparison.plan import Grid, default_sizes
from embedbook.comparison.pretrained import Space, check_vectors, load_spaces
from embedbook.comparison.reading import read_collection
from embedbook.comparison.report import report
from embedbook.comparison.result import Result, summary
from embedbook.comparison.running import (
    MAJORITY,
    Experiment,
    Progress,
    Stop,
    arms_of,
    fingerprint,
    settings_for,
)
from embedbook.comparison.splits import Division
from embedbook.experiments.classification import Model, train_arm
from embedbook.experiments.outcome import Outcome

__all__ = ["RESULTS", "Options", "compare", "parse_sizes"]

#: The files of a comparison.
REPORT, RESULTS, SUMMARY = "report.html", "results.csv", "summary.json"

# What is left of the budget for the report, for Python's own start, and for a call into a library that goes on for some
# time after the bell: seconds, and a share of it.
_FOR_THE_REPORT, _FOR_THE_LAST_CALL = 3.0, 0.01
_FEWEST_TEXTS = 4


@dataclass(frozen=True)
class Options:
    """What to compare, and how; the command's options have the same names.

    Parameters
    ----------
    file : pathlib.Path
        A CSV, TSV, JSON Lines or Parquet file.
    out : pathlib.Path
        Folder for report.html, results.csv and summary.json. If it holds a comparison of the same texts, that goes on.
    reading : Reading
        Which columns and rows to use.
    test : pathlib.Path, optional
        A table of test texts; by default a part of the texts.
    vectors : sequence of str
        ``PATH`` or ``NAME=PATH``; by default the book's ready-made vectors.
    sizes : sequence of int or None, optional
        Numbers of training texts; None in it stands for all. By default 100, 200, 500, 1,000 and so on, and all.
    seeds : int
        How often to divide the texts; at least three are needed for a recommendation.
    model : {"mean", "cnn", "linear"}
        What stands on the embedding.
    budget : float
        Minutes that it may take.
    fresh : bool
        Start anew, and replace a comparison that is in `out`.

    Raises
    ------
    ComparisonError
        If a value is out of range; the message names it.
    """

    file: Path
    out: Path
    reading: Reading = field(default_factory=Reading)
    test: Path | None = None
    vectors: tuple[str, ...] = ()
    sizes: tuple[int | None, ...] | None = None
    seeds: int = 5
    model: Model = "mean"
    budget: float = 10.0
    fresh: bool = False

    def __post_init__(self) -> None:
        if self.model not in get_args(Model):
            raise ComparisonError(f"--model must be one of {', '.join(get_args(Model))}, not {self.model!r}")
        for option, value, least in (
            ("--seeds", self.seeds, 1),
            ("--rows", self.reading.max_rows, 1),
            ("--max-words", self.reading.max_words, 1),
        ):
            if value < least:
                raise ComparisonError(f"{option} must be {least} or more, not {value}")
        if not 0 < self.budget < math.inf:
            raise ComparisonError(f"--budget must be a number of minutes above 0, not {self.budget:g}")
        for size in self.sizes or ():
            if size is not None and size < 1:
                raise ComparisonError(f"--sizes must be numbers of texts from 1 on, or 'all', not {size}")
        check_encoding(self.reading.encoding)

    @property
    def command(self) -> str:
        """The command that does the same."""
        words = ["embedbook", "compare", str(self.file)]
        reading, usual = self.reading, Reading()
        pairs: list[tuple[str, Any, Any]] = [
            ("--text", reading.text, None),
            ("--label", reading.label, None),
            ("--group", reading.group, None),
            ("--test", self.test, None),
            *(("--vectors", item, None) for item in self.vectors),
            ("--sizes", ",".join("all" if size is None else str(size) for size in self.sizes or ()), ""),
            ("--seeds", self.seeds, 5),
            ("--model", self.model, "mean"),
            ("--budget", f"{self.budget:g}", "10"),
            ("--out", self.out, None),
            ("--rows", reading.max_rows, usual.max_rows),
            ("--max-words", reading.max_words, usual.max_words),
            ("--encoding", reading.encoding, None),
        ]
        for option, value, default in pairs:
            if value != default:
                words += [option, str(value)]
        if reading.skip_unlabelled:
            words.append("--skip-unlabelled")
        return shlex.join(words)


def parse_sizes(given: Sequence[str]) -> tuple[int | None, ...] | None:
    """Read sizes such as "100,500,all".

    Parameters
    ----------
    given : sequence of str
        Lists of numbers with commas between them.

    Returns
    -------
    tuple of int or None, or None
        None in it stands for "all"; None as a whole if nothing was given.

    Raises
    ------
    ComparisonError
        If one is no number.
    """
    sizes: list[int | None] = []
    for item in (item.strip() for text in given for item in text.split(",")):
        if item.casefold() != "all" and not re.fullmatch(r"[-+]?\d+", item):
            raise ComparisonError(f"--sizes {item!r} is no number of texts; write them like 100,500,all")
        sizes.append(None if item.casefold() == "all" else int(item))
    return tuple(sizes) or None


def compare(
    options: Options,
    *,
    progress: Progress | None = None,
    warn: Callable[[str], None] = lambda line: None,
    train: Callable[..., Outcome] = train_arm,
) -> Result:
    """Compare, and write the report.

    Nothing is written before the input was found to be in order. Each file is there as a whole or not at all, and
    results.csv after each run, so that a comparison that was stopped goes on where it was.

    Parameters
    ----------
    options : Options
        What to compare, and how.
    progress : Progress, optional
        Whom to tell what happens.
    warn : callable, optional
        Given each warning, a line.
    train : callable, optional
        Trains a method.

    Returns
    -------
    Result
        Also after Ctrl-C and when the time was over; `Result.stop` tells.

    Raises
    ------
    ComparisonError
        If the input cannot be compared; then nothing was written.
    embedbook.vectors.VectorsError
        If vectors cannot be read.
    """
    started = time.monotonic()
    deadline = Deadline(60 * options.budget * (1 - _FOR_THE_LAST_CALL) - _FOR_THE_REPORT)
    progress = progress or Progress()
    folder = _Folder(options.out, options.fresh)
    named = check_vectors(options.vectors)
    collection = read_collection(options.file, options.reading, test=options.test)
    for warning in collection.warnings:
        warn(warning)
    division = Division(collection)
    trained_on = division.training_size(options.seeds)
    sizes = _sizes(options, collection, trained_on)
    progress.say(_about(collection, trained_on))
    spaces = load_spaces(named, collection.tokens)
    for space in spaces:
        progress.say(f"Vectors {space.name}: {space.source}; {space.by_token:.1%} of the running words have one.")
        if space.warning:
            warn(space.warning)

    arms = arms_of(options.model, spaces)
    wanted = Grid(tuple(arms), sizes, options.seeds)
    data = fingerprint(collection, options.reading, options.model)
    experiment = Experiment(
        collection=collection,
        spaces={space.name: space for space in spaces},
        arms=arms,
        model=options.model,
        data=data,
        table=folder.path / RESULTS,
        train=train,
        division=division,
        settings=settings_for(options.model, options.reading),
        runs=folder.earlier_runs(data, {space.name: space for space in spaces}, options, warn),
    )
    progress.say(f"Asked for: {wanted}.")

    def result(stop: Stop) -> Result:
        return Result(
            collection=collection,
            spaces=spaces,
            findings=_findings(experiment, division, trained_on),
            model=options.model,
            stop=stop,
            wanted=str(wanted),
            runs=len(experiment.runs),
            seconds=time.monotonic() - started,
            budget=options.budget,
            command=options.command,
            kinds={name: arm.kind for name, arm in arms.items()},
            vectors={name: ", ".join(arm.spaces) for name, arm in arms.items()},
            trained_on=trained_on,
        )

    folder.make()
    try:
        stop = experiment.run(wanted, deadline, progress, lambda: folder.write(result("out of time")))
    finally:
        folder.remove_if_empty()
    if not experiment.runs:
        if stop == "interrupted":
            raise KeyboardInterrupt
        raise ComparisonError(
            f"--budget {options.budget:g}: not one run was finished in so many minutes; give a larger one"
        )
    finished = result(stop)
    folder.write(finished)
    return finished


class _Folder:
    """The folder of a comparison, which is made when there is something to put into it."""

    def __init__(self, path: Path, fresh: bool) -> None:
        self.path = path
        self._fresh = fresh
        self._made = False
        if path.exists() and not path.is_dir():
            raise ComparisonError(f"--out {path}: is a file; give a folder")
        if path.is_dir() and any(path.iterdir()) and not (path / RESULTS).is_file():
            raise ComparisonError(f"--out {path}: holds other things and no comparison; give a new or an empty folder")
        self._try_to_write()

    def earlier_runs(
        self, data: str, spaces: dict[str, Space], options: Options, warn: Callable[[str], None]
    ) -> list[Run]:
        """Return the runs in the folder that still count."""
        if self._fresh:
            return []
        runs = read_runs(self.path / RESULTS)
        if any(run.data != data for run in runs):
            raise ComparisonError(
                f"--out {self.path}: holds a comparison of other texts or settings ({options.file} or an option "
                "changed since); give another folder, or replace it with --fresh"
            )
        digests = {name: space.sha256[:16] for name, space in spaces.items()}
        same = [run for run in runs if not run.vectors or digests.get(run.vectors, run.space) == run.space]
        if len(same) < len(runs):
            names = sorted({run.vectors for run in runs} - {run.vectors for run in same})
            warn(f"vectors {', '.join(names)} changed since the earlier runs, which are made again")
        return [run for run in same if not run.vectors or run.vectors in digests]

    def make(self) -> None:
        """Make the folder."""
        self._made = not self.path.exists()
        self.path.mkdir(parents=True, exist_ok=True)

    def remove_if_empty(self) -> None:
        """Leave no folder behind in which there is nothing."""
        if self._made and not any(self.path.iterdir()):
            self.path.rmdir()

    def write(self, result: Result) -> None:
        """Write report.html and summary.json."""
        write_file(self.path / SUMMARY, json.dumps(summary(result), indent=2, ensure_ascii=False) + "\n")
        write_file(self.path / REPORT, report(result))

    def _try_to_write(self) -> None:
        """Write a file where the folder is or will be, and remove it: only that tells whether it can be done."""
        place = self.path.absolute()
        while not place.exists() and place != place.parent:
            place = place.parent
        probe = place / f".embedbook.{os.getpid()}.part"
        try:
            probe.touch()
            probe.unlink()
        except OSError as error:
            raise ComparisonError(
                f"--out {self.path}: cannot write to {place} ({error.strerror or error}); give another folder"
            ) from None


def _sizes(options: Options, collection: Collection, trained_on: int) -> tuple[int, ...]:
    n_classes = len(collection.classes)
    if options.sizes is None:
        return tuple(size for size in default_sizes(trained_on) if size >= 2 * n_classes or size == trained_on)
    sizes = sorted({trained_on if size is None else size for size in options.sizes})
    if sizes[-1] > trained_on:
        raise ComparisonError(
            f"--sizes {sizes[-1]}: only {trained_on:,} of {len(collection):,} texts are there to train on, since the "
            f"others are needed for development and test; give at most {trained_on}, or 'all'"
        )
    if sizes[0] < max(_FEWEST_TEXTS, n_classes):
        raise ComparisonError(
            f"--sizes {sizes[0]}: too few to train on {n_classes} classes; give {max(_FEWEST_TEXTS, n_classes)} or more"
        )
    return tuple(sizes)


def _about(collection: Collection, trained_on: int) -> str:
    counts = sorted(collection.counts.items(), key=lambda item: -item[1])
    shown = ", ".join(f"{name} {count:,}" for name, count in counts[:5]) + (", …" if len(counts) > 5 else "")
    return (
        f"{collection.facts.path.name}: {len(collection):,} texts, {len(counts)} classes ({shown}); "
        f"{trained_on:,} texts to train on."
    )


def _findings(experiment: Experiment, division: Division, trained_on: int) -> Findings:
    collection = experiment.collection
    baseline = [
        _commonest(collection, division, size, seed)
        for size, seed in sorted({(run.size, run.seed) for run in experiment.runs})
    ]
    low = {space.name for space in experiment.spaces.values() if not space.recommendable}
    counts = collection.counts
    return find(
        [*experiment.runs, *baseline],
        arms=list(experiment.arms),
        recommendable=[name for name, arm in experiment.arms.items() if not low.intersection(arm.spaces)],
        all_texts=trained_on,
        commonest=max(counts, key=lambda name: counts[name]),
        imbalanced=collection.imbalanced,
    )


def _commonest(collection: Collection, division: Division, size: int, seed: int) -> Run:
    """Score the baseline that gives every text the label most training texts have."""
    parts = division(seed)
    label = np.bincount(collection.labels[parts.train[:size]]).argmax()
    truth = collection.labels[parts.test]
    share = float(np.mean(truth == label))
    macro_f1 = 2 * share / (1 + share) / len(np.unique(np.append(truth, label)))
    nothing = float("nan")
    return Run(MAJORITY, "majority", "", size, seed, 0, len(truth), share, macro_f1, *(nothing,) * 4, 0, 0.0, "", "")
