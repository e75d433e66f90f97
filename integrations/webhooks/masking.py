"""Bodies and tracebacks as staff may see them: Meta's bodies may carry tokens (`fbe_install` does). Pure."""

from __future__ import annotations

import json
import re
from typing import Any

MASK = "•••"
TEXT_SHOWN = 4000

_SECRET_WORDS = (
    "token",
    "secret",
    "password",
    "passwd",
    "passphrase",
    "authorization",
    "auth_code",
    "access_key",
    "api_key",
    "private_key",
    "appsecret_proof",
    "signed_request",
    "credential",
    "cookie",
    "session_id",
)
"""A key that holds one of these, with or without what stands between its words, names a secret."""
_SECRET_NAMES = ("code", "jwt", "proof", "signature")
"""Whole keys. A number under `code` is an error's and stays."""

_WORDS = "|".join(word.replace("_", r"[_\-. ]?") for word in _SECRET_WORDS)
_KEY = re.compile(rf"(?i:{_WORDS})|(?i:^(?:{'|'.join(_SECRET_NAMES)})$)")
_PAIR = re.compile(
    rf"(?P<name>(?i:{_WORDS}|(?<![\w.\-])(?:{'|'.join(_SECRET_NAMES)}))[\w.\-]{{0,40}}+)"
    r"(?P<between>\\*+[\"']?\s{0,9}+(?:=>|=|:|%3D)\s{0,9}+)"
    r"(?:(?P<quote>\\*+[\"'])(?P<quoted>.*?)(?=(?P=quote)|$)|(?P<bare>[^\s\"'\\&,;)\]}]++))",
    re.MULTILINE,
)
"""`name=value` and `"name": "value"`, wherever they stand in a text, be it escaped once more."""
_LOOKS_SECRET = re.compile(
    r"(?<![A-Za-z0-9])(?:EAA|IGAA|IGQ)[A-Za-z0-9_\-]{5,}+"  # access tokens of Facebook and Instagram
    r"|(?<![A-Za-z0-9])stc_[A-Za-z0-9_\-]{5,}+"  # an API key of ours
    r"|(?<!\d)\d{6,}+(?:\||%7C)[A-Za-z0-9_\-]{10,}+"  # an app's token: id|secret
    r"|(?<![A-Za-z0-9_\-])[A-Za-z0-9_\-]{20,}+\.eyJ[A-Za-z0-9_\-.]{8,}+"  # signed_request, JWT
    r"|(?<=[Bb]earer )[^\s\"',;]++"
    # links that open something for whoever has them
    r"|(?:(?<=/invitations/)|(?<=/reset/key/)|(?<=/confirm-email/)|(?<=/data-deletion/))[^/\s\"?]++"
)


def masked_body(body: bytes) -> str:
    """Return a body as indented JSON with every secret masked; what is no JSON as the text that it is."""
    try:
        masked = json.dumps(masked_value(json.loads(body)), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        text = masked_text(body.decode("utf-8", "replace"))
        masked = f"{len(body)} bytes that are not JSON:\n{text[:TEXT_SHOWN]}"
    return _printable(masked)


def masked_text(text: str) -> str:
    """Return any text (a traceback, an address, a form) with the secrets masked that it names or shows."""
    return _printable(_PAIR.sub(_mask_pair, _LOOKS_SECRET.sub(MASK, text)))


def masked_value(value: Any) -> Any:
    """Return what JSON can hold with every secret masked; anything else in it stays as it is."""
    match value:
        case dict():
            return {_mask_string(key): _mask_field(key, inner) for key, inner in value.items()}
        case list():
            return [masked_value(inner) for inner in value]
        case str():
            return _mask_string(value)
    return value


def _mask_field(key: str, value: Any) -> Any:
    if not _names_secret(key) or value is None or value == "" or isinstance(value, bool):
        return masked_value(value)
    if key.strip().lower() == "code" and isinstance(value, int | float):
        return value
    return MASK


def _mask_string(text: str) -> str:
    """Mask inside a string, which may be JSON itself."""
    if text.lstrip()[:1] in ("{", "[", '"'):
        try:
            return json.dumps(masked_value(json.loads(text)), ensure_ascii=False)
        except (ValueError, RecursionError):
            pass
    return masked_text(text)


def _mask_pair(found: re.Match[str]) -> str:
    bare = found["bare"] or ""
    if found["name"].lower() == "code" and bare.isdecimal() and len(bare) < 6:
        return found[0]
    return f"{found['name']}{found['between']}{found['quote'] or ''}{MASK}"


def _names_secret(key: str) -> bool:
    return _KEY.search(key.strip()) is not None


def _printable(text: str) -> str:
    """Replace lone surrogates, which no page can carry."""
    return text.encode("utf-8", "replace").decode()
