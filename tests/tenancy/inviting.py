"""An invitation as a member of the store makes it."""

from __future__ import annotations

from tenancy import services
from tenancy.models import Invitation, Membership, Store, User
from tenancy.roles import Role

NORA = "nora@new.example"


def invite(store: Store, by: User, email: str = NORA, role: Role = Role.AGENT) -> Invitation:
    membership = Membership.objects.get(store=store, user=by)
    return services.invite_member(store, email=email, role=role, by=membership)
