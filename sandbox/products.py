"""Products and product sets: reading them, filters, and the one-by-one writes."""

from typing import Any

from sandbox import item_rules, money
from sandbox.call import Call
from sandbox.catalogs import store
from sandbox.diagnostics import item_errors
from sandbox.errors import GraphError, invalid
from sandbox.models import JSON, Catalog, Product, ProductSet
from sandbox.nodes import Handler, Kind, listing, names

BATCH_NAMES = {
    "name": "title",
    "url": "link",
    "image_url": "image_link",
    "additional_image_urls": "additional_image_link",
    "category": "google_product_category",
    "manufacturer_part_number": "mpn",
    "retailer_product_group_id": "item_group_id",
}
"""Names of the product node and of `items_batch`, where they differ."""


def image_of(product: Product) -> str:
    images = product.data.get("image")
    if isinstance(images, list) and images and isinstance(images[0], dict):
        return str(images[0].get("url", ""))
    return str(product.data.get("image_link") or "")


def _more_images(call: Call, product: Product) -> list[str] | None:
    """Return the pictures behind the first one."""
    images = product.data.get("image")
    if isinstance(images, list) and images:
        return [str(one.get("url", "")) for one in images[1:] if isinstance(one, dict)]
    more = product.data.get("additional_image_link")
    return [str(one) for one in more] if isinstance(more, list) else more


def review_status(call: Call, product: Product) -> str:
    if product.rejected_for:
        return "rejected"
    return "approved" if product.approved_at <= call.world.now() else "pending"


def catalog_products(call: Call, catalog: Catalog) -> JSON:
    call.need_scopes("catalog_management")
    rows = [p for p in call.world.products_of(catalog.id) if _matches(p, call.json("filter") or {})]
    if call.flag("return_only_approved_products", default=False):
        rows = [product for product in rows if review_status(call, product) == "approved"]
    return listing(call, rows)


def _matches(product: Product, rule: JSON) -> bool:
    return all(_holds(product, name, test) for name, test in rule.items())


def _holds(product: Product, name: str, test: Any) -> bool:
    if name == "and":
        return all(_matches(product, rule) for rule in test)
    if name == "or":
        return any(_matches(product, rule) for rule in test)
    value = str(
        product.retailer_id if name == "retailer_id" else product.data.get(BATCH_NAMES.get(name, name)) or ""
    )
    return all(_compare(value, operator, wanted) for operator, wanted in test.items())


def _compare(value: str, operator: str, wanted: Any) -> bool:
    listed = [str(item) for item in wanted] if isinstance(wanted, list) else [str(wanted)]
    results = {
        "eq": value == listed[0],
        "neq": value != listed[0],
        "contains": listed[0] in value,
        "i_contains": listed[0].lower() in value.lower(),
        "starts_with": value.startswith(listed[0]),
        "is_any": value in listed,
        "is_not_any": value not in listed,
    }
    if operator not in results:
        raise invalid(f"Unsupported filter operator: {operator}")
    return results[operator]


def create_product(call: Call, catalog: Catalog) -> JSON:
    call.need_scopes("catalog_management")
    data = _from_node_names(call) | {"id": call.needed("retailer_id")}
    for name in ("name", "price", "currency"):
        call.needed(name)
    existing = call.world.find_product(catalog.id, data["id"])
    if existing and not call.flag("allow_upsert", default=True):
        raise GraphError(
            "(#10800) Duplicate retailer_id when attempting to create a store product.", code=10800
        )
    return {"id": store(call.world, catalog.id, data, existing).id}


def update_product(call: Call, product: Product) -> JSON:
    call.need_scopes("catalog_management")
    store(call.world, product.catalog_id, product.data | _from_node_names(call), product)
    return {"success": True}


def _from_node_names(call: Call) -> JSON:
    """Translate the product node's parameters, with their integer price, to those of a batch."""
    known = item_rules.KNOWN | set(BATCH_NAMES)
    data = {BATCH_NAMES.get(name, name): value for name, value in call.params.items() if name in known}
    if "price" in data:
        minor = str(data["price"])
        if not minor.isdigit():
            raise invalid("Param price must be an unsigned integer")
        data["price"] = money.from_minor(int(minor), call.needed("currency"))
    return data


def delete_product(call: Call, product: Product) -> JSON:
    call.need_scopes("catalog_management")
    del call.world.products[product.id]
    return {"success": True}


def catalog_sets(call: Call, catalog: Catalog) -> JSON:
    call.need_scopes("catalog_management")
    rows = [row for row in call.world.product_sets.values() if row.catalog_id == catalog.id]
    if "retailer_id" in call.params:
        rows = [row for row in rows if row.retailer_id == call.text("retailer_id")]
    return listing(call, rows)


