"""Forgetting what Meta sent about one person: the events stay as events, without what they said."""

from __future__ import annotations

from django.db.models import Q
from django.utils.translation import gettext as _

from integrations.models import WebhookDelivery, WebhookEvent

EMPTY = "{}"


def blank_events(about: Q) -> int:
    """Empty the matching events, and the bodies they came in; return how many events.

    What still waits is ignored: nobody shall be made known again by what was said before. A body may hold
    other people's events, too; those have rows of their own by now.
    """
    found = WebhookEvent.objects.filter(about).exclude(item=EMPTY)
    rows = dict(found.select_for_update().values_list("pk", "delivery_id"))
    if not rows:
        return 0
    events = WebhookEvent.objects.filter(pk__in=rows)
    events.filter(state__in=WebhookEvent.OPEN).update(
        state=WebhookEvent.State.IGNORED, reason=_("Erased, as the person asked.")
    )
    events.update(item=EMPTY, traceback="", lane="")
    bodies = WebhookDelivery.objects.filter(pk__in=set(rows.values()))
    bodies.exclude(state=WebhookDelivery.State.RECEIVED).update(body=EMPTY.encode())
    return len(rows)
