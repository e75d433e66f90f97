"""What is asked of the one door: an order as a frozen shape, whoever brings it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from catalog.models import Variant
from orders.models import Door, Source

ADDRESS_KEYS = ("name", "street1", "street2", "city", "state", "postal_code", "country")


@dataclass(frozen=True, kw_only=True)
class LineRequest:
    """One line. Without `variant` it is looked up by `retailer_id`; without a price ours is taken."""

    quantity: int
    retailer_id: str = ""
    title: str = ""
    unit_price_minor: int | None = None
    variant: Variant | None = None


@dataclass(frozen=True, kw_only=True)
class OrderRequest:
    """An order to be placed. `subtotal_minor` and `total_minor` are added up when they are None.

    `buyer_has_ordered` says that the buyer was already promised these things: then a shortage, an unknown
    product or another price is noted on the order; otherwise a shortage raises and nothing happens. `hold` is
    the reference under which pieces are held for this buyer (`catalog.stock.holds`); it ends with the order.
    """

    source: Source
    door: Door
    currency: str
    lines: tuple[LineRequest, ...]
    buyer_has_ordered: bool
    placed_at: datetime
    buyer_name: str = ""
    buyer_email: str = ""
    buyer_phone: str = ""
    shipping_address: Mapping[str, str] = field(default_factory=dict)
    subtotal_minor: int | None = None
    shipping_minor: int = 0
    tax_minor: int = 0
    discount_minor: int = 0
    total_minor: int | None = None
    is_cancelled: bool = False
    hold: str = ""
    problems: tuple[str, ...] = ()
