"""Is this body from Meta? HMAC over the raw bytes, compared in constant time. Pure.

Source: fact sheet section 9.4 (X-Hub-Signature-256: "sha256=" + hex HMAC-SHA256 with the app secret).
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class AppSecrets:
    """The secrets a body may be signed with, by name; empty ones never fit anything."""

    facebook: str
    instagram: str = ""
    allow_sha1: bool = False

    @cached_property
    def named(self) -> Mapping[str, bytes]:
        pairs = {"facebook": self.facebook, "instagram": self.instagram}
        return {name: secret.encode() for name, secret in pairs.items() if secret}


def find_signer(body: bytes, *, sha256: str, sha1: str, secrets: AppSecrets) -> str | None:
    """Return the name of the secret that signed this body, or None: then it is not Meta's.

    `sha256` and `sha1` are the header values, '' when absent. The SHA-1 header counts only when the other
    one is absent and the settings allow it. Without any secret nothing fits.
    """
    if sha256:
        given, prefix, algorithm = sha256, "sha256=", "sha256"
    elif sha1 and secrets.allow_sha1:
        given, prefix, algorithm = sha1, "sha1=", "sha1"
    else:
        return None
    signer = None
    for name, secret in secrets.named.items():
        expected = prefix + hmac.digest(secret, body, algorithm).hex()
        if hmac.compare_digest(expected.encode(), given.encode("utf-8", "replace")):
            signer = name
    return signer
