"""What Meta has of an item against what we would send, field by field. Pure: no query, no call."""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext_lazy as _

from integrations.graph.catalog_items import RemoteFacts

OTHER_PICTURES = "other_pictures"
"""Those behind the first one. Meta has them in a list of its own, in whatever order."""
FIELDS = {
    "item_group_id": _("Group of variants"),
    "title": _("Title"),
    "description": _("Description"),
    "availability": _("Availability"),
    "visibility": _("Shown to buyers"),
    "condition": _("Condition"),
    "price": _("Price"),
    "sale_price": _("Sale price"),
    "link": _("Web address"),
    "image": _("Picture"),
    OTHER_PICTURES: _("Other pictures"),
    "brand": _("Brand"),
    "gtin": _("GTIN"),
    "mpn": _("Maker's part number"),
    "color": _("Colour"),
    "size": _("Size"),
    "material": _("Material"),
    "pattern": _("Pattern"),
    "gender": _("Gender"),
    "age_group": _("Age group"),
    "product_type": _("Category"),
    "quantity_to_sell_on_facebook": _("Pieces"),
}
"""What is compared. Google's category and the window of a sale are not: Meta writes them its own way."""
LOOSE = frozenset(["availability", "visibility", "condition", "gender", "age_group"])
"""Values of a fixed list, which Meta may write in capitals or with underscores."""
SHOWN_LETTERS = 200


@dataclass(frozen=True)
class Difference:
    """One field; the values are cut to what a page shows."""

    field: str
    ours: str
    theirs: str


def compare(data: Mapping[str, Any], facts: RemoteFacts) -> list[Difference]:
    """Return the fields in which Meta has something else than what `data`, a row of items_batch, says.

    A field that we do not send is not compared: it may be somebody else's.
    """
    return [
        Difference(name, ours[:SHOWN_LETTERS], theirs[:SHOWN_LETTERS])
        for name, ours, theirs in _pairs(data, facts)
        if not _equal(name, ours, theirs)
    ]


def _pairs(data: Mapping[str, Any], facts: RemoteFacts) -> Iterator[tuple[str, str, str]]:
    for name in FIELDS:
        if (
            name == OTHER_PICTURES and facts.more_images and "image" in data
        ):  # what Meta leaves out is no difference
            yield name, _sorted(_urls(data)[1:]), _sorted(facts.more_images)
        if name not in data:
            continue
        if name == "quantity_to_sell_on_facebook":
            if facts.quantity is not None:  # without checkout at Meta it may well not keep the number
                yield name, str(data[name]), str(facts.quantity)
            continue
        if name == "visibility" and name not in facts.values:
            continue  # the same
        ours = next(iter(_urls(data)), "") if name == "image" else data[name]
        yield name, _line(ours), _line(facts.values.get(name, ""))


def _urls(data: Mapping[str, Any]) -> list[str]:
    return [picture["url"] for picture in data.get("image", ())]


def _sorted(urls: Iterable[str]) -> str:
    return " ".join(sorted(urls))


def _line(value: Any) -> str:
    return " ".join(str(value).split())


def _equal(name: str, ours: str, theirs: str) -> bool:
    if html.unescape(ours) == html.unescape(theirs):  # Meta may write "&" as "&amp;"
        return True
    if name in LOOSE:
        return _loosely(ours) == _loosely(theirs)
    if name in ("price", "sale_price"):
        amounts = _amount(ours), _amount(theirs)
        return None not in amounts and amounts[0] == amounts[1]
    return False


def _loosely(text: str) -> str:
    return text.casefold().replace("_", " ")


def _amount(text: str) -> tuple[Decimal, str] | None:
    number, _space, currency = text.partition(" ")
    try:
        return Decimal(number), currency
    except InvalidOperation:
        return None
