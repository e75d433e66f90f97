"""What all calls have in common."""

import json

import pytest
import requests

from tests.sandbox.conftest import ADA, APP_TOKEN, BOLT, CATALOG, HAZEL, OUTLET, Meta, error_of, item, proof


@pytest.mark.parametrize("version", ["v21.0/", "v26.0/", ""])
def test_living_versions_and_no_version_are_served(meta: Meta, version: str) -> None:
    answer = requests.get(f"{meta.url}/{version}me", params={"access_token": meta.login()}, timeout=10)
    assert answer.json()["id"] == ADA
    assert answer.headers["facebook-api-version"] == (version.strip("/") or "v26.0")


def test_a_dead_version_is_served_by_the_oldest_living_one(meta: Meta) -> None:
    answer = requests.get(f"{meta.url}/v19.0/me", params={"access_token": meta.login()}, timeout=10)
    assert (answer.status_code, answer.headers["facebook-api-version"]) == (200, "v21.0")


def test_the_token_may_be_in_header_or_json_body(meta: Meta) -> None:
    token = meta.login()
    bearer = requests.get(f"{meta.url}/v26.0/me", headers={"Authorization": f"Bearer {token}"}, timeout=10)
    assert bearer.json()["id"] == ADA
    body = {"access_token": token, "method": "get", "fields": ["id", "first_name"]}
    assert requests.post(f"{meta.url}/v26.0/me", json=body, timeout=10).json() == {
        "id": ADA,
        "first_name": "Ada",
    }


@pytest.mark.parametrize("name", ["pretty", "debug", "date_format", "ids"])
def test_removed_parameters_are_an_error(meta: Meta, name: str) -> None:
    answer = meta.ask("GET", "me", meta.login(), **{name: "1"})
    assert answer.status_code == 400
    assert error_of(answer.json()) == (100, None)


def test_the_proof_is_checked_when_it_is_sent(meta: Meta) -> None:
    token = meta.login()
    assert meta.get("me", token, appsecret_proof=proof(token))["id"] == ADA
    error = meta.get("me", token, appsecret_proof="0" * 64)["error"]
    assert (error["code"], error["type"]) == (100, "GraphMethodException")


def test_an_error_has_the_whole_envelope(meta: Meta) -> None:
    answer = meta.ask("GET", "me", "nonsense")
    error = answer.json()["error"]
    assert (error["code"], error["error_subcode"], error["type"]) == (190, 467, "OAuthException")
    assert error["fbtrace_id"] == answer.headers["x-fb-trace-id"]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("999", (100, 33)),
        ("no-such-alias", (803, None)),
        ("me/no_such_edge", (2500, None)),
        (BOLT, (100, 33)),
        (f"{HAZEL}/commerce_orders", (12, None)),
        ("77/shipments", (12, None)),
    ],
)
def test_what_is_not_there_or_not_yours_is_refused(meta: Meta, path: str, expected: tuple[int, int]) -> None:
    assert error_of(meta.get(path, meta.login())) == expected


def test_an_order_is_no_longer_a_node(meta: Meta) -> None:
    order = meta.control("order", page_id=HAZEL, buyer="Maya Iyer", items=[{"retailer_id": "lamp"}])
    assert error_of(meta.get(order["id"], meta.login())) == (12, None)


def test_calls_without_a_token(meta: Meta) -> None:
    assert error_of(meta.get("me")) == (2500, None)
    assert error_of(meta.get("me", APP_TOKEN)) == (2500, None)
    assert error_of(meta.get(HAZEL)) == (104, None)


def test_fields_replace_the_default_and_expand(meta: Meta) -> None:
    token = meta.login()
    answer = meta.get(
        "me", token, fields="first_name,accounts.limit(1){name,instagram_business_account{username}}"
    )
    assert answer["accounts"]["data"] == [
        {
            "name": "Hazel Home",
            "instagram_business_account": {"username": "hazel.home", "id": "17841400000000501"},
        }
        | {"id": HAZEL}
    ]
    assert set(answer) == {"first_name", "accounts", "id"}
    assert "next" in answer["accounts"]["paging"]


def test_an_unknown_field_names_itself_and_the_node(meta: Meta) -> None:
    error = meta.get(HAZEL, meta.login(), fields="id,colour")["error"]
    assert error["code"] == 100
    assert "nonexisting field (colour) on node type (Page)" in error["message"]


def test_a_known_field_without_value_is_left_out(meta: Meta) -> None:
    assert meta.get(HAZEL, meta.login(), fields="bio,hours") == {"id": HAZEL}


