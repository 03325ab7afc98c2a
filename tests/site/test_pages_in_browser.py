"""Every page, looked at in a real browser: whole, self-contained, readable, in light and dark, wide and narrow."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from opening import open_page
from playwright.sync_api import Browser, Page

from embedbook.experiments import find_grid, read_learning_curves
from embedbook.site.figures import MIME_TYPE

BOOK = Path(__file__).parents[2]


def stored_figures(page_path: str) -> int:
    """Count the figures in the notebook behind a page, and that of the short answer where it has curves to show."""
    source = BOOK / Path(page_path).with_suffix(".md")
    if source.is_file():
        if "{short-answer}" not in source.read_text(encoding="utf-8"):
            return 0
        curves = read_learning_curves(BOOK / "data" / "results")
        return int(bool(curves.complete(find_grid("learning-curves")).datasets()))
    notebook = BOOK / Path(page_path).with_suffix(".ipynb")
    if not notebook.is_file():
        return 0
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return sum(MIME_TYPE in output.get("data", {}) for cell in cells for output in cell.get("outputs", []))


# Titles of axes that run out of their figure; of a figure that the build has drawn, any writing.
_CUT_TITLES = """
[...document.querySelectorAll(".book-figure__plot :is(.xtitle, .ytitle), .line-chart text")].filter((title) => {
  const figure = title.closest(".book-figure__plot, .book-figure");
  const [all, own] = [figure, title].map((element) => element.getBoundingClientRect());
  return own.left < all.left || own.right > all.right || own.top < all.top || own.bottom > all.bottom;
}).map((title) => title.textContent)
"""


def scroll_through(page: Page) -> None:
    """Bring each figure into view, as a reader does, and wait until it is drawn."""
    for place in page.locator(".book-figure__plot").all():
        place.scroll_into_view_if_needed()
        place.locator(".main-svg").first.wait_for(timeout=20_000)


@pytest.mark.parametrize("width", [1280, 375])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_page_is_whole_and_asks_no_other_host(browser: Browser, address, page_path, scheme, width) -> None:
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page = context.new_page()
    requests, problems = [], []
    page.on("request", lambda request: requests.append(request.url))
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("response", lambda answer: problems.append(answer.url) if answer.status >= 400 else None)
    open_page(page, f"{address}/{page_path}")
    assert page.evaluate("document.documentElement.dataset.theme") == scheme
    scroll_through(page)

    foreign = [url for url in requests if not url.startswith((address, "data:", "blob:"))]
    # Plotly makes three pictures of a figure, and the build one.
    drawn = page.locator(".book-figure__plot .main-svg").count() // 3 + page.locator(".book-figure .line-chart").count()
    overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    page.wait_for_function("[...document.querySelectorAll('.book-figure__plot')].every((place) => place.dataset.drawn)")
    cut_titles = page.evaluate(_CUT_TITLES)
    context.close()
    assert foreign == []
    assert problems == []
    assert drawn == stored_figures(page_path), "a figure of the notebook is missing on its page, or drawn twice"
    assert overflow <= 0, "the page scrolls sideways"
    assert cut_titles == []


def test_page_reads_without_javascript(browser: Browser, address, page_path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/{page_path}")
    captions = page.locator(".book-figure figcaption")
    tables = page.locator(".book-figure__table table")
    assert page.locator("article h1").first.is_visible()
    assert captions.count() == tables.count() == stored_figures(page_path)
    for index in range(captions.count()):
        assert captions.nth(index).is_visible()
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_content_is_accessible(browser: Browser, address, page_path, scheme) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 800}, color_scheme=scheme)
    page = context.new_page()
    open_page(page, f"{address}/{page_path}")
    scroll_through(page)
    found = Axe().run(page, context="article")
    context.close()
    assert found.violations_count == 0, found.generate_report()


def test_figures_follow_the_theme(browser: Browser, address) -> None:
    """A figure drawn in light stays readable when the reader switches to dark."""
    page_path = next(path for path in (f"chapters/{p.stem}.html" for p in sorted((BOOK / "chapters").glob("*.ipynb"))))
    context = browser.new_context(viewport={"width": 1280, "height": 800}, color_scheme="light")
    page = context.new_page()
    open_page(page, f"{address}/{page_path}")
    scroll_through(page)
    colour = "getComputedStyle(document.querySelector('.book-figure .xtick text')).fill"
    light = page.evaluate(colour)
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    page.wait_for_function(f"{colour} !== {json.dumps(light)}")
    assert page.evaluate(colour) == page.evaluate("getComputedStyle(document.body).color")
    context.close()
