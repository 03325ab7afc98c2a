"""What a run is: a frozen specification, and the result that it always gives."""

from __future__ import annotations

import hashlib
import json
import platform
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import datetime, timezone
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

__all__ = ["Meter", "Result", "Spec", "versions"]

_MB = 10**6


@dataclass(frozen=True)
class Spec:
    """Base of all specifications: a frozen dataclass of plain values, from which a result follows.

    A subclass adds its fields and says in :meth:`row` how tables show it.
    """

    @property
    def key(self) -> str:
        """All that the specification says, as JSON in one fixed order; equal specifications have equal keys."""
        return json.dumps({"spec": type(self).__name__, **asdict(self)}, sort_keys=True, separators=(",", ":"))

    @property
    def digest(self) -> str:
        """A short name for the run: the first twelve characters of the SHA-256 of `key`."""
        return hashlib.sha256(self.key.encode()).hexdigest()[:12]

    def row(self) -> dict[str, Any]:
        """Return what tables say of the run, column by column, "seed" among them."""
        return asdict(self)


@dataclass(frozen=True)
class Result:
    """What a run gave, and what it cost.

    Parameters
    ----------
    metrics : mapping of str to float
        What was measured; the same in every repetition on one machine.
    curves : mapping of str to tuple of float
        What was measured epoch by epoch.
    origin : mapping of str to str
        What it was computed from: checksums of data, versions of libraries.
    seconds : float
        Time that the run took, reading and judging included.
    peak_mb : float
        The most memory that the process held meanwhile, in MB of 10^6 bytes; NaN where the system does not tell.
    date : str
        The day of the run, as 2026-11-22.
    times : mapping of str to float
        Seconds of single steps, such as "seconds_train"; they stand in the table of costs.
    """

    metrics: Mapping[str, float]
    curves: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    origin: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    peak_mb: float = float("nan")
    date: str = ""
    times: Mapping[str, float] = field(default_factory=dict)


class Meter:
    """Measures what a run costs: ``with Meter() as meter: ...``, then `meter.cost()`."""

    def __enter__(self) -> Meter:
        with suppress(OSError):
            # Linux then forgets the peak of earlier runs in this process. Elsewhere the peak is that of the process.
            Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
        self._start = time.perf_counter()
        return self

    def __exit__(self, *_: object) -> None:
        self._seconds = time.perf_counter() - self._start
        self._peak_mb = _peak_mb()

    def cost(self) -> dict[str, Any]:
        """Return "seconds", "peak_mb" and "date", as :class:`Result` takes them."""
        day = datetime.now(timezone.utc).date().isoformat()
        return {"seconds": self._seconds, "peak_mb": self._peak_mb, "date": day}


def _peak_mb() -> float:
    # Linux' ru_maxrss begins with what the parent held when it made this process; VmHWM does not.
    with suppress(OSError, StopIteration):
        lines = Path("/proc/self/status").read_text(encoding="ascii", errors="replace").split("\n")
        return next(int(line.split()[1]) * 1024 / _MB for line in lines if line.startswith("VmHWM:"))
    with suppress(ImportError):
        import resource

        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak / _MB if sys.platform == "darwin" else peak * 1024 / _MB
    return float("nan")


def versions(*libraries: str) -> dict[str, str]:
    """Return what a result may depend on beside data and specification.

    Parameters
    ----------
    libraries : str
        Names of installed distributions.

    Returns
    -------
    dict of str to str
        "versions", such as "python 3.11.7; numpy 2.4.6", and "machine", such as "Linux x86_64".
    """
    named = "; ".join(f"{library} {_version(library)}" for library in libraries)
    return {
        "versions": f"python {platform.python_version()}; {named}",
        "machine": f"{platform.system()} {platform.machine()}",
    }


def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return version(f"{library}-cpu")  # as TensorFlow is called without its code for graphics processors
