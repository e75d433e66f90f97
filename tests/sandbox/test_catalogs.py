"""Batches that finish later, review, products, sets."""

from typing import Any

import pytest

from tests.sandbox.conftest import (
    BEN,
    CATALOG,
    HAZEL_INSTAGRAM,
    SCOPES,
    Listener,
    Meta,
    error_of,
    item,
    wait_until,
)


def push(meta: Meta, token: str, *rows: dict[str, Any], **params: Any) -> Any:
    return meta.post(f"{CATALOG}/items_batch", token, item_type="PRODUCT_ITEM", requests=list(rows), **params)


def status(meta: Meta, token: str, handle: str, **params: str) -> Any:
    edge = f"{CATALOG}/check_batch_request_status"
    return meta.get(edge, token, handle=handle, **params)["data"][0]


def finished(meta: Meta, token: str, *rows: dict[str, Any], **params: Any) -> Any:
    handle = push(meta, token, *rows, **params)["handles"][0]

    def asked() -> Any:
        answer = status(meta, token, handle, load_ids_of_invalid_requests="true")
        return answer if answer["status"] == "finished" else None

    return wait_until(asked)


def retailer_ids(meta: Meta) -> list[str]:
    return sorted(product.retailer_id for product in meta.world.products_of(CATALOG))


def test_a_batch_is_accepted_first_and_done_later(meta: Meta, listener: Listener) -> None:
    meta.subscribe(listener)
    token = meta.login()
    meta.post(f"{CATALOG}/subscribed_apps", token)
    answer = push(meta, token, item("lamp"), item("vase"))
    assert answer["validation_status"] == []
    assert status(meta, token, answer["handles"][0])["status"] == "started"
    assert retailer_ids(meta) == []
    (event,) = listener.wait_for(1)
    assert event["object"] == "catalog"
    value = {"catalog_id": CATALOG, "handle": answer["handles"][0], "status": "Finished"}
    assert event["entry"][0]["changes"] == [{"field": "items_batch", "value": value}]
    assert retailer_ids(meta) == ["lamp", "vase"]
    assert status(meta, token, answer["handles"][0])["errors_total_count"] == 0


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"price": "9,99"}, "price is invalid"),
        ({"availability": "maybe"}, "availability has an unsupported value"),
        ({"link": "shop.example"}, "link is not a URL"),
        ({"title": "x" * 201}, "title is longer"),
        ({"id": ""}, "A required field is missing: id."),
    ],
)
def test_a_malformed_row_is_refused_at_once_and_alone(
    meta: Meta, fields: dict[str, str], sentence: str
) -> None:
    token = meta.login()
    answer = push(meta, token, item("bad", **fields), item("good"))
    (verdict,) = answer["validation_status"]
    assert sentence in verdict["errors"][0]["message"]
    assert len(answer["handles"]) == 1
    wait_until(lambda: retailer_ids(meta) == ["good"])


def test_nothing_accepted_means_no_handle(meta: Meta) -> None:
    answer = push(meta, meta.login(), {"method": "MERGE", "data": {"id": "a"}})
    assert answer["handles"] == []
    assert meta.world.batches == {}


def test_an_unknown_field_only_warns(meta: Meta) -> None:
    token = meta.login()
    answer = push(meta, token, item("lamp", retailer_id="lamp"))
    assert answer["validation_status"][0]["warnings"] == [{"message": "Unrecognized field: retailer_id."}]
    wait_until(lambda: status(meta, token, answer["handles"][0])["warnings_total_count"] == 1)


def test_a_missing_field_shows_when_the_batch_ends_and_ids_only_when_asked(meta: Meta) -> None:
    token = meta.login()
    short = {"method": "UPDATE", "data": {"id": "new", "price": "5.00 GBP"}}
    done = finished(meta, token, item("lamp"), short)
    assert {"line": 2, "id": "new", "message": "A required field is missing: title."} in done["errors"]
    assert done["errors_total_count"] == len(done["errors"]) == 7
    assert done["ids_of_invalid_requests"] == ["new"]
    assert status(meta, token, done["handle"])["ids_of_invalid_requests"] == []
    assert retailer_ids(meta) == ["lamp"]


def test_update_changes_what_it_names_and_delete_removes(meta: Meta) -> None:
    token = meta.login()
    finished(meta, token, item("lamp"), item("vase"))
    change = {"method": "UPDATE", "data": {"id": "lamp", "price": "50.00 GBP"}}
    done = finished(
        meta, token, change, *[{"method": "DELETE", "data": {"id": name}} for name in ("vase", "nil")]
    )
    assert [error["id"] for error in done["errors"]] == ["nil"]
    (product,) = meta.world.products_of(CATALOG)
    assert (product.data["price"], product.data["title"]) == ("50.00 GBP", "Oak lamp")


