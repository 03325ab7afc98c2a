"""On one page each link still leads to the place that it names, though chapters name places alike."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import small_build

CONFIGURATION = """
extensions = ["one_page_alone"]
html_theme = "basic"
root_doc = "intro"
"""
EXTENSION = "from embedbook.site import one_page\n\n\ndef setup(app):\n    one_page.connect(app)\n"
INTRO = """
Intro
=====

.. toctree::

   chapters/01
   chapters/02
"""
CHAPTER = """
Chapter {number}
==========

.. _exercises-{number}:

Exercises
---------

See :ref:`exercises-{other}`, and `below <here_>`_.

.. _here:

A word here.

.. raw:: html

   <div id="claim-small-data" class="claim">holds</div>
"""


@pytest.fixture(scope="module")
def page(tmp_path_factory) -> str:
    folder = tmp_path_factory.mktemp("book")
    (folder / "chapters").mkdir()
    (folder / "conf.py").write_text(f"import sys\nsys.path.insert(0, {str(folder)!r})\n{CONFIGURATION}")
    (folder / "one_page_alone.py").write_text(EXTENSION)
    (folder / "intro.rst").write_text(INTRO)
    for number, other in (("01", "02"), ("02", "01")):
        (folder / "chapters" / f"{number}.rst").write_text(CHAPTER.format(number=number, other=other))
    assert small_build.build(folder, "singlehtml") == ""
    return Path(folder, "_build", "intro.html").read_text(encoding="utf-8")


def test_no_two_places_have_one_name(page: str) -> None:
    names = re.findall(r' id="([^"]+)"', page)
    assert len(set(names)) == len(names)
    assert {"chapters-01--claim-small-data", "chapters-02--claim-small-data"} <= set(names)


def test_every_link_leads_to_a_place_of_the_page(page: str) -> None:
    links = re.findall(r'href="#([^"]+)"', page)
    assert set(links) <= set(re.findall(r' id="([^"]+)"', page))


def test_a_link_leads_to_the_chapter_that_it_names(page: str) -> None:
    first, second = (page.index(f'id="document-chapters/{number}"') for number in ("01", "02"))
    assert 'href="#chapters-02--exercises-02"' in page[first:second]
    assert 'href="#chapters-01--exercises-01"' in page[second:]
    # A link within a chapter stays in it.
    assert 'href="#chapters-02--here"' in page[second:]


def test_nothing_asks_for_an_index_to_search_in(page: str) -> None:
    assert "searchindex.js" not in page
    assert "one-page.css" in page
