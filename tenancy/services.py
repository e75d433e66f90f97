"""What people do to stores and teams. Each write: lock the store, check again, change, audit, follow up.

The store's row is the lock of its team, so two owners who leave at once cannot both be the last.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from tenancy import invitations
from tenancy.amounts import holds_amounts
from tenancy.audit import record_audit
from tenancy.models import AuditEntry, Invitation, Membership, Store, User
from tenancy.roles import Role
from tenancy.scope import open_store
from tenancy.slugs import make_slug, stem
from tenancy.tasks import send_invitation

INVITATION_DAYS = 7
OPEN_INVITATIONS_LIMIT = 50
INVITATIONS_A_DAY = 100
INVITATIONS_A_DAY_TO_ONE = 3
"""Who is invited did not ask for our e-mails: withdrawing and inviting again does not make more of them."""


class TeamRuleError(Exception):
    """A rule of the team refuses the change: a sentence for a person."""


def create_store(*, name: str, currency: str, timezone: str, owner: User) -> Store:
    """Create a store with an address made from its name, and its first owner."""
    while True:
        taken = set(Store.objects.filter(slug__startswith=stem(name)).values_list("slug", flat=True))
        slug = make_slug(name, taken=taken)
        try:
            with transaction.atomic():
                store = Store.objects.create(name=name, slug=slug, currency=currency, timezone=timezone)
                Membership.objects.create(store=store, user=owner, role=Role.OWNER)
                with open_store(store.pk):
                    record_audit("store.created", actor=owner, target=store, name=name, currency=currency)
        except IntegrityError:
            if not Store.objects.filter(slug=slug).exists():
                raise
            continue  # Somebody took the address between our look and our write.
        return store


class CurrencyInUse(Exception):
    """There are amounts in the store's currency already; the message says so, for the merchant."""


def update_store(store: Store, *, actor: User, **changes: str | int | None) -> None:
    """Write the fields that differ. Raises CurrencyInUse, and then nothing was written."""
    with open_store(store.pk), transaction.atomic():
        locked = Store.objects.select_for_update(no_key=True).get(pk=store.pk)
        changed = {name: value for name, value in changes.items() if getattr(locked, name) != value}
        if not changed:
            return
        if "currency" in changed and holds_amounts():
            raise CurrencyInUse(
                _(
                    "There are prices or orders in %(currency)s already, so it stays. "
                    "Open another store for %(wanted)s."
                )
                % {"currency": locked.currency, "wanted": changed["currency"]}
            )
        before = {name: getattr(locked, name) for name in changed}
        for name, value in changed.items():
            setattr(locked, name, value)
        locked.save(update_fields=list(changed))
        record_audit("store.changed", actor=actor, target=locked, before=before, after=changed)


def invite_member(store: Store, *, email: str, role: Role, by: Membership) -> Invitation:
    """Offer a role to an address; an open invitation to the same address is replaced, its old link ends.

    Raises TeamRuleError, and PermissionDenied when `by` may not give the role.
    """
    address = email.strip().lower()
    with _locked_team(store, by) as me:
        _may(Role(me.role).may_manage(role))
        if Membership.objects.filter(store=store, user__email__iexact=address).exists():
            raise TeamRuleError(_("%(email)s is in the team already.") % {"email": address})
        older = Invitation.objects.filter(email=address, accepted_at__isnull=True).first()
        if older:
            _may(Role(me.role).may_manage(Role(older.role)))
            older.delete()
        elif Invitation.objects.filter(accepted_at__isnull=True).count() >= OPEN_INVITATIONS_LIMIT:
            raise TeamRuleError(_("Many invitations are open. Withdraw some, then invite again."))
        _refuse_floods(address)
        invitation = Invitation.objects.create(
            email=address,
            role=role,
            invited_by=me.user,
            expires_at=timezone.now() + timedelta(days=INVITATION_DAYS),
        )
        record_audit("member.invited", actor=me.user, target=invitation, email=address, role=role)
        send_invitation.delay_on_commit(store.pk, invitation.pk)
    return invitation


def _refuse_floods(address: str) -> None:
    """Raise when the open store has sent enough invitations for a day, to this address or at all."""
    today = AuditEntry.objects.filter(action="member.invited", at__gt=timezone.now() - timedelta(days=1))
    addresses = list(today.values_list("details__email", flat=True)[:INVITATIONS_A_DAY])
    if addresses.count(address) >= INVITATIONS_A_DAY_TO_ONE:
        words = _("%(email)s has had several invitations today. Wait until tomorrow before you send another.")
        raise TeamRuleError(words % {"email": address})
    if len(addresses) >= INVITATIONS_A_DAY:
        raise TeamRuleError(_("Many invitations were sent today. Go on tomorrow."))


