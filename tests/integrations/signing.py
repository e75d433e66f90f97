"""Makes a signed_request as Meta does, and any broken one a test wants."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from typing import Any

APP_SECRET = "sandbox-app-secret"


def encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def sign(payload: bytes, *, secret: str = APP_SECRET) -> str:
    """Sign any bytes as a payload."""
    encoded = encode(payload)
    return encode(hmac.new(secret.encode(), encoded.encode(), hashlib.sha256).digest()) + "." + encoded


def facts(user_id: Any = "70001", **over: Any) -> dict[str, Any]:
    now = int(time.time())
    usual = {"algorithm": "HMAC-SHA256", "issued_at": now, "expires": now + 3600, "user_id": user_id}
    return {name: value for name, value in (usual | over).items() if value is not None}


def signed(user_id: Any = "70001", *, secret: str = APP_SECRET, **over: Any) -> str:
    """Return a signed_request about a person; a fact given as None is left out."""
    return sign(json.dumps(facts(user_id, **over), separators=(",", ":")).encode(), secret=secret)
