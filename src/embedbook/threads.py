"""How many threads the numerical libraries of a process take.

Left alone, each takes as many as there are processors. Two processes that do so at the same time wait for each other's
threads: two chapters side by side on two processors then take up to three times as long as with one thread each.
"""

from __future__ import annotations

import os

__all__ = ["limit_threads", "processors"]

# OpenBLAS has a variable of its own, which goes before OpenMP's where both are set.
_VARIABLES = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS")


def limit_threads(threads: int) -> None:
    """Give OpenBLAS, OpenMP and TensorFlow this many threads, here and in every process started from here.

    The libraries read the setting when they are imported, so call this before.

    Parameters
    ----------
    threads : int
        At least 1.

    Raises
    ------
    ValueError
        If `threads` is below 1.
    """
    if threads < 1:
        raise ValueError(f"threads must be 1 or more, not {threads!r}")
    for variable in _VARIABLES:
        os.environ[variable] = str(threads)


def processors() -> int:
    """Count the processors that this process may use.

    Returns
    -------
    int
        At least 1; fewer than the machine has, where the system gives this process only some.
    """
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
