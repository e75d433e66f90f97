"""Whose fault an error is, and what to do about it, in a merchant's words. Pure.

An asset and a run keep an error as its words, `GraphError.__str__`: Meta's sentence, its numbers in brackets.
The numbers name the class of the error, and the class names its remedy (integrations.graph.errors).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from integrations.graph import errors
from integrations.graph.codes import classify

OURS = "A fault of ours"
"""How integrations.runs starts the words of an error that no answer of Meta explains."""
_NUMBERS = re.compile(r"\((\d+)(?:/(\d+))?\)$")


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What to say about an error; `tone` is danger when nothing mends itself."""

    tone: str
    whose: str | Promise
    remedy: str | Promise


_META_MENDS = Fault(
    tone="warning",
    whose=_("This is on Meta's side."),
    remedy=_("You need not do anything: nothing is lost, and we try again by ourselves."),
)
_META_SLOWS = Fault(
    tone="warning",
    whose=_("Meta asks us to go slower."),
    remedy=_("You need not do anything: we go on as soon as Meta lets us."),
)
RECONNECT = Fault(
    tone="danger",
    whose=_("Facebook has ended the connection."),
    remedy=_("Connect again; what was missed comes in afterwards."),
)
_PERMISSION = Fault(
    tone="danger",
    whose=_("A permission is missing at Facebook."),
    remedy=_("Connect again and leave all the permissions ticked."),
)
_BLOCKED = Fault(
    tone="danger",
    whose=_("Facebook restricts this Page or account for now."),
    remedy=_("Open the Page's support inbox at Facebook: it says why, and until when."),
)
_DATA = Fault(
    tone="danger",
    whose=_("Meta refused what we sent."),
    remedy=_("Correct what Meta names, and we send it again."),
)
_GONE = Fault(
    tone="danger",
    whose=_("Meta does not have it any more, or not for us."),
    remedy=_("See at Facebook whether it still exists, then connect again."),
)
_OURS = Fault(
    tone="danger",
    whose=_("This is our fault."),
    remedy=_("Nothing is lost. We try again, and our staff can see what went wrong."),
)
_UNKNOWN = Fault(
    tone="danger",
    whose=_("Meta refused without a reason we know."),
    remedy=_("Check again in a while. If it stays, tell our staff the words below."),
)

_BY_CLASS: dict[type[errors.GraphError], Fault] = {
    errors.RetryLater: _META_MENDS,
    errors.SlowDown: _META_SLOWS,
    errors.Reconnect: RECONNECT,
    errors.NotAllowed: _PERMISSION,
    errors.FixData: _DATA,
    errors.Gone: _GONE,
    errors.WindowClosed: _DATA,
    errors.ThreadTaken: _DATA,
    errors.Blocked: _BLOCKED,
    errors.UnknownAnswer: _UNKNOWN,
}


def judge(words: str) -> Fault:
    """Return whose fault the error with these words is."""
    if words.startswith(OURS):
        return _OURS
    numbers = _NUMBERS.search(words)
    if numbers is None:  # Then it was no answer of Graph's: the line, or another server of theirs.
        return _META_MENDS
    error = classify({"code": numbers[1], "error_subcode": numbers[2] or 0})
    return _BY_CLASS[type(error)]
