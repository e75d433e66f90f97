"""What became of an event, in a merchant's words: what happened, and what to do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext

from integrations.models import WebhookEvent
from integrations.webhooks.outcomes import DISCONNECTED, PAUSED

State = WebhookEvent.State

WHY_IGNORED: dict[str, Promise] = {
    "object not handled": _lazy("StormCom does not work with this kind of news from Meta."),
    "kind not handled": _lazy("StormCom does not work with this kind of news from Meta."),
    "a test from Meta's dashboard": _lazy("A test from Meta's dashboard: it changes nothing here."),
    PAUSED: _lazy("The Page or account was paused here when it came."),
    DISCONNECTED: _lazy("The Page or account was not connected any more when it came."),
}
"""Beginning of the technical reason → the sentence for it. Handlers' reasons are sentences already."""


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """`happened` is one sentence, `todo` the next one."""

    tone: str
    happened: str
    todo: str


def reason_in_words(event: WebhookEvent) -> str:
    """Return the reason of an outcome as one sentence, '' where there is none to give."""
    if event.state == State.IGNORED:
        known = next((words for start, words in WHY_IGNORED.items() if event.reason.startswith(start)), None)
        return str(known or event.reason)
    if event.state == State.WAITING:
        return _failed_so_far(event) if event.attempts and event.reason else ""
    if event.state == State.PARKED:
        return _gave_up(event) if event.reason.startswith("failed ") else event.reason
    return ""


def explain(event: WebhookEvent) -> Explanation:
    return _EXPLAIN[event.state](event)


def _explain_waiting(event: WebhookEvent) -> Explanation:
    if not (event.attempts and event.reason):
        return Explanation(
            tone="info",
            happened=_("It waits for its turn."),
            todo=_("You need do nothing: it is worked on within seconds."),
        )
    return Explanation(
        tone="warning",
        happened=_failed_so_far(event),
        todo=_("You need do nothing: it is tried again by itself. This is our fault, and nothing is lost."),
    )


def _explain_done(event: WebhookEvent) -> Explanation:
    return Explanation(tone="success", happened=_("It was worked on."), todo=_("You need do nothing."))


def _explain_ignored(event: WebhookEvent) -> Explanation:
    switched_off = event.reason.startswith(("paused", "disconnected"))
    return Explanation(
        tone="neutral",
        happened=reason_in_words(event) or _("There was nothing to do for it."),
        todo=_("Switch the Page on again, then try this one again.")
        if switched_off
        else _("You need do nothing."),
    )


def _explain_parked(event: WebhookEvent) -> Explanation:
    if event.reason.startswith("failed "):
        todo = _(
            "This is our fault, and nothing is lost. Try it again; "
            "if it fails once more, tell us the number %(number)s."
        ) % {"number": event.pk}
    else:
        todo = _("Nothing is lost. When that is put right, try it again.")
    return Explanation(tone="danger", happened=reason_in_words(event), todo=todo)


def _failed_so_far(event: WebhookEvent) -> str:
    words = ngettext(
        "It failed once and is tried again.", "It failed %(count)s times and is tried again.", event.attempts
    )
    return words % {"count": event.attempts}


def _gave_up(event: WebhookEvent) -> str:
    words = ngettext("It failed once.", "It failed %(count)s times, over about 18 hours.", event.attempts)
    return words % {"count": event.attempts}


_EXPLAIN: dict[str, Callable[[WebhookEvent], Explanation]] = {
    State.WAITING: _explain_waiting,
    State.DONE: _explain_done,
    State.IGNORED: _explain_ignored,
    State.PARKED: _explain_parked,
}
