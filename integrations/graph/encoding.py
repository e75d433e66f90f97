"""How Graph wants parameters, and what of a path may be kept. Source: fact sheet 3.1. Pure."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from typing import Any


def encode_params(params: Mapping[str, Any]) -> dict[str, str]:
    """Return the parameters as text, nested values as JSON; what is None is left out."""
    return {key: _encode(value) for key, value in params.items() if value is not None}


def app_secret_proof(token: str, secret: str) -> str:
    """Return the proof that a call with this token comes from who knows the app's secret (fact sheet 3.2)."""
    return hmac.new(secret.encode(), token.encode(), hashlib.sha256).hexdigest()


ROOTS = frozenset({"me", "oauth", "debug_token"})
"""All that a path of ours begins with, besides an id."""
_EDGE = re.compile(r"[a-z][a-z_]*")
_NAMED_BY_EDGE = {
    "messages": "page_id",
    "conversations": "page_id",
    "leadgen_forms": "page_id",
    "leads": "form_id",
    "items_batch": "catalog_id",
    "check_batch_request_status": "catalog_id",
    "owned_product_catalogs": "business_id",
    "subscriptions": "app_id",
}
"""Edge → what the id before it is; any other is an {id}."""


def template_of(path: str) -> str:
    """Return a path with each id replaced by what it is: /{page_id}/messages.

    What is no plain word after the node is taken for an id too, so that nothing of a person slips through.
    """
    node, _, rest = path.strip("/").partition("/")
    edges = [part if _EDGE.fullmatch(part) else "{id}" for part in rest.split("/") if part]
    if node and node not in ROOTS:
        node = "{" + _NAMED_BY_EDGE.get(edges[0] if edges else "", "id") + "}"
    return "/" + "/".join(filter(None, [node, *edges]))


def node_of(path: str) -> str:
    """Return the id that a path begins with, '' when it begins with a word."""
    node = path.strip("/").partition("/")[0]
    return "" if node in ROOTS else node[:64]


def _encode(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))
