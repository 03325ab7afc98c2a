"""The report that `embedbook compare` writes, opened in a real browser as its user opens it: as a file."""

from __future__ import annotations

import csv
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from embedbook.comparison import Options, compare
from embedbook.datasets import load_reviews

_TEXTS = 400


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A report on some of the sample's reviews with the sample's vectors: its address."""
    folder = tmp_path_factory.mktemp("compare")
    reviews = load_reviews(mode="sample")
    with pytest.MonkeyPatch.context() as patch, (folder / "mine.csv").open("w", encoding="utf-8", newline="") as file:
        patch.setenv("EMBEDBOOK_DATA", "sample")
        rows = list(zip(reviews.texts, reviews.labels, strict=True))
        step = len(rows) // _TEXTS
        csv.writer(file).writerows([("text", "label"), *rows[::step]])
        file.flush()
        compare(Options(folder / "mine.csv", folder / "out", model="linear", seeds=3))
    return (folder / "out" / "report.html").as_uri()


@pytest.fixture(params=[("light", 1280), ("light", 375), ("dark", 1280), ("dark", 375)], ids=str)
def page(request: pytest.FixtureRequest, browser: Browser, report: str) -> Iterator[Page]:
    scheme, width = request.param
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page = context.new_page()
    yield page
    context.close()


def test_is_whole_and_asks_nobody(page: Page, report: str) -> None:
    requests, problems = [], []
    page.on("request", lambda request: requests.append(request.url))
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(report)
    assert [url for url in requests if not url.startswith(("file:", "data:"))] == []
    assert problems == []
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def test_another_metric_is_a_key_away(browser: Browser, report: str) -> None:
    page = browser.new_page()
    page.goto(report)
    shown = page.locator("figure:visible")
    assert [figure.get_attribute("data-metric") for figure in shown.all()] == ["accuracy"]
    page.locator("button[data-metric=macro_f1]").focus()
    page.keyboard.press("Enter")
    assert [figure.get_attribute("data-metric") for figure in shown.all()] == ["macro_f1"]
    page.close()


def test_a_method_can_be_hidden_and_shown_again(browser: Browser, report: str) -> None:
    page = browser.new_page()
    page.goto(report)
    button = page.locator("button[data-arm]").first
    arm = button.get_attribute("data-arm")
    line = page.locator(f"figure:visible svg [data-arm='{arm}']").first
    assert line.is_visible()
    button.click()
    assert button.get_attribute("aria-pressed") == "false"
    assert not line.is_visible()
    button.click()
    assert line.is_visible()
    page.close()


def test_says_everything_without_javascript(browser: Browser, report: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(report)
    assert page.locator(".headline").is_visible()
    assert page.locator("figure svg").first.is_visible()
    assert page.locator("table").count() >= 4
    assert all(table.is_visible() for table in page.locator("table").all())
    context.close()
