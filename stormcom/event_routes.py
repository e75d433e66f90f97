"""The URLconf of webhooks: which function works on which kind of event, and whose asset it is about."""

from __future__ import annotations

ASSET_FINDERS: dict[str, str] = {
    "page": "integrations.connections.find_asset_owner",
    "instagram": "integrations.connections.find_asset_owner",
    "commerce_order": "integrations.connections.find_asset_owner",
    "catalog": "catalog.selectors.find_catalog_owner",
}
"""Object of the body → function that takes the entry's id and returns the owned row, or None."""

ROUTES: dict[str, tuple[str, ...]] = {
    "message": ("messaging.inbound.receive_message",),
    "echo": ("messaging.inbound.receive_message",),
    "message_deleted": ("messaging.inbound.receive_message",),
    "postback": ("messaging.inbound.receive_postback",),
    "delivery": ("messaging.inbound.receive_receipt",),
    "read": ("messaging.inbound.receive_receipt",),
    "leadgen": ("leads.capture.record_leadgen",),
    "items_batch": ("catalog.push.note_finished_batch",),
    "order.created": ("orders.channel.receive_order_event",),
    "order.updated": ("orders.channel.receive_order_event",),
    "order.cancelled": ("orders.channel.receive_order_event",),
}
"""Kind of event → handlers, in order. A kind that stands nowhere is kept and ends as ignored."""
