"""What the pages of stores and teams show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils import timezone

from tenancy.models import AuditEntry, Invitation, Membership, Store, User
from tenancy.roles import Role

AUDIT_PAGE_SIZE = 50


@dataclass(frozen=True, kw_only=True)
class TeamRow:
    """A member as another member sees them."""

    member: Membership
    is_me: bool
    roles: list[Role]
    """The roles that the looking member may give; empty when this row cannot be touched."""


@dataclass(frozen=True, kw_only=True)
class InvitationRow:
    invitation: Invitation
    may_change: bool


@dataclass(frozen=True, kw_only=True)
class AuditPage:
    """Entries, newest first, and the ids that lead to the pages beside this one."""

    entries: Sequence[AuditEntry]
    older_than: int | None
    newer_than: int | None


def find_home_store(user: User) -> Store | None:
    """Return the store a person was in last, else the first one they belong to."""
    mine = Store.objects.filter(memberships__user=user)
    return mine.filter(pk=user.last_store_id or 0).first() or mine.order_by("memberships__id").first()


def my_memberships(user: User) -> list[Membership]:
    return list(Membership.objects.filter(user=user).select_related("store").order_by("store__name", "id"))


def team_rows(me: Membership) -> list[TeamRow]:
    members = Membership.objects.filter(store_id=me.store_id).select_related("user").order_by("user__email")
    by_rank = sorted(members, key=lambda member: list(Role).index(Role(member.role)), reverse=True)
    mine = Role(me.role)
    return [
        TeamRow(
            member=member,
            is_me=member.pk == me.pk,
            roles=mine.manageable() if me.may_manage(member) else [],
        )
        for member in by_rank
    ]


def open_invitations(me: Membership) -> list[InvitationRow]:
    """Return the invitations nobody has accepted, also those that ran out: they can be sent again."""
    mine = Role(me.role)
    rows = Invitation.objects.filter(accepted_at__isnull=True).select_related("invited_by")
    return [InvitationRow(invitation=row, may_change=mine.may_manage(Role(row.role))) for row in rows]


def audit_page(*, older_than: int | None = None, newer_than: int | None = None) -> AuditPage:
    """Return one page of the open store's trail."""
    entries = AuditEntry.objects.select_related("actor").order_by("-id")
    if newer_than is not None:
        found = list(entries.filter(id__gt=newer_than).order_by("id")[: AUDIT_PAGE_SIZE + 1])
        more_newer, more_older = len(found) > AUDIT_PAGE_SIZE, True
        rows = found[:AUDIT_PAGE_SIZE][::-1]
    else:
        older = entries.filter(id__lt=older_than) if older_than is not None else entries
        found = list(older[: AUDIT_PAGE_SIZE + 1])
        more_newer, more_older = older_than is not None, len(found) > AUDIT_PAGE_SIZE
        rows = found[:AUDIT_PAGE_SIZE]
    return AuditPage(
        entries=rows,
        older_than=rows[-1].pk if rows and more_older else None,
        newer_than=rows[0].pk if rows and more_newer else None,
    )


def invitation_state(invitation: Invitation | None) -> str:
    """Say what a link is good for: `open`, `used`, `expired`, or `unknown`."""
    if invitation is None:
        return "unknown"
    if invitation.accepted_at:
        return "used"
    return "expired" if invitation.expires_at <= timezone.now() else "open"
