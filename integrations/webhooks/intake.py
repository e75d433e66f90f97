"""What the two webhook doors share: the ASGI door in front, and the Django view of the same address.

A door reads bytes and headers, asks `examine` what to answer, and stores with `INSERT_DELIVERIES`.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings

from integrations.webhooks.nudger import Nudger
from integrations.webhooks.quota import Quota
from integrations.webhooks.signature import AppSecrets, find_signer
from integrations.webhooks.tasks import nudge_inbox

INSERT_DELIVERIES = (
    "INSERT INTO integrations_webhookdelivery (body, signed_by) SELECT * FROM unnest(%s::bytea[], %s::text[])"
)
"""One durable statement for one or many bodies; time of receipt and state are the table's defaults."""


@dataclass(frozen=True)
class Answer:
    """What a door says to a body."""

    status: int
    words: str
    retry_after_seconds: int = 0

    @property
    def headers(self) -> dict[str, str]:
        return {"Retry-After": str(self.retry_after_seconds)} if self.retry_after_seconds else {}


KEPT = Answer(200, "ok")
TOO_SLOW = Answer(408, "The body did not come in time. Send it again.")
TOO_LARGE = Answer(413, "The body is larger than we accept.")
BAD_SIGNATURE = Answer(403, "The signature is missing or does not fit the body.")
NOT_STORED = Answer(503, "The body could not be stored. Send it again.")


quota = Quota()
nudger = Nudger(nudge_inbox)
"""One of each for a process, whichever of its doors a body comes through."""


def examine(body: bytes, *, sha256: str, sha1: str) -> str | Answer:
    """Return the signer of a body that must be kept, or the answer to one that is refused."""
    if len(body) > settings.WEBHOOK_BODY_LIMIT:
        return TOO_LARGE
    signer = find_signer(body, sha256=sha256, sha1=sha1, secrets=_secrets())
    if signer is None:
        return BAD_SIGNATURE
    wait = quota.find_wait(
        body, per_asset=settings.WEBHOOK_QUOTA_PER_ASSET, overall=settings.WEBHOOK_QUOTA_OVERALL
    )
    return _too_many(wait) if wait else signer


def _too_many(wait: int) -> Answer:
    words = f"More bodies than we take in ten minutes. Send this one again in {wait} seconds."
    return Answer(429, words, retry_after_seconds=wait)


def insert_values(rows: Sequence[tuple[bytes, str]]) -> tuple[list[bytes], list[str]]:
    """Turn (body, signer) rows into the parameters of INSERT_DELIVERIES."""
    return [body for body, _ in rows], [signer for _, signer in rows]


def answer_handshake(*, mode: str, verify_token: str, challenge: str) -> str | None:
    """Return the challenge to echo when Meta's verification fits, else None (refuse).

    Source: fact sheet section 9.2. Without a verify token of our own nothing fits. All of ours are compared,
    so that the time it takes tells nothing.
    """
    given = verify_token.encode("utf-8", "surrogatepass")
    fits = [hmac.compare_digest(given, ours.encode()) for ours in verify_tokens()]
    return challenge if mode == "subscribe" and any(fits) else None


def verify_tokens() -> list[str]:
    """Return the verify tokens that are accepted; Meta is told the first one when we subscribe."""
    tokens = (token.strip() for token in settings.FACEBOOK_VERIFY_TOKEN.split(","))
    return [token for token in tokens if token]


def _secrets() -> AppSecrets:
    return _make_secrets(
        settings.FACEBOOK_APP_SECRET, settings.INSTAGRAM_APP_SECRET, settings.WEBHOOK_ALLOW_SHA1
    )


@lru_cache(maxsize=4)
def _make_secrets(facebook: str, instagram: str, allow_sha1: bool) -> AppSecrets:
    return AppSecrets(facebook=facebook, instagram=instagram, allow_sha1=allow_sha1)
