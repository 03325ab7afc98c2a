"""The claims ledger says what the chapters say, all of it, and nothing else; the status page what they took."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path

import nbformat
import pytest
import small_build

from embedbook import claims
from embedbook.claims import CLAIMS, Verdict
from embedbook.site import ledger, status, store

BADGE = '<div class="data-badge data-badge--real"></div>'


def shown(claim: str, verdict: Verdict = Verdict.HOLDS, evidence: str = "5 < 6 & 7.") -> str:
    """What a claim's check puts on the page."""
    html: str = claims.check(claim, True, evidence, verdict=verdict)._repr_html_()
    return html


class TestChecks:
    def test_are_found_with_verdict_evidence_and_place(self) -> None:
        found = ledger.checks_in(["<p>x</p>", shown("small-data", Verdict.IN_PART)], "chapters/11")
        assert found == [
            ledger.Check("small-data", Verdict.IN_PART, "5 < 6 & 7.", "chapters/11", "claim-small-data"),
        ]

    def test_of_one_claim_on_one_page_have_places_of_their_own(self) -> None:
        found = ledger.checks_in([shown("small-data") + shown("small-data")], "chapters/11")
        assert [check.anchor for check in found] == ["claim-small-data", "claim-small-data-2"]

    def test_that_agree_decide_and_that_differ_decide_in_part(self) -> None:
        def both(*verdicts: Verdict) -> Verdict:
            html = [shown("small-data", verdict) for verdict in verdicts]
            return ledger.overall(ledger.checks_in(html, "chapters/11"))

        assert both(Verdict.FAILS, Verdict.FAILS) is Verdict.FAILS
        assert both(Verdict.HOLDS, Verdict.FAILS) is Verdict.IN_PART

    def test_on_the_sample_are_kept_in_a_table(self, tmp_path: Path) -> None:
        found = ledger.checks_in([shown("small-data", evidence='6 "points", a\nline')], "chapters/11")
        ledger.write_sample(found, tmp_path / "sample.csv")
        assert ledger.read_sample(tmp_path / "sample.csv") == {
            ("small-data", "chapters/11"): (Verdict.HOLDS, '6 "points", a\nline')
        }
        assert [path.name for path in tmp_path.iterdir()] == ["sample.csv"]
        assert ledger.read_sample(tmp_path / "none.csv") == {}

    def test_are_written_by_a_run_of_the_chapters(self, tmp_path: Path) -> None:
        source = "from embedbook import claims\nclaims.check('small-data', True, 'Six.')"
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)])
        nbformat.write(notebook, tmp_path / "11.ipynb")
        before = (tmp_path / "11.ipynb").read_bytes()
        assert store.main(["--claims", str(tmp_path / "sample.csv"), str(tmp_path / "11.ipynb")]) == 0
        assert ledger.read_sample(tmp_path / "sample.csv") == {("small-data", "chapters/11"): (Verdict.HOLDS, "Six.")}
        assert (tmp_path / "11.ipynb").read_bytes() == before


class Book:
    """A book of two chapters, the ledger and the status page."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "chapters").mkdir()
        (folder / "data" / "results").mkdir(parents=True)
        (folder / "conf.py").write_text(
            "from embedbook.site import ledger, status\n"
            "def setup(app):\n    ledger.connect(app)\n    status.connect(app)\n",
            encoding="utf-8",
        )
        names = ("chapters/11", "chapters/13")
        toc = "Book\n====\n\n.. toctree::\n\n" + "".join(f"   {name}\n" for name in (*names, "claims", "status"))
        (folder / "index.rst").write_text(toc, encoding="utf-8")
        (folder / "claims.rst").write_text("Claims\n======\n\n.. claims-ledger::\n", encoding="utf-8")
        (folder / "status.rst").write_text("Status\n======\n\n.. chapter-status::\n", encoding="utf-8")

    def write(self, name: str, verdicts: Mapping[str, Verdict]) -> None:
        html = "\n   ".join([BADGE, *(shown(claim, verdict) for claim, verdict in verdicts.items())])
        page = f"Chapter {name}\n==========\n\n.. raw:: html\n\n   {html}\n"
        (self.folder / "chapters" / f"{name}.rst").write_text(page, encoding="utf-8")

    def build(self) -> str:
        """Build the site; return the warnings."""
        return small_build.build(self.folder)

    def page(self, name: str) -> str:
        return (self.folder / "_build" / f"{name}.html").read_text(encoding="utf-8")


@pytest.fixture
def book(tmp_path: Path) -> Book:
    book = Book(tmp_path)
    book.write("11", dict.fromkeys(CLAIMS, Verdict.HOLDS))
    book.write("13", {"small-data": Verdict.FAILS})
    return book


def test_the_page_gathers_all_chapters_and_links_to_each_verdict(book: Book) -> None:
    row = ledger.Check("small-data", Verdict.IN_PART, "On few texts.", "chapters/13", "")
    ledger.write_sample([row], book.folder / ledger.SAMPLE_TABLE)
    assert book.build() == ""
    page = book.page("claims")
    assert f"Of {len(CLAIMS)} claims, {len(CLAIMS) - 1} hold, 1 hold in part." in page
    assert 'href="chapters/13.html#claim-small-data"' in page
    assert 'id="claim-small-data"' in book.page("chapters/13")
    assert "does not hold, on real data" in page
    assert "On the sample: holds in part. On few texts." in page


def test_a_claim_that_no_chapter_checks_is_a_warning(book: Book) -> None:
    book.write("11", {"small-data": Verdict.HOLDS, "the-paper": Verdict.HOLDS})
    warnings = book.build()
    assert "no chapter checks the claim one-hot-to-dense" in warnings
    assert "small-data" not in warnings


def test_a_verdict_that_changes_changes_the_page(book: Book) -> None:
    book.build()
    book.write("13", {"small-data": Verdict.HOLDS})
    book.build()
    assert f"Of {len(CLAIMS)} claims, {len(CLAIMS)} hold." in book.page("claims")


def test_the_status_page_says_what_the_chapters_took(book: Book) -> None:
    for name, seconds, memory in (("11", 90, 700), ("13", 30, 1200)):
        run = {
            "seconds": seconds,
            "peak_megabytes": memory,
            "data": "real",
            "versions": "keras 9",
            "date": "2030-01-02",
        }
        notebook = {"metadata": {"embedbook": run}, "cells": []}
        (book.folder / "chapters" / f"{name}.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    book.build()
    page = re.sub(r"<[^>]+>", " ", book.page("status"))
    assert "All 2 chapters took 2 minutes (the limit is 30)" in page
    assert "1,200 MB (the limit is 1,500)" in page
    assert "Versions: keras 9." in page
    assert page.count("2030-01-02") == 2
    assert status.read_runs(book.folder / "chapters")["13"]["seconds"] == 30
