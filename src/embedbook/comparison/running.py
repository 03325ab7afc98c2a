"""Run the comparison: plan, measure, stay inside the time, and keep every finished run."""

from __future__ import annotations

import hashlib
import importlib
import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

import numpy as np

from embedbook.comparison.collection import Collection, Reading
from embedbook.comparison.deadline import Deadline, OutOfTime
from embedbook.comparison.ledger import Run, write_runs
from embedbook.comparison.plan import Cell, Costs, Grid, fit_grid, given_up, trial_size
from embedbook.comparison.pretrained import Space
from embedbook.comparison.splits import Division, dev_size
from embedbook.experiments.arms import Arm
from embedbook.experiments.classification import Model, Settings, model_for
from embedbook.experiments.outcome import Outcome
from embedbook.experiments.parts import Part, Parts

__all__ = [
    "BAG",
    "LEARNED",
    "MAJORITY",
    "Experiment",
    "Progress",
    "Stop",
    "arms_of",
    "duration",
    "fingerprint",
    "settings_for",
]

#: How a run of the grid ended: all done, out of time, or Ctrl-C.
Stop = Literal["complete", "out of time", "interrupted"]

BAG, LEARNED, MAJORITY = "bag of words", "learned", "commonest class"

_PATIENCE = 100  # updates of the weights without a better epoch, before a network is left as it was best
_CAUTION = 1.1  # runs are taken to last so much longer than those before


@dataclass(frozen=True)
class Progress:
    """Whom to tell what happens.

    Parameters
    ----------
    say : callable
        Given a line for the user.
    tick : callable
        Given the number of finished runs, and of planned ones.
    """

    say: Callable[[str], None] = lambda line: None
    tick: Callable[[int, int], None] = lambda done, planned: None


def arms_of(model: Model, spaces: Sequence[Space]) -> dict[str, Arm]:
    """Return the methods to compare, by name.

    Parameters
    ----------
    model : {"mean", "cnn", "linear"}
        With "linear" there is no embedding to learn: counted words against averaged vectors.
    spaces : sequence of Space
        The vectors; those that cover hardly anything are left out.
    """
    arms = {BAG: Arm("bag")}
    if model != "linear":
        arms[LEARNED] = Arm("learned")
    for space in (space for space in spaces if space.usable):
        if model == "linear":
            arms[f"{space.name} averaged"] = Arm("static", (space.name,))
        else:
            arms[f"{space.name} frozen"] = Arm("static", (space.name,))
            arms[f"{space.name} fine-tuned"] = Arm("nonstatic", (space.name,))
    return arms


def settings_for(model: Model, reading: Reading) -> Settings:
    """Return how every method is trained: as everywhere in the book, but with half the patience, to save time.

    Parameters
    ----------
    model : str
        The model.
    reading : Reading
        How the texts were read.
    """
    return Settings.for_model(model, max_tokens=reading.max_words, patience_updates=_PATIENCE)


def fingerprint(collection: Collection, reading: Reading, model: Model) -> str:
    """Return what a run depends on besides its vectors, size and seed, in sixteen signs.

    Parameters
    ----------
    collection : Collection
        The texts.
    reading : Reading
        How they were read.
    model : str
        The model.
    """
    tables = [facts for facts in (collection.facts, collection.test_facts) if facts]
    content = {
        "files": [facts.sha256 for facts in tables],
        "columns": [[facts.text, facts.label, facts.group] for facts in tables],
        "reading": [reading.encoding, reading.max_rows, reading.max_words, reading.skip_unlabelled],
        "model": model,
        "settings": repr(settings_for(model, reading)),
        "frozen": model_for(Arm("static", ("any",)), model),
        "division": 1,  # to be raised when `splits` divides otherwise
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]


