"""What an item at Meta says, as a product and a variant of the store. Pure: no query, no call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import takewhile
from typing import Any

from catalog.items import MOST_IMAGES
from catalog.models import MOST_PIECES, Product, RemoteItem
from catalog.options import MOST_OPTIONS
from catalog.sale_moments import FIRST_YEAR, LAST_YEAR
from integrations.graph.catalog_items import read_price
from ui.currency import decimals

OPTIONS = {"color": "Colour", "size": "Size", "material": "Material", "pattern": "Pattern"}
"""Meta's fields by which variants may differ → the names of our options."""
FACTS = {"color": "colour", "size": "size", "material": "material", "pattern": "pattern"}
SHORTEST_TITLE = 4

Values = Mapping[str, str]


def values_of(row: RemoteItem) -> Values:
    found: Values = row.facts.get("values", {})
    return found


def group_of(row: RemoteItem) -> str:
    """Return the group in which an item stands at Meta, '' for none that we could keep."""
    group = values_of(row).get("item_group_id", "")
    return group if len(group) <= 100 and group.isprintable() else ""


def find_options(rows: Sequence[RemoteItem]) -> list[str]:
    """Return Meta's fields in which the items of a group differ."""
    if len(rows) < 2:
        return []
    differing = [name for name in OPTIONS if len({values_of(row).get(name, "") for row in rows}) > 1]
    return differing[:MOST_OPTIONS]


def build_product(rows: Sequence[RemoteItem]) -> dict[str, Any]:
    """Return the fields of the product that the items of a group become."""
    first, options = values_of(rows[0]), find_options(rows)
    condition = first.get("condition", "").lower()
    return {
        "title": _shared_title([values_of(row).get("title", "") for row in rows])[:200],
        "description": first.get("description", "")[:5000],
        "brand": first.get("brand", "")[:100],
        "condition": _condition(condition),
        "category": first.get("product_type", "")[:100],
        "google_category": first.get("google_product_category", "")[:250],
        "image_urls": _images(rows),
        "option_names": [OPTIONS[name] for name in options],
        "gender": _listed(first.get("gender", ""), Product.Gender.values),
        "age_group": _listed(first.get("age_group", ""), Product.AgeGroup.values),
        **{ours: first.get(name, "")[:100] for name, ours in FACTS.items() if name not in options},
    }


def build_variant(row: RemoteItem, *, product: Product, currency: str, now: datetime) -> dict[str, Any]:
    """Return the fields of the variant that an item becomes in its product."""
    values = values_of(row)
    by_name = {label: values.get(name, "") for name, label in OPTIONS.items()}
    # A comma parts values where people write them, so none has one of its own.
    option_values = [by_name.get(name, "").replace(",", " /")[:100] for name in product.option_names]
    rest = values.get("title", "").removeprefix(product.title).strip(" ,-–/|")
    gtin = values.get("gtin", "")
    price = to_minor(values.get("price", ""), currency)
    return {
        "retailer_id": row.retailer_id,
        "title": (", ".join(filter(None, option_values)) or rest)[:100],
        "option_values": option_values,
        "gtin": gtin if gtin.isdigit() and len(gtin) <= 14 else "",
        "mpn": values.get("mpn", "")[:70],
        "image_url": values["image"] if values.get("image") in product.image_urls[1:] else "",
        "price_minor": price,
        **_sale(values, price=price, currency=currency, now=now),
    }


def count_pieces(row: RemoteItem) -> int:
    """Return how many pieces there are: Meta's number, else what the person said of what is in stock."""
    quantity = row.facts.get("quantity")
    if isinstance(quantity, int):
        return min(max(quantity, 0), MOST_PIECES)
    in_stock = values_of(row).get("availability", "").replace("_", " ").lower() == "in stock"
    return (row.adopt_pieces or 0) if in_stock else 0


def to_minor(text: str, currency: str) -> int:
    """Return a price in the currency's smallest unit, 0 for one that cannot be read."""
    amount = read_price(text, currency)
    return int(amount.scaleb(decimals(currency))) if amount is not None else 0


def _sale(values: Values, *, price: int, currency: str, now: datetime) -> dict[str, Any]:
    """Keep a sale that is not over: without it the next update would end it at Meta."""
    sale = to_minor(values.get("sale_price", ""), currency)
    starts, ends = _moment(values.get("sale_starts", "")), _moment(values.get("sale_ends", ""))
    is_backwards = starts is not None and ends is not None and ends <= starts
    if not 0 < sale < price or is_backwards or (ends is not None and ends <= now):
        return {}
    return {"sale_price_minor": sale, "sale_starts_at": starts, "sale_ends_at": ends}


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    is_sound = moment.tzinfo is not None and FIRST_YEAR <= moment.year <= LAST_YEAR
    return moment if is_sound else None


def _shared_title(titles: Sequence[str]) -> str:
    """Return what the titles of a group begin with, when that is a title."""
    prefix = "".join(letters[0] for letters in takewhile(_are_equal, zip(*titles, strict=False)))
    if len(set(titles)) > 1:
        prefix = prefix.rsplit(" ", 1)[0] if " " in prefix else ""
    shared = prefix.strip(" ,-–/|")
    return shared if len(shared) >= SHORTEST_TITLE else titles[0]


def _are_equal(letters: tuple[str, ...]) -> bool:
    return len(set(letters)) == 1


def _condition(text: str) -> str:
    if text.startswith("used"):
        return Product.Condition.USED
    return text if text in Product.Condition.values else Product.Condition.NEW


def _listed(text: str, allowed: Sequence[str]) -> str:
    value = text.lower().replace("_", " ")
    return value if value in allowed else ""


def _images(rows: Sequence[RemoteItem]) -> list[str]:
    found = [url for row in rows for url in (values_of(row).get("image", ""), *row.facts.get("images", []))]
    urls = dict.fromkeys(url for url in found if url.startswith(("http://", "https://")) and len(url) <= 2000)
    return list(urls)[:MOST_IMAGES]
