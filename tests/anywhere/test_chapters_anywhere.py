"""Each chapter runs alone, in any order, from any folder, twice at the same time, with a checkout nobody may write to.

`make anywhere-check` runs it, on the sample; it takes as long as two runs of all chapters.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

BOOK = Path(__file__).resolve().parents[2]
ORDER = sorted((BOOK / "chapters").glob("*.ipynb"))
# Another order each time, and one that can be had again: EMBEDBOOK_ORDER=7 make anywhere-check.
SEED = os.environ.get("EMBEDBOOK_ORDER") or str(random.SystemRandom().randrange(1000))
random.Random(SEED).shuffle(ORDER)
LONGEST = 900  # seconds for the two runs of a chapter


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what git knows or would know, which may be read but not written."""
    copy = tmp_path_factory.mktemp("read-only") / "book"
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=BOOK,
        capture_output=True,
        check=True,
    )
    for name in filter(None, listed.stdout.decode().split("\0")):
        if (BOOK / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(BOOK / name, copy / name)
    for path in (copy, *copy.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    return copy


def start(chapter: Path, checkout: Path, folder: Path) -> subprocess.Popen[bytes]:
    """Run a chapter of the checkout in a folder that has nothing to do with it."""
    folder.mkdir()
    log = (folder / "log.txt").open("wb")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("EMBEDBOOK")}
    environment |= {"HOME": str(folder), "EMBEDBOOK_DATA": "sample", "PYTHONPATH": str(checkout / "src")}
    command = [sys.executable, "-m", "nbconvert", "--to", "notebook", "--execute", "--output-dir", str(folder)]
    command += [f"--ExecutePreprocessor.timeout={LONGEST}", str(checkout / "chapters" / chapter.name)]
    if os.geteuid() == 0:  # root may write anywhere, unless it gives that up
        command = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", *command]
    return subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)


@pytest.mark.timeout(LONGEST + 60)
@pytest.mark.parametrize("chapter", ORDER, ids=lambda chapter: chapter.stem)
def test_a_chapter_runs_alone_anywhere_and_twice_at_once(chapter: Path, checkout: Path, tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("one", "two")]
    both = [start(chapter, checkout, folder) for folder in folders]
    for process, folder in zip(both, folders, strict=True):
        code = process.wait(timeout=LONGEST)
        assert code == 0, f"order {SEED}: {(folder / 'log.txt').read_text(errors='replace')[-3000:]}"
        executed = nbformat.read(folder / chapter.name, as_version=4)
        assert [cell for cell in executed.cells if cell.cell_type == "code" and not cell.execution_count] == []
