"""Bodies as staff may see them: some of Meta's bodies carry tokens (`fbe_install` does). Pure."""

from __future__ import annotations

import json
from typing import Any

SECRET_WORDS = ("token", "secret", "authorization_code", "password")
MASK = "•••"


def masked_body(body: bytes) -> str:
    """Return a body as indented JSON with every secret masked; text that is no JSON is only described."""
    try:
        return json.dumps(_mask(json.loads(body)), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return f"{len(body)} bytes that are not JSON: {body[:200]!r}"


def _mask(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: MASK if _is_secret(key) else _mask(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_mask(inner) for inner in value]
    return value


def _is_secret(key: str) -> bool:
    return any(word in key.lower() for word in SECRET_WORDS)
