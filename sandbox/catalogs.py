"""Catalogs: batches that finish later, and how they went."""

from typing import Any

from sandbox import item_rules
from sandbox.call import Call
from sandbox.errors import invalid
from sandbox.faults import remark, strikes, too_many_calls
from sandbox.models import JSON, Batch, Catalog, Product
from sandbox.nodes import Handler, Kind, names
from sandbox.usage import usage_headers
from sandbox.webhooks import emit_change
from sandbox.world import World

MOST_REQUESTS = 5000
MOST_CALLS_PER_MINUTE = 120
"""Meta's 8 + 8 x log2(visits in 28 days) for a catalog with some sixteen thousand visits."""
FINISH_SECONDS = 0.5
REVIEW_SECONDS = 2.0
SHOWN_ERRORS = 100


def items_batch(call: Call, catalog: Catalog) -> JSON:
    """Accept what is well formed; whether the rows hold shows when the batch finishes."""
    call.need_scopes("catalog_management")
    _count_call(call, catalog)
    if call.needed("item_type") != "PRODUCT_ITEM":
        raise invalid("Param item_type must be PRODUCT_ITEM here")
    requests = _requests(call)
    validation = [_verdict(call.world, request) for request in requests]
    accepted = [r for r, verdict in zip(requests, validation, strict=True) if not verdict["errors"]]
    status = [verdict for verdict in validation if verdict["errors"] or verdict["warnings"]]
    if not accepted:
        return {"handles": [], "validation_status": status}
    batch = Batch(
        id="Acz" + call.world.opaque("handle")[:60],
        catalog_id=catalog.id,
        requests=accepted,
        allow_upsert=call.flag("allow_upsert", default=True),
        ready_at=call.world.now() + FINISH_SECONDS,
    )
    call.world.batches[batch.id] = batch
    return {"handles": [batch.id], "validation_status": status}


def _requests(call: Call) -> list[JSON]:
    requests = call.json("requests")
    if isinstance(requests, dict):
        requests = list(requests.values())
    if not isinstance(requests, list) or not requests or not all(isinstance(row, dict) for row in requests):
        raise invalid("Param requests must be a non-empty array")
    if len(requests) > MOST_REQUESTS:
        raise invalid(f"Too many requests in one batch: {len(requests)}. The most is {MOST_REQUESTS}.")
    return requests


def _verdict(world: World, request: JSON) -> JSON:
    data = request["data"] if isinstance(request.get("data"), dict) else {}
    named = {kind: remark(world, f"row_{kind}", data, at="door") for kind in ("refusal", "warning")}
    unnamed = {kind: remark(world, f"row_{kind}", data, at="unnamed") for kind in named}
    refusals = item_rules.refusals(request) + named["refusal"] + unnamed["refusal"]
    warnings = item_rules.warnings(request) + named["warning"] + unnamed["warning"]
    return {
        "retailer_id": "" if any(unnamed.values()) else str(data.get("id", "")),
        "errors": [{"message": text} for text in refusals],
        "warnings": [{"message": text} for text in warnings],
    }


def _count_call(call: Call, catalog: Catalog) -> None:
    now = call.world.now()
    catalog.batch_calls = [moment for moment in catalog.batch_calls if now - 60 < moment <= now]
    if len(catalog.batch_calls) >= MOST_CALLS_PER_MINUTE:
        raise too_many_calls(call, bucket="catalog_batch", owner=catalog.id, minutes=1)
    catalog.batch_calls.append(now)
    percent = 100 * len(catalog.batch_calls) // MOST_CALLS_PER_MINUTE
    call.headers.update(usage_headers("catalog_batch", catalog.id, percent=percent))


def settle(world: World) -> bool:
    """Finish the batches whose time has come; says whether there was one."""
    due = [b for b in world.batches.values() if b.status != "finished" and b.ready_at <= world.now()]
    for batch in due:
        _finish(world, batch)
    return bool(due)


def _finish(world: World, batch: Batch) -> None:
    products = {product.retailer_id: product for product in world.products_of(batch.catalog_id)}
    half_fails = strikes(world, "half_batch")
    for position, request in enumerate(batch.requests):
        retailer_id = str(request["data"]["id"])
        if half_fails and position % 2:
            problems = ["The item could not be processed. Send it again."]
        else:
            problems = _apply(world, batch, request, products)
        batch.errors += [{"line": position + 1, "id": retailer_id, "message": text} for text in problems]
        warnings = item_rules.warnings(request) + remark(world, "row_warning", request["data"], at="end")
        batch.warnings += [{"line": position + 1, "id": retailer_id, "message": text} for text in warnings]
    batch.status, batch.requests = "finished", []
    value = {"catalog_id": batch.catalog_id, "handle": batch.id, "status": "Finished"}
    emit_change(world, "catalog", batch.catalog_id, "items_batch", value)


