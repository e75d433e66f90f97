"""The exact bytes of events, their order, and what happens when nobody answers."""

import hashlib
import hmac
import json
import re
from functools import partial

import requests
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.models import Delivery
from sandbox.webhooks import encode, signature_headers
from tests.sandbox.conftest import HAZEL, Listener, Meta, wait_until

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=12,
)


def write(meta: Meta, text: str) -> None:
    meta.control("message", page_id=HAZEL, buyer="Lena Fuchs", text=text)


@settings(deadline=None, max_examples=60)
@given(st.dictionaries(st.text(), JSON_VALUES), st.text(min_size=1))
def test_a_body_is_ascii_with_lower_case_escapes_and_reads_back(
    payload: dict[str, object], secret: str
) -> None:
    body = encode(payload)
    assert json.loads(body) == payload
    assert max(body, default=0) < 128
    assert b"/" not in body.replace(b"\\/", b"")
    escapes = re.findall(rb"(?<!\\)(?:\\\\)*\\u([0-9a-fA-F]{4})", body)
    assert escapes == [escape.lower() for escape in escapes]
    digest = hmac.new(secret.encode(errors="surrogatepass"), body, hashlib.sha256).hexdigest()
    assert signature_headers(body, secret)["X-Hub-Signature-256"] == f"sha256={digest}"


def test_events_of_one_page_keep_their_order(meta: Meta, listener: Listener) -> None:
    meta.subscribe(listener)
    for number in range(20):
        write(meta, str(number))
    events = listener.wait_for(20)
    assert [e["entry"][0]["messaging"][0]["message"]["text"] for e in events] == [str(n) for n in range(20)]


def test_a_refused_event_is_sent_again_before_those_behind_it(meta: Meta, listener: Listener) -> None:
    meta.subscribe(listener)
    listener.answers = [503, 500]
    write(meta, "first")
    write(meta, "second")
    events = listener.wait_for(4)
    assert [e["entry"][0]["messaging"][0]["message"]["text"] for e in events] == ["first"] * 3 + ["second"]
    first, second = meta.world.deliveries.values()
    wait_until(lambda: second.status == "delivered")
    assert (first.status, first.tries, first.answer) == ("delivered", 3, "200 OK")


def test_a_graph_answer_does_not_wait_for_a_slow_listener(meta: Meta, listener: Listener) -> None:
    meta.subscribe(listener)
    listener.seconds = 1
    write(meta, "hello")
    (delivery,) = meta.world.deliveries.values()
    assert delivery.status != "delivered"
    listener.wait_for(1)


def _tried(delivery: Delivery, times: int) -> bool:
    return delivery.tries == times and delivery.status == "waiting"


def test_after_an_hour_of_silence_the_page_is_unsubscribed(meta: Meta, listener: Listener) -> None:
    meta.subscribe(listener)
    meta.world.subscriptions["page"].callback_url = "http://127.0.0.1:9/nobody"
    write(meta, "hello")
    (delivery,) = meta.world.deliveries.values()
    for tries in range(1, 10):
        wait_until(partial(_tried, delivery, tries))
        meta.control("clock", advance_seconds=4000)
    wait_until(lambda: delivery.status == "failed")
    assert delivery.answer == "no answer: ConnectionError"
    assert meta.world.pages[HAZEL].subscribed_fields == []


def test_the_log_shows_an_event_and_sends_it_again(meta: Meta, listener: Listener) -> None:
    meta.subscribe(listener)
    write(meta, "<b>hi</b>")
    listener.wait_for(1)
    page = requests.get(f"{meta.url}/deliveries", timeout=10).text
    assert "&lt;b&gt;hi&lt;/b&gt;" in page
    (delivery,) = meta.world.deliveries.values()
    wait_until(lambda: delivery.status == "delivered")
    requests.post(f"{meta.url}/deliveries/{delivery.id}/resend", timeout=10)
    listener.wait_for(2)
    assert len(set(listener.bodies)) == 1
    assert requests.post(f"{meta.url}/deliveries/99/resend", timeout=10).status_code == 404
