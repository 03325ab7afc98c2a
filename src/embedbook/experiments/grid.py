"""Run many specifications: cached, resumable, in several processes or on a Dask cluster."""

from __future__ import annotations

import statistics
import warnings
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import filelock
import joblib

from embedbook.experiments.runs import Result, Spec

__all__ = ["Failure", "Grid", "GridError", "Outlook", "Results", "outlook", "run_grid"]


# None stands for a run that another process is at.
_Answers = Generator["Result | Failure | None", None, None]


class GridError(ValueError):
    """Some runs of a grid failed, or the grid cannot be run as asked; the message says which and why."""


@dataclass(frozen=True)
class Grid:
    """Specifications that belong to one table.

    Parameters
    ----------
    name : str
        Name of the grid and of its table.
    title : str
        What it asks, in one line.
    specs : tuple of Spec
        In the order of the table's rows, no two equal.
    run : callable
        From a specification to its :class:`Result`; a function of a module, so that other processes can import it.
    write_more : callable, optional
        Told a folder, writes tables there that need more than the results, such as tests between two runs.
    """

    name: str
    title: str
    specs: tuple[Spec, ...]
    run: Callable[[Any], Result]
    write_more: Callable[[Path], list[Path]] | None = None

    def __post_init__(self) -> None:
        if len({spec.key for spec in self.specs}) != len(self.specs):
            raise ValueError(f"the grid {self.name!r} holds a specification twice")


@dataclass(frozen=True)
class Failure:
    """A run that ended in an error."""

    spec: Spec
    message: str


class Results:
    """The results that this machine has, on disk; several processes may use one folder at a time.

    Parameters
    ----------
    folder : path, optional
        By default "experiments" in the cache of the data sets (`EMBEDBOOK_CACHE`, or the user's cache).
    """

    def __init__(self, folder: str | Path | None = None) -> None:
        if folder is None:
            from embedbook.datasets import cache_folder

            folder = cache_folder() / "experiments"
        self.folder = Path(folder)
        self._kept = joblib.Memory(self.folder, verbose=0).cache(_keep, ignore=["result"])

    def __contains__(self, spec: Spec) -> bool:
        return bool(self._kept.check_call_in_cache(spec.key, None))

    def __getitem__(self, spec: Spec) -> Result:
        result: Result = self._kept(spec.key, None)
        return result

    def keep(self, spec: Spec, result: Result) -> None:
        """Write down a result; whoever reads finds either all of it or nothing."""
        self._kept(spec.key, result)

    def forget(self, spec: Spec) -> None:
        """Drop a result, if it is there, so that the run is made again."""
        if spec in self:
            self._kept.call_and_shelve(spec.key, None).clear()

    def alone_with(self, spec: Spec) -> filelock.BaseFileLock:
        """Return a lock that only one process at a time can hold; the system frees it if the process is killed."""
        locks = self.folder / "locks"
        locks.mkdir(parents=True, exist_ok=True)
        return filelock.FileLock(locks / f"{spec.digest}.lock")


def _keep(key: str, result: Result | None) -> Result:
    # joblib drops all results when this function's source changes, so it had better stay as it is.
    if result is None:
        raise KeyError(key)
    return result


def run_grid(
    grid: Grid,
    *,
    results: Results | None = None,
    workers: int = 1,
    scheduler: str | None = None,
    limit: int | None = None,
    progress: bool = False,
) -> int:
    """Run what a grid lacks.

    A killed grid goes on where it stopped: each result is written when it comes. Two processes may work at one grid; a
    run that one of them is at is left to it.

    Parameters
    ----------
    grid : Grid
        What to run.
    results : Results, optional
        Where results are kept; `Results()` by default.
    workers : int
        Processes of this machine.
    scheduler : str, optional
        Address of a Dask scheduler, such as "tcp://10.0.0.1:8786"; its workers then run the grid instead. They need
        this package and the data. A worker that is lost costs its runs, which others do again.
    limit : int, optional
        At most so many runs.
    progress : bool
        Show a bar with the time left on standard error.

    Returns
    -------
    int
        How many results were added.

    Raises
    ------
    GridError
        If runs failed; all others are done and kept by then. Also if there is no scheduler at the address, or Dask is
        not installed.
    ValueError
        If `workers` or `limit` is below 1.
    """
    for name, value in (("workers", workers), ("limit", limit)):
        if value is not None and value < 1:
            raise ValueError(f"{name} must be 1 or more, not {value}")
    results = Results() if results is None else results
    pending = [spec for spec in grid.specs if spec not in results][:limit]
    added, elsewhere = 0, 0
    failures: list[Failure] = []
    answers = _on_cluster(grid, pending, results, scheduler) if scheduler else _here(grid, pending, results, workers)
    with closing(answers), _bar(grid, pending, results, workers, progress) as bar:
        for answer in answers:
            if isinstance(answer, Failure):
                failures.append(answer)
            elif answer is None:
                elsewhere += 1
            else:
                added += 1
            bar.update()
    if failures:
        first = failures[0]
        raise GridError(
            f"{len(failures)} of {len(pending)} runs of {grid.name!r} failed, the first of them "
            f"{first.spec.row()}: {first.message}. The others are kept; run the grid again for these."
        )
    if elsewhere and limit is None:
        # Another process was at them; it has finished by now, or was killed, and then they are ours.
        added += _finish(grid, results, workers)
    return added


