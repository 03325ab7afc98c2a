"""Run the chapters whose outputs are out of date, several at a time, into the cache that the build reads.

The build itself runs one chapter after another. `python -m embedbook.site.running`, which `make book` calls first,
leaves it nothing to run.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

import yaml
from jupyter_cache import get_cache
from jupyter_cache.executors import load_executor
from sphinx_external_toc.parsing import parse_toc_yaml

from embedbook.site.execution import cache_folder
from embedbook.site.times import running_time
from embedbook.threads import limit_threads, processors

__all__ = ["ChapterError", "main", "out_of_date", "run_chapters"]

_BYTES_A_CHAPTER = 2 * 2**30  # the largest take 1.5 GB


class ChapterError(Exception):
    """A chapter stopped with an error; the message holds its traceback."""


def out_of_date(book: Path) -> list[Path]:
    """Return the chapters in the table of contents that have no outputs in the cache, the slowest first.

    Parameters
    ----------
    book : pathlib.Path
        The book's folder.

    Returns
    -------
    list of pathlib.Path
    """
    cache = get_cache(cache_folder(book))
    chapters = [book / f"{name}.ipynb" for name in parse_toc_yaml(book / "_toc.yml")]
    waiting = []
    for chapter in chapters:
        if not chapter.exists():
            continue  # a page without code
        try:
            cache.match_cache_file(str(chapter))
        except KeyError:
            waiting.append(chapter)
    # Those that start last decide when the last one ends.
    return sorted(waiting, key=_stored_seconds, reverse=True)


def run_chapters(book: Path, *, jobs: int | None = None) -> list[Path]:
    """Run the chapters that are out of date and keep their outputs for the build.

    Parameters
    ----------
    book : pathlib.Path
        The book's folder.
    jobs : int, optional
        How many at a time; by default one for each processor, as far as memory lasts.

    Returns
    -------
    list of pathlib.Path
        The chapters that were run.

    Raises
    ------
    ChapterError
        If a chapter fails. Those that were begun are finished and kept; no other is begun.
    ValueError
        If `jobs` is below 1.
    """
    if jobs is not None and jobs < 1:
        raise ValueError(f"jobs must be 1 or more, not {jobs!r}")
    waiting = out_of_date(book)
    if not waiting:
        return []
    folder = cache_folder(book)
    cache = get_cache(folder)
    for chapter in waiting:
        cache.add_nb_to_project(str(chapter))
    timeout = yaml.safe_load((book / "_config.yml").read_text(encoding="utf-8"))["execute"]["timeout"]
    workers = min(len(waiting), _affordable_jobs() if jobs is None else jobs)
    _say(f"Running {len(waiting)} chapters, {workers} at a time ...")
    failures = []
    share = max(1, processors() // workers)
    with ProcessPoolExecutor(workers, initializer=limit_threads, initargs=(share,)) as pool:
        running = {pool.submit(_run, folder, chapter, timeout): chapter for chapter in waiting}
        for done, future in enumerate(as_completed(running), start=1):
            chapter = running[future]
            if future.cancelled():
                continue
            seconds, failure = future.result()
            if failure:
                failures.append(f"{chapter.relative_to(book)} stopped with an error:\n{failure}")
                for other in running:
                    other.cancel()
            else:
                took = running_time(seconds)
                _say(f"  {chapter.stem} took {took} ({done} of {len(waiting)})")
    if failures:
        raise ChapterError("\n\n".join(failures))
    return waiting


def _run(folder: str, chapter: Path, timeout: int) -> tuple[float, str]:
    """Run one chapter in its own folder; return its seconds and, if it failed, why."""
    started = time.monotonic()
    cache = get_cache(folder)
    executor = load_executor("local-serial", cache=cache)
    outcome = executor.run_and_cache(filter_uris=[str(chapter)], timeout=timeout)
    failure = ""
    if outcome.excepted or outcome.errored:
        failure = cache.get_project_record(str(chapter)).traceback or "it could not be run; see above"
    return time.monotonic() - started, failure


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _stored_seconds(chapter: Path) -> float:
    metadata = json.loads(chapter.read_text(encoding="utf-8"))["metadata"]
    return float(metadata.get("embedbook", {}).get("seconds", 0))


def _affordable_jobs() -> int:
    try:
        memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):  # not on this system
        return processors()
    return max(1, min(processors(), memory // _BYTES_A_CHAPTER))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run as a program in the book's folder.

    Parameters
    ----------
    arguments : sequence of str, optional
        By default those of the command line.

    Returns
    -------
    int
        Exit code: 0 if every chapter ran, 1 if one failed.
    """
    parser = argparse.ArgumentParser(prog="python -m embedbook.site.running", description=__doc__)
    parser.add_argument("--jobs", type=int, help="chapters at a time (default: as processors and memory allow)")
    options = parser.parse_args(arguments)
    try:
        run_chapters(Path.cwd(), jobs=options.jobs)
    except (ChapterError, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
