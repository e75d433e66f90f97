"""How a handler ends other than by having done its work."""

from __future__ import annotations

from dataclasses import dataclass

PAUSED = "paused in this store"
"""The reason of what came for a Page or account while the store had paused it; `replay` finds it by that."""
DISCONNECTED = "disconnected from this store"
"""The reason of what came for a Page or account that this store has no more."""


@dataclass(frozen=True)
class Ignored:
    """Returned by a handler: nothing to do, because of `reason` (a sentence for the merchant)."""

    reason: str


class Park(Exception):
    """Raised by a handler: trying again would fail again; somebody has to look. Carries the sentence."""
