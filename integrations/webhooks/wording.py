"""Meta's events in a merchant's words; what has no words of its own keeps its technical name."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

KINDS: dict[str, str | Promise] = {
    "message": _("Message from a buyer"),
    "echo": _("Message from your Page"),
    "message_deleted": _("Message taken back"),
    "message_edit": _("Message changed"),
    "postback": _("Button pressed"),
    "delivery": _("Message delivered"),
    "read": _("Message read"),
    "reaction": _("Reaction"),
    "referral": _("Buyer came from a link"),
    "optin": _("Buyer agreed to be written to"),
    "handover": _("Conversation handed over"),
    "send_cart": _("Cart sent in the chat"),
    "leadgen": _("Lead"),
    "items_batch": _("Products checked by Meta"),
    "feed": _("Post or comment"),
    "comments": _("Comment"),
    "mentions": _("Mention"),
    "order.created": _("Order"),
    "order.updated": _("Order changed"),
    "order.cancelled": _("Order cancelled"),
}
