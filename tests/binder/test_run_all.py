"""What a reader does on Binder: open each chapter in JupyterLab and choose Run All Cells.

`make binder-check` prepares what this needs: a copy of the repository, and an environment made from requirements.txt
alone. It also takes the network away where the system allows that.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import nbformat
import psutil
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

FOLDER = Path(os.environ.get("EMBEDBOOK_BINDER", "_build/.binder")).resolve()
BOOK = FOLDER / "book"
CHAPTERS = sorted((BOOK / "chapters").glob("*.ipynb"))
MOST_BYTES = 2 * 10**9  # Binder promises 1 to 2 GB
LONGEST = 600  # seconds a chapter may take; Binder stops after ten idle minutes
TOKEN = "binder-check"


def memory_of(process: psutil.Process) -> int:
    """Sum the resident memory of a process and of all that it has started."""
    total = 0
    with contextlib.suppress(psutil.NoSuchProcess):
        for each in (process, *process.children(recursive=True)):
            with contextlib.suppress(psutil.NoSuchProcess):
                total += each.memory_info().rss
    return total


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def lab() -> Iterator[tuple[str, psutil.Process]]:
    """JupyterLab of the fresh environment in the copy of the repository: its address and its process."""
    if not CHAPTERS:
        pytest.fail("there is nothing to check; run `make binder-check`")
    port, home = free_port(), FOLDER / "home"
    home.mkdir(exist_ok=True)
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("EMBEDBOOK", "VIRTUAL"))}
    environment |= {"HOME": str(home), "PATH": f"{FOLDER / 'venv' / 'bin'}:{os.environ['PATH']}"}
    command = [FOLDER / "venv" / "bin" / "jupyter", "lab", "--no-browser", "--allow-root", f"--port={port}"]
    command += [f"--IdentityProvider.token={TOKEN}", f"--ServerApp.root_dir={BOOK}"]
    with (FOLDER / "jupyter.log").open("w") as log:
        process = subprocess.Popen(command, cwd=BOOK, env=environment, stdout=log, stderr=log)
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(240):
            with contextlib.suppress(OSError), urllib.request.urlopen(f"{address}/api/status?token={TOKEN}"):
                break
            time.sleep(0.5)
        yield address, psutil.Process(process.pid)
    finally:
        for child in psutil.Process(process.pid).children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess):
                child.kill()
        process.kill()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        path = os.environ.get("EMBEDBOOK_CHROMIUM", "/usr/bin/chromium")
        browser = playwright.chromium.launch(executable_path=path, args=["--headless=new", "--no-sandbox"])
        yield browser
        browser.close()


def shut_down_kernels(address: str, server: psutil.Process) -> None:
    """Stop every kernel the way JupyterLab does; the server starts one that was merely killed anew."""

    def ask(path: str, method: str = "GET") -> bytes:
        request = urllib.request.Request(f"{address}/api/{path}", headers={"Authorization": f"token {TOKEN}"})
        request.method = method
        with urllib.request.urlopen(request) as answer:
            content: bytes = answer.read()
        return content

    for kernel in json.loads(ask("kernels")):
        ask(f"kernels/{kernel['id']}", "DELETE")
    _, alive = psutil.wait_procs(server.children(recursive=True), timeout=30)
    assert alive == [], "the next chapter would be measured together with what this one left behind"


@pytest.fixture
def page(browser: Browser, lab: tuple[str, psutil.Process]) -> Iterator[Page]:
    """An empty page; with it goes whatever the chapter opened there has started, also when it failed."""
    page = browser.new_page()
    yield page
    page.close()
    shut_down_kernels(*lab)


def run_all_cells(page: Page) -> None:
    page.locator(".jp-Notebook").wait_for(timeout=60_000)
    # Before its kernel is ready, JupyterLab takes the command and runs nothing.
    page.locator("#jp-main-statusbar").get_by_text(re.compile(r"\| Idle$")).wait_for(timeout=60_000)
    page.locator(".lm-MenuBar-itemLabel", has_text=re.compile("^Run$")).click()
    page.locator(".lm-Menu-itemLabel", has_text=re.compile("^Run All Cells$")).click()


@pytest.mark.timeout(LONGEST + 120)
@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda path: path.stem)
def test_all_cells_run(page: Page, lab: tuple[str, psutil.Process], chapter: Path) -> None:
    address, server = lab
    notebook = nbformat.read(chapter, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    nbformat.write(notebook, chapter)
    page.goto(f"{address}/lab/tree/chapters/{chapter.name}?token={TOKEN}&reset")
    run_all_cells(page)
    started, peak, waiting = time.monotonic(), 0, ["everything"]
    while waiting and time.monotonic() - started < LONGEST:
        for _ in range(20):
            peak = max(peak, memory_of(server))
            time.sleep(0.25)
        assert peak <= MOST_BYTES, f"{peak / 1e9:.2f} GB, more than Binder has"
        page.keyboard.press("Control+s")
        try:
            saved = nbformat.read(chapter, as_version=4)
        except nbformat.reader.NotJSONError:  # it is being written
            continue
        cells = [cell for cell in saved.cells if cell.cell_type == "code"]
        failed = [output.evalue for cell in cells for output in cell.outputs if output.output_type == "error"]
        assert failed == []
        waiting = [cell.source for cell in cells if cell.execution_count is None]
    assert waiting == [], f"{len(waiting)} cells were not run within {LONGEST} s"
    sys.stdout.write(f"{chapter.stem}: {time.monotonic() - started:.0f} s, {peak / 1e6:,.0f} MB at most\n")