def _here(grid: Grid, specs: Sequence[Spec], results: Results, workers: int) -> _Answers:
    jobs = (joblib.delayed(_run_alone)(grid.run, spec, results.folder) for spec in specs)
    # One run at a time is handed to each worker, so that what another process has done meanwhile is not done again.
    parallel = joblib.Parallel(n_jobs=workers, return_as="generator_unordered", pre_dispatch="n_jobs", batch_size=1)
    with warnings.catch_warnings():
        # loky replaces a worker whose memory has grown, which is what it should do.
        warnings.filterwarnings("ignore", message="A worker stopped while some jobs", module="joblib")
        yield from parallel(jobs)


def _run_alone(run: Callable[[Any], Result], spec: Spec, folder: Path) -> Result | Failure | None:
    """Run one specification unless another process is at it; None then, or where it is done already."""
    results = Results(folder)
    try:
        with results.alone_with(spec).acquire(timeout=0):
            if spec in results:
                return None
            result = _try(run, spec)
            if isinstance(result, Result):
                results.keep(spec, result)
            return result
    except filelock.Timeout:
        return None


def _try(run: Callable[[Any], Result], spec: Spec) -> Result | Failure:
    try:
        return run(spec)
    except Exception as error:  # one run that fails must not cost the others
        return Failure(spec, f"{type(error).__name__}: {error}")


def _on_cluster(grid: Grid, specs: Sequence[Spec], results: Results, scheduler: str) -> _Answers:
    try:
        from distributed import Client, as_completed
    except ImportError:
        raise GridError('a Dask cluster needs the package "distributed"; install dask[distributed]') from None
    try:
        client = Client(scheduler, timeout="10s", set_as_default=False)
    except (OSError, ValueError) as error:
        raise GridError(
            f"no Dask scheduler answers at {scheduler} ({error}); start one, or check the address"
        ) from error
    with client:
        by_key = {spec.digest: spec for spec in specs}
        # Keys of our own, so that a run sent twice is done once; and runs survive the loss of several workers.
        futures = [
            client.submit(_try, grid.run, spec, key=f"{grid.name}-{digest}", retries=5, pure=False)
            for digest, spec in by_key.items()
        ]
        for future, answer in as_completed(futures, loop=client.loop, with_results=True):
            if isinstance(answer, Result):
                results.keep(by_key[future.key.rpartition("-")[2]], answer)
            yield answer


def _finish(grid: Grid, results: Results, workers: int) -> int:
    """Wait for the runs that other processes are at, and do those that they left undone."""
    for spec in grid.specs:
        if spec not in results:
            with results.alone_with(spec):
                pass
    missing = [spec for spec in grid.specs if spec not in results]
    return (
        run_grid(Grid(grid.name, grid.title, tuple(missing), grid.run), results=results, workers=workers)
        if missing
        else 0
    )


# --- What is done, and what is to come -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Outlook:
    """How far a grid is, and how long the rest will take.

    Parameters
    ----------
    done, total : int
        Runs.
    seconds_left : float or None
        Sum of what the missing runs will take, one after the other, as like runs have taken; None if nothing is known.
    """

    done: int
    total: int
    seconds_left: float | None


def outlook(
    grid: Grid, *, results: Results | None = None, known: Iterable[tuple[dict[str, Any], float]] = ()
) -> Outlook:
    """Say how far a grid is.

    Parameters
    ----------
    grid : Grid
        The grid.
    results : Results, optional
        Where results are kept.
    known : iterable of (dict, float)
        Rows and seconds of runs made elsewhere, such as those of a stored table; used where this machine has none.

    Returns
    -------
    Outlook
    """
    results = Results() if results is None else results
    done = [spec for spec in grid.specs if spec in results]
    missing = [spec for spec in grid.specs if spec not in results]
    expected = _Expected([(spec.row(), results[spec].seconds) for spec in done] or known)
    seconds = [expected(spec) for spec in missing]
    left = None if None in seconds else float(sum(second for second in seconds if second is not None))
    return Outlook(len(done), len(grid.specs), left)


class _Expected:
    """How long a run will take: as long as those that differ from it in the seed alone, or else in more."""

    def __init__(self, known: Iterable[tuple[dict[str, Any], float]]) -> None:
        self._seconds: dict[tuple[str, ...], list[float]] = {}
        for row, seconds in known:
            for key in self._keys(row):
                self._seconds.setdefault(key, []).append(seconds)

    def __call__(self, spec: Spec) -> float | None:
        for key in self._keys(spec.row()):
            if key in self._seconds:
                return statistics.median(self._seconds[key])
        return None

    @staticmethod
    def _keys(row: dict[str, Any]) -> Iterator[tuple[str, ...]]:
        for ignored in (("seed",), ("seed", "arm"), ("seed", "arm", "size")):
            yield (str(ignored), *(f"{name}={value}" for name, value in row.items() if name not in ignored))
        yield ("any",)


def _bar(grid: Grid, pending: Sequence[Spec], results: Results, workers: int, shown: bool) -> Any:
    from tqdm import tqdm

    bar = tqdm(total=len(pending), desc=grid.name, unit="run", disable=not shown, smoothing=0.05)
    with suppress(KeyError):
        left = outlook(grid, results=results).seconds_left
        if left is not None:
            bar.set_postfix_str(f"about {left / workers / 60:.0f} min of work")
    return bar
