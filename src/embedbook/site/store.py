"""Run chapters and store their outputs in them: `python -m embedbook.site.store chapters/*.ipynb`.

Beside the outputs a chapter keeps what the run took, so that pages built from stored outputs can say it. Everything
that would differ from run to run without meaning anything is left out.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

__all__ = ["main", "store"]

# Runs in the kernel when the chapter is done. Linux counts in KiB, macOS in bytes; Windows has no such module.
_PEAK_MEMORY = """
import sys as _sys
try:
    import resource as _resource
    _unit = 1 if _sys.platform == "darwin" else 1024
    print(_resource.getrusage(_resource.RUSAGE_SELF).ru_maxrss * _unit)
except ImportError:
    print(0)
"""


def store(path: Path) -> dict[str, Any]:
    """Run one chapter and write it back with its outputs.

    Parameters
    ----------
    path : pathlib.Path
        The notebook. It is replaced only when every cell has run.

    Returns
    -------
    dict
        What is kept in the notebook's metadata: `seconds` and `peak_megabytes` of the run, and the `data` mode.

    Raises
    ------
    nbclient.exceptions.CellExecutionError
        If a cell fails; the file is left as it was.
    """
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(notebook, timeout=1800, record_timing=False, resources={"metadata": {"path": path.parent}})
    with client.setup_kernel():
        started = time.perf_counter()
        for index, cell in enumerate(notebook.cells):
            client.execute_cell(cell, index)
        seconds = time.perf_counter() - started
        notebook.cells.append(nbformat.v4.new_code_cell(_PEAK_MEMORY))
        client.execute_cell(notebook.cells[-1], len(notebook.cells) - 1)
    memory = notebook.cells.pop()
    run = {
        "seconds": round(seconds),
        "peak_megabytes": round(int(memory.outputs[0]["text"]) / 1e6),
        "data": os.environ.get("EMBEDBOOK_DATA", "auto"),
    }
    notebook.metadata = nbformat.from_dict(
        {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
            "embedbook": run,
        }
    )
    temporary = path.with_suffix(".ipynb.new")
    nbformat.write(notebook, temporary)
    temporary.replace(path)
    return run


def main(arguments: list[str]) -> int:
    """Run and store the named chapters, saying what each took.

    Parameters
    ----------
    arguments : list of str
        Paths of notebooks.

    Returns
    -------
    int
        Exit status: 1 if a chapter failed.
    """
    for argument in arguments:
        path = Path(argument)
        try:
            run = store(path)
        except CellExecutionError as error:
            sys.stderr.write(f"{path}: a cell failed, and the file is as it was\n{error}\n")
            return 1
        sys.stdout.write(f"{path}: {run['seconds']} s, {run['peak_megabytes']} MB, {run['data']} data\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
