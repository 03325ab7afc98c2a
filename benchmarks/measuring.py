"""Start jobs in processes of their own, and hand what they measured to pytest-benchmark and to the table."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from pytest_benchmark.fixture import BenchmarkFixture
from table import Row

_WORKER = Path(__file__).with_name("worker.py")


class Key(NamedTuple):
    """What a row of the table is about."""

    name: str
    parameter: str


@dataclass
class Answer:
    """What the processes of one job found."""

    seconds: dict[str, list[float]]
    held_mb: float
    peak_mb: float
    load: float
    facts: list[dict[str, Any]]


class Clock:
    """A clock that stands still but for the seconds a job has measured.

    pytest-benchmark times a function call in its own process. The jobs run elsewhere, and a call would include the
    start of a process and its imports; so the call only moves this clock on by what the job itself measured.
    """

    def __init__(self) -> None:
        self._now = 0.0

    def __call__(self) -> float:
        return self._now

    def advance(self, seconds: float) -> None:
        """Move on."""
        self._now += seconds


@dataclass
class Session:
    """What the benchmarks of one run share: answers of jobs, and rows for the table."""

    answers: dict[str, Answer] = field(default_factory=dict)
    facts: dict[Key, dict[str, Any]] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)

    def agrees(self, key: Key, facts: dict[str, Any]) -> bool:
        """Whether `facts` are those that were noted under this key first."""
        return self.facts.setdefault(key, facts) == facts


@dataclass
class Measure:
    """Measures a job for one benchmark; its rows go into the table once the benchmark has passed."""

    session: Session
    benchmark: BenchmarkFixture
    clock: Clock
    rows: list[Row] = field(default_factory=list)

    def __call__(
        self,
        key: Key,
        job: str,
        *,
        stage: str = "work",
        processes: int = 1,
        yardstick: Key | None = None,
        **arguments: Any,
    ) -> list[dict[str, Any]]:
        """Run a job, unless this run has its answer already, and note the time of one of its stages.

        Parameters
        ----------
        key : Key
            Name and parameter of the row.
        job : str
            A function in `jobs`.
        stage : str
            Which of the times that the job noted.
        processes : int
            How often to run it, each time in a new process.
        yardstick : Key, optional
            The row of the same run to compare with.
        **arguments
            For the job.

        Returns
        -------
        list of dict
            The facts each process returned, for the test to check.
        """
        asked = json.dumps([job, processes, arguments], sort_keys=True)
        if asked not in self.session.answers:
            self.session.answers[asked] = run(job, arguments, processes)
        answer = self.session.answers[asked]
        seconds = answer.seconds[stage]
        left = iter(seconds)
        self.benchmark.group = key.name
        self.benchmark.extra_info.update(parameter=key.parameter, peak_mb=answer.peak_mb, held_mb=answer.held_mb)
        self.benchmark.pedantic(lambda: self.clock.advance(next(left)), rounds=len(seconds))
        self.rows.append(Row(*key, tuple(seconds), answer.held_mb, answer.peak_mb, answer.load, yardstick))
        return answer.facts


def run(job: str, arguments: dict[str, Any], processes: int = 1) -> Answer:
    """Run a job of `jobs` in new processes, one after the other, and gather what they found."""
    answer = Answer({}, 0.0, 0.0, os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan"), [])
    for _ in range(processes):
        found = _run_once(job, arguments)
        for stage, seconds in found["seconds"].items():
            answer.seconds.setdefault(stage, []).extend(seconds)
        answer.held_mb = max(answer.held_mb, found["held_mb"])
        answer.peak_mb = max(answer.peak_mb, found["peak_mb"])
        answer.facts.append(found["facts"])
    return answer


def _run_once(job: str, arguments: dict[str, Any]) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="embedbook-benchmark-") as folder:
        asked, answer = Path(folder, "arguments.json"), Path(folder, "answer.json")
        asked.write_text(json.dumps(arguments), encoding="utf-8")
        command = [sys.executable, str(_WORKER), job, str(asked), str(answer)]
        done = subprocess.run([*command, repr(time.monotonic())], capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.fail(f"the job {job} ended with {done.returncode}:\n{done.stderr[-4000:]}", pytrace=False)
        found: dict[str, Any] = json.loads(answer.read_text(encoding="utf-8"))
        return found