@pytest.mark.parametrize("fields", ["id,name{", "name)", "accounts.limit(1", ",", "{id}"])
def test_a_malformed_fields_value_is_a_syntax_error(meta: Meta, fields: str) -> None:
    assert error_of(meta.get("me", meta.login(), fields=fields)) == (2500, None)


def test_paging_walks_by_absolute_addresses_there_and_back(meta: Meta) -> None:
    first = meta.get("me/accounts", meta.login(), fields="id", limit="2")
    assert [row["id"] for row in first["data"]] == [HAZEL, OUTLET]
    assert first["paging"]["next"].startswith(f"{meta.url}/v26.0/me/accounts?")
    second = requests.get(first["paging"]["next"], timeout=10).json()
    assert [row["id"] for row in second["data"]] == ["100200300400503"]
    assert "next" not in second["paging"]
    assert requests.get(second["paging"]["previous"], timeout=10).json()["data"] == first["data"]


def test_a_bad_limit_or_cursor_is_refused(meta: Meta) -> None:
    token = meta.login()
    for params in ({"limit": "many"}, {"limit": "0"}, {"after": "gone"}):
        assert error_of(meta.get("me/accounts", token, **params)) == (100, None)


def test_a_batch_answers_in_order_each_with_its_own_status(meta: Meta) -> None:
    token = meta.login()
    operations = [
        {"method": "GET", "relative_url": "me?fields=id"},
        {"method": "GET", "relative_url": "v25.0/999"},
        {
            "method": "POST",
            "relative_url": f"{CATALOG}/products",
            "body": "retailer_id=a&name=A&price=100&currency=GBP",
        },
    ]
    answer = requests.post(
        f"{meta.url}/v26.0/", data={"batch": json.dumps(operations), "access_token": token}, timeout=10
    ).json()
    assert [row["code"] for row in answer] == [200, 400, 200]
    assert json.loads(answer[0]["body"]) == {"id": ADA}
    assert {"name": "facebook-api-version", "value": "v25.0"} in answer[1]["headers"]
    assert meta.world.find_product(CATALOG, "a") is not None


def test_a_batch_has_at_most_fifty_operations(meta: Meta) -> None:
    token, one = meta.login(), {"method": "GET", "relative_url": "me"}
    assert len(meta.post("", token, batch=[one] * 50, include_headers="false")) == 50
    assert error_of(meta.post("", token, batch=[one] * 51)) == (100, None)
    assert error_of(meta.post("", batch=[one])) == (104, None)


def test_a_body_out_of_shape_is_an_error_of_graph_and_not_of_the_server(meta: Meta) -> None:
    token = meta.login()
    for params in ({"batch": ["x"]}, {"batch": "{"}, {"batch": 7}):
        assert meta.ask("POST", "", token, **params).json()["error"]["code"] in (1, 100)
    assert meta.get("me", token)["id"] == ADA


def test_usage_headers_follow_the_kind_of_token(meta: Meta) -> None:
    assert "x-app-usage" in meta.ask("GET", "me", meta.login()).headers
    usage = json.loads(meta.ask("GET", HAZEL, meta.page_token()).headers["x-business-use-case-usage"])
    assert usage[HAZEL][0]["type"] == "pages"
    assert usage[HAZEL][0]["estimated_time_to_regain_access"] == 0


def test_every_call_is_recorded_without_its_token(meta: Meta) -> None:
    token = meta.login()
    requests.delete(f"{meta.url}/_sandbox/calls", timeout=10)
    meta.get("me/accounts", token, fields="id", limit="5")
    meta.post(f"{CATALOG}/items_batch", token, item_type="PRODUCT_ITEM", requests=[item("a")])
    meta.get("debug_token", APP_TOKEN, input_token=token)
    calls = requests.get(f"{meta.url}/_sandbox/calls", timeout=10).json()
    assert calls == [
        {"method": "GET", "path": "/v26.0/me/accounts", "params": ["fields", "limit"], "node": "User"},
        {
            "method": "POST",
            "path": f"/v26.0/{CATALOG}/items_batch",
            "params": ["item_type", "requests"],
            "node": "ProductCatalog",
        },
        {"method": "GET", "path": "/v26.0/debug_token", "params": ["input_token"], "node": ""},
    ]
    lines = requests.get(f"{meta.url}/_sandbox/calls.jsonl", timeout=10).text.splitlines()
    assert [json.loads(line) for line in lines] == calls
