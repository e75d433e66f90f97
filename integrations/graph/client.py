"""The one place that speaks HTTP to the Graph API.

Source: fact sheet sections 3 and 5 (conventions, rate limits), Graph API v26.0. Nobody sleeps here: a call
that has to wait raises with the seconds, and its caller keeps them as `not_before`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

import requests
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from urllib3.exceptions import MaxRetryError

from integrations.graph.answers import Json, check_object, parse, read_object, unreadable
from integrations.graph.batches import MOST_OPERATIONS, Operation, Part, read_part, unfinished
from integrations.graph.budgets import find_pause
from integrations.graph.encoding import app_secret_proof, encode_params, node_of
from integrations.graph.errors import GraphError, NoAnswer, RateLimited, RetryLater
from integrations.graph.paging import Pages
from integrations.graph.pool import get_session
from integrations.graph.records import Note, noted, write_note
from integrations.graph.usage import CODES, bucket_of

TIMEOUT_SECONDS = (3.05, 20)
"""Connect, read. Above what a healthy Graph call takes, below what a worker may hang."""
PAGE_SIZE = 100

__all__ = ["GraphClient", "Json", "Operation", "app_client"]


class GraphClient:
    """Calls of one access token. Never used inside a database transaction (law 6)."""

    def __init__(self, access_token: str, *, timeout: tuple[float, float] = TIMEOUT_SECONDS) -> None:
        self._timeout = timeout
        self._credentials: dict[str, str] = {}
        if access_token:
            proof = app_secret_proof(access_token, settings.FACEBOOK_APP_SECRET)
            self._credentials = {"access_token": access_token, "appsecret_proof": proof}

    def get(self, path: str, **params: Any) -> Json:
        return self.request("GET", path, params=params)

    def post(self, path: str, **params: Any) -> Json:
        return self.request("POST", path, params=params)

    def delete(self, path: str, **params: Any) -> Json:
        return self.request("DELETE", path, params=params)

    def request(self, method: str, path: str, *, params: Mapping[str, Any] | None = None) -> Json:
        """Make one call and return its JSON object.

        Nested values are sent as JSON text, as Graph expects. Raises a `GraphError` that names the remedy;
        `RateLimited` before the call, when Meta would refuse it.
        """
        _refuse_in_transaction()
        line = self._line(path)
        if held := _hold_back(line, path):
            raise held
        with noted(method, path, line=line) as note:
            answer = self._send(method, path, encode_params(params or {}), note)
            return read_object(method, answer.status_code, answer.headers, answer.content)

    def walk(self, path: str, **params: Any) -> Iterator[Json]:
        """Yield the rows of an edge, page after page: only a missing `paging.next` ends it."""
        params.setdefault("limit", PAGE_SIZE)
        pages = Pages()
        place: dict[str, str] | None = {}
        while place is not None:
            page = self.get(path, **params | place)
            yield from pages.rows(page)
            place = pages.find_next(page)

    def batch(self, operations: Sequence[Operation]) -> list[Json | GraphError]:
        """Make many calls, fifty at a time; return what became of each, in their order, errors as values.

        What Meta left unfinished is asked once more. A call that fails as a whole is the error of each of its
        operations, so that nothing that was done before is lost.
        """
        _refuse_in_transaction()
        results: list[Json | GraphError] = []
        for start in range(0, len(operations), MOST_OPERATIONS):
            results += self._batch_once(operations[start : start + MOST_OPERATIONS])
        return results

    def _batch_once(self, operations: Sequence[Operation]) -> list[Json | GraphError]:
        results: dict[int, Json | GraphError] = {}
        for number, operation in enumerate(operations):
            if held := _hold_back(self._line(operation.path), operation.path):
                results[number] = held
        waiting = [number for number in range(len(operations)) if number not in results]
        for is_last in (False, True):
            parts = self._ask_parts([operations[number] for number in waiting]) if waiting else []
            for number, part in zip(waiting, parts, strict=True):
                if part is not None or is_last:
                    results[number] = self._settle(operations[number], part or unfinished())
            waiting = [number for number in waiting if number not in results]
        return [results[number] for number in range(len(operations))]

    def _ask_parts(self, operations: Sequence[Operation]) -> list[Part | None]:
        values = {"batch": json.dumps([operation.as_json() for operation in operations])}
        try:
            with noted("POST", "", line=self._line("")) as note:
                answer = self._send("POST", "", values, note)
                found = parse(answer.content)
                if isinstance(found, dict):
                    check_object(answer.status_code, answer.headers, found)
                if not isinstance(found, list) or len(found) != len(operations):
                    raise unreadable("POST", answer.status_code, answer.headers)
        except GraphError as error:
            return [Part(0, {}, error) for _ in operations]
        return [read_part(operation, part) for operation, part in zip(operations, found, strict=True)]

    def _settle(self, operation: Operation, part: Part) -> Json | GraphError:
        """Leave a row for one operation, too: each counts against the limits for itself."""
        note = Note(operation.method, operation.path, self._line(operation.path))
        note.status, note.headers = part.status or None, part.headers
        note.error = part.result if isinstance(part.result, GraphError) else None
        write_note(note)
        return part.result

    def _send(self, method: str, path: str, values: dict[str, str], note: Note) -> requests.Response:
        """Send one call with our credentials and note what came back."""
        place = "data" if method == "POST" else "params"
        url = f"{settings.GRAPH_API_URL}/{settings.GRAPH_API_VERSION}/{quote(path.strip('/'))}"
        failure: RetryLater | None = None
        try:
            answer = get_session().request(
                method,
                url,
                timeout=self._timeout,
                allow_redirects=False,
                **{place: values | self._credentials},  # type: ignore[arg-type]
            )
        except requests.RequestException as error:
            failure = _unanswered(error)
        if failure is not None:  # raised out here: the library's error holds the address, and so the token
            raise failure
        note.status, note.headers = answer.status_code, answer.headers
        return answer

    def _line(self, path: str) -> str:
        """Name what a call counts on: our token, and for catalogs the catalog. Tells nothing of the token."""
        token = self._credentials.get("appsecret_proof", "")[:16]
        return f"{token}/{node_of(path)}" if bucket_of(path).startswith("catalog") else token


def app_client(*, timeout: tuple[float, float] = TIMEOUT_SECONDS) -> GraphClient:
    """Return a client that speaks as the app itself."""
    return GraphClient(f"{settings.FACEBOOK_APP_ID}|{settings.FACEBOOK_APP_SECRET}", timeout=timeout)


def _refuse_in_transaction() -> None:
    with transaction.atomic(durable=True):
        pass  # sends no SQL; raises RuntimeError when we stand inside a transaction (law 6)


def _hold_back(line: str, path: str) -> RateLimited | None:
    """Return the refusal of a call that Meta would refuse, None when it may go."""
    bucket = bucket_of(path)
    until = find_pause(line, bucket)
    if until is None:
        return None
    seconds = max(1, int((until - timezone.now()).total_seconds()) + 1)
    return RateLimited("Meta's limit is nearly used up, so we wait.", code=CODES[bucket], seconds=seconds)


def _unanswered(error: requests.RequestException) -> RetryLater:
    """Tell a call that certainly never left (urllib3 gave up connecting) from one that Meta may have got."""
    words = f"Meta could not be reached ({type(error).__name__})."
    never_left = bool(error.args) and isinstance(error.args[0], MaxRetryError)
    return RetryLater(words) if never_left else NoAnswer(words)
