"""The book on one page: all chapters, every link, every figure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from opening import open_page
from playwright.sync_api import Browser, Page
from serving import served

BOOK = Path(__file__).parents[2]
FOLDER = BOOK / "_build" / "one-page" / "_build" / "singlehtml"
CHAPTERS = [
    chapter["file"]
    for part in yaml.safe_load((BOOK / "_toc.yml").read_text(encoding="utf-8"))["parts"]
    for chapter in part["chapters"]
]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """The address of the page, served from this machine."""
    if not (FOLDER / "intro.html").is_file():
        pytest.fail("the page is not built; run `make one-page` first")

    with served(FOLDER) as address:
        yield address


@pytest.fixture(params=[1280, 375])
def page(request, browser: Browser, address: str) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": request.param, "height": 800})
    page = context.new_page()
    page.problems = []
    page.on("console", lambda message: page.problems.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: page.problems.append(str(error)))
    page.on("response", lambda answer: page.problems.append(answer.url) if answer.status >= 400 else None)
    page.on("request", lambda asked: page.problems.append(asked.url) if not asked.url.startswith(address) else None)
    open_page(page, f"{address}/intro.html")
    yield page
    context.close()


def test_holds_every_chapter_and_draws_its_figures(page: Page) -> None:
    there = page.evaluate("[...document.querySelectorAll('[id^=\"document-\"]')].map(place => place.id)")
    assert [f"document-{chapter}" for chapter in CHAPTERS] == there
    # As on paper: all at once, none of them scrolled to.
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    figures = page.locator(".book-figure__plot")
    page.wait_for_function(
        "[...document.querySelectorAll('.book-figure__plot')].every(place => place.dataset.drawn)", timeout=120_000
    )
    assert figures.count() > len(CHAPTERS)
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overflow <= 0
    assert page.problems == []


def test_every_link_leads_to_one_place(page: Page) -> None:
    names = Counter(page.evaluate("[...document.querySelectorAll('[id]')].map(place => place.id)"))
    assert [name for name, count in names.items() if count > 1] == []
    links = page.evaluate("[...document.querySelectorAll('a[href]')].map(link => link.getAttribute('href'))")
    inside = {link[1:] for link in links if link.startswith("#") and link != "#"}
    assert inside - set(names) == set()
    assert [link for link in links if not link.startswith(("#", "http"))] == []
