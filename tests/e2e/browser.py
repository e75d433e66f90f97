"""One Chromium for all the journeys."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

from bootstrap import BROWSERS, find_browser

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)


@contextmanager
def running_browser() -> Iterator[Browser]:
    """Start the machine's own Chromium, headless. Raises a sentence when there is none."""
    program = find_browser()
    if program is None:
        raise RuntimeError(
            f"The browser tests need Chromium. None of these is on PATH: {', '.join(BROWSERS)}."
        )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(FLAGS))
        yield browser
        browser.close()
