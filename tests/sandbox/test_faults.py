"""Each fault strikes, counts down, and is over when switched off."""

import json
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from sandbox import webhooks
from tests.sandbox.conftest import (
    ADA,
    APP_TOKEN,
    CATALOG,
    HAZEL,
    OUTLET,
    Listener,
    Meta,
    error_of,
    item,
    wait_until,
)


def fault(meta: Meta, name: str, **options: object) -> None:
    meta.control("faults", name=name, on=True, **options)


def write(meta: Meta, text: str) -> None:
    meta.control("message", page_id=HAZEL, buyer="Tom Okafor", text=text)


def texts(listener: Listener, count: int) -> list[str]:
    return [e["entry"][0]["messaging"][0]["message"]["text"] for e in listener.wait_for(count)]


def test_an_expired_token_strikes_as_often_as_told(meta: Meta) -> None:
    token = meta.login()
    fault(meta, "expired_token", times=2)
    answers = [meta.get("me", token) for _ in range(3)]
    assert [error_of(answer) for answer in answers[:2]] == [(190, 463)] * 2
    assert answers[2]["id"] == ADA
    assert meta.world.faults["expired_token"].on is False


def test_one_page_alone_may_expire_and_debug_token_says_so(meta: Meta) -> None:
    token, hazel, outlet = meta.login(), meta.page_token(), meta.page_token(OUTLET)
    fault(meta, "expired_token", asset_id=HAZEL)
    assert error_of(meta.get(HAZEL, hazel)) == (190, 463)
    assert meta.get("debug_token", APP_TOKEN, input_token=hazel)["data"]["error"]["subcode"] == 463
    assert meta.get(OUTLET, outlet)["id"] == OUTLET
    assert meta.get("me", token)["id"] == ADA
    meta.control("faults", name="expired_token", on=False)
    assert meta.get(HAZEL, hazel)["id"] == HAZEL


def test_a_rate_limit_says_in_its_header_when_to_come_back(meta: Meta) -> None:
    token = meta.login()
    fault(meta, "rate_limit", minutes=7)
    answer = meta.ask("POST", f"{CATALOG}/items_batch", token, item_type="PRODUCT_ITEM", requests=[item("a")])
    assert error_of(answer.json()) == (80014, None)
    (usage,) = json.loads(answer.headers["x-business-use-case-usage"])[CATALOG]
    assert (usage["type"], usage["call_count"], usage["estimated_time_to_regain_access"]) == (
        "catalog_batch",
        100,
        7,
    )
    assert meta.get(f"{CATALOG}/products", token) == {"data": []}
    assert meta.world.batches == {}


@pytest.mark.parametrize(
    ("bucket", "code", "path"),
    [
        ("pages", 80001, HAZEL),
        ("messenger", 80006, f"{HAZEL}/conversations"),
        ("leadgen", 80005, f"{HAZEL}/leadgen_forms"),
    ],
)
def test_each_bucket_has_its_code(meta: Meta, bucket: str, code: int, path: str) -> None:
    token = meta.page_token()
    fault(meta, "rate_limit", bucket=bucket, times=1)
    assert error_of(meta.get(path, token)) == (code, None)
    assert "error" not in meta.get(path, token)


def test_a_server_error_is_transient_and_may_concern_one_edge(meta: Meta) -> None:
    token = meta.login()
    fault(meta, "server_error", edge="accounts", times=1)
    assert meta.get("me", token)["id"] == ADA
    answer = meta.ask("GET", "me/accounts", token)
    assert answer.status_code == 500
    assert (answer.json()["error"]["code"], answer.json()["error"]["is_transient"]) == (2, True)
    assert "data" in meta.get("me/accounts", token)


def test_a_slow_answer_comes_and_holds_up_nobody_else(meta: Meta) -> None:
    token = meta.login()
    fault(meta, "slow", seconds=6, times=1)
    with pytest.raises(requests.Timeout):
        requests.get(f"{meta.url}/v26.0/me", params={"access_token": token}, timeout=0.3)
    started = time.monotonic()
    assert meta.get("me", token)["id"] == ADA
    assert time.monotonic() - started < 5


