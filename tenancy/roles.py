"""The four roles of a store, and what a key allows. Pure: each role may do all that the ones below it may."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What a member may do: see (viewer), answer customers (agent), run the shop (manager), own it (owner).

    In the team, owners may do everything; managers invite, change and remove agents and viewers.
    """

    VIEWER = "viewer", _("Viewer")
    AGENT = "agent", _("Agent")
    MANAGER = "manager", _("Manager")
    OWNER = "owner", _("Owner")

    def allows(self, needed: Role) -> bool:
        """Say whether someone with this role may do what needs `needed`."""
        ranks = list(Role)
        return ranks.index(self) >= ranks.index(needed)

    def may_manage(self, other: Role) -> bool:
        """Say whether someone with this role may give, change or take away the role `other`."""
        if self is Role.OWNER:
            return True
        return self is Role.MANAGER and not other.allows(Role.MANAGER)

    def manageable(self) -> list[Role]:
        """Return the roles someone with this role may give, the lowest first."""
        return [role for role in Role if self.may_manage(role)]


class ApiScope(models.TextChoices):
    """What a program may do with a key to a store, each beside the others; none includes another."""

    READ = "read", _("See connections and their health")
    SYNC = "sync", _("Have products and leads looked at now")
    CONNECT = "connect", _("Start connecting Facebook Pages")

    @property
    def role(self) -> Role:
        """The role that a person needs for the same."""
        return {ApiScope.READ: Role.VIEWER, ApiScope.SYNC: Role.AGENT, ApiScope.CONNECT: Role.MANAGER}[self]
