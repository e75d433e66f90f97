"""A variant as Meta shall see it. Pure: no query, no call."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from catalog.models import Variant
from integrations.graph.catalogs import delete_request, price_text, update_request

TITLE_LENGTH = 200
DESCRIPTION_LENGTH = 5000
BRAND_LENGTH = 100

DELETED = "deleted"
"""The fingerprint of an item that is not in the catalog."""


@dataclass(frozen=True)
class Row:
    """One row of items_batch, and the fingerprint of what Meta will have when it takes it."""

    request: dict[str, Any]
    fingerprint: str
    size: int


def build_row(variant: Variant, *, base_url: str, delete: bool) -> Row:
    """Build the row for a variant as it is now. Needs `variant.product` and `variant.store`."""
    if delete:
        request = delete_request(variant.retailer_id)
        return Row(request, DELETED, len(json.dumps(request)))
    data = item_data(variant, base_url=base_url)
    text = json.dumps(data, sort_keys=True, separators=(",", ":"))
    return Row(update_request(data), hashlib.sha256(text.encode()).hexdigest(), len(text))


def item_data(variant: Variant, *, base_url: str) -> dict[str, Any]:
    """Return the variant in the field names of items_batch. Source: fact sheet section 17.4."""
    product = variant.product
    data = {
        "id": variant.retailer_id,
        "item_group_id": product.item_group_id,
        "title": _cut(str(variant), TITLE_LENGTH),
        "description": _cut(product.description or product.title, DESCRIPTION_LENGTH),
        "availability": "in stock" if variant.available else "out of stock",
        "condition": product.condition,
        "price": price_text(variant.price_minor, variant.currency),
        "link": product_link(variant, base_url=base_url),
        "brand": _cut(product.brand or variant.store.name, BRAND_LENGTH),
    }
    if variant.available:
        data["quantity_to_sell_on_facebook"] = variant.available
    if product.image_url:
        data["image"] = [{"url": product.image_url}]
    return data


def product_link(variant: Variant, *, base_url: str) -> str:
    """Return the address of the store's own page of the variant."""
    return (
        f"{base_url}/shop/{variant.store.slug}/{variant.product.item_group_id}?variant={variant.retailer_id}"
    )


def _cut(text: str, length: int) -> str:
    """Collapse blanks and cut at a word; Meta refuses the item otherwise."""
    words = " ".join(text.split())
    if len(words) <= length:
        return words
    head = words[: length - 1]
    return (head.rsplit(" ", 1)[0] if " " in head else head) + "…"
