"""A variant as Meta shall see it. Pure: no query, no call."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from catalog.models import Product, Variant
from catalog.pictures.addresses import absolute
from catalog.texts import Text, plain
from integrations.graph.catalogs import delete_request, price_text, update_request

TITLE_LENGTH = 200
DESCRIPTION_LENGTH = 5000
BRAND_LENGTH = 100
MOST_IMAGES = 21

ATTRIBUTES = {
    "colour": "color",
    "color": "color",
    "size": "size",
    "material": "material",
    "pattern": "pattern",
    "gender": "gender",
    "age group": "age_group",
}
"""An option's name, in small letters → Meta's field. Any other option is an additional attribute."""
WORDS = {
    "gender": {"women": "female", "men": "male", "everybody": "unisex"},
    "age_group": {"adults": "adult", "teenagers": "teen", "children": "kids", "newborns": "newborn"},
}
"""Meta's field → how merchants name its values → Meta's values."""
LENGTHS = {"color": 100, "size": 200, "material": 200, "pattern": 100}

SHOWN, HIDDEN = "published", "staging"
"""Meta's visibility of an item. A hidden one keeps its identity and reviews, a deleted one loses them."""

EVER = datetime(2099, 12, 31, tzinfo=UTC)
"""The end of a sale that has a beginning only: Meta wants both."""

DELETED = "deleted"
"""The fingerprint of an item that is not in the catalog."""
STOCK_ONLY = "stock:"
"""How the fingerprint of a row begins that tells nothing but stock."""
CONTENT_DIGITS, STOCK_DIGITS = 48, 15
"""A fingerprint is that of the content, a colon, and that of the stock."""


@dataclass(frozen=True)
class Row:
    """One row of items_batch, and the fingerprint of what Meta will have when it takes it."""

    request: dict[str, Any]
    fingerprint: str
    size: int


def build_row(variant: Variant, *, base_url: str, now: datetime, delete: bool) -> Row:
    """Build the row for a variant as it is now. Needs `variant.product` and `variant.store`."""
    if delete:
        request = delete_request(variant.retailer_id)
        return Row(request, DELETED, len(json.dumps(request)))
    content, stock = _content(variant, base_url=base_url, now=now), _stock(variant)
    # A sale that begins changes no field, but is sent again: Meta's own clock is not trusted with it.
    text, rest = _text([content, variant.is_on_sale(now)]), _text(stock)
    fingerprint = f"{_digest(text, CONTENT_DIGITS)}:{_digest(rest, STOCK_DIGITS)}"
    return Row(update_request(content | stock), fingerprint, len(text) + len(rest))


def build_stock_row(variant: Variant) -> Row:
    """Build a row that changes only what is left of an item, whatever else is wrong with its product."""
    stock = _stock(variant)
    text = _text(stock)
    request = update_request({"id": variant.retailer_id} | stock)
    return Row(request, f"{STOCK_ONLY}{_digest(text, STOCK_DIGITS)}", len(text))


def content_of(fingerprint: str) -> str:
    """Return the part of a fingerprint that is the same whatever is left of the item."""
    return fingerprint.partition(":")[0]


def stock_of(fingerprint: str) -> str:
    """Return the part of a fingerprint that tells stock, '' of an item that is not there."""
    return fingerprint.partition(":")[2]


def tells_stock_only(fingerprint: str) -> bool:
    return fingerprint.startswith(STOCK_ONLY)


def _text(data: Any) -> str:
    return json.dumps(data, sort_keys=True, separators=(",", ":"))


def _digest(text: str, digits: int) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:digits]


def _stock(variant: Variant) -> dict[str, Any]:
    """Return what buyers may know of the pieces that are left."""
    known: dict[str, Any] = {
        "availability": "in stock" if variant.available else "out of stock",
        "visibility": HIDDEN if variant.is_hidden else SHOWN,
    }
    return known | ({"quantity_to_sell_on_facebook": variant.available} if variant.available else {})


def item_data(variant: Variant, *, base_url: str, now: datetime) -> dict[str, Any]:
    """Return the variant in the field names of items_batch. Source: fact sheet section 17.4.

    What is empty is sent empty: an update that leaves a field out would leave its old value at Meta.
    """
    return _content(variant, base_url=base_url, now=now) | _stock(variant)


