"""A test of the whole way: a body signed like Meta's goes to our own public address, step by step.

The event has a kind of its own and a number that is never used twice: it is no duplicate of anything, and it
makes no customer and no message.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import requests
from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from integrations.models import ConnectionTest, WebhookDelivery, WebhookEvent
from integrations.webhooks.events import Event
from integrations.webhooks.inbox import dedupe_key
from integrations.webhooks.outcomes import Ignored
from integrations.webhooks.parse import load_body, read_event, unpack
from integrations.webhooks.read_changes import CONNECTION_TEST

ANSWER_SECONDS = 10
PATIENCE = timedelta(seconds=20)
"""A step that takes longer than this has failed: none takes a second while all parts run."""

RESULT = "A test of yours. It changes nothing."


def note_test(event: Event, asset: Any) -> Ignored:
    """End a test event: that it came this far is all it is for."""
    return Ignored(RESULT)


def test_body(test: ConnectionTest) -> bytes:
    moment = int(test.started_at.timestamp() * 1000)
    change = {"field": CONNECTION_TEST, "value": {"number": test.number}}
    entry = {"id": test.page.page_id, "time": moment, "changes": [change]}
    return json.dumps({"object": "page", "entry": [entry]}, separators=(",", ":")).encode()


def send_test(test: ConnectionTest) -> None:
    """Send the test to our own address as Meta would, and keep how it was answered. Calls out; safe twice."""
    body = test_body(test)
    secret = (settings.FACEBOOK_APP_SECRET or settings.INSTAGRAM_APP_SECRET).encode()
    signature = "sha256=" + hmac.new(secret, body, hashlib.sha256).hexdigest()
    headers = {"Content-Type": "application/json", "X-Hub-Signature-256": signature}
    test.sent_at, started = timezone.now(), time.monotonic()
    test.save(update_fields=["sent_at"])
    try:
        answer = requests.post(
            settings.APP_BASE_URL + reverse("webhook"),
            data=body,
            headers=headers,
            timeout=ANSWER_SECONDS,
            allow_redirects=False,
        )
        test.http_status, test.problem = answer.status_code, ""
    except requests.exceptions.SSLError:
        test.problem = ConnectionTest.Problem.CERTIFICATE
    except requests.Timeout:
        test.problem = ConnectionTest.Problem.TIMEOUT
    except requests.RequestException:
        test.problem = ConnectionTest.Problem.UNREACHABLE
    test.answer_ms = int((time.monotonic() - started) * 1000)
    test.save(update_fields=["http_status", "problem", "answer_ms"])


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step of the way. `state` is done, now, failed or later; `todo` is what to do when it failed."""

    label: str
    state: str
    todo: str = ""


def find_steps(test: ConnectionTest) -> list[Step]:
    """Return how far a test is: all done, or done up to the one that runs or failed; up to 3 queries."""
    steps: list[Step] = []
    late = timezone.now() - test.started_at > PATIENCE
    for label, is_done, is_over, todo in _checks(test):
        if is_done:
            steps.append(Step(label=label, state="done"))
            continue
        failed = is_over or late
        steps.append(Step(label=label, state="failed" if failed else "now", todo=todo if failed else ""))
        break
    later = [Step(label=label, state="later") for label in _labels(test)[len(steps) :]]
    return steps + later


def is_finished(steps: list[Step]) -> bool:
    return all(step.state == "done" for step in steps) or any(step.state == "failed" for step in steps)


def _labels(test: ConnectionTest) -> list[str]:
    answered = _("Answered")
    if test.answer_ms is not None and test.http_status is not None:
        answered = _("Answered %(status)s in %(ms)s ms") % {"status": test.http_status, "ms": test.answer_ms}
    return [
        _("Sent to %(address)s") % {"address": settings.APP_BASE_URL + reverse("webhook")},
        answered,
        _("Kept"),
        _("Unpacked"),
        _("Handed to %(page)s") % {"page": test.page.name},
        _("Handled: it was a test, and changes nothing"),
    ]


def _checks(test: ConnectionTest) -> Iterator[tuple[str, bool, bool, str]]:
    """Yield label, whether it is done, whether it never will be, and what to do then; asks what it has to."""
    sent, answered, kept, unpacked, routed, handled = _labels(test)
    yield sent, test.sent_at is not None, False, _no_worker()
    yield answered, test.http_status == 200, test.has_failed(), _why_not_answered(test)
    event = _find_event(test)
    yield kept, event is not None or _is_kept(test), False, _who_else()
    if event is None:
        yield unpacked, False, False, _no_worker()
        return
    yield unpacked, True, False, ""
    is_over = event.settled_at is not None
    yield (
        routed,
        event.store_id == test.store_id,
        is_over,
        _("The Page is not connected here. Connect it again."),
    )
    yield handled, event.reason == RESULT, is_over, _why_not_handled(event)


def _who_else() -> str:
    return _("Something else answers at this address. Look at where your domain and its proxy lead.")


def _no_worker() -> str:
    return _(
        "The part of StormCom that works in the background does not run. "
        "This is our fault: tell us, or start the worker."
    )


def _why_not_answered(test: ConnectionTest) -> str:
    problem = ConnectionTest.Problem
    words = {
        problem.TIMEOUT: _(
            "The address did not answer in time. Whoever runs StormCom has to look at its web server and "
            "firewall."
        ),
        problem.UNREACHABLE: _(
            "The address cannot be reached. Whoever runs StormCom has to look at its public address, domain "
            "and firewall."
        ),
        problem.CERTIFICATE: _("The certificate of the address is not valid, so Meta would not send either."),
    }
    if test.problem:
        return words[problem(test.problem)]
    match test.http_status:
        case 403:
            return _("The signature was refused. The web server has another app secret than the worker.")
        case 404 | 405:
            return _(
                "Nothing takes Meta's messages at this address. Whoever runs StormCom has to look at its "
                "public address and proxy."
            )
        case 413:
            return _("The proxy in front takes no body of this size. Let it take 3 MB.")
        case 429 | 503:
            return _("StormCom takes no messages right now: its database is away or full. Try again soon.")
        case int() as status if 300 <= status < 400:
            return _(
                "The address sends visitors elsewhere, which Meta does not follow. Whoever runs StormCom has "
                "to look at its public address."
            )
    return _("The web server failed. Look at its log, then try again.")


def _why_not_handled(event: WebhookEvent) -> str:
    if event.reason.startswith(("paused", "disconnected")):
        return _("The Page is paused or disconnected here. Switch it on, then test again.")
    return _("It was not worked on. Look at it among Meta's messages, number %(number)s.") % {
        "number": event.pk
    }


def _find_event(test: ConnectionTest) -> WebhookEvent | None:
    envelope, item = next(iter(unpack(load_body(test_body(test)))))
    key = dedupe_key(envelope, read_event(envelope, item), delivery_id=0)
    return WebhookEvent.objects.filter(dedupe_key=key).first()


def _is_kept(test: ConnectionTest) -> bool:
    """Look for the body itself among those that came since; the index of their age narrows it."""
    since = test.started_at - timedelta(minutes=1)
    around = WebhookDelivery.objects.filter(
        received_at__range=(since, test.started_at + timedelta(minutes=2))
    )
    return around.filter(body=test_body(test)).exists()