def test_without_upsert_update_creates_nothing_and_create_changes_nothing(meta: Meta) -> None:
    token = meta.login()
    finished(meta, token, item("lamp"))
    rows = [item("new"), item("lamp", title="Other") | {"method": "CREATE"}]
    done = finished(meta, token, *rows, allow_upsert="false")
    assert done["ids_of_invalid_requests"] == ["new", "lamp"]
    (product,) = meta.world.products_of(CATALOG)
    assert product.data["title"] == "Oak lamp"


def test_a_batch_has_its_limits(meta: Meta) -> None:
    token, edge = meta.login(), f"{CATALOG}/items_batch"
    too_many = [{"method": "DELETE", "data": {"id": "a"}}] * 5001
    assert error_of(push(meta, token, *too_many)) == (100, None)
    assert error_of(push(meta, token)) == (100, None)
    assert error_of(meta.post(edge, token, item_type="HOTEL", requests=[item("a")])) == (100, None)
    assert error_of(meta.get(f"{CATALOG}/check_batch_request_status", token, handle="nil")) == (100, None)


def test_too_many_batches_a_minute_are_refused_with_the_wait(meta: Meta) -> None:
    token = meta.login()
    meta.world.catalogs[CATALOG].batch_calls = [meta.world.now()] * 120
    answer = meta.ask("POST", f"{CATALOG}/items_batch", token, item_type="PRODUCT_ITEM", requests=[item("a")])
    assert error_of(answer.json()) == (80014, None)
    assert '"estimated_time_to_regain_access": 1' in answer.headers["x-business-use-case-usage"]
    meta.control("clock", advance_seconds=61)
    assert len(push(meta, token, item("a"))["handles"]) == 1


def test_catalogs_need_the_permission_and_the_business(meta: Meta) -> None:
    weak = meta.login(ticked=[scope for scope in SCOPES if scope != "catalog_management"])
    assert error_of(push(meta, weak, item("a"))) == (200, None)
    assert error_of(push(meta, meta.login(user=BEN, pages=()), item("a"))) == (100, 33)
    assert error_of(push(meta, meta.page_token(), item("a"))) == (100, 33)
    assert meta.world.batches == {}


def test_a_new_product_is_in_review_until_it_is_approved(meta: Meta) -> None:
    token = meta.login()
    finished(meta, token, item("lamp"))
    fields = {"fields": "review_status", "return_only_approved_products": "true"}
    assert meta.get(f"{CATALOG}/products", token, **fields) == {"data": []}
    meta.control("clock", advance_seconds=3)
    (row,) = meta.get(f"{CATALOG}/products", token, **fields)["data"]
    assert row["review_status"] == "approved"


def test_products_are_found_by_filter_and_read_in_the_names_of_the_node(meta: Meta) -> None:
    token = meta.login()
    finished(meta, token, item("lamp", item_group_id="lamps", sale_price="1240.5 GBP"), item("vase"))
    answer = meta.get(
        f"{CATALOG}/products",
        token,
        filter={"retailer_id": {"is_any": ["lamp", "nil"]}},
        fields="retailer_id,name,url,image_url,price,sale_price,currency,retailer_product_group_id,product_catalog{name}",
        summary="true",
    )
    (row,) = answer["data"]
    assert row.pop("id").isdigit()
    assert row == {
        "retailer_id": "lamp",
        "name": "Oak lamp",
        "url": "https://shop.example/lamp",
        "image_url": "https://shop.example/lamp.jpg",
        "price": "£48.00",
        "sale_price": "£1,240.50",
        "currency": "GBP",
        "retailer_product_group_id": "lamps",
        "product_catalog": {"name": "Hazel Home", "id": CATALOG},
    }
    assert answer["summary"] == {"total_count": 1}


@pytest.mark.parametrize(
    ("rule", "found"),
    [
        ({"or": [{"name": {"i_contains": "VASE"}}, {"retailer_id": {"eq": "lamp"}}]}, ["lamp", "vase"]),
        ({"and": [{"name": {"starts_with": "Oak"}}, {"retailer_id": {"is_not_any": ["lamp"]}}]}, []),
        ({"name": {"neq": "Oak lamp"}}, ["vase"]),
    ],
)
def test_filters_nest(meta: Meta, rule: dict[str, Any], found: list[str]) -> None:
    token = meta.login()
    finished(meta, token, item("lamp"), item("vase", title="Vase"))
    rows = meta.get(f"{CATALOG}/products", token, filter=rule, fields="retailer_id")["data"]
    assert [row["retailer_id"] for row in rows] == found


def test_one_by_one_the_price_is_a_number_of_the_smallest_unit(meta: Meta) -> None:
    token = meta.login()
    edge = f"{CATALOG}/products"
    made = meta.post(edge, token, retailer_id="cup", name="Cup", price="1999", currency="JPY")
    assert meta.get(made["id"], token, fields="price,currency") == {
        "price": "¥1,999",
        "currency": "JPY",
        "id": made["id"],
    }
    again = {"retailer_id": "cup", "name": "Cup", "price": "1", "currency": "JPY", "allow_upsert": "false"}
    assert error_of(meta.post(edge, token, **again)) == (10800, None)
    assert meta.post(made["id"], token, name="Big cup") == {"success": True}
    assert meta.get(made["id"], token)["name"] == "Big cup"
    assert meta.delete(made["id"], token) == {"success": True}
    assert error_of(meta.get(made["id"], token)) == (100, 33)


