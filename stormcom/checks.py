"""What must be right before StormCom starts, each with an id and what to do."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register
from django.utils import timezone

from integrations.graph.versions import CURRENT, VERSIONS
from integrations.webhooks.intake import verify_tokens

LOOPBACK = {"127.0.0.1", "localhost", "::1"}
LEAST_RETENTION_DAYS = 3
DOMAIN_CODE = re.compile(r"[A-Za-z0-9]{1,64}")


@register()
def check_secrets(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    return list(_secrets())


@register()
def check_meta(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    return list(_meta())


@register()
def check_public_face(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    return list(_public_face())


@register()
def check_graph_version(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    return list(_graph_version(settings.GRAPH_API_VERSION, today=timezone.localdate()))


@register()
def check_retention(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    return list(_retention())


def _retention() -> Iterator[CheckMessage]:
    if settings.WEBHOOK_RETENTION_DAYS < LEAST_RETENTION_DAYS:
        yield Error(
            f"WEBHOOK_RETENTION_DAYS is {settings.WEBHOOK_RETENTION_DAYS}: "
            "what Meta sends again within 36 hours would not be recognised.",
            id="stormcom.E020",
            hint=f"Set it to {LEAST_RETENTION_DAYS} or more; 30 is the default.",
        )
    if settings.WEBHOOK_PARKED_RETENTION_DAYS < settings.WEBHOOK_RETENTION_DAYS:
        yield Error(
            "WEBHOOK_PARKED_RETENTION_DAYS is below WEBHOOK_RETENTION_DAYS.",
            id="stormcom.E021",
            hint="What needs a look is kept as long as the rest, or longer; 90 is the default.",
        )


def _secrets() -> Iterator[CheckMessage]:
    if not settings.FERNET_KEYS:
        yield Error(
            "FERNET_KEYS is not set, so no access token could be stored.",
            id="stormcom.E001",
            hint="Set FERNET_KEYS to one or more random texts, comma-separated; the first one encrypts.",
        )


def _meta() -> Iterator[CheckMessage]:
    if settings.META_MODE not in ("sandbox", "live"):
        yield Error(
            f"META_MODE is {settings.META_MODE!r}.", id="stormcom.E002", hint="Set it to sandbox or live."
        )
    if settings.META_MODE == "live":
        yield from _live()
    elif not settings.DEBUG:
        yield Warning(
            "META_MODE is sandbox while DEBUG is off: no real Page can be connected.",
            id="stormcom.W001",
            hint="Set META_MODE=live in production.",
        )


def _graph_version(version: str, *, today: date) -> Iterator[CheckMessage]:
    life = VERSIONS.get(version)
    if life is None:
        yield Error(
            f"GRAPH_API_VERSION is {version!r}, which is no version that StormCom knows.",
            id="stormcom.E007",
            hint=f"Unset it to use {CURRENT}, or choose one of {', '.join(VERSIONS)}.",
        )
        return
    ends_on = life.ends_on
    if ends_on is None or ends_on - today > timedelta(days=365):
        return
    hint = f"Unset GRAPH_API_VERSION to use {CURRENT}, or update StormCom."
    if ends_on <= today:
        words = f"Meta ended Graph API {version} for some of our calls on {ends_on}."
        yield Error(words, id="stormcom.E008", hint=hint)
    else:
        words = f"Meta ends Graph API {version} on {ends_on}, in {(ends_on - today).days} days."
        yield Warning(words, id="stormcom.W002", hint=hint)


def _live() -> Iterator[CheckMessage]:
    for name in ("FACEBOOK_APP_ID", "FACEBOOK_APP_SECRET"):
        if not getattr(settings, name):
            yield Error(
                f"{name} is not set, and META_MODE is live.",
                id="stormcom.E003",
                hint="Copy it from your app's dashboard at Meta.",
            )
    if not verify_tokens():
        yield Error(
            "FACEBOOK_VERIFY_TOKEN holds no token, and META_MODE is live: Meta could not verify our address.",
            id="stormcom.E003",
            hint="Set it to a long random text of your choice; while you change it: new one, comma, old one.",
        )
    for name in ("GRAPH_API_URL", "FACEBOOK_DIALOG_URL"):
        if urlsplit(getattr(settings, name)).hostname in LOOPBACK:
            yield Error(
                f"{name} points at this machine, and META_MODE is live.",
                id="stormcom.E004",
                hint=f"Unset {name}: its default is Meta's own address.",
            )
    if settings.PICTURES_FROM_PRIVATE_ADDRESSES:
        yield Error(
            "PICTURES_FROM_PRIVATE_ADDRESSES is on, and META_MODE is live: it opens your network.",
            id="stormcom.E009",
            hint="Unset PICTURES_FROM_PRIVATE_ADDRESSES.",
        )
    if settings.DEBUG:
        yield Error(
            "DEBUG is on, and META_MODE is live: anybody could read error pages and the outbox.",
            id="stormcom.E006",
            hint="Unset DEBUG.",
        )
    if not settings.APP_BASE_URL.startswith("https://"):
        yield Error(
            "APP_BASE_URL is not an https address, and META_MODE is live.",
            id="stormcom.E005",
            hint="Meta sends messages and people back to https addresses only.",
        )


def _public_face() -> Iterator[CheckMessage]:
    """Warn of what Meta's reviewers, and people who want to be forgotten, would miss."""
    if settings.META_MODE == "live" and not settings.CONTACT_EMAIL:
        yield Warning(
            "CONTACT_EMAIL is not set: the privacy page names nobody to write to.",
            id="stormcom.W010",
            hint="Set it to an e-mail address that a person reads. Meta's App Review looks for it.",
        )
    code = settings.FACEBOOK_DOMAIN_VERIFICATION
    if code and not DOMAIN_CODE.fullmatch(code):
        yield Warning(
            "FACEBOOK_DOMAIN_VERIFICATION is no code of Meta's: letters and digits only.",
            id="stormcom.W011",
            hint="Copy what stands after facebook-domain-verification=, without quotes and without .html.",
        )
