"""Which events wait for each other. A lane is one conversation or one order within a mailbox.

While an event of a lane is on the retry ladder, the later ones of that lane wait behind it, in order; all the
others of the mailbox go on. Kinds that the roof names order-free have no lane, and wait for nobody.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Min
from django.db.models.functions import Now

from integrations.models import WebhookEvent
from integrations.webhooks.events import Event
from integrations.webhooks.routes import tables

SUBJECTS = ("person_id", "external_id")
"""What an event may be about: a buyer, or an order."""


def lane_of(event: Event) -> str:
    """Return the event's lane, '' when it waits for nobody."""
    if event.kind in tables().order_free:
        return ""
    return next((subject for name in SUBJECTS if (subject := getattr(event, name, ""))), "")


class HeldLanes:
    """The lanes of one batch whose first event is on the ladder, each with the time it comes back.

    Events that wait behind it are moved to that time once they are met, so that each of them is met once a
    rung, however many there are.
    """

    def __init__(self, mailbox: str, lanes: Iterable[str]) -> None:
        self._waiting = WebhookEvent.objects.filter(mailbox=mailbox, state=WebhookEvent.State.WAITING)
        self._met: set[str] = set()
        named = {lane for lane in lanes if lane}
        later = self._waiting.filter(lane__in=named, not_before__gt=Now()).order_by()
        held = later.values_list("lane").annotate(Min("not_before")) if named else ()
        self._until: dict[str, datetime] = dict(held)

    def hold(self, lane: str, until: datetime) -> None:
        """Hold a lane whose event has just failed."""
        if lane:
            self._until[lane] = until

    def holds(self, lane: str) -> bool:
        """Say whether an event of this lane has to wait, and note that one was met."""
        if lane in self._until:
            self._met.add(lane)
        return lane in self._until

    def move_back(self) -> None:
        for lane in self._met:
            until = self._until[lane]
            self._waiting.filter(lane=lane, not_before__lt=until).update(not_before=until)
