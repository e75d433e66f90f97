"""Keys by which programs act for a store: made, found by their secret, revoked.

A secret has 256 random bits, so a plain SHA-256 of it is enough: there is nothing to guess. It is shown once.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from tenancy.access import find_membership
from tenancy.audit import record_audit
from tenancy.models import Membership, StoreApiToken
from tenancy.roles import ApiScope, Role

PREFIX = "stc_"
"""By which people, secret scanners and our own log filter know a key."""
MAKER_ROLE = Role.MANAGER
"""Who may make keys; a key stops with the role of who made it."""
WORKING_LIMIT = 20
SHOWN_ENDED = 20
USE_NOTED_EVERY = timedelta(minutes=1)


class TokenRuleError(Exception):
    """A key cannot be made: a sentence for a person."""


class TokenRefused(Exception):
    """A key that exists does not work any more: a sentence for who shows it."""


@dataclass(frozen=True, kw_only=True)
class TokenRow:
    """A key as the settings show it; `state` is working, expired, revoked or orphaned."""

    key: StoreApiToken
    state: str

    @property
    def works(self) -> bool:
        return self.state == "working"


def create_token(
    *, name: str, scopes: Iterable[str], expires_at: datetime | None, by: Membership
) -> tuple[StoreApiToken, str]:
    """Make a key of the open store; return it with its secret, which is kept nowhere.

    Raises TokenRuleError.
    """
    working = Q(revoked_at__isnull=True) & (Q(expires_at__isnull=True) | Q(expires_at__gt=timezone.now()))
    if StoreApiToken.objects.filter(working).count() >= WORKING_LIMIT:
        raise TokenRuleError(_("There are many keys already. Revoke those that nobody needs."))
    secret = PREFIX + secrets.token_urlsafe(32)
    allowed = [scope.value for scope in ApiScope if scope in set(scopes)]
    try:
        with transaction.atomic():
            token = StoreApiToken.objects.create(
                name=name,
                secret_hash=_hash(secret),
                hint=secret[: len(PREFIX) + 4],
                scopes=allowed,
                created_by=by.user,
                expires_at=expires_at,
            )
            record_audit("api_key.created", actor=by.user, target=token, name=name, scopes=allowed)
    except IntegrityError:  # the unique key decides, also between two who press at once
        raise TokenRuleError(
            _("There is a key of this name. Choose another name, or revoke it first.")
        ) from None
    return token, secret


def revoke_token(token: StoreApiToken, *, by: Membership) -> bool:
    """End a key for good; say whether it was this call that did. Safe twice."""
    with transaction.atomic():
        ended = StoreApiToken.objects.filter(pk=token.pk, revoked_at__isnull=True)
        if not ended.update(revoked_at=timezone.now()):
            return False
        record_audit("api_key.revoked", actor=by.user, target=token, name=token.name)
    return True


def find_token(secret: str) -> StoreApiToken | None:
    """Return the key with this secret, of whatever store and state, with its store and maker; 1 query."""
    if not secret.startswith(PREFIX) or len(secret) > 100:
        return None
    tokens = StoreApiToken.unscoped.select_related("store", "created_by")
    return tokens.filter(secret_hash=_hash(secret)).first()


def get_maker(token: StoreApiToken) -> Membership:
    """Return who answers for a key: its maker, as a member of its store. Raises TokenRefused; 1 query."""
    if token.revoked_at:
        raise TokenRefused(_("This key was revoked. Make a new one in the settings of the store."))
    if token.has_expired():
        raise TokenRefused(_("This key has expired. Make a new one in the settings of the store."))
    maker = token.created_by
    membership = find_membership(maker, token.store.slug) if maker and maker.is_active else None
    if membership is None or not membership.allows(MAKER_ROLE):
        raise TokenRefused(_("Who made this key may not make keys for the store any more. Make a new one."))
    return membership


def note_use(token: StoreApiToken) -> None:
    """Remember that a key of the open store was used, to the minute."""
    now = timezone.now()
    unnoted = Q(last_used_at__isnull=True) | Q(last_used_at__lt=now - USE_NOTED_EVERY)
    if token.last_used_at is None or token.last_used_at < now - USE_NOTED_EVERY:
        StoreApiToken.objects.filter(unnoted, pk=token.pk).update(last_used_at=now)


def list_tokens() -> list[TokenRow]:
    """Return the open store's keys, those that work first, then the newest that do not; 2 queries."""
    role = Membership.objects.filter(
        store=OuterRef("store"), user=OuterRef("created_by"), user__is_active=True
    ).values("role")[:1]
    tokens = StoreApiToken.objects.select_related("created_by").annotate(maker_role=Subquery(role))
    ended = Q(revoked_at__isnull=False) | Q(expires_at__lte=timezone.now())
    rows = [TokenRow(key=token, state=_state(token)) for token in tokens.exclude(ended)]
    rows.sort(key=lambda row: not row.works)
    return rows + [TokenRow(key=token, state=_state(token)) for token in tokens.filter(ended)[:SHOWN_ENDED]]


def _state(token: StoreApiToken) -> str:
    if token.revoked_at:
        return "revoked"
    if token.has_expired():
        return "expired"
    role: str | None = token.maker_role  # type: ignore[attr-defined]  # annotated by list_tokens
    return "working" if role and Role(role).allows(MAKER_ROLE) else "orphaned"


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
