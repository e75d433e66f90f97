"""A product as search engines and Meta read it on its own page: schema.org in JSON-LD. Pure.

Source: schema.org ProductGroup, Product and Offer; Meta compares price and availability with the catalog.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from catalog.items import description_of, pictures_of, product_link, title_of
from catalog.models import Product, Variant
from catalog.pictures.addresses import absolute
from ui.currency import decimals, to_major

CONDITIONS = {
    Product.Condition.NEW: "NewCondition",
    Product.Condition.REFURBISHED: "RefurbishedCondition",
    Product.Condition.USED: "UsedCondition",
}


def describe_product(
    product: Product, variants: list[Variant], *, base_url: str, now: datetime
) -> dict[str, Any]:
    """Return a product with one variant as a Product, with several as a ProductGroup of them."""
    described = [_describe_variant(variant, base_url=base_url, now=now) for variant in variants]
    context = {"@context": "https://schema.org"}
    if len(described) == 1:
        return context | described[0]
    group = {
        "@type": "ProductGroup",
        "productGroupID": product.item_group_id,
        "name": product.title,
        "variesBy": product.option_names,
        "hasVariant": described,
    }
    return context | group


def _describe_variant(variant: Variant, *, base_url: str, now: datetime) -> dict[str, Any]:
    product = variant.product
    said = {
        "name": title_of(variant).text,
        "description": description_of(variant).text,
        "image": [absolute(url, base_url=base_url) for url in pictures_of(variant)],
        "sku": variant.sku or variant.retailer_id,
        "gtin": variant.gtin,
        "mpn": variant.mpn,
        "category": product.category,
        "color": product.colour,
        "material": product.material,
    }
    known = {name: value for name, value in said.items() if value}
    brand = {"@type": "Brand", "name": product.brand or variant.store.name}
    return {
        "@type": "Product",
        **known,
        "brand": brand,
        "offers": _offer(variant, base_url=base_url, now=now),
    }


def _offer(variant: Variant, *, base_url: str, now: datetime) -> dict[str, Any]:
    amount = to_major(variant.price_at(now), variant.currency)
    offer = {
        "@type": "Offer",
        "url": product_link(variant, base_url=base_url),
        "price": f"{amount:.{decimals(variant.currency)}f}",
        "priceCurrency": variant.currency,
        "availability": f"https://schema.org/{'InStock' if variant.available else 'OutOfStock'}",
        "itemCondition": f"https://schema.org/{CONDITIONS[Product.Condition(variant.product.condition)]}",
        "seller": {"@type": "Organization", "name": variant.store.name},
    }
    if variant.sale_ends_at and variant.is_on_sale(now):
        offer["priceValidUntil"] = variant.sale_ends_at.isoformat()
    return offer
