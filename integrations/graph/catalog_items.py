"""Items as they stand in a catalog at Meta. Source: fact sheet section 17.2, Graph API v26.0."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from integrations.graph.catalogs import WITHOUT_DECIMALS
from integrations.graph.client import GraphClient, Json
from integrations.graph.paging import Pages
from ui.currency import decimals

ITEMS_PER_PAGE = 200
"""Of one call: with its texts an item takes some two kilobytes, and Meta may refuse a page as too large."""
ITEM_FIELDS = (
    "id,retailer_id,retailer_product_group_id,name,description,availability,visibility,condition,price,sale_price,currency,"
    "sale_price_start_date,sale_price_end_date,category,url,image_url,additional_image_urls,brand,gtin,manufacturer_part_number,color,size,material,pattern,gender,age_group,product_type,"
    "quantity_to_sell_on_facebook,inventory,review_status,review_rejection_reasons,capability_to_review_status,"
    "errors"
)
REVIEW_FIELDS = (
    "id,retailer_id,name,review_status,review_rejection_reasons,capability_to_review_status,errors"
)
STOCK_FIELDS = "id,retailer_id,availability,quantity_to_sell_on_facebook,inventory"
TAGGING = "IG_PRODUCT_TAGGING"

_NUMBER = re.compile(r"\d(?:[\d.,'\u00a0\u202f ]*\d)?")


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One thing that Meta says of one item; `kind` is one of its error types, `is_urgent` by its priority."""

    kind: str
    text: str
    is_urgent: bool


@dataclass(frozen=True, kw_only=True)
class Review:
    """What came of Meta's look at an item; `status` is approved, outdated, pending, rejected or ''."""

    status: str
    reasons: list[str]
    tagging: str
    problems: list[Problem]


@dataclass(frozen=True, kw_only=True)
class RemoteFacts:
    """One item; `values` are texts in the field names of items_batch, empty ones left out.

    `price` and `sale_price` are texts such as "12.50 GBP"; one that cannot be read is left as Meta wrote it.
    """

    meta_id: str
    retailer_id: str
    currency: str
    quantity: int | None
    values: Mapping[str, str]
    more_images: list[str]
    review: Review


@dataclass(frozen=True, kw_only=True)
class RemoteStock:
    """What Meta shows of an item's stock; it may not keep the number."""

    availability: str
    quantity: int | None


@dataclass(frozen=True, kw_only=True)
class ItemsPage:
    """One page of a catalog, and where the next one begins; None when this was the last."""

    items: list[RemoteFacts]
    place: dict[str, str] | None


BATCH_NAMES = {
    "retailer_product_group_id": "item_group_id",
    "name": "title",
    "description": "description",
    "availability": "availability",
    "visibility": "visibility",
    "condition": "condition",
    "url": "link",
    "image_url": "image",
    "brand": "brand",
    "gtin": "gtin",
    "manufacturer_part_number": "mpn",
    "color": "color",
    "size": "size",
    "material": "material",
    "pattern": "pattern",
    "gender": "gender",
    "age_group": "age_group",
    "product_type": "product_type",
    "category": "google_product_category",
    "sale_price_start_date": "sale_starts",
    "sale_price_end_date": "sale_ends",
}
"""Names of the product node → those of items_batch (fact sheet 17.3); a sale's ends are one there."""


def count_items(client: GraphClient, catalog_id: str) -> int:
    """Return how many items Meta counts in a catalog."""
    count = client.get(catalog_id, fields="id,product_count").get("product_count", 0)
    return count if isinstance(count, int) else 0


def fetch_items(client: GraphClient, catalog_id: str, *, place: Mapping[str, str]) -> ItemsPage:
    """Read one page of a catalog from a place on; {} is the beginning."""
    pages = Pages()
    answer = client.get(f"{catalog_id}/products", fields=ITEM_FIELDS, limit=ITEMS_PER_PAGE, **place)
    items = [read_item(row) for row in pages.rows(answer) if row.get("retailer_id")]
    following = pages.find_next(answer)
    if following is not None and following == dict(place):
        following = None  # a list that never gets on ends here, as one without `next` does
    return ItemsPage(items=items, place=following)


