"""Signing as Meta does, for load that needs no Django."""

from __future__ import annotations

import hashlib
import hmac

APP_SECRET = "sandbox-app-secret"
"""The sandbox's published secret."""


def signed(body: bytes, secret: str = APP_SECRET) -> str:
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
