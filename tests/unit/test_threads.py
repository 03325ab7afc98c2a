"""Processes side by side get a share of the processors each, and hand it to what they start."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from embedbook.threads import limit_threads, processors

ASK = "import numpy, threadpoolctl; print(max(pool['num_threads'] for pool in threadpoolctl.threadpool_info()))"


@pytest.mark.skipif(processors() < 2, reason="one processor gives one thread, limited or not")
def test_a_process_started_later_computes_with_so_many_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"):
        monkeypatch.setenv(variable, "")  # put back what was there after the test
    for threads in (1, 2):
        limit_threads(threads)
        answer = subprocess.run([sys.executable, "-c", ASK], capture_output=True, text=True, check=True)
        assert int(answer.stdout) == threads


def test_the_number_is_checked_and_nothing_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    with pytest.raises(ValueError, match="threads must be 1 or more, not 0"):
        limit_threads(0)
    assert os.environ["OMP_NUM_THREADS"] == "3"


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system does not give a process some processors")
def test_processors_are_those_that_this_process_may_use() -> None:
    code = (
        "import os; from embedbook.threads import processors;"
        "os.sched_setaffinity(0, {min(os.sched_getaffinity(0))}); print(processors())"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "1"
