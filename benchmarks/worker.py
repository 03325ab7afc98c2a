"""Runs one job in a process of its own, so that its time, its memory and its imports are nobody else's.

Called by `measuring.run` as ``python worker.py JOB ARGUMENTS ANSWER STARTED``: the name of a function in `jobs`, a JSON
file with its arguments, the JSON file to write, and the reading of `time.monotonic` when the process was started.
"""

from __future__ import annotations

import gc
import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_MB = 1e6


class Watch:
    """Notes the seconds of each stage of a job, and the memory while it ran.

    Parameters
    ----------
    started : float
        What `time.monotonic` said before the process existed.
    """

    def __init__(self, started: float) -> None:
        self.started = started
        self.seconds: dict[str, list[float]] = {}
        self.held_mb = _resident_mb()
        self.peak_mb = 0.0

    def prepared(self) -> None:
        """Say that what was done so far is not part of what is measured."""
        gc.collect()
        _forget_peak()
        self.held_mb = _resident_mb()

    def finished(self) -> None:
        """Say that what follows is not part of what is measured."""
        self.peak_mb = _peak_mb()

    @contextmanager
    def round(self, stage: str = "work") -> Iterator[None]:
        """Time one round of a stage."""
        begin = time.perf_counter()
        yield
        self.add(time.perf_counter() - begin, stage)

    def since_start(self, stage: str) -> None:
        """Note the time since before the process existed."""
        self.add(time.monotonic() - self.started, stage)

    def add(self, seconds: float, stage: str = "work") -> None:
        """Note the time of one round."""
        self.seconds.setdefault(stage, []).append(seconds)


def _peak_mb() -> float:
    """Return the most memory that this process has held, in MB of 10^6 bytes.

    Linux' ``ru_maxrss`` begins with what the *parent* held when it made this process; VmHWM does not.
    """
    own = _status("VmHWM")
    if own is not None:
        return own
    try:
        import resource
    except ImportError:  # Windows
        return float("nan")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / _MB if sys.platform == "darwin" else peak * 1024 / _MB


def _resident_mb() -> float:
    own = _status("VmRSS")
    return own if own is not None else _peak_mb()


def _status(field: str) -> float | None:
    try:
        lines = Path("/proc/self/status").read_text(encoding="ascii", errors="replace").split("\n")
        return next(int(line.split()[1]) * 1024 / _MB for line in lines if line.startswith(field + ":"))
    except (OSError, StopIteration):
        return None


def _forget_peak() -> None:
    """Let the peak begin anew, where the system can; elsewhere it includes the preparation."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def main(job: str, arguments: str, answer: str, started: str) -> None:
    """Run `job` and write what it found."""
    import jobs

    watch = Watch(float(started))
    facts = getattr(jobs, job)(watch, **json.loads(Path(arguments).read_text(encoding="utf-8")))
    found = {"seconds": watch.seconds, "held_mb": watch.held_mb, "peak_mb": watch.peak_mb, "facts": facts}
    Path(answer).write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
