"""Events that we keep without working on them, each with the reason in plain words."""

from __future__ import annotations

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from integrations.webhooks.events import Event
from integrations.webhooks.outcomes import Ignored

REASONS: dict[str, str | Promise] = {
    "comment": _("Comments are not in the inbox yet."),
    "mention": _("Mentions are not in the inbox yet."),
    "rating": _("Reviews are not in the inbox yet."),
    "post": _("Posts are not shown here."),
    "feed_reaction": _("Reactions to posts and comments are not shown here."),
    "story_insights": _("Figures about stories are not shown here."),
    "optin": _("Noted. StormCom sends no messages that a customer signed up for."),
    "account_linking": _("Noted. StormCom links customers to no other service."),
    "handover": _("Noted. It changes which app Meta asks first, not what you can do here."),
    "feedback": _("Noted. What customers think of an answer is not shown here yet."),
    "payment": _("Meta has ended payments in Messenger. Orders come another way."),
    "pre_checkout": _("Meta has ended payments in Messenger. Orders come another way."),
    "checkout_update": _("Meta has ended payments in Messenger. Orders come another way."),
    "product_feed": _("Noted. StormCom sends products one by one and reads no feed."),
    "field_change": _("Noted. Nothing here depends on it."),
    "unknown": _("Meta sent something that StormCom does not know yet. It is kept."),
}


def keep_only(event: Event, asset: Any) -> Ignored:
    """End an event as ignored, with the reason of its kind."""
    return Ignored(str(REASONS[event.kind]))
