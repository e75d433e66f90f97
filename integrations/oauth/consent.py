"""What Meta says about a person's consent, read whole and then kept whole.

Source: fact sheet sections 6.2 to 6.9. `read_consent` is the callback's, `reread_consent` the daily look's.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from integrations.graph import accounts
from integrations.graph.client import TIMEOUT_SECONDS, GraphClient
from integrations.graph.errors import GraphError, NoAnswer, Reconnect
from integrations.logins import record_entry
from integrations.models import MetaAccount
from integrations.permissions import find_missing
from tenancy.audit import record_audit
from tenancy.models import User

CALL_SECONDS = (3.05, 8.0)
"""Connect, read: for a call on which a person waits in front of the browser."""


class Deadline:
    """Shares out the seconds that all calls of one answer may take together."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def timeout(self) -> accounts.Timeout:
        """Return the timeout of the next call. Raises NoAnswer when the time is up."""
        left = self._end - time.monotonic()
        if left <= 0.1:
            raise NoAnswer("Meta took too long to answer all our questions.")
        return min(CALL_SECONDS[0], left), min(CALL_SECONDS[1], left)


@dataclass(frozen=True, kw_only=True)
class Consent:
    """A token with all that Meta says about it. `refused` is permission → `declined` or `expired`."""

    token: str
    facts: accounts.TokenFacts
    name: str
    refused: dict[str, str]
    pages: list[accounts.PageFacts]


def read_consent(code: str, *, redirect_uri: str, deadline: Deadline) -> Consent:
    """Turn a dialog's code into a long-lived token and what it allows. Raises GraphError."""
    token = accounts.exchange_code(code, redirect_uri=redirect_uri, timeout=deadline.timeout())
    facts = _inspect(token, deadline) if settings.FACEBOOK_LOGIN_CONFIG_ID else None
    if facts is None or facts.kind != accounts.SYSTEM_USER:
        token = accounts.extend_token(token, timeout=deadline.timeout())
        facts = _inspect(token, deadline)
    return _ask(token, facts, deadline)


def reread_consent(token: str) -> Consent:
    """Ask Meta again what a token allows. Raises GraphError; Reconnect when it allows nothing any more."""
    deadline = Deadline(10 * TIMEOUT_SECONDS[1])
    return _ask(token, _inspect(token, deadline), deadline)


def _inspect(token: str, deadline: Deadline) -> accounts.TokenFacts:
    facts = accounts.inspect_token(token, timeout=deadline.timeout())
    if not (facts.is_valid and facts.user_id and facts.app_id == settings.FACEBOOK_APP_ID):
        raise Reconnect("Meta says that this connection is not valid.")
    return facts


def _ask(token: str, facts: accounts.TokenFacts, deadline: Deadline) -> Consent:
    client = GraphClient(token, timeout=deadline.timeout())
    system_user = facts.kind == accounts.SYSTEM_USER
    name, business_id = accounts.fetch_person(client, system_user=system_user)
    refused: dict[str, str] = {}
    found: dict[str, accounts.PageFacts] = {}
    if not system_user:
        refused = accounts.list_refused(GraphClient(token, timeout=deadline.timeout()))
        own = accounts.walk_own_pages(GraphClient(token, timeout=deadline.timeout()))
        found = {page.page_id: page for page in own}
    for page in _walk_portfolio(token, facts, business_id, deadline):
        found.setdefault(page.page_id, page)
    return Consent(token=token, facts=facts, name=name, refused=refused, pages=list(found.values()))


def _walk_portfolio(
    token: str, facts: accounts.TokenFacts, business_id: str, deadline: Deadline
) -> Iterator[accounts.PageFacts]:
    """Yield Pages that only a business portfolio leads to. Best effort: nobody fails to connect for them."""
    with suppress(GraphError):
        if facts.kind == accounts.SYSTEM_USER:
            yield from accounts.walk_assigned_pages(GraphClient(token, timeout=deadline.timeout()))
        if "business_management" not in facts.scopes:
            return
        client = GraphClient(token, timeout=deadline.timeout())
        for one in [business_id] if business_id else accounts.walk_business_ids(client):
            yield from accounts.walk_business_pages(GraphClient(token, timeout=deadline.timeout()), one)


def keep_consent(consent: Consent, *, actor: User | None) -> MetaAccount:
    """Write a consent that was just given to the open store, all or nothing."""
    with transaction.atomic():
        account, _created = MetaAccount.objects.get_or_create(meta_user_id=consent.facts.user_id)
        account.seal_token(consent.token)
        account.connected_by, account.connected_at = actor, timezone.now()
        describe(account, consent)
        account.save()
        record_entry(account)
        record_audit("account.connected", actor=actor, target=account, missing=account.missing_scopes)
    return account


def describe(account: MetaAccount, consent: Consent) -> None:
    """Put what Meta says about an account onto its row (not saved)."""
    facts = consent.facts
    account.name, account.token_kind = consent.name, facts.kind
    account.granted_scopes, account.missing_scopes = list(facts.scopes), find_missing(facts.scopes)
    account.refused_scopes = consent.refused
    account.scope_targets = {scope: list(ids) for scope, ids in facts.targets.items()}
    account.expires_at = facts.expires_at
    account.data_access_expires_at = facts.data_access_expires_at
    account.available_pages = [asdict(page) for page in consent.pages]
    account.checked_at = timezone.now()
