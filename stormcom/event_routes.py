"""The URLconf of webhooks: which function works on which kind of event, and whose asset it is about."""

from __future__ import annotations

_KEPT = ("integrations.webhooks.noted.keep_only",)

_MESSAGING: dict[str, tuple[str, ...]] = {
    "message": ("messaging.inbound.receive_message",),
    "echo": ("messaging.inbound.receive_message",),
    "message_deleted": ("messaging.inbound.receive_message",),
    "postback": ("messaging.inbound.receive_postback",),
    "delivery": ("messaging.inbound.receive_receipt",),
    "read": ("messaging.inbound.receive_receipt",),
    "message_edit": ("messaging.amendments.receive_edit",),
    "reaction": ("messaging.amendments.receive_reaction",),
    "referral": ("messaging.origins.receive_referral",),
    "send_cart": ("messaging.carts.receive_cart",),
    "policy_enforcement": ("integrations.webhooks.policy.note_policy",),
    "optin": _KEPT,
    "account_linking": _KEPT,
    "handover": _KEPT,
    "feedback": _KEPT,
    "payment": _KEPT,
    "pre_checkout": _KEPT,
    "checkout_update": _KEPT,
    "unknown": _KEPT,
}

_PUBLIC: dict[str, tuple[str, ...]] = {
    "comment": _KEPT,
    "mention": _KEPT,
}

ASSET_FINDERS: dict[str, str] = {
    "page": "integrations.connections.find_page_owner",
    "instagram": "integrations.connections.find_instagram_owner",
    "commerce_order": "integrations.connections.find_asset_owner",
    "catalog": "catalog.selectors.find_catalog_owner",
    "permissions": "integrations.person_events.find_person",
}
"""Object of the body → function that takes the entry's id and returns the owned row, or None."""

CONVERSATION_FINDER = "integrations.connections.find_asset_owner"
"""The same for the account that a conversation is with, where the entry names another."""

ROUTES: dict[str, dict[str, tuple[str, ...]]] = {
    "page": {
        **_MESSAGING,
        **_PUBLIC,
        "post": _KEPT,
        "feed_reaction": _KEPT,
        "rating": _KEPT,
        "page_field_change": ("integrations.page_events.receive_page_change",),
        "connection_test": ("integrations.webhooks.connection_test.note_test",),
        "leadgen": ("leads.capture.record_leadgen",),
        "leadgen_update": ("leads.capture.record_leadgen",),
    },
    "instagram": {
        **_MESSAGING,
        **_PUBLIC,
        "story_insights": _KEPT,
        "field_change": _KEPT,
    },
    "commerce_order": {
        "order.created": ("orders.channel.receive_order_event",),
        "order.updated": ("orders.channel.receive_order_event",),
        "order.cancelled": ("orders.channel.receive_order_event",),
    },
    "catalog": {
        "items_batch": ("catalog.push.marking.note_finished_batch",),
        "product_feed": _KEPT,
        "field_change": _KEPT,
        "unknown": _KEPT,
    },
    "permissions": {"field_change": ("integrations.person_events.receive_permission_change",)},
}
"""Object of the body → kind of event → handlers, in order. What stands nowhere is kept and ends as ignored.

The object decides what the asset is, so no handler ever meets one that it cannot work with.
"""

ORDER_FREE = frozenset({"leadgen", "items_batch", "delivery", "read"})
"""Kinds that wait for no other event: one that fails holds up nothing, and nothing holds it up. The others
wait for the earlier ones of the same conversation or order."""

MAY_BE_UNKNOWN = frozenset({"permissions"})
"""Objects about somebody who need not have connected anything, such as who only signs in with Facebook."""
