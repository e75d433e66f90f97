from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, StorageState

from tests.e2e.places import PLACES, Place, visit
from tests.e2e.stack import Stack

RULES: dict[str, dict[str, Any]] = {
    "light": {"resultTypes": ["violations"]},
    "dark": {"resultTypes": ["violations"], "runOnly": ["color-contrast"]},
}
"""What axe looks for by theme: the themes differ in their colours alone."""
NOT_OURS = {"admin"}
"""Django's own pages: watched for errors, not for how accessible they are."""


@pytest.fixture(scope="module")
def window_of(browser: Browser, cookies_of: Callable[[str], StorageState]) -> Iterator[Callable[[str], Page]]:
    """One window for each person, which goes from page to page."""
    windows: dict[str, BrowserContext] = {}

    def find(person: str) -> Page:
        if person not in windows:
            state = cookies_of(person) if person else None
            windows[person] = browser.new_context(storage_state=state, reduced_motion="reduce")
        return windows[person].new_page()

    yield find
    for window in windows.values():
        window.close()


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.name)
def test_a_page_has_no_errors_and_no_barriers(
    place: Place, stack: Stack, window_of: Callable[[str], Page]
) -> None:
    page = window_of(place.person)
    troubles: list[str] = []
    page.on("console", lambda message: troubles.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: troubles.append(str(error)))
    visit(page, stack, place)
    barriers = [] if place.name in NOT_OURS else _find_barriers(page)
    page.close()
    assert troubles == []
    assert barriers == []


def _find_barriers(page: Page) -> list[str]:
    """Return what axe finds in both themes: the rule, where, and why."""
    found = []
    for theme, rules in RULES.items():
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        # Colours change by a transition: on a busy machine axe would measure one half way.
        page.evaluate("document.getAnimations().forEach(animation => animation.finish())")
        for violation in Axe().run(page, options=rules).response["violations"]:
            found += [f"{theme}: {words}" for words in _describe(violation)]
    return found


def _describe(violation: dict[str, Any]) -> list[str]:
    return [
        f"{violation['id']} at {node['target']}: {node['failureSummary'].splitlines()[-1].strip()}"
        for node in violation["nodes"]
    ]
