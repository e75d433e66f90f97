"""What a person, a file or another system says of a product: the shape in which it is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from catalog.models import Product, Status


@dataclass(frozen=True, kw_only=True)
class VariantData:
    """What is said of one variant. `pk` None is a new one; `on_hand` counts for new ones only."""

    pk: int | None = None
    title: str = ""
    option_values: list[str] = field(default_factory=list)
    sku: str = ""
    gtin: str = ""
    mpn: str = ""
    image_url: str = ""
    price_minor: int
    sale_price_minor: int | None = None
    sale_starts_at: datetime | None = None
    sale_ends_at: datetime | None = None
    on_hand: int = 0
    is_for_sale: bool = True

    def variant_fields(self) -> dict[str, Any]:
        """Return what is said of the variant, by its columns; its stock is changed by movements."""
        said = asdict(self)
        values = {name: said[name] for name in said if name not in ("pk", "on_hand", "is_for_sale")}
        return values | {"status": Status.ACTIVE if self.is_for_sale else Status.ARCHIVED}


@dataclass(frozen=True, kw_only=True)
class ProductData:
    """What all variants share, and the variants. Without `image_alts`, what is said of pictures stays."""

    title: str
    description: str = ""
    brand: str = ""
    condition: str = Product.Condition.NEW
    status: str = Status.ACTIVE
    category: str = ""
    google_category: str = ""
    tags: list[str] = field(default_factory=list)
    image_urls: list[str] = field(default_factory=list)
    image_alts: Mapping[str, str] | None = None
    option_names: list[str] = field(default_factory=list)
    colour: str = ""
    size: str = ""
    material: str = ""
    pattern: str = ""
    gender: str = ""
    age_group: str = ""
    when_sold_out: str = Product.WhenSoldOut.INHERIT
    variants: Sequence[VariantData] = field(default_factory=tuple)

    def product_fields(self) -> dict[str, Any]:
        """Return what is said of the product, by its columns."""
        said = asdict(self)
        return {name: value for name, value in said.items() if name not in ("variants", "image_alts")}
