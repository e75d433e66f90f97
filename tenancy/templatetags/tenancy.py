"""Words for the audit trail: `{% load tenancy %}`."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

register = template.Library()

_ACTIONS: dict[str, str | Promise] = {
    "account.connected": _("Facebook connected"),
    "account.permissions_changed": _("Permissions at Facebook changed"),
    "connect.failed": _("Connecting Facebook failed"),
    "events.replayed": _("Meta's messages tried again"),
    "event.replayed": _("Meta's message tried again"),
    "login.ended": _("Facebook ended the connection"),
    "page.tested": _("Test event sent"),
    "reply.queued": _("Reply written"),
    "reply.retried": _("Reply tried again"),
    "transfer.received": _("Page asked for by another store"),
}
"""What reads badly as its own name, for a merchant."""

_NUMBERS = ("code", "conversation", "leadgen_id", "pick", "since", "subcode", "trace", "uuid")
"""Details that only say which row it was, or how it was looked for: they stay in the entry."""


@register.filter
def action_words(action: str) -> str:
    """`member.role_changed` → "Member role changed"."""
    if action in _ACTIONS:
        return str(_ACTIONS[action])
    return action.replace(".", " ").replace("_", " ").capitalize()


@register.filter
def details_words(details: dict[str, Any]) -> str:
    """`{"email": "ada@…", "role": "agent"}` → "email: ada@…, role: agent"; before and after as an arrow."""
    hidden = ("before", "after", *_NUMBERS)
    rest = {
        name: value for name, value in details.items() if name not in hidden and value not in ("", None, [])
    }
    parts = [f"{name.replace('_', ' ')}: {_words(value)}" for name, value in rest.items()]
    if "before" in details and "after" in details:
        parts.insert(0, _change(details["before"], details["after"]))
    return ", ".join(parts)


def _change(before: Any, after: Any) -> str:
    if isinstance(before, dict) and isinstance(after, dict):
        return ", ".join(
            f"{name}: {_words(before.get(name))} → {_words(value)}" for name, value in after.items()
        )
    return f"{_words(before)} → {_words(after)}"


def _words(value: Any) -> str:
    if isinstance(value, dict):
        return details_words(value)
    if isinstance(value, list):
        return ", ".join(_words(one) for one in value)
    return "–" if value in (None, "") else str(value)
