"""Every page a person can open: what the screenshots show and what the checks of all pages walk."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page

from operations.demo.sign_ins import OWNER, PASSWORD, STAFF, STRANGER
from tests.e2e.stack import Stack


@dataclass(frozen=True, kw_only=True)
class Place:
    """One page, seen by `person` ('' is nobody). `links` lead on from `path` where the address has ids."""

    name: str
    path: str
    person: str = OWNER
    links: tuple[str, ...] = ()


def _in_store(name: str, path: str, *links: str) -> Place:
    return Place(name=name, path=f"/s/hazel-home/{path}", links=links)


def _in_new_store(name: str, path: str) -> Place:
    return Place(name=f"new-{name}", path=f"/s/bolt-bikes/{path}", person=STRANGER)


_ROW = "tbody a"
_PAGE = "main h2 a[href*='/pages/']"
_CONVERSATION = "a.threads__row"

PLACES = (
    Place(name="landing", path="/", person=""),
    Place(name="sign-in", path="/accounts/login/", person=""),
    Place(name="sign-up", path="/accounts/signup/", person=""),
    Place(name="password-reset", path="/accounts/password/reset/", person=""),
    Place(name="privacy", path="/privacy/", person=""),
    Place(name="terms", path="/terms/", person=""),
    Place(name="data-deletion", path="/data-deletion/", person=""),
    Place(name="api-docs", path="/api/docs", person=""),
    Place(name="outbox", path="/outbox/", person=""),
    Place(name="styleguide", path="/styleguide/", person=""),
    _in_store("home", ""),
    _in_store("inbox", "inbox/"),
    _in_store("conversation", "inbox/?show=all", _CONVERSATION),
    _in_store("orders", "orders/"),
    _in_store("order", "orders/", _ROW),
    _in_store("order-new", "orders/new/"),
    _in_store("products", "catalog/"),
    _in_store("product", "catalog/", _ROW),
    _in_store("stock", "catalog/", _ROW, "main a[href$='/ledger/']"),
    _in_store("product-edit", "catalog/", _ROW, "main a[href$='/edit/']"),
    _in_store("shop-product", "catalog/", _ROW, "main a[href^='/shop/']"),
    _in_store("product-new", "catalog/new/"),
    _in_store("product-import", "catalog/import/"),
    _in_store("stock-settings", "catalog/stock/"),
    _in_store("catalogs", "catalog/meta/"),
    _in_store("catalog-new", "catalog/meta/new/"),
    _in_store("catalog-choose", "catalog/meta/", "main a[href$='/choose/']"),
    _in_store("catalog-rhythm", "catalog/meta/", "main a[href$='/rhythm/']"),
    _in_store("catalog-unlink", "catalog/meta/", "main a[href$='/disconnect/']"),
    _in_store("catalog-compare", "catalog/meta/", "main a[href$='/compare/']"),
    _in_store("catalog-advice", "catalog/meta/", "main a[href$='/advice/']"),
    _in_store("catalog-items", "catalog/meta/", "main a[href$='/items/']"),
    _in_store("catalog-push", "catalog/meta/", "main a[href$='/push/']"),
    _in_store("catalog-sets", "catalog/meta/", "main a[href$='/sets/']"),
    _in_store("leads", "leads/"),
    _in_store("lead", "leads/", _ROW),
    _in_store("integrations", "integrations/"),
    _in_store("pick-pages", "integrations/", "main a[href*='/accounts/']:not([href$='/permissions/'])"),
    _in_store("permissions", "integrations/", "main a[href$='/permissions/']"),
    _in_store("page", "integrations/", _PAGE),
    _in_store("instagram", "integrations/", "main a[href*='/instagram/']"),
    _in_store("disconnect", "integrations/", _PAGE, "main a[href$='/disconnect/']"),
    _in_store("delete-page", "integrations/", _PAGE, "main a[href$='/delete/']"),
    _in_store("health", "health/"),
    _in_store("events", "health/events/"),
    _in_store("event", "health/events/", _ROW),
    _in_store("recover", "health/events/recover/?since=1d"),
    _in_store("team", "settings/team/"),
    _in_store("settings", "settings/"),
    _in_store("audit", "settings/audit/"),
    _in_store("api-keys", "settings/api/"),
    _in_store("erasures", "settings/erasures/"),
    _in_store("erase-customer", "inbox/?show=all", _CONVERSATION, "main a[href$='/erase/']"),
    Place(name="stores", path="/stores/"),
    Place(name="store-new", path="/stores/new/"),
    Place(name="account-email", path="/accounts/email/"),
    Place(name="account-password", path="/accounts/password/change/"),
    Place(name="account-second-factor", path="/accounts/2fa/"),
    Place(name="app-review", path="/staff/app-review/", person=STAFF),
    Place(name="admin", path="/admin/", person=STAFF),
    _in_new_store("home", ""),
    _in_new_store("inbox", "inbox/"),
    _in_new_store("orders", "orders/"),
    _in_new_store("products", "catalog/"),
    _in_new_store("leads", "leads/"),
    _in_new_store("integrations", "integrations/"),
    _in_new_store("health", "health/"),
)


def sign_in(page: Page, stack: Stack, email: str) -> None:
    """Sign in as a person does, by the form."""
    page.goto(f"{stack.url}/accounts/login/")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(lambda url: "/accounts/login" not in url)


def visit(page: Page, stack: Stack, place: Place) -> None:
    """Open a place. Raises when it answers with another status than it should."""
    answer = page.goto(stack.url + place.path)
    for link in place.links:
        href = page.locator(link).first.get_attribute("href")
        answer = page.goto(f"{stack.url}{href}")
    if answer is None or answer.status != 200:
        raise AssertionError(f"{place.name}: {page.url} answers {answer and answer.status}.")


def reload_until(page: Page, is_there: Callable[[], bool]) -> None:
    """Look again as an impatient person does; raises after a while."""
    for _attempt in range(60):
        if is_there():
            return
        page.wait_for_timeout(250)
        page.reload()
    raise AssertionError(f"It does not show up on {page.url}")