def fetch_stock(client: GraphClient, catalog_id: str, retailer_id: str) -> RemoteStock | None:
    """Read what Meta shows of the stock of one item; None when it does not have it."""
    only = {"retailer_id": {"is_any": [retailer_id]}}
    answer = client.get(f"{catalog_id}/products", fields=STOCK_FIELDS, filter=only, limit=1)
    for row in Pages().rows(answer):
        if row.get("retailer_id") == retailer_id:
            said = _text(row.get("availability")).lower().replace("_", " ")
            return RemoteStock(availability=said, quantity=_quantity(row))
    return None


def fetch_reviews(
    client: GraphClient, catalog_id: str, *, retailer_ids: Collection[str]
) -> dict[str, tuple[str, str, Review]]:
    """Read what came of Meta's look at some items: retailer_id → its id, its name, its review."""
    answer = client.get(
        f"{catalog_id}/products",
        fields=REVIEW_FIELDS,
        filter={"retailer_id": {"is_any": list(retailer_ids)}},
        limit=len(retailer_ids),
    )
    rows = [row for row in Pages().rows(answer) if row.get("retailer_id")]
    return {
        str(row["retailer_id"]): (str(row.get("id", "")), str(row.get("name", "")), read_review(row))
        for row in rows
    }


def read_item(row: Json) -> RemoteFacts:
    currency = str(row.get("currency", "")).upper()
    values = {name: _text(row.get(node_name)) for node_name, name in BATCH_NAMES.items()}
    values |= {name: _price(row.get(name), currency) for name in ("price", "sale_price")}
    return RemoteFacts(
        meta_id=str(row.get("id", "")),
        retailer_id=str(row["retailer_id"]),
        currency=currency,
        quantity=_quantity(row),
        values={name: value for name, value in values.items() if value},
        more_images=_texts(row.get("additional_image_urls")),
        review=read_review(row),
    )


def read_review(row: Json) -> Review:
    return Review(
        status=_text(row.get("review_status")).lower(),
        reasons=_texts(row.get("review_rejection_reasons")),
        tagging=_capability(row.get("capability_to_review_status"), TAGGING).lower(),
        problems=[_problem(error) for error in row.get("errors") or [] if isinstance(error, dict)],
    )


def read_price(text: str, currency: str) -> Decimal | None:
    """Read a price as Meta formats it for people ("£1,234.50", "1.234,50 €", "¥1,980"); None without one."""
    found = _NUMBER.search(text)
    if found is None:
        return None
    whole = found[0]
    places = 0 if currency in WITHOUT_DECIMALS else decimals(currency)
    mark = max(whole.rfind("."), whole.rfind(","))
    after = len(whole) - mark - 1
    parts_thousands = mark < 0 or after > places or (after == 3 and whole[mark] == ",")
    head, part = (whole, "0") if parts_thousands else (whole[:mark], whole[mark + 1 :])
    return Decimal(f"{re.sub(r'[^0-9]', '', head)}.{part}")


def _price(value: Any, currency: str) -> str:
    text = _text(value)
    amount = read_price(text, currency) if currency else None
    if amount is None:
        return text
    places = 0 if currency in WITHOUT_DECIMALS else decimals(currency)
    return f"{amount:.{places}f} {currency}"


def _quantity(row: Json) -> int | None:
    for name in ("quantity_to_sell_on_facebook", "inventory"):
        if isinstance(row.get(name), int):
            return int(row[name])
    return None


def _capability(value: Any, name: str) -> str:
    """Read one entry of a map, which Meta writes as a list of keys and values or as an object."""
    if isinstance(value, list):
        value = {entry.get("key"): entry.get("value") for entry in value if isinstance(entry, dict)}
    return _text(value.get(name)) if isinstance(value, dict) else ""


def _problem(error: Mapping[str, Any]) -> Problem:
    return Problem(
        kind=_text(error.get("error_type")).upper(),
        text=_text(error.get("description")) or _text(error.get("title")),
        is_urgent=_text(error.get("error_priority")).upper() == "HIGH",
    )


def _text(value: Any) -> str:
    return str(value).strip() if value is not None else ""


def _texts(value: Any) -> list[str]:
    return [_text(one) for one in value if one] if isinstance(value, list) else []
