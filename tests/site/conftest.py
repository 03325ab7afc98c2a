"""The built site, served on this machine, and a real browser to look at it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright
from serving import served

BOOK = Path(__file__).parents[2]
SITE = BOOK / "_build" / "html"
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

# Chromium tells its maker's hosts about itself unless it is asked not to.
_QUIET = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


def pages() -> list[str]:
    """Every page a reader can come to, as a path below the site; the search and index pages are the theme's."""
    found = (path.relative_to(SITE).as_posix() for path in SITE.rglob("*.html") if "_static" not in path.parts)
    return sorted(page for page in found if page not in {"index.html", "search.html", "genindex.html"})


def chromium() -> str | None:
    """Find a Chromium on this machine."""
    return os.environ.get("EMBEDBOOK_CHROMIUM") or next(filter(None, map(shutil.which, _NAMES)), None)


def pytest_report_header() -> str:
    """Say plainly which browser the tests of the site use, or that they cannot run."""
    return f"browser: {chromium() or 'NONE FOUND, so the tests that need one are skipped (install chromium)'}"


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    """The address of the site, served from this machine."""
    if not (SITE / "index.html").is_file():
        pytest.fail("the site is not built; run `make site` first")

    with served(SITE) as address:
        yield address


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A headless Chromium."""
    executable = chromium()
    if executable is None:
        pytest.skip("no Chromium on this machine; install it to run the tests of the site")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=_QUIET)
        yield browser
        browser.close()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test that asks for a `page_path` once for each page."""
    if "page_path" in metafunc.fixturenames:
        metafunc.parametrize("page_path", pages() or ["intro.html"])
