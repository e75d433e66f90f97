"""What Meta lets a shop say now, and for how long. Pure.

Source: fact sheet section 13.3. A customer's message opens 24 hours for any reply. After that, and until
seven days, only a person may answer (tag HUMAN_AGENT, a feature that Meta approves app by app).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

REPLY = timedelta(hours=24)
HUMAN_AGENT = timedelta(days=7)
HUMAN_AGENT_TAG = "HUMAN_AGENT"

MESSENGER_CHARACTERS = 2000
INSTAGRAM_BYTES = 1000


class Opening(StrEnum):
    REPLY = "reply"
    HUMAN_AGENT = "human_agent"
    CLOSED = "closed"


@dataclass(frozen=True)
class Window:
    """Whether a reply may be sent, with which tag, for how many more seconds, and that in words."""

    opening: Opening
    seconds_left: int
    words: str

    @property
    def is_open(self) -> bool:
        return self.opening != Opening.CLOSED

    @property
    def tag(self) -> str:
        return HUMAN_AGENT_TAG if self.opening == Opening.HUMAN_AGENT else ""


def reply_window(
    last_inbound_at: datetime | None, *, now: datetime, by_person: bool, human_agent_approved: bool
) -> Window:
    """Return what may be sent at `now` by a person or by a machine."""
    if last_inbound_at is None:
        return _closed(_("You can reply once this customer has written to you."))
    silence = now - last_inbound_at
    if silence < REPLY:
        seconds = _seconds(REPLY - silence)
        return Window(
            Opening.REPLY, seconds, _("You can reply for another %(time)s.") % {"time": span(seconds)}
        )
    if silence >= HUMAN_AGENT:
        return _closed(
            _("Closed: the customer's last message is more than 7 days old, and Meta allows no reply.")
        )
    if not human_agent_approved:
        return _closed(
            _("Closed: the customer's last message is more than 24 hours old. Wait until they write.")
        )
    if not by_person:
        return _closed(_("After 24 hours only a person may reply."))
    seconds = _seconds(HUMAN_AGENT - silence)
    words = _("You can reply in person for another %(time)s. Meta allows no offers any more.")
    return Window(Opening.HUMAN_AGENT, seconds, words % {"time": span(seconds)})


def span(seconds: int) -> str:
    """Say how long in one unit, rounded down, so that nobody is promised more than there is."""
    if seconds >= 48 * 3600:
        return ngettext("%(count)s day", "%(count)s days", seconds // 86400) % {"count": seconds // 86400}
    if seconds >= 3600:
        return ngettext("%(count)s hour", "%(count)s hours", seconds // 3600) % {"count": seconds // 3600}
    minutes = max(1, seconds // 60)
    return ngettext("%(count)s minute", "%(count)s minutes", minutes) % {"count": minutes}


def length_problem(text: str, *, on_instagram: bool) -> str:
    """Say why Meta would refuse a text of this length; '' when it would not."""
    if on_instagram:
        size = len(text.encode())
        if size > INSTAGRAM_BYTES:
            over = size - INSTAGRAM_BYTES
            return ngettext(
                "Instagram takes 1,000 bytes; this is %(over)s byte too long. Emoji count as several.",
                "Instagram takes 1,000 bytes; this is %(over)s bytes too long. Emoji count as several.",
                over,
            ) % {"over": over}
        return ""
    over = len(text) - MESSENGER_CHARACTERS
    if over > 0:
        return ngettext(
            "Messenger takes 2,000 characters; this is %(over)s character too long.",
            "Messenger takes 2,000 characters; this is %(over)s characters too long.",
            over,
        ) % {"over": over}
    return ""


def _closed(words: str) -> Window:
    return Window(Opening.CLOSED, 0, words)


def _seconds(left: timedelta) -> int:
    return int(left.total_seconds())