def create_set(call: Call, catalog: Catalog) -> JSON:
    call.need_scopes("catalog_management")
    row = ProductSet(
        call.world.number("product_set"),
        catalog.id,
        call.needed("name"),
        call.json("filter") or {},
        call.text("retailer_id"),
    )
    call.world.product_sets[row.id] = row
    return {"id": row.id}


def update_set(call: Call, row: ProductSet) -> JSON:
    call.need_scopes("catalog_management")
    row.name, row.filter = call.text("name", row.name), call.json("filter") or row.filter
    return {"success": True}


def delete_set(call: Call, row: ProductSet) -> JSON:
    call.need_scopes("catalog_management")
    del call.world.product_sets[row.id]
    return {"success": True}


def set_products(call: Call, row: ProductSet) -> JSON:
    return listing(call, _members(call, row))


def _members(call: Call, row: ProductSet) -> list[Product]:
    return [p for p in call.world.products_of(row.catalog_id) if _matches(p, row.filter)]


def _plain(name: str) -> Any:
    return lambda call, product: product.data.get(name) or None


def _price(name: str) -> Any:
    return lambda call, product: money.shown(product.data[name]) if product.data.get(name) else None


def _sale_moment(place: int) -> Any:
    """Read one end of "start/end"."""

    def read(call: Call, product: Product) -> str | None:
        window = str(product.data.get("sale_price_effective_date") or "").split("/")
        return window[place] if len(window) == 2 else None

    return read


def _currency(call: Call, product: Product) -> str:
    return money.read(product.data["price"])[1]


def _inventory(call: Call, product: Product) -> int | None:
    quantity = product.data.get("quantity_to_sell_on_facebook", product.data.get("inventory"))
    return None if quantity is None else int(quantity)


def _capabilities(call: Call, product: Product) -> list[JSON]:
    status = review_status(call, product).upper()
    return [{"key": key, "value": status} for key in ("SHOPS", "IG_PRODUCT_TAGGING")]


def _sees_items(call: Call, row: Product | ProductSet) -> bool:
    catalog = call.world.catalogs.get(row.catalog_id)
    return catalog is not None and call.sees_business(catalog.business_id) and call.may("catalog_management")


PLAIN_FIELDS = names(
    """
    name description url availability condition brand color size material pattern gender age_group gtin
    category fb_product_category manufacturer_part_number retailer_product_group_id
    product_type custom_label_0 custom_label_1 custom_label_2 custom_label_3
    custom_label_4 rich_text_description
"""
)

KINDS: dict[type, Kind] = {
    Product: Kind(
        "ProductItem",
        visible=_sees_items,
        default=("id", "name", "retailer_id"),
        fields={name: _plain(BATCH_NAMES.get(name, name)) for name in PLAIN_FIELDS}
        | {
            "retailer_id": lambda call, product: product.retailer_id,
            "price": _price("price"),
            "sale_price": _price("sale_price"),
            "sale_price_start_date": _sale_moment(0),
            "sale_price_end_date": _sale_moment(1),
            "currency": _currency,
            "image_url": lambda call, product: image_of(product) or None,
            "additional_image_urls": _more_images,
            "inventory": _inventory,
            "quantity_to_sell_on_facebook": _inventory,
            "visibility": lambda call, product: product.data.get("visibility", "published"),
            "status": lambda call, product: str(product.data.get("visibility", "published")).upper(),
            "review_status": review_status,
            "review_rejection_reasons": lambda call, product: product.rejected_for,
            "capability_to_review_status": _capabilities,
            "errors": lambda call, product: item_errors(product),
            "image_fetch_status": lambda call, product: "FETCHED",
            "product_catalog": lambda call, product: call.world.catalogs[product.catalog_id],
        },
        silent=names(
            """
    product_group product_feed invalidation_errors videos custom_data
"""
        ),
    ),
    ProductSet: Kind(
        "ProductSet",
        visible=_sees_items,
        fields={
            "name": lambda call, row: row.name,
            "retailer_id": lambda call, row: row.retailer_id or None,
            "filter": lambda call, row: row.filter,
            "product_count": lambda call, row: len(_members(call, row)),
            "product_catalog": lambda call, row: call.world.catalogs[row.catalog_id],
        },
        silent=names(
            """
    auto_creation_url latest_metadata live_metadata
"""
        ),
    ),
}

ROUTES: dict[tuple[str, str, str], Handler] = {
    ("ProductCatalog", "GET", "products"): catalog_products,
    ("ProductCatalog", "POST", "products"): create_product,
    ("ProductItem", "POST", ""): update_product,
    ("ProductItem", "DELETE", ""): delete_product,
    ("ProductCatalog", "GET", "product_sets"): catalog_sets,
    ("ProductCatalog", "POST", "product_sets"): create_set,
    ("ProductSet", "POST", ""): update_set,
    ("ProductSet", "DELETE", ""): delete_set,
    ("ProductSet", "GET", "products"): set_products,
}
