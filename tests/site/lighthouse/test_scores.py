"""Lighthouse's scores of every page, as on a desktop: `make lighthouse`, which fetches the program itself by npm."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.site.conftest import SITE, chromium

PROGRAM = Path(os.environ.get("EMBEDBOOK_LIGHTHOUSE", "_build/.lighthouse")).resolve() / "node_modules/.bin/lighthouse"
LEAST = {"accessibility": 100, "best-practices": 100, "seo": 100}
LEAST_PERFORMANCE, LEAST_PERFORMANCE_WITH_FIGURES = 95, 90


@pytest.mark.timeout(180)
def test_a_page_scores_as_promised(page_path: str, address: str, tmp_path: Path) -> None:
    if not PROGRAM.exists():
        pytest.fail(f"{PROGRAM} is not there; run `make lighthouse`")
    report = tmp_path / "report.json"
    command = [str(PROGRAM), f"{address}/{page_path}", "--preset=desktop", "--quiet", "--output=json"]
    command += [f"--output-path={report}", "--chrome-flags=--headless=new --no-sandbox --disable-gpu"]
    command += [f"--only-categories={','.join(['performance', *LEAST])}"]
    subprocess.run(command, check=True, env={**os.environ, "CHROME_PATH": chromium() or ""}, timeout=170)
    found = json.loads(report.read_text(encoding="utf-8"))
    scores = {name: round(100 * category["score"]) for name, category in found["categories"].items()}
    sys.stdout.write(f"{page_path}: {scores}\n")
    lost = [
        f"{category}: {found['audits'][audit['id']]['title']}"
        for category in scores
        for audit in found["categories"][category]["auditRefs"]
        if audit["weight"]
        and (found["audits"][audit["id"]]["score"] or 0) < 0.9
        and found["audits"][audit["id"]]["scoreDisplayMode"] != "notApplicable"
    ]
    has_figures = "book-figure" in (SITE / page_path).read_text(encoding="utf-8")
    fast = LEAST_PERFORMANCE_WITH_FIGURES if has_figures else LEAST_PERFORMANCE
    assert scores["performance"] >= fast, lost
    assert {name: scores[name] for name in LEAST} == LEAST, lost
