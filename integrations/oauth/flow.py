"""From the "Connect" button to a MetaAccount: state, dialog address, and what the callback does.

Source: fact sheet section 6. The callback is the one web request that calls Meta: each call has a timeout,
and all of them together a deadline.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from datetime import timedelta
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from integrations.graph.errors import GraphError
from integrations.models import MetaAccount, OAuthAttempt
from integrations.oauth.consent import Deadline, keep_consent, read_consent
from integrations.oauth.failures import ConnectFailed, reason_of
from integrations.permissions import NEEDED
from tenancy.models import User

STATE_LIFETIME = timedelta(minutes=10)
CALLBACK_SECONDS = 25


def start_attempt(
    user: User,
    *,
    scopes: Iterable[str] = tuple(NEEDED),
    display: str = OAuthAttempt.Display.PAGE,
    return_to: str = "",
) -> str:
    """Return the address of Meta's dialog for a fresh attempt of this user in the open store.

    `return_to` is a path of ours, checked by the caller. Raises ConnectFailed without a Facebook app.
    """
    if not settings.FACEBOOK_APP_ID:
        raise ConnectFailed("app_missing")
    state = secrets.token_urlsafe(32)
    OAuthAttempt.objects.create(
        state_hash=_hash(state),
        user=user,
        display=display,
        return_to=return_to,
        expires_at=timezone.now() + STATE_LIFETIME,
    )
    query = {
        "client_id": settings.FACEBOOK_APP_ID,
        "redirect_uri": callback_url(),
        "state": state,
        "response_type": "code",
        "display": display,
        **_what_we_ask(scopes),
    }
    return f"{settings.FACEBOOK_DIALOG_URL}?{urlencode(query)}"


def callback_url() -> str:
    return f"{settings.APP_BASE_URL}{reverse('integrations:callback')}"


def claim_attempt(state: str, *, user: User) -> OAuthAttempt | None:
    """Use up the attempt of this state, once; None when it is unknown, old, used or somebody else's."""
    now = timezone.now()
    attempt = find_attempt(state)
    if attempt is None or attempt.user_id != user.pk:
        return None
    fresh = OAuthAttempt.unscoped.filter(pk=attempt.pk, used_at__isnull=True, expires_at__gt=now)
    return attempt if fresh.update(used_at=now) else None


def find_attempt(state: str) -> OAuthAttempt | None:
    """Return the attempt of this state, of whatever store, person and age."""
    return OAuthAttempt.unscoped.select_related("store").filter(state_hash=_hash(state)).first()


def refusal_of(attempt: OAuthAttempt | None, *, user: User) -> str:
    """Say why an attempt could not be claimed: a reason of `FAILURES`."""
    if attempt is None:
        return "state_unknown"
    if attempt.user_id != user.pk:
        return "state_of_somebody_else"
    return "state_used" if attempt.used_at else "state_expired"


def finish_attempt(attempt: OAuthAttempt, *, code: str) -> MetaAccount:
    """Turn the dialog's code into an account of the open store, with the Pages it offers.

    Raises ConnectFailed. Nothing is stored before Meta has answered all.
    """
    try:
        consent = read_consent(code, redirect_uri=callback_url(), deadline=Deadline(CALLBACK_SECONDS))
    except GraphError as error:
        raise ConnectFailed(reason_of(error), error) from error
    return keep_consent(consent, actor=attempt.user)


def _what_we_ask(scopes: Iterable[str]) -> dict[str, str]:
    """Login for Business asks by configuration, all or nothing; classic login by scope."""
    if settings.FACEBOOK_LOGIN_CONFIG_ID:
        return {"config_id": settings.FACEBOOK_LOGIN_CONFIG_ID, "override_default_response_type": "true"}
    return {"scope": ",".join(scopes), "auth_type": "rerequest"}


def _hash(state: str) -> str:
    return hashlib.sha256(state.encode()).hexdigest()
