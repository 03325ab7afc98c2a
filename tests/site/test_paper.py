"""A printed page: white, whole, nothing hidden in a box that would have to be scrolled."""

from __future__ import annotations

from pathlib import Path

from opening import open_page
from playwright.sync_api import Browser, Route

SITE = Path(__file__).parents[2] / "_build" / "html"
_A4_COLUMN = 718  # pixels: 210 mm less a browser's usual margins

# Boxes that are narrower or lower than what is in them; a closed list of numbers is not printed.
_CUT_OFF = """
[...document.querySelectorAll("article :is(pre, .book-table, .book-figure__table, .book-figure__plot)")]
  .filter((box) => box.checkVisibility({contentVisibilityAuto: true}) && box.getClientRects().length)
  .filter((box) => !box.closest("details:not([open])"))
  .filter((box) => box.scrollWidth > box.clientWidth + 2 || box.scrollHeight > box.clientHeight + 2)
  .map((box) => `${box.className || box.tagName}: ${box.innerText.slice(0, 60)}`)
"""


# Straight after loading: most figures were never in view, and a browser that prints waits for none of them.
_UNDRAWN_ON_PAPER = """
async () => {
  window.dispatchEvent(new Event("beforeprint"));
  await new Promise((done) => setTimeout(done));
  const places = [...document.querySelectorAll(".book-figure__plot")];
  return places.filter((place) => !place.querySelector(".main-svg")).length;
}
"""


_AS_WIDE_AS_THEIR_PLACES = """
[...document.querySelectorAll(".book-figure__plot")].every(
  (place) => Math.abs(place.querySelector(".main-svg").getBoundingClientRect().width - place.clientWidth) < 1)
"""


def test_nothing_is_cut_off_on_paper(browser: Browser, address, page_path) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 800}, color_scheme="dark")
    page = context.new_page()
    open_page(page, f"{address}/{page_path}")
    undrawn = page.evaluate(_UNDRAWN_ON_PAPER)
    page.emulate_media(media="print")
    page.set_viewport_size({"width": _A4_COLUMN, "height": 1000})
    theme = page.evaluate("document.documentElement.dataset.theme")
    cut_off = page.evaluate(_CUT_OFF)
    page.emulate_media(media="screen")
    page.set_viewport_size({"width": 375, "height": 800})
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    theme_after = page.evaluate("document.documentElement.dataset.theme")
    page.wait_for_function(_AS_WIDE_AS_THEIR_PLACES)
    context.close()
    assert undrawn == 0
    assert theme == "light"
    assert theme_after == "dark"
    assert cut_off == []


def first_page_with_figures() -> Path:
    return next(file for file in sorted(SITE.glob("chapters/*.html")) if "book-figure__plot" in file.read_text())


def test_a_page_from_a_disk_prints_its_figures(browser: Browser, address) -> None:
    page = browser.new_page()
    open_page(page, first_page_with_figures().as_uri())
    undrawn = page.evaluate(_UNDRAWN_ON_PAPER)
    page.close()
    assert undrawn == 0


_WIDTH_OF_THE_FIRST = "document.querySelector('.book-figure__plot .main-svg').getBoundingClientRect().width"


def test_a_page_that_is_printed_while_plotly_still_comes_stays_as_wide_as_paper(browser: Browser, address) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    held: list[Route] = []

    def hold_the_first(route: Route) -> None:
        if held:
            route.continue_()
        else:
            held.append(route)

    page.route("**/plotly*.js", hold_the_first)
    with page.expect_request("**/plotly*.js"):
        page.goto(f"{address}/chapters/{first_page_with_figures().name}", wait_until="domcontentloaded")
        page.locator(".book-figure__plot").first.scroll_into_view_if_needed()
    assert page.evaluate(_UNDRAWN_ON_PAPER) == 0
    on_paper = page.evaluate(_WIDTH_OF_THE_FIRST)
    held[0].continue_()
    page.wait_for_load_state("networkidle")
    assert page.evaluate(_WIDTH_OF_THE_FIRST) == on_paper < _A4_COLUMN
    page.close()
