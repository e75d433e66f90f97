"""The four roles of a store. Pure: each role may do all that the ones below it may."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What a member may do: see (viewer), answer customers (agent), run the shop (manager), own it (owner)."""

    VIEWER = "viewer", _("Viewer")
    AGENT = "agent", _("Agent")
    MANAGER = "manager", _("Manager")
    OWNER = "owner", _("Owner")

    def allows(self, needed: Role) -> bool:
        """Say whether someone with this role may do what needs `needed`."""
        ranks = list(Role)
        return ranks.index(self) >= ranks.index(needed)
