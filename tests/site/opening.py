"""Pages opened in a browser until they have come to rest."""

from __future__ import annotations

from playwright.sync_api import Page


def open_page(page: Page, url: str) -> None:
    """Open a page and wait until its scripts have run and it asks for nothing more."""
    # In this order: a busy machine parses a long page for a while after its last request, and runs its scripts later.
    page.goto(url, wait_until="load")
    page.wait_for_load_state("networkidle")