def withdraw_invitation(invitation: Invitation, *, by: Membership) -> None:
    """Delete an open invitation; its link ends."""
    with _locked_team(invitation.store, by) as me:
        _may(Role(me.role).may_manage(Role(invitation.role)))
        fresh = Invitation.objects.filter(pk=invitation.pk).first()
        if fresh is None or fresh.accepted_at:
            raise TeamRuleError(_("This invitation is no longer open."))
        record_audit("invitation.withdrawn", actor=me.user, target=fresh, email=fresh.email)
        fresh.delete()


def accept_invitation(invitation: Invitation, *, user: User) -> Membership:
    """Make the invited person a member; a member keeps the role they have. Raises TeamRuleError."""
    with open_store(invitation.store_id), transaction.atomic():
        _lock(invitation.store)
        fresh = Invitation.objects.filter(pk=invitation.pk).first()
        if fresh is None or not fresh.is_open():
            raise TeamRuleError(_("This invitation is no longer open."))
        if not invitations.is_for(fresh, user):
            raise TeamRuleError(_("This invitation is for another e-mail address."))
        fresh.accepted_at = timezone.now()
        fresh.save(update_fields=["accepted_at"])
        membership, created = Membership.objects.get_or_create(
            store=invitation.store, user=user, defaults={"role": fresh.role}
        )
        if created:
            record_audit("member.joined", actor=user, target=membership, email=fresh.email, role=fresh.role)
    return membership


def change_role(membership: Membership, *, to: Role, by: Membership) -> None:
    """Give a member another role. Raises TeamRuleError, PermissionDenied."""
    with _locked_team(membership.store, by) as me:
        target = _fresh(membership)
        _may(me.may_manage(target) and Role(me.role).may_manage(to))
        if target.role == to:
            return
        if to != Role.OWNER:
            _keep_an_owner(target)
        before, target.role = target.role, to
        target.save(update_fields=["role"])
        _end_invitations(target, giver=to, actor=me.user)
        record_audit("member.role_changed", actor=me.user, target=target, before=before, after=to)


def remove_member(membership: Membership, *, by: Membership) -> None:
    """Take a member out of the store; what they did stays. Raises TeamRuleError, PermissionDenied."""
    with _locked_team(membership.store, by) as me:
        target = _fresh(membership)
        _may(me.may_manage(target))
        _take_out(target, action="member.removed", actor=me.user)


def leave_store(membership: Membership) -> None:
    """Take oneself out of the store. Raises TeamRuleError for the last owner."""
    with _locked_team(membership.store, membership) as me:
        _take_out(me, action="member.left", actor=me.user)


def _take_out(membership: Membership, *, action: str, actor: User) -> None:
    _keep_an_owner(membership)
    record_audit(action, actor=actor, target=membership, email=membership.user.email, role=membership.role)
    _end_invitations(membership, giver=None, actor=actor)
    membership.delete()


def _end_invitations(membership: Membership, *, giver: Role | None, actor: User) -> None:
    """End a member's open invitations that they may give no more: none is a way back in."""
    made = Invitation.objects.filter(invited_by=membership.user, accepted_at__isnull=True)
    for offer in made:
        if giver is None or not giver.may_manage(Role(offer.role)):
            record_audit("invitation.withdrawn", actor=actor, target=offer, email=offer.email)
            offer.delete()


def _keep_an_owner(membership: Membership) -> None:
    """Raise when the store would be left without an owner."""
    others = Membership.objects.filter(store_id=membership.store_id, role=Role.OWNER).exclude(
        pk=membership.pk
    )
    if membership.role == Role.OWNER and not others.exists():
        raise TeamRuleError(_("A store needs an owner. Make somebody else an owner first."))


@contextmanager
def _locked_team(store: Store, by: Membership) -> Iterator[Membership]:
    """Hold the store's team for the block; gives the acting membership as it is now, or PermissionDenied."""
    with open_store(store.pk), transaction.atomic():
        _lock(store)
        me = Membership.objects.select_related("user").filter(pk=by.pk, store=store).first()
        if me is None:
            raise PermissionDenied
        yield me


def _lock(store: Store) -> None:
    # NO KEY: new orders, messages and so on refer to the store's key and need not wait for the team.
    Store.objects.select_for_update(no_key=True).get(pk=store.pk)


def _fresh(membership: Membership) -> Membership:
    found = Membership.objects.select_related("user").filter(pk=membership.pk).first()
    if found is None:
        raise TeamRuleError(_("This person is no longer in the team."))
    return found


def _may(allowed: bool) -> None:
    if not allowed:
        raise PermissionDenied
