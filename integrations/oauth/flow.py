"""From the "Connect" button to a MetaAccount: state, dialog address, and what the callback does.

Source: fact sheet section 6. The callback is the one web request that calls Meta, with a short timeout.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import asdict
from datetime import timedelta
from urllib.parse import urlencode

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from integrations.graph import accounts
from integrations.graph.client import GraphClient
from integrations.graph.errors import GraphError
from integrations.models import MetaAccount, OAuthAttempt
from integrations.permissions import NEEDED, find_missing
from tenancy.audit import record_audit
from tenancy.models import User

STATE_LIFETIME = timedelta(minutes=10)
CALLBACK_TIMEOUT_SECONDS = (3.05, 8)


class ConnectFailed(Exception):
    """The connection did not come about; the message is a sentence for the merchant."""


def start_attempt(user: User) -> str:
    """Return the address of Meta's dialog for a fresh attempt of this user in the open store."""
    state = secrets.token_urlsafe(32)
    OAuthAttempt.objects.create(
        state_hash=_hash(state), user=user, expires_at=timezone.now() + STATE_LIFETIME
    )
    query = {
        "client_id": settings.FACEBOOK_APP_ID,
        "redirect_uri": callback_url(),
        "state": state,
        "response_type": "code",
        **_what_we_ask(),
    }
    return f"{settings.FACEBOOK_DIALOG_URL}?{urlencode(query)}"


def callback_url() -> str:
    return f"{settings.APP_BASE_URL}{reverse('integrations:callback')}"


def claim_attempt(state: str, *, user: User) -> OAuthAttempt | None:
    """Use up the attempt of this state, once; None when it is unknown, old, used or somebody else's."""
    now = timezone.now()
    attempt = OAuthAttempt.unscoped.filter(state_hash=_hash(state), user=user).first()
    if attempt is None:
        return None
    fresh = OAuthAttempt.unscoped.filter(pk=attempt.pk, used_at__isnull=True, expires_at__gt=now)
    return attempt if fresh.update(used_at=now) else None


def finish_attempt(attempt: OAuthAttempt, *, code: str) -> MetaAccount:
    """Turn the dialog's code into an account of the open store, with the Pages it offers.

    Raises ConnectFailed with what to tell the merchant. Nothing is stored before Meta has answered all.
    """
    try:
        token, facts, name, pages = _ask_meta(code)
    except GraphError as error:
        words = _("Meta did not finish the connection: %(why)s Please try again.")
        raise ConnectFailed(words % {"why": error}) from error
    with transaction.atomic():
        account, _created = MetaAccount.objects.get_or_create(meta_user_id=facts.user_id)
        account.seal_token(token)
        account.name = name
        account.granted_scopes, account.missing_scopes = list(facts.scopes), find_missing(facts.scopes)
        account.expires_at = facts.expires_at
        account.data_access_expires_at = facts.data_access_expires_at
        account.available_pages = [asdict(page) for page in pages]
        account.connected_by, account.connected_at = attempt.user, timezone.now()
        account.save()
        record_audit("account.connected", actor=attempt.user, target=account, missing=account.missing_scopes)
    return account


def _ask_meta(code: str) -> tuple[str, accounts.TokenFacts, str, list[accounts.PageFacts]]:
    timeout = CALLBACK_TIMEOUT_SECONDS
    short = accounts.exchange_code(code, redirect_uri=callback_url(), timeout=timeout)
    token = accounts.extend_token(short, timeout=timeout)
    facts = accounts.inspect_token(token, timeout=timeout)
    if not (facts.is_valid and facts.user_id):
        raise ConnectFailed(_("Meta says that this connection is not valid. Please connect again."))
    client = GraphClient(token, timeout=timeout)
    return token, facts, accounts.fetch_person_name(client), accounts.list_pages(client)


def _what_we_ask() -> dict[str, str]:
    """Login for Business asks by configuration, classic login by scope."""
    if settings.FACEBOOK_LOGIN_CONFIG_ID:
        return {"config_id": settings.FACEBOOK_LOGIN_CONFIG_ID}
    return {"scope": ",".join(NEEDED), "auth_type": "rerequest"}


def _hash(state: str) -> str:
    return hashlib.sha256(state.encode()).hexdigest()
