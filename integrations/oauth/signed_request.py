"""Meta's `signed_request`: which person removed the app, or asks to be forgotten. Pure.

Source: fact sheet section 8. base64url(signature) "." base64url(payload), without padding; the signature is
the raw HMAC-SHA256 of the *encoded* payload with an app secret.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from integrations.webhooks.signature import AppSecrets

MOST_CHARACTERS = 4096
"""Meta's are below 300."""
ALGORITHM = "HMAC-SHA256"
_BASE64URL = re.compile(r"[A-Za-z0-9_-]+")
_USER_ID = re.compile(r"[A-Za-z0-9_.:-]{1,64}")
_LATEST = 32_503_680_000
"""The year 3000: a later second is no time."""


class BadSignedRequest(Exception):
    """It is not Meta's, or not fit for use; the message is a sentence that says why."""


@dataclass(frozen=True, kw_only=True)
class SignedRequest:
    """What Meta vouches for. `user_id` is app-scoped, never a PSID; `signed_by` names the secret."""

    user_id: str
    issued_at: datetime
    signed_by: str


def read_signed_request(text: str, *, secrets: AppSecrets, now: datetime) -> SignedRequest:
    """Check the signature first, then everything that it covers. Raises BadSignedRequest.

    A request that does not say when it was issued counts as issued now, and so does one from the future.
    """
    signature, encoded = _split(text)
    signed_by = _find_signer(signature, encoded, secrets)
    payload = _decode_payload(encoded)
    if str(payload.get("algorithm", "")).upper() != ALGORITHM:
        raise BadSignedRequest(f"The signed_request must use the algorithm {ALGORITHM}.")
    expires = _second(payload, "expires")
    if expires and expires <= now.timestamp():
        raise BadSignedRequest("The signed_request has expired. Send a new one.")
    user_id = payload.get("user_id")
    if not isinstance(user_id, str) or not _USER_ID.fullmatch(user_id):
        raise BadSignedRequest("The signed_request names no user_id, so it is about nobody.")
    issued = _second(payload, "issued_at")
    issued_at = min(datetime.fromtimestamp(issued, UTC), now) if issued else now
    return SignedRequest(user_id=user_id, issued_at=issued_at, signed_by=signed_by)


def _split(text: str) -> tuple[bytes, str]:
    """Return the signature's bytes and the payload as it was signed."""
    if not text:
        raise BadSignedRequest("The form has no signed_request.")
    if len(text) > MOST_CHARACTERS:
        raise BadSignedRequest("The signed_request is longer than any of Meta's.")
    parts = text.split(".")
    if len(parts) != 2:
        raise BadSignedRequest("The signed_request must have two parts with a dot between them.")
    return _decode(parts[0]), parts[1]


def _find_signer(signature: bytes, encoded: str, secrets: AppSecrets) -> str:
    """Return the name of the secret that signed the payload; each one is tried, in constant time."""
    signer = ""
    for name, secret in secrets.named.items():
        expected = hmac.new(secret, encoded.encode("utf-8", "replace"), hashlib.sha256).digest()
        if hmac.compare_digest(expected, signature):
            signer = name
    if not signer:
        raise BadSignedRequest("The signature does not fit: this signed_request was not made for this app.")
    return signer


def _decode(part: str) -> bytes:
    """Decode base64url without padding, and nothing else: no padding, no spaces, no `+` and `/`."""
    if not _BASE64URL.fullmatch(part) or len(part) % 4 == 1:
        raise BadSignedRequest("The signed_request is not base64url without padding.")
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _decode_payload(encoded: str) -> dict[str, Any]:
    try:
        payload = json.loads(_decode(encoded))
    except (ValueError, RecursionError):  # bytes that are no text are a ValueError, too
        raise BadSignedRequest("The signed_request holds no JSON.") from None
    if not isinstance(payload, dict):
        raise BadSignedRequest("The signed_request holds JSON, but not an object.")
    return payload


def _second(payload: dict[str, Any], name: str) -> float:
    """Return a Unix time of the payload; 0 when it is not there, which Meta also writes for "never"."""
    value = payload.get(name, 0)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not math.isfinite(value) or not 0 <= value < _LATEST:
        raise BadSignedRequest(f"The {name} of the signed_request is no time.")
    return float(value)
