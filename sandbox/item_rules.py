"""What Meta asks of one row of `items_batch`."""

import re

from sandbox.models import JSON
from sandbox.nodes import names

REQUIRED = ("title", "description", "availability", "condition", "price", "link")
AVAILABILITY = {
    "in stock",
    "out of stock",
    "available for order",
    "preorder",
    "discontinued",
    "pending",
    "mark_as_sold",
    "mark_as_expired",
}
CONDITIONS = {"new", "refurbished", "used", "used_like_new", "used_good", "used_fair", "cpo", "open_box_new"}
PRICE = re.compile(r"\d+(\.\d+)? [A-Z]{3}")
KNOWN = names(
    """
    id title description availability condition price link image image_link additional_image_link brand
    google_product_category fb_product_category item_group_id color size material pattern gender
    age_group additional_variant_attribute sale_price sale_price_effective_date
    quantity_to_sell_on_facebook inventory gtin mpn product_type custom_label_0 custom_label_1
    custom_label_2 custom_label_3 custom_label_4 custom_number_0 custom_number_1 custom_number_2
    custom_number_3 custom_number_4 internal_label rich_text_description shipping shipping_weight
    disabled_capabilities video visibility status short_description commerce_tax_category
    expiration_date launch_date applink mobile_link
"""
)
LIMITS = {
    "id": 100,
    "title": 200,
    "description": 9999,
    "brand": 100,
    "color": 200,
    "size": 200,
    "material": 200,
}


def refusals(request: JSON) -> list[str]:
    """Name what is wrong with the form of a row; such a row is not accepted at all."""
    method, data = request.get("method"), request.get("data")
    if method not in ("CREATE", "UPDATE", "DELETE"):
        return [f"Invalid method: {method}. It must be one of CREATE, UPDATE, DELETE."]
    if not isinstance(data, dict) or not data.get("id"):
        return ["A required field is missing: id."]
    found = []
    for name in ("price", "sale_price"):
        if data.get(name) and not PRICE.fullmatch(str(data[name])):
            found.append(f'{name} is invalid: "{data[name]}". Use a number, a space and a currency code.')
    for name, most in LIMITS.items():
        if len(str(data.get(name) or "")) > most:
            found.append(f"{name} is longer than {most} characters.")
    for name, allowed in (("availability", AVAILABILITY), ("condition", CONDITIONS)):
        if data.get(name) and data[name] not in allowed:
            found.append(f'{name} has an unsupported value: "{data[name]}".')
    link = str(data.get("link") or "")
    if link and not link.startswith(("http://", "https://")):
        found.append(f'link is not a URL: "{link}".')
    return found


def warnings(request: JSON) -> list[str]:
    return [f"Unrecognized field: {name}." for name in request.get("data") or {} if name not in KNOWN]


def missing(data: JSON) -> list[str]:
    """Name what an item still lacks to be shown."""
    found = [f"A required field is missing: {name}." for name in REQUIRED if not data.get(name)]
    if not data.get("image") and not data.get("image_link"):
        found.append("A required field is missing: image_link.")
    if not any(data.get(name) for name in ("brand", "gtin", "mpn")):
        found.append("A required field is missing: brand.")
    return found
