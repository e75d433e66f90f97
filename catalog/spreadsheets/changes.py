"""What a file would change of what the store has, as a person reads it: where, from what, to what. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.models import Product, Status, Variant
from catalog.product_data import ProductData, VariantData
from ui.currency import decimals, to_major

MOST_LETTERS = 120

PRODUCT_COLUMNS = {
    "title": "title",
    "description": "description",
    "brand": "brand",
    "condition": "condition",
    "status": "status",
    "category": "product_type",
    "google_category": "google_product_category",
    "tags": "tags",
    "image_urls": "image_link",
    "option_names": "options",
    "colour": "color",
    "size": "size",
    "material": "material",
    "pattern": "pattern",
    "gender": "gender",
    "age_group": "age_group",
    "when_sold_out": "when_sold_out",
}
VARIANT_COLUMNS = {
    "title": "options",
    "option_values": "options",
    "sku": "sku",
    "gtin": "gtin",
    "mpn": "mpn",
    "image_url": "variant_image_link",
    "price_minor": "price",
    "sale_price_minor": "sale_price",
    "sale_starts_at": "sale_starts",
    "sale_ends_at": "sale_ends",
    "status": "for_sale",
}
"""What is kept → the heading under which it stands in a file."""


@dataclass(frozen=True)
class Change:
    """One cell that differs from what the store has; `product` is what it is called now."""

    row: int
    product: str
    column: str
    before: str
    after: str


def list_changes(
    data: ProductData,
    product: Product,
    variants: Mapping[int, Variant],
    rows: Sequence[int],
    *,
    currency: str,
) -> Iterator[Change]:
    """Yield what differs: of the product under its first row, of each variant under its own."""
    for name, after in data.product_fields().items():
        before = getattr(product, name)
        if before != after:
            yield Change(rows[0], product.title, PRODUCT_COLUMNS[name], _say(name, before), _say(name, after))
    for row, one in zip(rows, data.variants, strict=True):
        yield from _list_of_variant(one, variants.get(one.pk or 0), product.title, row, currency)


def _list_of_variant(
    data: VariantData, variant: Variant | None, title: str, row: int, currency: str
) -> Iterator[Change]:
    if variant is None:
        yield Change(row, title, "options", "", _("%(variant)s (new)") % {"variant": data.title or data.sku})
        return
    said = data.variant_fields()
    for name, column in VARIANT_COLUMNS.items():
        before, after = getattr(variant, name), said[name]
        is_said = name == "option_values" and variant.title != data.title  # with the words they make up
        if before == after or is_said:
            continue
        if name.endswith("_minor"):
            before, after = (None if one is None else _amount(one, currency) for one in (before, after))
        elif name == "status":
            before, after = (_("yes") if one == Status.ACTIVE else _("no") for one in (before, after))
        yield Change(row, str(variant), column, _say(name, before), _say(name, after))


def change_of_stock(variant: Variant, pieces: int, row: int) -> Change:
    return Change(row, str(variant), "quantity", str(variant.on_hand), str(pieces))


def _say(name: str, value: Any) -> str:
    if name == "image_urls":
        words = ngettext("%(n)s picture", "%(n)s pictures", len(value)) % {"n": len(value)}
        return f"{words}: {value[0]}"[:MOST_LETTERS] if value else words
    if isinstance(value, datetime):
        return timezone.localtime(value).strftime("%Y-%m-%d %H:%M")
    if isinstance(value, list):
        value = ", ".join(value)
    text = " ".join(str("" if value is None else value).split())
    return text if len(text) <= MOST_LETTERS else f"{text[: MOST_LETTERS - 1]}…"


def _amount(minor: int, currency: str) -> str:
    return f"{to_major(minor, currency):.{decimals(currency)}f}"
