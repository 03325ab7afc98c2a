"""What can be seen in the built files without a browser: weight, links, descriptions, badges, buttons."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag, urlsplit

from embedbook.site.repository import repository_address

BOOK = Path(__file__).parents[2]
SITE = BOOK / "_build" / "html"
HEAVIEST_PAGE = 300_000  # bytes of HTML
DRAWER = "_static/plotly.min.js"


class Reader(HTMLParser):
    """Collects of a page what the tests ask for."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.anchors: set[str] = set()
        self.described: dict[str, str] = {}
        self.feed(page.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attributes}
        self.anchors |= {found[key] for key in ("id", "name") if key in found}
        if tag in {"a", "link"} and "href" in found:
            self.links.append(found["href"])
        if tag in {"img", "script"} and "src" in found:
            self.links.append(found["src"])
        if tag == "meta" and "content" in found:
            self.described[found.get("name") or found.get("property") or ""] = found["content"]


def test_page_is_light(page_path) -> None:
    assert (SITE / page_path).stat().st_size <= HEAVIEST_PAGE


def test_every_link_inside_the_site_leads_somewhere(page_path) -> None:
    page = SITE / page_path
    broken = []
    for link in Reader(page).links:
        if urlsplit(link).scheme or link.startswith("//"):
            continue
        target, anchor = urldefrag(link)
        file = (page.parent / unquote(urlsplit(target).path)).resolve() if urlsplit(target).path else page
        known = file.is_file() and (not anchor or file.suffix != ".html" or unquote(anchor) in Reader(file).anchors)
        if not known:
            broken.append(link)
    assert broken == []


def test_page_describes_itself_to_search_engines_and_previews(page_path) -> None:
    described = Reader(SITE / page_path).described
    for key in ("description", "og:title", "og:description", "og:type"):
        assert described.get(key, "").strip(), f"no {key}"
    assert "\\" not in described["description"], "a formula ran into the description"


def test_chapter_says_which_data_it_ran_on() -> None:
    for page in SITE.glob("chapters/*.html"):
        assert 'class="data-badge data-badge--' in page.read_text(encoding="utf-8"), page.name


def test_plotly_is_there_once_and_loaded_only_where_it_has_figures_to_draw(page_path) -> None:
    assert (SITE / DRAWER).stat().st_size > 1_000_000
    page = (SITE / page_path).read_text(encoding="utf-8")
    assert page.count("plotly.min.js") == (1 if 'class="book-figure__plot"' in page else 0)


def test_the_landing_page_answers_without_waiting_for_a_drawing_program() -> None:
    page = (SITE / "intro.html").read_text(encoding="utf-8")
    assert 'class="line-chart"' in page
    assert "plotly" not in page


def test_buttons_for_the_repository_and_binder_are_there_only_if_it_is_known() -> None:
    page = next(SITE.glob("chapters/*.html")).read_text(encoding="utf-8")
    known = repository_address(BOOK)
    assert ("mybinder.org" in page) == (known is not None)
    assert ("btn-source-repository-button" in page) == (known is not None)


def test_page_is_free_of_what_only_the_tests_need(page_path) -> None:
    assert "NBVAL_" not in (SITE / page_path).read_text(encoding="utf-8")