def _content(variant: Variant, *, base_url: str, now: datetime) -> dict[str, Any]:
    """Return all of a variant but what buyers may know of the pieces that are left."""
    product = variant.product
    data: dict[str, Any] = {
        "id": variant.retailer_id,
        "item_group_id": product.item_group_id,
        "title": title_of(variant).text,
        "description": description_of(variant).text or plain(product.title, TITLE_LENGTH, calm=True).text,
        "condition": product.condition,
        "price": price_text(variant.price_minor, variant.currency),
        "link": product_link(variant, base_url=base_url),
        "brand": plain(product.brand or variant.store.name, BRAND_LENGTH).text,
        "gtin": variant.gtin,
        "mpn": variant.mpn,
        "google_product_category": product.google_category,
        "product_type": product.category,
    }
    data |= _sale(variant, now) | _attributes(variant)
    if product.image_urls:
        urls = pictures_of(variant)[:MOST_IMAGES]
        data["image"] = [{"url": absolute(url, base_url=base_url)} for url in urls]
    return data


def pictures_of(variant: Variant) -> list[str]:
    """Return the addresses of the product's pictures, the variant's own first."""
    return sorted(variant.product.image_urls, key=lambda url: url != variant.image_url)


def title_of(variant: Variant) -> Text:
    """Return the title with the variant's options, as Meta gets it."""
    title = plain(variant.product.title, TITLE_LENGTH, calm=True)
    if not variant.title:
        return title
    whole = plain(f"{title.text}, {variant.title}", TITLE_LENGTH)
    return Text(
        whole.text, title.had_markup or whole.had_markup, title.was_cut or whole.was_cut, title.was_shouted
    )


def description_of(variant: Variant) -> Text:
    return plain(variant.product.description, DESCRIPTION_LENGTH)


def page_link(product: Product, *, shop: str, base_url: str) -> str:
    """Return the address of a product's own page. A group that was taken over from Meta may have any name."""
    return f"{base_url}/shop/{shop}/{quote(product.item_group_id, safe='')}"


def product_link(variant: Variant, *, base_url: str) -> str:
    """Return the address of the store's own page of the variant."""
    page = page_link(variant.product, shop=variant.store.slug, base_url=base_url)
    return f"{page}?variant={quote(variant.retailer_id, safe='')}"


def _sale(variant: Variant, now: datetime) -> dict[str, str]:
    """Announce a sale with its window, so that Meta begins and ends it in time; clear one that is over."""
    starts, ends = variant.sale_starts_at, variant.sale_ends_at
    if variant.sale_price_minor is None or not keeps_sale(variant) or (ends is not None and ends <= now):
        return {"sale_price": "", "sale_price_effective_date": ""}
    window = ""
    if starts is not None or ends is not None:
        zone = ZoneInfo(variant.store.timezone)
        window = f"{_moment(starts or variant.created_at or now, zone)}/{_moment(ends or EVER, zone)}"
    return {
        "sale_price": price_text(variant.sale_price_minor, variant.currency),
        "sale_price_effective_date": window,
    }


def keeps_sale(variant: Variant) -> bool:
    """Say whether a sale price is still one, below the price and above nothing, as Meta takes amounts."""
    sale, price = (
        Decimal(price_text(minor, variant.currency).split()[0])
        for minor in (variant.sale_price_minor or 0, variant.price_minor)
    )
    return 0 < sale < price


def _moment(moment: datetime, zone: ZoneInfo) -> str:
    return moment.astimezone(zone).strftime("%Y-%m-%dT%H:%M%z")


def _attributes(variant: Variant) -> dict[str, str]:
    product = variant.product
    found = {
        "color": product.colour,
        "size": product.size,
        "material": product.material,
        "pattern": product.pattern,
        "gender": product.gender,
        "age_group": product.age_group,
    }
    others: list[str] = []
    for name, value in zip(product.option_names, variant.option_values, strict=False):
        known = ATTRIBUTES.get(name.casefold())
        if known:
            found[known] = WORDS.get(known, {}).get(value.casefold(), value)
        elif value:
            others.append(f"{_part(name)}:{_part(value)}")
    cut = {name: plain(value, LENGTHS.get(name, 100)).text for name, value in found.items()}
    return cut | {"additional_variant_attribute": ",".join(others)}


def _part(text: str) -> str:
    """Return a text without the two signs that part additional attributes."""
    return " ".join(text.replace(",", " ").replace(":", " ").split())
