"""Order events as docs/events.md has them, and orders made by hand."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.utils import timezone

from catalog.models import Variant
from integrations.models import AssetState, ConnectedPage, InstagramAccount, MetaAccount
from integrations.webhooks.envelope import Envelope
from integrations.webhooks.events import OrderEvent
from integrations.webhooks.outcomes import Ignored
from integrations.webhooks.parse import read_event
from orders.channel import receive_order_event
from orders.intake import place_order
from orders.models import Door, Order, OrderEmail, Source
from orders.requests import LineRequest, OrderRequest
from orders.tasks import send_order_email
from tenancy.models import Store

PAGE = "100200300400501"
ORDER_ID = "6900100200300"
Value = dict[str, Any]


def money(amount: object, currency: object = "GBP") -> Value:
    return {"amount": amount, "currency": currency}


def item(retailer_id: object, quantity: object = 2, price: object = "12.50", **over: Any) -> Value:
    line = {"id": f"1{retailer_id}", "retailer_id": retailer_id, "product_name": "Linen cushion"}
    return line | {"quantity": quantity, "price_per_unit": money(price)} | over


def value(*items: Value, minute: int = 30, **over: Any) -> Value:
    """An order of Maya Iyer, last touched in that minute of half past nine's hour."""
    return {
        "id": ORDER_ID,
        "created": "2026-11-20T09:30:00+0000",
        "last_updated": f"2026-11-20T09:{minute}:00+0000",
        "channel": "facebook",
        "order_status": {"state": "CREATED"},
        "buyer_details": {"name": "Maya Iyer", "email": "maya@buyers.example"},
        "shipping_address": {"name": "Maya Iyer", "street1": "1 Long Lane", "city": "York", "country": "GB"},
        "selected_shipping_option": {"name": "Standard", "price": money("3.90")},
        "items": list(items),
    } | over


def body(value_: Value, *, field: str = "order.created", asset_id: str = PAGE) -> Value:
    change = {"field": field, "value": value_}
    return {"object": "commerce_order", "entry": [{"id": asset_id, "time": 1763700000, "changes": [change]}]}


def hand_in(
    page: ConnectedPage | InstagramAccount, value_: object, *, field: str = "order.created"
) -> Ignored | None:
    """Give an order event to its handler, as the dispatcher would."""
    envelope = Envelope("commerce_order", page.meta_id, "changes", 1763700000)
    event = read_event(envelope, {"field": field, "value": value_})
    assert isinstance(event, OrderEvent)
    return receive_order_event(event, page)


def make_page(**over: Any) -> ConnectedPage:
    """A connected Page of the open store that Meta has never heard of."""
    account = MetaAccount.objects.create(meta_user_id="70001", name="Ada")
    facts: dict[str, Any] = {"page_id": PAGE, "name": "Hazel Home", "state": AssetState.ACTIVE} | over
    page: ConnectedPage = ConnectedPage.objects.create(account=account, **facts)
    return page


def make_order(*lines: tuple[Variant, int], **over: Any) -> Order:
    """An order taken by hand; without lines one of a thing that is not in the catalog."""
    wanted = [LineRequest(variant=v, quantity=n, unit_price_minor=v.price_minor) for v, n in lines]
    free = [LineRequest(retailer_id="", title="Gift wrapping", quantity=1, unit_price_minor=250)]
    facts: dict[str, Any] = {
        "source": Source.MANUAL,
        "door": Door.HAND,
        "currency": "GBP",
        "buyer_has_ordered": False,
        "placed_at": timezone.now(),
        "buyer_name": "Tom Okafor",
    }
    return place_order(OrderRequest(lines=tuple(wanted or free), **(facts | over)))


def send_waiting(store: Store) -> None:
    """Do what the worker does for each e-mail that waits."""
    waiting = OrderEmail.unscoped.filter(store=store, state=OrderEmail.State.WAITING)
    for email_id in waiting.values_list("pk", flat=True):
        send_order_email(store.pk, email_id)


def the_order(**facts: Any) -> Order:
    order: Order = Order.objects.get(**facts)
    return order


def on_hand(variant: Variant) -> int:
    row: Variant = Variant.objects.get(pk=variant.pk)
    return row.on_hand


NINE_THIRTY = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
