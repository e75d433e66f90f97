"""The pages of orders over HTTP."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core.mail import EmailMessage
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalog.models import StockMovement
from integrations.models import ConnectedPage
from orders.models import ExternalOrderMapping, Order, OrderEmail, OrderEvent
from tenancy.models import AuditEntry, Store, User
from tenancy.scope import open_store
from tests.catalog.sample import make_variant
from tests.orders.sample import ORDER_ID, hand_in, item, make_order, on_hand, send_waiting, the_order, value

ClientOf = Callable[[User], Client]
LIST = "/s/hazel-home/orders/"
NEW = "/s/hazel-home/orders/new/"


def form_data(**over: str) -> dict[str, str]:
    facts = {"key": "5a0cb8a2-52a5-4d6b-8a0c-4d6a3b1f7a10", "buyer_name": "Tom Okafor"}
    return facts | {"buyer_email": "tom@buyers.example"} | over


def test_a_viewer_sees_orders_and_cannot_change_them(shop: Store, viewer: User, client_of: ClientOf) -> None:
    cushion = make_variant(on_hand=5)
    make_order((cushion, 2))
    client = client_of(viewer)
    page = client.get(LIST).content.decode()
    assert "#1001" in page
    assert "Add order" not in page
    assert "Cancel order" not in client.get(f"{LIST}1001/").content.decode()
    assert client.get(NEW).status_code == 403
    for action in ("cancel", "resend", "settle", "status"):
        assert client.post(f"{LIST}1001/{action}/", {"status": "confirmed"}).status_code == 403
    assert (the_order().status, on_hand(cushion)) == ("new", 3)


def test_another_stores_order_is_not_there(
    store: Store, other_store: Store, stranger: User, owner: User, client_of: ClientOf
) -> None:
    with open_store(store.pk):
        make_order()
    assert client_of(stranger).get(f"{LIST}1001/").status_code == 404
    assert client_of(stranger).get("/s/bolt-bikes/orders/1001/").status_code == 404
    assert client_of(stranger).post("/s/bolt-bikes/orders/1001/cancel/").status_code == 404
    assert client_of(owner).get(f"{LIST}1001/").status_code == 200
    with open_store(store.pk):
        assert the_order().status == "new"


def test_an_agent_takes_an_order_at_our_price(
    shop: Store, agent: User, client_of: ClientOf, mailoutbox: list[EmailMessage]
) -> None:
    cushion = make_variant(on_hand=5, price_minor=1250, sku="CUSH-1")
    client = client_of(agent)
    choice = "Linen cushion · CUSH-1"
    assert f'<option value="{choice}">' in client.get(NEW).content.decode()
    lines = {"line1-product": choice, "line1-quantity": "2", "shipping": "3.90"}
    address = {"street1": "1 Long Lane", "city": "London"}
    answers = [client.post(NEW, form_data(**lines, **address)) for _ in range(2)]
    assert [(answer.status_code, answer["Location"]) for answer in answers] == [(302, f"{LIST}1001/")] * 2
    order = the_order()
    assert (order.source, order.door, order.total_minor) == ("MANUAL", "hand", 2890)
    assert order.shipping_address == {"name": "Tom Okafor", "street1": "1 Long Lane", "city": "London"}
    assert on_hand(cushion) == 3
    assert AuditEntry.objects.get(action="order.placed").actor == agent
    send_waiting(shop)
    assert [mail.to for mail in mailoutbox] == [["tom@buyers.example"]]


@pytest.mark.parametrize("typed", ["CUSH-1", "linen", "Linen cushion", "Linen cushion · CUSH-1"])
def test_a_product_is_found_by_what_one_would_type(
    shop: Store, agent: User, client_of: ClientOf, typed: str
) -> None:
    cushion = make_variant(on_hand=5, sku="CUSH-1")
    make_variant(title="Lamp", sku="LAMP-1", on_hand=5)
    assert client_of(agent).post(NEW, form_data(**{"line1-product": typed})).status_code == 302
    assert on_hand(cushion) == 4


@pytest.mark.parametrize(
    ("over", "words"),
    [
        ({"line1-product": "CUSH-1", "line1-quantity": "3"}, "Only 2 in stock."),
        ({"line1-product": "LAMP-1"}, "None in stock."),
        ({"line1-product": "chair"}, "You sell no product with this name or SKU."),
        ({"line1-product": "i"}, "Several products fit."),
        ({"line2-quantity": "2"}, "Say which product this is."),
        ({"line1-product": "CUSH-1", "line1-quantity": "0"}, "Enter 1 at least."),
        ({"line1-product": "CUSH-1", "line1-quantity": "two"}, "Type a whole number"),
        ({}, "Choose at least one product."),
        ({"line1-product": "CUSH-1", "buyer_name": ""}, "Say who the order is for."),
        ({"line1-product": "CUSH-1", "buyer_email": "tom@"}, "This is no e-mail address."),
        ({"line1-product": "CUSH-1", "shipping": "free"}, "Type an amount such as £3.90."),
        ({"line1-product": "CUSH-1", "shipping": "-1"}, "Type an amount such as £3.90."),
        ({"line1-product": "CUSH-1", "key": ""}, "Reload the page"),
    ],
)
def test_a_form_with_a_mistake_says_so_and_changes_nothing(
    shop: Store, agent: User, client_of: ClientOf, over: dict[str, str], words: str
) -> None:
    make_variant(on_hand=2, sku="CUSH-1")
    make_variant(title="Lintel lamp", on_hand=0, sku="LAMP-1")
    answer = client_of(agent).post(NEW, form_data(**over))
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert over.get("line1-product", "") in answer.content.decode()
    assert (Order.objects.count(), ExternalOrderMapping.objects.count()) == (0, 0)
    assert StockMovement.objects.exclude(reason="opening").count() == 0


def test_cancelling_puts_the_pieces_back_once(shop: Store, agent: User, client_of: ClientOf) -> None:
    cushion = make_variant(on_hand=5)
    make_order((cushion, 2))
    client = client_of(agent)
    assert "2 pieces go back into stock." in client.get(f"{LIST}1001/").content.decode()
    for _ in range(3):
        assert client.post(f"{LIST}1001/cancel/").status_code == 302
    assert (the_order().status, on_hand(cushion)) == ("cancelled", 5)
    assert AuditEntry.objects.filter(action="order.cancelled").count() == 1
    assert "Cancel order" not in client.get(f"{LIST}1001/").content.decode()


def test_an_order_moves_on_step_by_step(shop: Store, agent: User, client_of: ClientOf) -> None:
    make_order()
    client = client_of(agent)
    for status in ("confirmed", "shipped", "completed"):
        assert f"Mark as {status}" in client.get(f"{LIST}1001/").content.decode()
        client.post(f"{LIST}1001/status/", {"status": status})
        assert the_order().status == status


@pytest.mark.parametrize("wanted", ["completed", "cancelled", "new", "nonsense", ""])
def test_a_step_that_is_not_next_changes_nothing(
    shop: Store, agent: User, client_of: ClientOf, wanted: str
) -> None:
    make_order()
    Order.objects.update(status="confirmed")
    answer = client_of(agent).post(f"{LIST}1001/status/", {"status": wanted}, follow=True)
    assert answer.status_code == 200
    assert the_order().status == "confirmed"
    assert not AuditEntry.objects.filter(action="order.status_changed").exists()


def test_what_was_shipped_is_not_cancelled(shop: Store, agent: User, client_of: ClientOf) -> None:
    cushion = make_variant(on_hand=5)
    make_order((cushion, 2))
    Order.objects.update(status="shipped")
    answer = client_of(agent).post(f"{LIST}1001/cancel/", follow=True)
    assert "Order #1001 is shipped, so that is not possible any more." in answer.content.decode()
    assert (the_order().status, on_hand(cushion)) == ("shipped", 3)


def test_the_confirmation_can_be_sent_again(
    shop: Store, agent: User, client_of: ClientOf, mailoutbox: list[EmailMessage]
) -> None:
    make_order(buyer_email="tom@buyers.example")
    send_waiting(shop)
    client_of(agent).post(f"{LIST}1001/resend/")
    send_waiting(shop)
    assert len(mailoutbox) == 2
    assert list(OrderEvent.objects.filter(kind="email_sent").values_list("actor", flat=True)) == [
        agent.pk,
        None,
    ]


def test_nothing_is_sent_where_there_is_no_address(shop: Store, agent: User, client_of: ClientOf) -> None:
    make_order()
    answer = client_of(agent).post(f"{LIST}1001/resend/", follow=True)
    assert "nothing was sent" in answer.content.decode()
    assert OrderEmail.objects.count() == 0


def test_what_is_odd_is_shown_until_somebody_has_looked(
    page: ConnectedPage, agent: User, client_of: ClientOf
) -> None:
    hand_in(page, value(item("no-such-thing")))
    client = client_of(agent)
    assert "is none of your products" in client.get(f"{LIST}1001/").content.decode()
    assert ">#1001</a>" in client.get(f"{LIST}?status=attention").content.decode()
    client.post(f"{LIST}1001/settle/")
    assert ">#1001</a>" not in client.get(f"{LIST}?status=attention").content.decode()
    assert the_order().needs_attention == ""
    assert OrderEvent.objects.filter(kind="settled", actor=agent).count() == 1


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?q=1001", True),
        ("?q=%231001", True),
        ("?q=maya", True),
        ("?q=MAYA@buyers", True),
        (f"?q={ORDER_ID}", True),
        ("?source=FACEBOOK&status=new", True),
        ("?source=nonsense&status=nonsense&older=x~y", True),
        ("?q=tom", False),
        ("?q=" + "9" * 30, False),
        ("?source=WEBSITE", False),
        ("?status=cancelled", False),
    ],
)
def test_orders_are_found(
    page: ConnectedPage, viewer: User, client_of: ClientOf, query: str, found: bool
) -> None:
    hand_in(page, value(item("a-thing")))
    assert (">#1001</a>" in client_of(viewer).get(LIST + query).content.decode()) is found


def test_the_list_costs_the_same_with_more_orders(shop: Store, viewer: User, client_of: ClientOf) -> None:
    client = client_of(viewer)

    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert client.get(LIST).status_code == 200
        return len(seen)

    for _ in range(3):
        make_order()
    client.get(LIST)
    few = queries()
    for _ in range(27):
        make_order()
    assert queries() == few


def test_the_detail_costs_the_same_with_more_lines(shop: Store, viewer: User, client_of: ClientOf) -> None:
    variants = [make_variant(title=f"Thing {n}", on_hand=9) for n in range(8)]
    make_order((variants[0], 1))
    make_order(*[(variant, 1) for variant in variants])
    client, seen = client_of(viewer), []
    client.get(LIST)
    for number in (1001, 1002):
        with CaptureQueriesContext(connection) as queries:
            client.get(f"{LIST}{number}/")
        seen.append(len(queries))
    assert seen[0] == seen[1]


def test_older_and_newer_pages_meet(shop: Store, viewer: User, client_of: ClientOf) -> None:
    for _ in range(45):
        make_order()
    client = client_of(viewer)
    first = client.get(LIST).context["page"]
    second = client.get(LIST + first.next_url).context["page"]
    assert [order.number for order in first.rows] == list(range(1045, 1005, -1))
    assert [order.number for order in second.rows] == list(range(1005, 1000, -1))
    assert (first.previous_url, second.next_url) == ("", "")
    back = client.get(LIST + second.previous_url).context["page"]
    assert [order.number for order in back.rows] == [order.number for order in first.rows]
