"""Why an item at Meta cannot become a product of the store. Pure."""

from __future__ import annotations

from collections.abc import Collection

from django.utils.translation import gettext_lazy as _

from catalog.items import HIDDEN
from catalog.models import CANARY_PREFIX
from catalog.number_fields import MOST_MONEY
from integrations.graph.catalog_items import RemoteFacts, read_price

LONGEST_ID = 100

OBSTACLES = {
    "id": _(
        "Its number has a comma, a colon, a sign that nobody sees or more than 100 signs, which no checkout "
        "link can carry."
    ),
    "title": _("It has no title."),
    "currency": _("Its price is in another currency than the store's."),
    "sku": _(
        "A variant of yours has its number as SKU, so it would be there twice. Take the item out instead."
    ),
    "price": _("It has no price, or one that cannot be read."),
    "too_dear": _("Its price is above 999,999,999, more than a product of yours can have."),
    "check": _("It is no product: StormCom measures with it how fast stock arrives. Take it out instead."),
    "hidden": _("It is hidden at Meta, and as a product buyers would see it. Publish it there first."),
}
"""Kept in RemoteItem.obstacle → the sentence for it."""


def find_obstacle(facts: RemoteFacts, *, currency: str, skus: Collection[str]) -> str:
    """Return what stands in the way of an import, '' when nothing does. `skus` are those of the store."""
    number = facts.retailer_id
    if len(number) > LONGEST_ID or set(number) & {",", ":"} or not number.isprintable():
        return "id"
    if number.startswith(CANARY_PREFIX):
        return "check"
    if facts.retailer_id in skus:
        return "sku"
    if not facts.values.get("title"):
        return "title"
    if facts.values.get("visibility", "").lower() == HIDDEN:
        return "hidden"
    if facts.currency != currency:
        return "currency"
    price = read_price(facts.values.get("price", ""), currency)
    if not price:
        return "price"
    return "too_dear" if price > MOST_MONEY else ""