@dataclass
class Experiment:
    """Runs a grid on one collection; `runs` grows.

    Parameters
    ----------
    collection : Collection
        The texts.
    spaces : mapping of str to Space
        The vectors by name.
    arms : mapping of str to Arm
        The methods by name.
    model : str
        The model.
    data : str
        From `fingerprint`.
    table : pathlib.Path
        results.csv.
    train : callable
        `embedbook.experiments.classification.train_arm`.
    division : Division
        Of the collection.
    settings : Settings
        From `settings_for`.
    runs : list of Run
        Those of an earlier call that still count.
    """

    collection: Collection
    spaces: Mapping[str, Space]
    arms: Mapping[str, Arm]
    model: Model
    data: str
    table: Path
    train: Callable[..., Outcome]
    division: Division
    settings: Settings
    runs: list[Run] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._costs = Costs()
        for run in self.runs:
            self._costs.add(run.arm, run.size, run.seconds)

    @property
    def done(self) -> set[Cell]:
        """The finished runs."""
        return {run.cell for run in self.runs}

    def run(self, wanted: Grid, deadline: Deadline, progress: Progress, after_seed: Callable[[], None]) -> Stop:
        """Run as much of a grid as there is time for.

        Parameters
        ----------
        wanted : Grid
            What to run.
        deadline : Deadline
            When to stop.
        progress : Progress
            Whom to tell.
        after_seed : callable
            Called when all methods and sizes were run with one more seed.

        Returns
        -------
        str
            How it ended.
        """
        try:
            with deadline:
                self._pilot(wanted, deadline, progress)
                return self._fill(wanted, deadline, progress, after_seed)
        except OutOfTime:
            return "out of time"
        except KeyboardInterrupt:
            return "interrupted"

    def _pilot(self, wanted: Grid, deadline: Deadline, progress: Progress) -> None:
        """Run every method once at the smallest size, and once at a larger one, to learn how long runs take."""
        sizes = self._trial_sizes(wanted, deadline)
        trials = (cell for size in sizes for cell in Grid(wanted.arms, (size,), 1).cells() if cell not in self.done)
        for place, cell in enumerate(trials):
            if place == 0:
                progress.say("Measuring how long runs take ...")
            self._run_if_new(cell)
            progress.tick(len(self.runs), len(wanted))

    def _trial_sizes(self, wanted: Grid, deadline: Deadline) -> Iterator[int]:
        yield wanted.sizes[0]
        larger = trial_size(wanted, self.done, self._costs, deadline.left)
        if larger is not None:
            yield larger

    def _fill(self, wanted: Grid, deadline: Deadline, progress: Progress, after_seed: Callable[[], None]) -> Stop:
        told: list[Grid] = []
        seed = 0
        while True:
            left = deadline.left / _CAUTION
            plan = fit_grid(wanted, self.done, self._costs, left)
            if plan not in told:  # where a size only just fits, it may come and go
                self._tell(wanted, told, plan, left, progress)
                told.append(plan)
            done = self.done
            cell = next((cell for cell in plan.cells() if cell not in done), None) or self._more(
                replace(wanted, arms=plan.arms), left
            )
            if cell is None:
                return "complete" if set(wanted.cells()) <= done else "out of time"
            if cell[2] > seed:
                seed = cell[2]
                after_seed()
            # The methods of one size and seed belong together: only pairs can be compared.
            for arm in plan.arms:
                if (arm, *cell[1:]) not in done:
                    if _CAUTION * self._costs.estimate(arm, cell[1]) > deadline.left:
                        return "out of time"
                    self._run_if_new((arm, *cell[1:]))
                    progress.tick(len(self.runs), max(len(plan), len(self.runs)))

    def _more(self, wanted: Grid, left: float) -> Cell | None:
        """Return what still fits when the plan is done: another seed of a size that was run, the smallest first."""
        sizes = {run.size for run in self.runs}
        fitting = {size for size in sizes if self._costs.total(Grid(wanted.arms, (size,), 1).cells(), set()) <= left}
        return next((cell for cell in wanted.cells() if cell[1] in fitting and cell not in self.done), None)

    def _tell(self, wanted: Grid, told: Sequence[Grid], plan: Grid, left: float, progress: Progress) -> None:
        dropped = given_up(wanted, plan)
        if not told:
            seconds = self._costs.total(plan.cells(), self.done)
            progress.say(f"Plan: {plan}; {len(self.done & set(plan.cells())):,} done already.")
            progress.say(f"Estimate: {duration(seconds)} more, of {duration(left * _CAUTION)} left.")
        if dropped:
            left_out = "Now left out" if told else "Left out"
            progress.say(f"{left_out} to stay inside the time: {'; '.join(dropped)}. A larger --budget keeps more.")
        elif told:
            progress.say("There is time for all of it after all.")

    def _run_if_new(self, cell: Cell) -> None:
        if cell in self.done:
            return
        name, size, seed = cell
        arm, parts = self.arms[name], self._parts(size, seed)
        model = model_for(arm, self.model)
        if model != "linear" and arm.kind != "bag":
            importlib.import_module("embedbook.models")  # takes long the first time, and belongs to no single run
        vectors = {space: self.spaces[space].vectors for space in arm.spaces}
        started = time.perf_counter()
        outcome = self.train(arm, parts, vectors, model=model, settings=self.settings, seed=seed)
        seconds = time.perf_counter() - started
        self._costs.add(name, size, seconds)
        # As results.csv will have them, so that a comparison that went on later ends like one that never stopped.
        test, dev = (
            {metric: float(f"{value:.6g}") for metric, value in part.items()} for part in (outcome.test, outcome.dev)
        )
        run = Run(
            arm=name,
            kind=arm.kind,
            vectors=", ".join(arm.spaces),
            size=size,
            seed=seed,
            n_dev=len(parts.dev.labels),
            n_test=len(parts.test.labels),
            accuracy=test["accuracy"],
            macro_f1=test["macro_f1"],
            loss=test["loss"],
            dev_accuracy=dev["accuracy"],
            dev_macro_f1=dev["macro_f1"],
            dev_loss=dev["loss"],
            epochs=outcome.epochs,
            seconds=float(f"{seconds:.4g}"),
            data=self.data,
            space="+".join(self.spaces[space].sha256[:16] for space in arm.spaces),
        )
        self.runs.append(run)
        write_runs(self.table, self.runs)
        # Keras keeps something of every model for the life of the process: with hundreds of runs, a gigabyte.
        if "keras" in sys.modules:
            sys.modules["keras"].utils.clear_session()

    def _parts(self, size: int, seed: int) -> Parts:
        divided = self.division(seed)
        dev = divided.dev[: dev_size(size)]
        return Parts(
            train=self._part(divided.train[:size]),
            dev=self._part(dev),
            test=self._part(divided.test),
            n_classes=len(self.collection.classes),
        )

    def _part(self, rows: np.ndarray) -> Part:
        return Part([self.collection.tokens[row] for row in rows], self.collection.labels[rows])


def duration(seconds: float) -> str:
    """Write down a time: "7 min 20 s".

    Parameters
    ----------
    seconds : float
        How long.
    """
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"