def test_sets_hold_what_their_filter_finds(meta: Meta) -> None:
    token = meta.login()
    finished(meta, token, item("lamp"), item("vase"))
    made = meta.post(f"{CATALOG}/product_sets", token, name="Lamps", filter={"retailer_id": {"eq": "lamp"}})
    assert meta.get(made["id"], token, fields="name,product_count")["product_count"] == 1
    assert [row["retailer_id"] for row in meta.get(f"{made['id']}/products", token)["data"]] == ["lamp"]
    assert meta.post(made["id"], token, name="Light") == {"success": True}
    assert [row["name"] for row in meta.get(f"{CATALOG}/product_sets", token)["data"]] == ["Light"]
    assert meta.delete(made["id"], token) == {"success": True}
    assert meta.world.product_sets == {}


def test_a_catalog_counts_its_products_and_takes_them_along(meta: Meta) -> None:
    token = meta.login()
    finished(meta, token, item("lamp"))
    assert meta.get(CATALOG, token, fields="name,product_count,business")["product_count"] == 1
    assert meta.post(CATALOG, token, name="House") == {"success": True}
    assert meta.world.catalogs[CATALOG].name == "House"
    assert meta.delete(CATALOG, token) == {"success": True}
    assert meta.world.products == {}


def test_items_are_changed_made_lost_and_refused_behind_our_back(meta: Meta) -> None:
    token = meta.login()
    finished(meta, token, item("lamp"), item("vase"))
    meta.control("catalog-item", catalog_id=CATALOG, retailer_id="lamp", data={"price": "1.00 GBP"})
    meta.control("catalog-item", catalog_id=CATALOG, retailer_id="vase", gone=True)
    meta.control("catalog-item", catalog_id=CATALOG, retailer_id="cup", data=item("cup")["data"])
    meta.control("catalog-item", catalog_id=CATALOG, retailer_id="cup", rejected_for=["Weapons"])
    rows = meta.get(
        f"{CATALOG}/products", token, fields="retailer_id,price,review_status,review_rejection_reasons,errors"
    )["data"]
    assert [(row["retailer_id"], row["price"], row["review_status"]) for row in rows] == [
        ("lamp", "£1.00", "pending"),
        ("cup", "£48.00", "rejected"),
    ]
    assert rows[1]["review_rejection_reasons"] == ["Weapons"]
    assert [error["error_type"] for error in rows[1]["errors"]] == ["POLICY_VIOLATION", "EMPTY_CATEGORY"]


def test_diagnostics_group_what_is_wrong_by_how_much_it_matters(meta: Meta) -> None:
    token, edge = meta.login(), f"{CATALOG}/diagnostics"
    assert meta.get(edge, token) == {"data": []}
    finished(meta, token, item("lamp"), item("vase", google_product_category="Home"))
    meta.control("catalog-item", catalog_id=CATALOG, retailer_id="vase", rejected_for=["Weapons"])
    groups = meta.get(edge, token)["data"]
    found = [(group["severity"], group["type"], group["number_of_affected_items"]) for group in groups]
    assert found[:2] == [("MUST_FIX", "POLICY_VIOLATION", 1), ("OPPORTUNITY", "CATEGORY", 1)]
    assert len(meta.get(edge, token, severities=["MUST_FIX"])["data"]) == 1
    assert error_of(meta.get(edge, token, severities=["BAD"])) == (100, None)


def test_an_instagram_account_names_the_catalogs_it_may_tag_from(meta: Meta) -> None:
    token, fields = meta.login(), {"fields": "shopping_product_tag_eligibility"}
    (row,) = meta.get(f"{HAZEL_INSTAGRAM}/available_catalogs", token)["data"]
    assert (row["catalog_id"], row["catalog_name"], row["product_count"]) == (CATALOG, "Hazel Home", 0)
    assert meta.get(HAZEL_INSTAGRAM, token, **fields)["shopping_product_tag_eligibility"] is True
    meta.control("instagram", instagram_id=HAZEL_INSTAGRAM, may_tag=False)
    assert meta.get(f"{HAZEL_INSTAGRAM}/available_catalogs", token) == {"data": []}
    assert meta.get(HAZEL_INSTAGRAM, token, **fields)["shopping_product_tag_eligibility"] is False


def test_a_set_is_found_again_by_the_id_its_maker_gave_it(meta: Meta) -> None:
    token, edge = meta.login(), f"{CATALOG}/product_sets"
    made = meta.post(edge, token, name="Lamps", retailer_id="s1", filter={"retailer_id": {"is_any": ["a"]}})
    assert meta.get(edge, token, retailer_id="s1", fields="name,retailer_id")["data"] == [
        {"name": "Lamps", "retailer_id": "s1", "id": made["id"]}
    ]
    assert meta.get(edge, token, retailer_id="s2") == {"data": []}
