"""Take a screenshot of every page, light, dark and on a phone, into shots/: `make shots`.

RUNNING_DEMO=http://127.0.0.1:8000,http://127.0.0.1:8001 takes them of a demo that runs already.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page

from tests.e2e.browser import running_browser
from tests.e2e.places import PLACES, Place, sign_in, visit
from tests.e2e.stack import ROOT, Stack, running_stack

FOLDER = ROOT / "shots"
LOOKS: dict[str, dict[str, Any]] = {
    "light": {"viewport": {"width": 1440, "height": 900}, "color_scheme": "light"},
    "dark": {"viewport": {"width": 1440, "height": 900}, "color_scheme": "dark"},
    "phone": {
        "viewport": {"width": 390, "height": 844},
        "color_scheme": "light",
        "has_touch": True,
        "is_mobile": True,
        "device_scale_factor": 2,
    },
}
SANDBOX_PAGES = {
    "start": "/",
    "chat": "/chat/100200300400501",
    "shop": "/shop/100200300400501",
    "lead": "/lead/300100",
    "apps": "/apps",
    "faults": "/faults",
    "deliveries": "/deliveries",
}


@dataclass(frozen=True)
class Camera:
    """One look, and where its pictures go."""

    browser: Browser
    options: dict[str, Any]
    folder: Path

    def open(self) -> BrowserContext:
        return self.browser.new_context(**self.options)

    def take(self, page: Page, name: str) -> None:
        page.screenshot(path=self.folder / f"{name}.png", full_page=True)


def main(names: list[str]) -> None:
    """Take all, or only those whose name is given."""
    places = [place for place in PLACES if not names or place.name in names]
    with running_stack() as stack, running_browser() as browser:
        for look, options in LOOKS.items():
            camera = Camera(browser, options, FOLDER / look)
            camera.folder.mkdir(parents=True, exist_ok=True)
            _shoot(camera, stack, places)
            if not names:
                _shoot_sandbox(camera, stack)
    sys.stdout.write(f"The screenshots are in {FOLDER}\n")


def _shoot(camera: Camera, stack: Stack, places: list[Place]) -> None:
    people: dict[str, BrowserContext] = {}
    for place in places:
        if place.person not in people:
            people[place.person] = camera.open()
            if place.person:
                sign_in(people[place.person].new_page(), stack, place.person)
        page = people[place.person].new_page()
        visit(page, stack, place)
        camera.take(page, place.name)
        page.close()
    for context in people.values():
        context.close()


def _shoot_sandbox(camera: Camera, stack: Stack) -> None:
    context = camera.open()
    page = context.new_page()
    for name, path in SANDBOX_PAGES.items():
        page.goto(stack.sandbox.url + path)
        camera.take(page, f"sandbox-{name}")
    context.close()


if __name__ == "__main__":
    main(sys.argv[1:])
