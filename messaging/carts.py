"""A cart that a customer sends in the chat: a message with lines. It asks for an order, and pays nothing."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from integrations.webhooks.events import CartEvent, CartLine
from integrations.webhooks.outcomes import Ignored
from messaging.arrivals import Asset, find_or_begin_message, open_conversation, refuse_nobody
from messaging.models import Message
from messaging.standing import settle
from ui.currency import decimals

LINES = 500
MOST = 10**15
"""Above it stands no price of anything."""


def receive_cart(event: CartEvent, asset: Asset) -> Ignored | None:
    """Store a cart as a message of the customer."""
    if problem := refuse_nobody(event, asset):
        return problem
    conversation = open_conversation(asset, event.person_id)
    message, created = find_or_begin_message(event, "", conversation)
    if created:
        message.kind, message.text = Message.Kind.CART, event.note
        message.cart = [_line(line) for line in event.lines[:LINES]]
        message.save()
    settle(conversation)
    return None


def _line(line: CartLine) -> dict[str, Any]:
    return {
        "product_id": line.product_id,
        "retailer_id": line.retailer_id,
        "name": line.name,
        "quantity": line.quantity,
        "unit_price_minor": _minor(line.unit_price, line.currency),
        "currency": line.currency,
    }


def _minor(amount: str, currency: str) -> int | None:
    """Return the amount in the currency's smallest unit; None for what cannot be read as one."""
    try:
        minor = Decimal(amount).scaleb(decimals(currency)) if currency else Decimal("NaN")
        return int(minor.to_integral_value()) if abs(minor) <= MOST else None
    except (InvalidOperation, ValueError):
        return None
