"""A catalog's life in the browser: made, chosen for, agreed to, and let go."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Locator, Page, expect

from catalog.models import CANARY_PREFIX
from operations.demo.sign_ins import OWNER
from tests.e2e.conftest import OpenPage
from tests.e2e.places import reload_until
from tests.e2e.stack import Stack

NAME = "Summer shop"


def card_of(page: Page) -> Locator:
    heading = page.get_by_role("heading", name=NAME, exact=True)
    return page.locator("section", has=heading)


def at_meta(stack: Stack) -> dict[str, Any]:
    """Return what Meta has of the catalog: the catalog itself, and its items."""
    world = stack.world()
    catalogs = [row for row in world["catalogs"] if row["name"] == NAME]
    ids = [row["id"] for row in catalogs]
    items = [row["retailer_id"] for row in world["products"] if row["catalog_id"] in ids]
    return {"catalogs": catalogs, "items": [one for one in items if not one.startswith(CANARY_PREFIX)]}


def test_a_catalog_is_made_chosen_for_agreed_to_and_let_go(stack: Stack, open_page: OpenPage) -> None:
    page = open_page(OWNER)
    page.goto(stack.store("catalog/meta/"))
    page.get_by_role("link", name="New catalog").click()
    expect(page.get_by_label("Name", exact=True)).to_be_visible(timeout=90_000)  # Meta was asked by then
    page.get_by_label("Name", exact=True).fill(NAME)
    page.get_by_role("button", name="Make the catalog").click()
    reload_until(page, lambda: card_of(page).count() == 1)
    assert len(at_meta(stack)["catalogs"]) == 1

    card_of(page).get_by_role("link", name="Choose products").click()
    page.get_by_label("All products").check()
    page.get_by_role("button", name="See what that changes").click()
    expect(page.get_by_text("Items added")).to_be_visible()
    page.get_by_role("button", name="Show these").click()
    send = page.get_by_role("button", name=re.compile(r"^Send \d+ items$"))
    reload_until(page, lambda: send.count() == 1)
    assert at_meta(stack)["items"] == []
    send.click()
    reload_until(page, lambda: len(at_meta(stack)["items"]) > 0)

    page.goto(stack.store("catalog/meta/"))
    card_of(page).get_by_role("link", name="Disconnect").click()
    expect(page.get_by_label("Leave them as they are")).to_be_checked()
    page.get_by_label("Take them out first").check()
    page.get_by_role("button", name=f"Disconnect {NAME}").click()
    expect(page.get_by_role("heading", name="Your items are being taken out")).to_be_visible()
    # The page leads back by itself when the catalog is let go.
    expect(page.get_by_role("heading", name="Meta catalogs")).to_be_visible(timeout=180_000)
    expect(card_of(page)).to_have_count(0)
    assert at_meta(stack)["items"] == []
