"""Words for the audit trail: `{% load tenancy %}`."""

from __future__ import annotations

from typing import Any

from django import template

register = template.Library()


@register.filter
def action_words(action: str) -> str:
    """`member.role_changed` → "Member role changed"."""
    return action.replace(".", " ").replace("_", " ").capitalize()


@register.filter
def details_words(details: dict[str, Any]) -> str:
    """`{"email": "ada@…", "role": "agent"}` → "email: ada@…, role: agent"; before and after as an arrow."""
    rest = {name: value for name, value in details.items() if name not in ("before", "after")}
    parts = [f"{name.replace('_', ' ')}: {_words(value)}" for name, value in rest.items() if value != []]
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