def test_a_slow_call_does_not_act_in_the_world_after_a_reset(meta: Meta) -> None:
    code = meta.consent()["code"]
    fault(meta, "slow", seconds=1)
    with ThreadPoolExecutor(1) as caller:
        slow = caller.submit(meta.redeem, code)
        wait_until(lambda: requests.get(f"{meta.url}/_sandbox/calls", timeout=5).json() != [])
        meta.control("reset")
        assert meta.consent()["code"] == code
        assert error_of(slow.result()) == (2, None)
    assert "access_token" in meta.redeem(code)


def test_half_a_batch_fails(meta: Meta) -> None:
    token = meta.login()
    fault(meta, "half_batch", times=1)
    handle = meta.post(
        f"{CATALOG}/items_batch", token, item_type="PRODUCT_ITEM", requests=[item(name) for name in "abcd"]
    )["handles"][0]
    batch = meta.world.batches[handle]
    wait_until(lambda: batch.status == "finished")
    assert [error["id"] for error in batch.errors] == ["b", "d"]
    assert sorted(product.retailer_id for product in meta.world.products.values()) == ["a", "c"]


def test_duplicate_events_are_the_same_bytes(meta: Meta, listener: Listener) -> None:
    meta.subscribe(listener)
    fault(meta, "duplicate_webhooks", copies=4, times=1)
    write(meta, "once")
    write(meta, "more")
    listener.wait_for(5)
    assert len(set(listener.bodies[:4])) == 1
    assert texts(listener, 5)[3:] == ["once", "more"]


def test_reordered_events_come_the_newest_first(
    meta: Meta, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhooks, "HOLD_SECONDS", 2)  # a busy machine writes the three no faster
    meta.subscribe(listener)
    fault(meta, "reorder_webhooks", times=3)
    for text in ("one", "two", "three"):
        write(meta, text)
    assert texts(listener, 3) == ["three", "two", "one"]


def test_lost_events_stay_in_the_log(meta: Meta, listener: Listener) -> None:
    meta.subscribe(listener)
    fault(meta, "drop_webhooks", times=1)
    write(meta, "lost")
    write(meta, "found")
    assert texts(listener, 1) == ["found"]
    wait_until(lambda: list(meta.world.deliveries.values())[1].status == "delivered")
    rows = requests.get(f"{meta.url}/_sandbox/deliveries", timeout=10).json()
    assert [row["status"] for row in rows] == ["dropped", "delivered"]


@pytest.mark.parametrize(
    "body",
    [
        {"name": "no_such_fault"},
        {"name": "slow", "colour": "red"},
        {"name": "rate_limit", "bucket": "sand"},
        {"name": "slow", "seconds": "long"},
    ],
)
def test_a_fault_that_does_not_exist_is_refused(meta: Meta, body: dict[str, object]) -> None:
    answer = requests.post(f"{meta.url}/_sandbox/faults", json=body, timeout=10)
    assert answer.status_code == 400
    assert not any(row.on for row in meta.world.faults.values())


def test_the_panel_switches_a_fault_on_and_off(meta: Meta) -> None:
    form = {"name": "rate_limit", "on": "yes", "times": "3", "bucket": "pages", "minutes": ""}
    page = requests.post(f"{meta.url}/faults", data=form, timeout=10)
    assert page.status_code == 200
    assert "On, 3 left" in page.text
    switched = meta.world.faults["rate_limit"]
    assert (switched.times, switched.options) == (3, {"bucket": "pages", "minutes": 5})
    requests.post(f"{meta.url}/faults", data={"name": "rate_limit", "on": "no"}, timeout=10)
    assert meta.world.faults["rate_limit"].on is False
    assert requests.post(f"{meta.url}/faults", data={"name": "x", "on": "yes"}, timeout=10).status_code == 400