def _apply(world: World, batch: Batch, request: JSON, products: dict[str, Product]) -> list[str]:
    """Carry out one row; returns what stood in the way."""
    retailer_id, method = str(request["data"]["id"]), request["method"]
    product = products.get(retailer_id)
    refusals = remark(world, "row_refusal", request["data"], at="end")
    if method == "DELETE":
        if product is None:
            return ["The item does not exist."]
        if refusals:
            return refusals
        del world.products[product.id], products[retailer_id]
        return []
    if product is None and method == "UPDATE" and not batch.allow_upsert:
        return ["The item does not exist."]
    if product is not None and method == "CREATE" and not batch.allow_upsert:
        return ["An item with this id exists already."]
    before = product.data if product and method == "UPDATE" else {}
    data = before | request["data"]
    if problems := item_rules.missing(data) + refusals:
        return problems
    products[retailer_id] = store(world, batch.catalog_id, data, product)
    return []


def store(world: World, catalog_id: str, data: JSON, product: Product | None) -> Product:
    """Create or change an item; new ones and new pictures go through review."""
    if product is not None and _picture(product.data) == _picture(data):
        product.data = data
        return product
    product_id = product.id if product else world.number("product")
    approved_at = world.now() + REVIEW_SECONDS
    world.products[product_id] = Product(product_id, catalog_id, str(data["id"]), data, approved_at)
    return world.products[product_id]


def _picture(data: JSON) -> Any:
    return data.get("image") or data.get("image_link")


def batch_status(call: Call, catalog: Catalog) -> JSON:
    call.need_scopes("catalog_management")
    batch = call.world.batches.get(call.needed("handle"))
    if batch is None or batch.catalog_id != catalog.id:
        raise invalid("Invalid batch handle")
    ids = list(dict.fromkeys(error["id"] for error in batch.errors))
    facts = {
        "handle": batch.id,
        "status": batch.status,
        "errors": batch.errors[:SHOWN_ERRORS],
        "errors_total_count": len(batch.errors),
        "warnings": batch.warnings[:SHOWN_ERRORS],
        "warnings_total_count": len(batch.warnings),
        "ids_of_invalid_requests": ids if call.flag("load_ids_of_invalid_requests", default=False) else [],
    }
    chosen = call.words("fields") if isinstance(call.params.get("fields"), str) else []
    if unknown := set(chosen) - set(facts):
        raise invalid(
            f"Tried accessing nonexisting field ({min(unknown)}) on node type (CheckBatchRequestStatus)"
        )
    return {"data": [{name: facts[name] for name in chosen or facts}]}


def update_catalog(call: Call, catalog: Catalog) -> JSON:
    call.need_scopes("catalog_management")
    catalog.name = call.text("name", catalog.name)
    return {"success": True}


def delete_catalog(call: Call, catalog: Catalog) -> JSON:
    call.need_scopes("catalog_management")
    for table in (call.world.products, call.world.product_sets, call.world.batches):
        _drop_rows(table, catalog.id)
    del call.world.catalogs[catalog.id]
    return {"success": True}


def _drop_rows(table: dict[str, Any], catalog_id: str) -> None:
    for row in [row for row in table.values() if row.catalog_id == catalog_id]:
        del table[row.id]


def _sees_catalog(call: Call, catalog: Catalog) -> bool:
    return any(call.sees_business(one) for one in (catalog.business_id, *catalog.shared_with))


KINDS: dict[type, Kind] = {
    Catalog: Kind(
        "ProductCatalog",
        visible=_sees_catalog,
        fields={
            "name": lambda call, catalog: catalog.name,
            "vertical": lambda call, catalog: catalog.vertical,
            "product_count": lambda call, catalog: sum(1 for _ in call.world.products_of(catalog.id)),
            "feed_count": lambda call, catalog: 0,
            "business": lambda call, catalog: call.world.businesses[catalog.business_id],
            "owner_business": lambda call, catalog: call.world.businesses[catalog.business_id],
        },
        silent=names(
            """
    commerce_merchant_settings default_image_url fallback_image_url store_catalog_settings
"""
        ),
    ),
}

ROUTES: dict[tuple[str, str, str], Handler] = {
    ("ProductCatalog", "POST", ""): update_catalog,
    ("ProductCatalog", "DELETE", ""): delete_catalog,
    ("ProductCatalog", "POST", "items_batch"): items_batch,
    ("ProductCatalog", "GET", "check_batch_request_status"): batch_status,
}
