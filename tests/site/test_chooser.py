"""The chooser in a real browser: answered by keyboard, listened to, linked to, and read without JavaScript."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, expect

from embedbook.experiments import find_grid, read_learning_curves
from embedbook.site.chooser.data import chooser_data

BOOK = Path(__file__).parents[2]
Open = Callable[..., Page]
READ_DATA = "JSON.parse(document.querySelector('.chooser__data').textContent)"


@pytest.fixture
def chooser(browser: Browser, address: str) -> Iterator[Open]:
    """Open the landing page, with a fragment, a colour scheme and a width."""
    contexts = []

    def open_page(fragment: str = "", *, scheme: str = "light", width: int = 1280, **options: object) -> Page:
        contexts.append(browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme, **options))
        page = contexts[-1].new_page()
        page.goto(f"{address}/intro.html{'#' if fragment else ''}{fragment}")
        if options.get("java_script_enabled", True):
            page.locator(".chooser__advice strong").wait_for()
        return page

    yield open_page
    for context in contexts:
        context.close()


def shown(page: Page) -> tuple[str, str]:
    """The way that is advised, and why."""
    advice = page.locator(".chooser__advice")
    return advice.locator("strong").inner_text().removesuffix("."), advice.locator("span").inner_text()


def wanted(page: Page, kind: str, key: str) -> tuple[str, str]:
    """The same, from the data of the page."""
    data = page.evaluate(READ_DATA)
    entry = data["kinds"][kind]["entries"][data["kinds"][kind]["advice"][key]]
    return data["ways"][entry["way"]], entry["why"]


def first_kind(page: Page) -> tuple[str, dict]:
    return next(iter(page.evaluate(READ_DATA)["kinds"].items()))


def question(page: Page, name: str) -> Locator:
    return page.locator(".chooser__kind:visible").get_by_role("group", name=name)


def test_holds_the_advice_of_the_stored_curves(chooser) -> None:
    curves = read_learning_curves(BOOK / "data" / "results").complete(find_grid("learning-curves"))
    held = chooser().evaluate(READ_DATA)
    computed = chooser_data(curves)
    assert list(held["kinds"]) == list(computed["kinds"])
    for key, kind in computed["kinds"].items():
        for part in ("source", "sizes", "levels", "advice", "entries"):
            assert held["kinds"][key][part] == kind[part]


def test_is_answered_by_keyboard_alone(chooser) -> None:
    page = chooser()
    key, kind = first_kind(page)
    sizes, most = kind["sizes"], kind["levels"][-1]
    page.locator("[name=like]").first.focus()
    page.keyboard.press("Tab")
    slider = page.locator(f"[name=texts-{key}]")
    expect(slider).to_be_focused()
    page.keyboard.press("Home")
    expect(slider).to_have_attribute("aria-valuetext", f"{sizes[0]:,} texts")
    assert shown(page) == wanted(page, key, f"{sizes[0]}/{most}/0/0")
    page.keyboard.press("End")
    assert shown(page) == wanted(page, key, f"{sizes[-1]}/{most}/0/0")
    page.keyboard.press("ArrowLeft")
    assert shown(page) == wanted(page, key, f"{sizes[-2]}/{most}/0/0")

    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    assert shown(page) == wanted(page, key, f"{sizes[-2]}/{kind['levels'][-2]}/0/0")
    if kind["own"]:
        page.keyboard.press("Tab")
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    own = int(kind["own"])
    assert shown(page) == wanted(page, key, f"{sizes[-2]}/{kind['levels'][-2]}/{own}/1")
    assert page.evaluate("location.hash") == (
        f"#like={key}&texts={sizes[-2]}&words={kind['levels'][-2]}&own={'yes' if own else 'no'}&first=small"
    )


def test_shows_the_measured_numbers_behind_the_advice(chooser) -> None:
    page = chooser()
    key, kind = first_kind(page)
    page.locator(f"[name=texts-{key}]").press("End")
    entry = kind["entries"][kind["advice"][f"{kind['sizes'][-1]}/{kind['levels'][-1]}/0/0"]]
    rows = page.locator(".chooser__numbers tbody tr")
    assert rows.count() == len(entry["rows"])
    for at, (_, arm, lead) in enumerate(entry["rows"]):
        accuracy = kind["cells"][-1][arm][0]
        expect(rows.nth(at)).to_contain_text(accuracy)
        expect(rows.nth(at)).to_contain_text(lead or "this one")
    expect(page.locator(".chooser__source")).to_contain_text(
        f"{kind['source']} at {kind['sizes'][-1]:,} labelled texts"
    )
    assert page.locator(".chooser__links a").count() >= 1


def test_every_kind_of_texts_keeps_the_other_answers(chooser) -> None:
    page = chooser()
    page.locator("[name=first][value=small]").check()
    for key, kind in page.evaluate(READ_DATA)["kinds"].items():
        page.locator(f"[name=like][value={key}]").check()
        expect(page.locator(".chooser__kind:visible")).to_have_count(1)
        expect(page.locator(f"[name=texts-{key}]")).to_have_attribute("aria-valuetext", "200 texts")
        assert shown(page) == wanted(page, key, f"200/{kind['levels'][-1]}/0/1")
        expect(page.locator(".chooser__source")).to_contain_text(kind["source"])


def test_a_link_reproduces_the_answers(chooser) -> None:
    page = chooser()
    key, kind = first_kind(page)
    least = kind["levels"][1]
    own = "yes" if kind["own"] else "no"
    # 90 texts were not measured; the nearest number was.
    linked = chooser(f"like={key}&texts=90&words={least}&own={own}&first=small")
    assert shown(linked) == wanted(linked, key, f"100/{least}/{int(kind['own'])}/1")
    expect(linked.locator("[name=first][value=small]")).to_be_checked()
    expect(linked.locator(".chooser")).to_be_in_viewport()
    linked.evaluate(f"location.hash = '#like={key}&texts=50&words=0&own=no&first=accuracy'")
    expect(linked.locator(f"[name=texts-{key}]")).to_have_attribute("aria-valuetext", "50 texts")
    assert shown(linked) == wanted(linked, key, "50/0/0/0")


@pytest.mark.parametrize(
    "fragment",
    ["which-should-i-use", "%", "like=toString&texts=50&words=0&own=no&first=small", "like=opinions&texts=x"],
)
def test_a_link_that_holds_no_answers_shows_the_first(chooser, fragment) -> None:
    page = chooser(fragment)
    key, kind = first_kind(page)
    assert shown(page) == wanted(page, key, f"200/{kind['levels'][-1]}/0/0")


def test_what_a_screen_reader_meets_has_a_name(chooser) -> None:
    page = chooser()
    for name in ("Your texts are most like", "What comes first"):
        expect(page.get_by_role("group", name=name)).to_be_visible()
    expect(question(page, "Share of your running words that ready-made vectors have")).to_be_visible()
    expect(page.get_by_role("slider", name=re.compile("Labelled texts that you have"))).to_be_visible()
    expect(page.locator("output.chooser__advice")).to_have_attribute("aria-live", "polite")


def test_focus_is_visible(chooser) -> None:
    page = chooser()
    page.locator("[name=like]").first.focus()
    for _ in range(4):
        outlined = page.evaluate(
            """() => [document.activeElement, document.activeElement.closest("label")]
                .some((each) => each && getComputedStyle(each).outlineStyle === "solid")"""
        )
        assert outlined
        page.keyboard.press("Tab")


@pytest.mark.parametrize("width", [1280, 375])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_is_accessible_and_fits_at_every_number_of_texts(chooser, scheme, width) -> None:
    page = chooser(scheme=scheme, width=width)
    key, _ = first_kind(page)
    for end in ("Home", "End"):
        page.locator(f"[name=texts-{key}]").press(end)
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
        inside = page.evaluate(
            """() => { const edge = document.querySelector(".chooser").getBoundingClientRect().right;
                return [...document.querySelectorAll(".chooser__form *")]
                    .filter((each) => each.getBoundingClientRect().right > edge + 1).map((each) => each.className); }"""
        )
        assert inside == []
        found = Axe().run(page, context="article")
        assert found.violations_count == 0, found.generate_report()


def test_reads_without_javascript(chooser) -> None:
    page = chooser(java_script_enabled=False)
    expect(page.locator(".chooser__form")).to_be_hidden()
    expect(page.locator(".chooser .book-table table").first).to_be_visible()
    expect(page.locator(".chooser .book-table caption").first).to_contain_text("read off")


def test_asks_for_no_more_than_its_script_and_style(browser, address) -> None:
    page = browser.new_page()
    asked = []
    page.on("request", lambda request: asked.append(request))
    page.goto(f"{address}/intro.html")
    page.locator("[name=first][value=small]").check()
    page.wait_for_timeout(300)
    assert [request.url for request in asked if request.resource_type in {"fetch", "xhr"}] == []
    assert [request.url for request in asked if not request.url.startswith((address, "data:"))] == []
    page.close()
