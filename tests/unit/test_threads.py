"""Processes side by side get a share of the processors each, and hand it to what they start."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from embedbook.threads import limit_threads

VARIABLES = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS")
COUNT = (
    "import numpy, threadpoolctl; print(max([pool['num_threads'] for pool in threadpoolctl.threadpool_info()] or [0]))"
)
LIMIT_AND_COUNT = (
    "import subprocess, sys; from embedbook.threads import limit_threads; limit_threads(int(sys.argv[1]));"
    f'subprocess.run([sys.executable, "-c", {COUNT!r}], check=True)'
)


def threads_of_numpy(code: str, *arguments: str, **variables: str) -> int:
    """Count the threads NumPy takes at most, in a process where of the variables of threads only these are set."""
    environment = {name: value for name, value in os.environ.items() if not name.endswith("_NUM_THREADS")} | variables
    command = [sys.executable, "-c", code, *arguments]
    return int(subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout)


@pytest.fixture(scope="module")
def most_threads() -> int:
    """Count the threads NumPy takes here, left alone; it may see fewer processors than Python does."""
    most = threads_of_numpy(COUNT)
    if most == 0:
        pytest.skip("NumPy computes with a library here that does not tell its threads")
    return most


@pytest.mark.parametrize("told_before", [None, "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"])
def test_a_process_started_later_computes_with_so_many_threads(most_threads: int, told_before: str | None) -> None:
    for threads, other in ((1, most_threads), (most_threads, 1)):
        before = {told_before: str(other)} if told_before else {}
        assert threads_of_numpy(LIMIT_AND_COUNT, str(threads), **before) == threads


def test_every_library_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in VARIABLES:
        monkeypatch.setenv(variable, "3")  # put back what was there after the test
    limit_threads(2)
    assert {os.environ[variable] for variable in VARIABLES} == {"2"}


def test_the_number_is_checked_and_nothing_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in VARIABLES:
        monkeypatch.setenv(variable, "3")
    with pytest.raises(ValueError, match="threads must be 1 or more, not 0"):
        limit_threads(0)
    assert {os.environ[variable] for variable in VARIABLES} == {"3"}


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system does not give a process some processors")
def test_processors_are_those_that_this_process_may_use() -> None:
    code = (
        "import os; from embedbook.threads import processors;"
        "os.sched_setaffinity(0, {min(os.sched_getaffinity(0))}); print(processors())"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "1"
