"""Whether Facebook still lets us in: counted at each call, by the owner of the token that it used.

An account's token is a person's, and with it dies all that speaks through the account; a Page's token is the
Page's alone. One refusal may be Meta's mistake, two in a row are the end: the assets need reconnecting until
a call succeeds again. Only codes of a dead token count (fact sheet 4.2), no permission, limit or dead line.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import F, Q, QuerySet
from django.utils import timezone

from integrations.deauthorising import assets_of
from integrations.graph.client import TIMEOUT_SECONDS, GraphClient, Json
from integrations.graph.errors import Reconnect
from integrations.models import AssetState, ConnectedPage, MetaAccount
from tenancy.audit import record_audit

Owner = MetaAccount | ConnectedPage

REFUSALS_IN_A_ROW = 2
AUTH_CODES = (102, 190)


class LoginClient(GraphClient):
    """Calls with the token of an account or a Page, whose standing follows from how they end."""

    def __init__(self, owner: Owner, *, timeout: tuple[float, float] = TIMEOUT_SECONDS) -> None:
        super().__init__(owner.token, timeout=timeout)
        self._owner = owner

    def request(self, method: str, path: str, *, params: Mapping[str, Any] | None = None) -> Json:
        try:
            answer = super().request(method, path, params=params)
        except Reconnect as error:
            record_refusal(self._owner, error)
            raise
        record_entry(self._owner)
        return answer


def record_refusal(owner: Owner, error: Reconnect) -> None:
    """Count a dead token; the second one in a row is the end of the login. Safe beside other workers."""
    if error.code not in AUTH_CODES:
        return
    rows = _rows(owner)
    owner.auth_failures += 1
    rows.update(auth_failures=F("auth_failures") + 1, auth_subcode=error.subcode)
    broken = rows.filter(auth_failures__gte=REFUSALS_IN_A_ROW, broken_since=None)
    if broken.update(broken_since=timezone.now()):  # one worker's, whoever was first
        _mark(owner)
        record_audit("login.ended", actor=None, target=owner, name=str(owner), subcode=error.subcode)


def record_entry(owner: Owner) -> None:
    """Note that Facebook let us in: any good answer ends the count, and the trouble.

    An owner that was well when it was read is left alone: what another worker has counted since, the next
    call ends that reads it.
    """
    if not _is_in_trouble(owner):
        return
    doubtful = Q(auth_failures__gt=0) | Q(broken_since__isnull=False)
    if isinstance(owner, ConnectedPage):
        doubtful |= Q(state=AssetState.NEEDS_RECONNECT)
    healed = {"auth_failures": 0, "auth_subcode": 0, "broken_since": None, "owners_told_at": None}
    if not _rows(owner).filter(doubtful).update(**healed):
        return
    if isinstance(owner, ConnectedPage):
        _put(owner, old=AssetState.NEEDS_RECONNECT, new=AssetState.ACTIVE)


def _is_in_trouble(owner: Owner) -> bool:
    if owner.auth_failures or owner.broken_since is not None:
        return True
    return isinstance(owner, ConnectedPage) and owner.state == AssetState.NEEDS_RECONNECT


def _mark(owner: Owner) -> None:
    """Have all that speaks through a dead token say so. A Page whose own token still works comes back."""
    if isinstance(owner, ConnectedPage):
        _put(owner, old=AssetState.ACTIVE, new=AssetState.NEEDS_RECONNECT)
        return
    for assets in assets_of(owner):
        assets.filter(state=AssetState.ACTIVE).update(state=AssetState.NEEDS_RECONNECT)


def _put(page: ConnectedPage, *, old: str, new: str) -> None:
    """Change the state of a Page and of the Instagram accounts that speak through it."""
    ConnectedPage.objects.filter(pk=page.pk, state=old).update(state=new)
    page.instagram_accounts.filter(state=old).update(state=new)


def _rows(owner: Owner) -> QuerySet[Any]:
    return type(owner).objects.filter(pk=owner.pk)
