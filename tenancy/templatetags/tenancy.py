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
    """`{"email": "ada@…", "role": "agent"}` → "email: ada@…, role: agent"."""
    return ", ".join(f"{name.replace('_', ' ')}: {_words(value)}" for name, value in details.items())


def _words(value: Any) -> str:
    if isinstance(value, dict):
        return f"({details_words(value)})"
    if isinstance(value, list):
        return ", ".join(_words(one) for one in value)
    return "" if value is None else str(value)
