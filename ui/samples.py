"""Data of the style guide: every component in every state, the same on every machine."""

from __future__ import annotations


def context() -> dict[str, object]:
    """What `ui/styleguide.html` shows."""
    return {}
