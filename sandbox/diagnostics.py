"""What Meta finds wrong with a catalog's items, and with whom it may be shared: read only."""

from collections.abc import Callable, Iterator
from typing import Any

from sandbox.call import Call
from sandbox.errors import invalid
from sandbox.models import JSON, Catalog, InstagramAccount, Product
from sandbox.nodes import Handler, listing

CHANNELS = ["shops", "ig_product_tagging"]
MUST_FIX, OPPORTUNITY = "MUST_FIX", "OPPORTUNITY"
SHORT_TEXT = 30


def _is_rejected(data: JSON) -> bool:
    return bool(data["rejected_for"])


def _has_no_category(data: JSON) -> bool:
    return not data.get("google_product_category") and not data.get("fb_product_category")


def _has_poor_text(data: JSON) -> bool:
    return len(str(data.get("description") or "")) < SHORT_TEXT


GROUPS: tuple[tuple[str, str, str, str, Callable[[JSON], bool]], ...] = (
    (
        MUST_FIX,
        "POLICY_VIOLATION",
        "Items don't follow our commerce policies",
        "They are not shown in shops.",
        _is_rejected,
    ),
    (
        OPPORTUNITY,
        "CATEGORY",
        "Add a category to your items",
        "Items with a category are found more often.",
        _has_no_category,
    ),
    (
        OPPORTUNITY,
        "LOW_QUALITY_TITLE_AND_DESCRIPTION",
        "Improve your descriptions",
        "Longer descriptions help buyers decide.",
        _has_poor_text,
    ),
)
"""Severity, type, title, subtitle and which items are meant."""


def catalog_diagnostics(call: Call, catalog: Catalog) -> JSON:
    """Group what is wrong, as the edge does: there is no paging, and no group without an item."""
    call.need_scopes("catalog_management")
    wanted = call.json("severities") or [MUST_FIX, OPPORTUNITY]
    if set(wanted) - {MUST_FIX, OPPORTUNITY}:
        raise invalid("Param severities must be MUST_FIX or OPPORTUNITY")
    items = [_facts(product) for product in call.world.products_of(catalog.id)]
    return {"data": [group for group in _groups(items) if group["severity"] in wanted]}


def _facts(product: Product) -> JSON:
    return product.data | {"rejected_for": product.rejected_for}


def _groups(items: list[JSON]) -> Iterator[JSON]:
    for severity, kind, title, subtitle, is_meant in GROUPS:
        count = sum(is_meant(data) for data in items)
        if count:
            yield {
                "severity": severity,
                "type": kind,
                "title": title,
                "subtitle": subtitle,
                "error_code": 0,
                "affected_channels": CHANNELS,
                "affected_entity": "product_item",
                "affected_features": [],
                "number_of_affected_entities": count,
                "number_of_affected_items": count,
                "diagnostics": [],
            }


def item_errors(product: Product) -> list[JSON]:
    """Return what the node's own `errors` say of one item."""
    found = [_item_error("POLICY_VIOLATION", reason, "high") for reason in product.rejected_for]
    if _has_no_category(product.data):
        found.append(_item_error("EMPTY_CATEGORY", "The item has no category.", "low"))
    return found


def _item_error(kind: str, text: str, priority: str) -> JSON:
    return {"title": text, "description": text, "error_type": kind, "error_priority": priority}


def available_catalogs(call: Call, account: InstagramAccount) -> JSON:
    """Name the catalogs whose products an Instagram account may tag: rows without an id of their own."""
    call.need_scopes("instagram_basic", "instagram_shopping_tag_products", "catalog_management")
    page: Any = call.world.pages.get(account.page_id)
    if page is None or not account.may_tag:
        return listing(call, [])
    business = page.business_id
    rows = [catalog for catalog in call.world.catalogs.values() if catalog.business_id == business]
    return {"data": [_available(call, catalog) for catalog in rows]}


def _available(call: Call, catalog: Catalog) -> JSON:
    return {
        "catalog_id": catalog.id,
        "catalog_name": catalog.name,
        "shop_name": call.world.businesses[catalog.business_id].name,
        "product_count": sum(1 for _ in call.world.products_of(catalog.id)),
    }


ROUTES: dict[tuple[str, str, str], Handler] = {
    ("ProductCatalog", "GET", "diagnostics"): catalog_diagnostics,
    ("IGUser", "GET", "available_catalogs"): available_catalogs,
}
