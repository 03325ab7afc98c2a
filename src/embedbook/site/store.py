"""Run chapters and store their outputs in them: `python -m embedbook.site.store chapters/*.ipynb`.

Beside the outputs a chapter keeps what the run took, so that pages built from stored outputs can say it. Everything
that would differ from run to run without meaning anything is left out.

With `--claims FILE` the chapters stay as they are, and the verdicts that they reach are written to FILE.
"""

from __future__ import annotations

import os
import sys
import time
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from embedbook.experiments import versions
from embedbook.site.ledger import Check, checks_of_notebook, write_sample
from embedbook.whole_files import replaced_when_whole

__all__ = ["main", "run", "store"]

_LIBRARIES = ("tensorflow", "keras", "gensim", "numpy", "scipy", "scikit-learn", "pandas", "plotly")

# Runs in the kernel when the chapter is done. Linux' ru_maxrss begins with what the parent held when it made the
# kernel, VmHWM does not; macOS counts in bytes; Windows has neither.
_PEAK_MEMORY = """
import sys as _sys
from pathlib import Path as _Path
_status = _Path("/proc/self/status")
try:
    if _status.exists():
        _lines = _status.read_text().split("\\n")
        print(next(int(_line.split()[1]) * 1024 for _line in _lines if _line.startswith("VmHWM:")))
    else:
        import resource as _resource
        _unit = 1 if _sys.platform == "darwin" else 1024
        print(_resource.getrusage(_resource.RUSAGE_SELF).ru_maxrss * _unit)
except ImportError:
    print(0)
"""


def run(notebook: nbformat.NotebookNode, folder: Path) -> dict[str, Any]:
    """Run a notebook's cells in place.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        The notebook; its cells get their outputs.
    folder : pathlib.Path
        The working directory of its kernel.

    Returns
    -------
    dict
        `seconds` and `peak_megabytes` of the run, the `data` mode, the `date` and the `versions` of the libraries.

    Raises
    ------
    nbclient.exceptions.CellExecutionError
        If a cell fails.
    """
    client = NotebookClient(notebook, timeout=1800, record_timing=False, resources={"metadata": {"path": folder}})
    with client.setup_kernel():
        started = time.perf_counter()
        for index, cell in enumerate(notebook.cells):
            client.execute_cell(cell, index)
        seconds = time.perf_counter() - started
        notebook.cells.append(nbformat.v4.new_code_cell(_PEAK_MEMORY))
        client.execute_cell(notebook.cells[-1], len(notebook.cells) - 1)
    memory = notebook.cells.pop()
    return {
        "seconds": round(seconds),
        "peak_megabytes": round(int(memory.outputs[0]["text"]) / 1e6),
        "data": os.environ.get("EMBEDBOOK_DATA", "auto"),
        "date": datetime.now(timezone.utc).date().isoformat(),
        "versions": versions(*_LIBRARIES)["versions"],
    }


def store(path: Path) -> dict[str, Any]:
    """Run one chapter and write it back with its outputs.

    Parameters
    ----------
    path : pathlib.Path
        The notebook. It is replaced only when every cell has run.

    Returns
    -------
    dict
        What is kept in the notebook's metadata; see `run`.

    Raises
    ------
    nbclient.exceptions.CellExecutionError
        If a cell fails; the file is left as it was.
    """
    notebook = nbformat.read(path, as_version=4)
    kept = run(notebook, path.parent)
    notebook.metadata = nbformat.from_dict(
        {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
            "embedbook": kept,
        }
    )
    with replaced_when_whole(path) as temporary:
        nbformat.write(notebook, temporary)
    return kept


def main(arguments: list[str]) -> int:
    """Run the named chapters and store them, or the verdicts that they reach, saying what each took.

    Parameters
    ----------
    arguments : list of str
        Paths of notebooks, perhaps after ``--claims FILE``.

    Returns
    -------
    int
        Exit status: 1 if a chapter failed.
    """
    verdicts = Path(arguments[1]) if arguments[:1] == ["--claims"] else None
    checks: list[Check] = []
    for path in map(Path, arguments[2:] if verdicts else arguments):
        try:
            if verdicts:
                notebook = nbformat.read(path, as_version=4)
                kept = run(notebook, path.parent)
                checks += checks_of_notebook(notebook, f"chapters/{path.stem}")
            else:
                kept = store(path)
        except CellExecutionError as error:
            sys.stderr.write(f"{path}: a cell failed, and the file is as it was\n{error}\n")
            return 1
        sys.stdout.write(f"{path}: {kept['seconds']} s, {kept['peak_megabytes']} MB, {kept['data']} data\n")
    if verdicts:
        write_sample(checks, verdicts)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
