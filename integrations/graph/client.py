"""The one place that speaks HTTP to the Graph API.

Source: fact sheet sections 3 and 5 (conventions, rate-limit headers), Graph API v26.0.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

import requests
from django.conf import settings
from django.db import transaction
from urllib3.exceptions import MaxRetryError

from integrations.graph.errors import NoAnswer, RetryLater, UnknownAnswer, classify
from integrations.graph.usage import seconds_to_wait

TIMEOUT_SECONDS = (3.05, 20)
"""Connect, read. Above what a healthy Graph call takes, below what a worker may hang."""
PAGE_SIZE = 100

Json = dict[str, Any]

_session = requests.Session()
"""Shared by all clients for its connection pool; it keeps no cookies and no credentials."""


class GraphClient:
    """Calls of one access token. Never used inside a database transaction (law 6)."""

    def __init__(self, access_token: str, *, timeout: tuple[float, float] = TIMEOUT_SECONDS) -> None:
        self._token = access_token
        self._timeout = timeout

    def get(self, path: str, **params: Any) -> Json:
        return self.request("GET", path, params=params)

    def post(self, path: str, **params: Any) -> Json:
        return self.request("POST", path, params=params)

    def delete(self, path: str, **params: Any) -> Json:
        return self.request("DELETE", path, params=params)

    def request(self, method: str, path: str, *, params: Mapping[str, Any] | None = None) -> Json:
        """Make one call and return its JSON object.

        Nested values are sent as JSON text, as Graph expects. Raises a `GraphError` that names the remedy.
        """
        with transaction.atomic(durable=True):
            pass  # sends no SQL; raises RuntimeError when we stand inside a transaction (law 6)
        values = {key: _encode(value) for key, value in (params or {}).items() if value is not None}
        values |= self._credentials()
        place = "data" if method == "POST" else "params"
        url = f"{settings.GRAPH_API_URL}/{settings.GRAPH_API_VERSION}/{quote(path.strip('/'))}"
        try:
            answer = _session.request(method, url, timeout=self._timeout, **{place: values})  # type: ignore[arg-type]
        except requests.RequestException as error:
            raise _unanswered(error) from None
        return _read(answer)

    def walk(self, path: str, **params: Any) -> Iterator[Json]:
        """Yield the rows of an edge, page after page: only a missing `paging.next` ends it."""
        params.setdefault("limit", PAGE_SIZE)
        while True:
            page = self.get(path, **params)
            yield from page.get("data", [])
            paging = page.get("paging") or {}
            if not paging.get("next"):
                return
            params["after"] = paging["cursors"]["after"]

    def _credentials(self) -> dict[str, str]:
        if not self._token:
            return {}
        proof = hmac.new(settings.FACEBOOK_APP_SECRET.encode(), self._token.encode(), hashlib.sha256)
        return {"access_token": self._token, "appsecret_proof": proof.hexdigest()}


def app_client(*, timeout: tuple[float, float] = TIMEOUT_SECONDS) -> GraphClient:
    """Return a client that speaks as the app itself."""
    return GraphClient(f"{settings.FACEBOOK_APP_ID}|{settings.FACEBOOK_APP_SECRET}", timeout=timeout)


def _encode(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))


def _unanswered(error: requests.RequestException) -> RetryLater:
    """Tell a call that certainly never left (urllib3 gave up connecting) from one that Meta may have got."""
    words = f"Meta could not be reached ({type(error).__name__})."
    never_left = bool(error.args) and isinstance(error.args[0], MaxRetryError)
    return RetryLater(words) if never_left else NoAnswer(words)


def _read(answer: requests.Response) -> Json:
    """Return the JSON object of an answer, or raise what its error means."""
    try:
        body = answer.json()
    except ValueError:
        body = None
    if not isinstance(body, dict):
        if answer.status_code >= 500 or answer.ok:  # "Service Unavailable" comes as 200 text, too
            raise RetryLater(f"Meta answered without JSON (HTTP {answer.status_code}).")
        raise UnknownAnswer(f"Meta answered without JSON (HTTP {answer.status_code}).")
    if isinstance(body.get("error"), dict):
        raise classify(body["error"], seconds=seconds_to_wait(answer.headers))
    if answer.status_code >= 500:
        raise RetryLater(f"Meta answered HTTP {answer.status_code}.")
    if not answer.ok:
        raise UnknownAnswer(f"Meta answered HTTP {answer.status_code} without a reason.")
    return body
