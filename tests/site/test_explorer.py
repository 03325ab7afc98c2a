"""The explorer in a real browser: typed into, driven by keyboard, listened to, linked to, compared with gensim."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from embedbook.site.explorer import files, quantising
from embedbook.site.explorer.spaces import SPACES
from embedbook.vectors import keyed_vectors, neighbours

BOOK = Path(__file__).parents[2]
STORED = BOOK / "data" / "explorer"
VIEWS = {
    "neighbours": "cat",
    "compare": "cat,dog",
    "analogy": "man,king,woman",
    "path": "cat,king",
}
Open = Callable[..., Page]


@pytest.fixture
def explorer(browser: Browser, address: str) -> Iterator[Open]:
    """Open the explorer, with a fragment, a colour scheme and a width."""
    contexts = []

    def open_page(fragment: str = "", *, scheme: str = "light", width: int = 1280, **options: object) -> Page:
        contexts.append(browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme, **options))
        page = contexts[-1].new_page()
        page.goto(f"{address}/explorer.html{'#' if fragment else ''}{fragment}")
        if options.get("java_script_enabled", True):
            page.wait_for_selector(".explorer__body > *", timeout=20_000)
        return page

    yield open_page
    for context in contexts:
        context.close()


def listed(page: Page, space: str) -> list[str]:
    """The words that a space shows."""
    return page.locator(f"#explorer-space-{space} ~ .explorer__body .explorer__word").all_inner_texts()


def test_a_typed_word_shows_its_neighbours_in_all_spaces(explorer) -> None:
    page = explorer()
    page.get_by_role("combobox", name="Word").fill("dog")
    stored = files.read(STORED).neighbours("dog", 10)
    for title in SPACES:
        assert listed(page, title.key) == stored[title.key]
    assert "dogs" in listed(page, "glove")


def test_the_first_answer_comes_within_a_tenth_of_a_second(explorer) -> None:
    """Measured in the browser from the key to the drawn page; the quickest counts, since other work only adds time."""
    page = explorer()
    page.get_by_role("combobox", name="Word").fill("ca")
    page.evaluate(
        """() => {
            window.answers = [];
            document.addEventListener("keydown", () => {
                const begun = performance.now();
                requestAnimationFrame(() => setTimeout(() => window.answers.push(performance.now() - begun)));
            }, true);
        }"""
    )
    for key in ("t", "Backspace", "r", "Backspace", "t", "Backspace", "r"):
        page.keyboard.press(key)
        page.wait_for_timeout(120)
    page.wait_for_function("window.answers.length === 7")
    times = sorted(page.evaluate("window.answers"))
    assert page.get_by_role("table", name="The 10 words nearest to car").count() == len(SPACES)
    sys.stdout.write(
        f"keystroke to drawn answer: {times[0]:.0f} ms, median {times[3]:.0f} ms, slowest {times[-1]:.0f} ms\n"
    )
    assert times[0] < 100


def test_similarities_are_those_of_gensim_on_the_stored_vectors(explorer) -> None:
    """That the stored vectors keep all cosines within the tolerance was measured when they were written."""
    page = explorer()
    stored = files.read(STORED)
    random = np.random.default_rng(0)
    pairs = random.integers(len(stored.words), size=(500, 2)).tolist()
    for space in stored.spaces:
        key = space.title.key
        shown = page.evaluate(
            """async ([key, pairs]) => {
                const { spaces } = await document.querySelector(".explorer").explorer;
                return pairs.map(([a, b]) => spaces[key].similarity(a, b));
            }""",
            [key, pairs],
        )
        table = keyed_vectors(list(stored.words), space.codes.astype(np.float32))
        wanted = [table.similarity(stored.words[a], stored.words[b]) for a, b in pairs]
        assert shown == pytest.approx(wanted, abs=1e-5)
        sys.stdout.write(f"{key}: stored similarities are at most {space.largest_error:.4f} from the full ones\n")
        assert space.largest_error <= quantising.TOLERANCE


@pytest.mark.parametrize("kind", ["word2vec", "glove"])
def test_shown_similarities_agree_with_gensim_on_the_full_vectors(explorer, mirror, kind) -> None:
    from embedbook.site.explorer.words import spelling
    from embedbook.vectors import load_pretrained

    stored = files.read(STORED)
    full = load_pretrained(kind, mode="real")
    rows = full[[spelling(word, full.key_to_index) for word in stored.words]]
    table = keyed_vectors(list(stored.words), rows)
    page = explorer()
    words = ["cat", "good", "bank", "king", "paris", *np.random.default_rng(1).choice(stored.words, 20, replace=False)]
    for word in words:
        wanted = neighbours(table, str(word), 10)
        shown = page.evaluate(
            """async ([key, word, others]) => {
                const { spaces, rows } = await document.querySelector(".explorer").explorer;
                return others.map((other) => spaces[key].similarity(rows.get(word), rows.get(other)));
            }""",
            [kind, str(word), [other for other, _ in wanted]],
        )
        assert shown == pytest.approx([similarity for _, similarity in wanted], abs=quantising.TOLERANCE)


def test_works_by_keyboard_alone(explorer) -> None:
    page = explorer()
    page.get_by_role("tab", name="Neighbours").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tab", name="Two words")).to_be_focused()
    expect(page.get_by_role("tab", name="Two words")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Tab")  # the button that copies the link
    page.keyboard.press("Tab")
    first = page.get_by_role("combobox", name="Word", exact=True)
    expect(first).to_be_focused()

    page.keyboard.type("quee")
    options = page.get_by_role("option")
    expect(first).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    assert first.get_attribute("aria-activedescendant") == options.first.get_attribute("id")
    page.keyboard.press("Enter")
    assert first.input_value() == "queen"
    expect(first).to_have_attribute("aria-expanded", "false")

    page.keyboard.press("Tab")
    page.keyboard.type("kin")
    page.keyboard.press("Escape")
    expect(page.get_by_role("listbox")).to_have_count(0)
    page.keyboard.type("g")
    assert page.evaluate("location.hash") == "#compare=queen,king"


def test_focus_is_visible(explorer) -> None:
    page = explorer()
    page.get_by_role("tab", name="Neighbours").focus()
    for _ in range(3):
        page.keyboard.press("Tab")
        style = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert style == "solid"


def test_what_a_screen_reader_meets_has_a_name(explorer) -> None:
    page = explorer()
    expect(page.get_by_role("tablist", name="What to look at")).to_be_visible()
    expect(page.get_by_role("tabpanel", name="Neighbours")).to_be_visible()
    for title in SPACES:
        region = page.get_by_role("region", name=title.title, exact=True)
        expect(region.get_by_role("table", name="The 10 words nearest to cat")).to_be_visible()
        expect(region.get_by_role("img", name=f"Map of the space {title.title}: cat and")).to_be_visible()
    page.get_by_role("combobox", name="Word").fill("dog")
    expect(page.locator(".explorer [role=status]")).to_contain_text("Neighbours, dog. Sentiment: ")


def test_a_word_that_is_not_there_is_said_to_be_missing(explorer) -> None:
    page = explorer()
    field = page.get_by_role("combobox", name="Word")
    field.fill("xyzzy")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_accessible_description("“xyzzy” is not among the 5,000 words.")
    assert page.get_by_role("table", name="nearest to cat").count() == len(SPACES), "the last answer stays"


def test_a_word_that_is_begun_is_finished_by_enter_and_given_up_by_leaving(explorer) -> None:
    page = explorer("neighbours=cat")
    field = page.get_by_role("combobox", name="Word")
    field.fill("fren")
    field.press("Enter")
    assert field.input_value() == "french"
    field.fill("fren")
    field.press("Tab")
    assert field.input_value() == "french"


def test_pressing_a_neighbour_goes_there(explorer) -> None:
    page = explorer("neighbours=cat")
    word = listed(page, "glove")[0]
    page.get_by_role("region", name="GloVe").get_by_role("button", name=word, exact=True).click()
    assert page.evaluate("location.hash") == f"#neighbours={word}"
    assert page.get_by_role("combobox", name="Word").input_value() == word


@pytest.mark.parametrize(("view", "words"), VIEWS.items())
def test_a_link_reproduces_the_view(explorer, view, words) -> None:
    page = explorer(f"{view}={words}")
    assert [field.input_value() for field in page.get_by_role("combobox").all()] == words.split(",")
    before = page.locator(".explorer__spaces").inner_text()
    again = explorer(page.evaluate("location.hash").removeprefix("#"))
    assert again.locator(".explorer__spaces").inner_text() == before


@pytest.mark.parametrize("fragment", ["how-to-read-it", "neighbours=xyzzy", "path=cat", "%", "toString=cat"])
def test_a_link_that_names_no_view_shows_the_first(explorer, fragment) -> None:
    page = explorer(fragment)
    assert page.get_by_role("combobox", name="Word").input_value() == "cat"


def test_two_words_are_ranked_as_in_gensim(explorer) -> None:
    page = explorer("compare=cat,dog")
    stored = files.read(STORED)
    space = next(space for space in stored.spaces if space.title.key == "glove")
    table = keyed_vectors(list(stored.words), space.codes.astype(np.float32))
    shown = page.get_by_role("region", name="GloVe").inner_text().replace("−", "-")
    assert f"{table.similarity('cat', 'dog'):.2f}" in shown
    assert table.rank("cat", "dog") == 1
    assert "dog is the nearest word to cat" in shown


def test_analogies_are_those_of_gensim(explorer) -> None:
    page = explorer("analogy=france,paris,germany")
    stored = files.read(STORED)
    for space in stored.spaces:
        table = keyed_vectors(list(stored.words), space.codes.astype(np.float32))
        wanted = table.most_similar(positive=["paris", "germany"], negative=["france"], topn=5)
        assert listed(page, space.title.key) == [word for word, _ in wanted]
    assert listed(page, "glove")[0] == "berlin"


def test_a_path_leads_from_word_to_word_nearer_to_the_goal(explorer) -> None:
    page = explorer("path=cat,king")
    stored = files.read(STORED)
    for space in stored.spaces:
        steps = listed(page, space.title.key)
        assert (steps[0], steps[-1]) == ("cat", "king")
        rows = [stored.words.index(word) for word in steps]
        to_goal = quantising.cosines(space.codes[rows], space.codes[rows[-1:]])[:, 0]
        assert (np.diff(to_goal) > 0).all()


@pytest.mark.parametrize("width", [1280, 375])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("view", "words"), VIEWS.items())
def test_every_view_is_accessible_and_fits(explorer, view, words, scheme, width) -> None:
    page = explorer(f"{view}={words}", scheme=scheme, width=width)
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    found = Axe().run(page, context="article")
    assert found.violations_count == 0, found.generate_report()


def test_is_linked_from_the_header_of_every_page(browser, address, page_path) -> None:
    page = browser.new_page()
    page.goto(f"{address}/{page_path}")
    expect(page.locator(".bd-header-article .explorer-link")).to_be_visible()
    page.close()


def test_asks_no_other_host_and_no_more_than_it_may_weigh(browser, address) -> None:
    page = browser.new_page()
    answers = []
    page.on("response", lambda answer: answers.append(answer))
    page.goto(f"{address}/explorer.html")
    page.wait_for_selector(".explorer__body > *")
    assert [answer.url for answer in answers if not answer.url.startswith((address, "data:"))] == []
    packed = [answer for answer in answers if answer.url.endswith(".bin")]
    assert len(packed) == len(SPACES)
    size = sum(int(answer.headers["content-length"]) for answer in packed)
    sys.stdout.write(f"vectors of the explorer: {size:,} bytes of at most {files.MOST_BYTES:,}\n")
    assert size <= files.MOST_BYTES
    page.close()


def test_opens_from_a_disk_without_a_server(browser, address) -> None:
    page = browser.new_page()
    page.goto((BOOK / "_build" / "html" / "explorer.html").as_uri())
    page.wait_for_selector(".explorer__body > *", timeout=20_000)
    assert "dog" in listed(page, "glove")
    page.close()


def test_without_javascript_there_is_a_sentence_and_a_table(explorer) -> None:
    page = explorer(java_script_enabled=False)
    expect(page.get_by_text("needs JavaScript")).to_be_visible()
    table = page.locator(".explorer__plain table")
    expect(table).to_be_visible()
    assert "dog" in table.locator("tr", has=page.get_by_role("rowheader", name="cat")).inner_text()
