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
    "reaction": _("Reaction to a message"),
    "referral": _("Buyer came from a link"),
    "optin": _("Buyer agreed to be written to"),
    "account_linking": _("Buyer linked an account"),
    "policy_enforcement": _("Meta's verdict on your Page"),
    "handover": _("Conversation handed over"),
    "send_cart": _("Cart sent in the chat"),
    "feedback": _("Feedback on an answer"),
    "payment": _("Payment in Messenger"),
    "pre_checkout": _("Checkout in Messenger"),
    "checkout_update": _("Checkout in Messenger"),
    "comment": _("Comment"),
    "post": _("Post"),
    "feed_reaction": _("Reaction to a post"),
    "mention": _("Mention"),
    "rating": _("Review"),
    "story_insights": _("Figures of a story"),
    "page_field_change": _("Page details changed"),
    "field_change": _("Details changed at Meta"),
    "leadgen": _("Lead"),
    "connection_test": _("Test of yours"),
    "leadgen_update": _("Lead changed"),
    "items_batch": _("Products checked by Meta"),
    "product_feed": _("Product feed read by Meta"),
    "order.created": _("Order"),
    "order.updated": _("Order changed"),
    "order.cancelled": _("Order cancelled"),
    "unknown": _("Something new from Meta"),
}
