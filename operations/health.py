"""What the health page says: one sentence, what does not work, and how each connected asset stands.

The number of queries does not grow with assets, runs or events.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.canary.selectors import list_lags
from integrations.models import AssetState, WebhookDelivery, WebhookEvent
from integrations.webhooks.selectors import waiting_events
from operations.assets import AssetHealth, list_assets
from operations.budgets import Budget, list_budgets
from operations.problems import (
    Problem,
    find_asset_problems,
    find_permission_problems,
    worst_tone,
)
from operations.readiness import Broker, inspect_broker
from operations.stock_lag import find_lag_problems
from tenancy.models import Store
from ui.wording import ago_text

WAITING_TOO_LONG = timedelta(minutes=2)
"""The inbox is swept every few seconds: who waits this long waits for a worker that is not there."""
RECENTLY = timedelta(hours=24)


@dataclass(frozen=True, kw_only=True)
class EventCounts:
    """Meta's events of a store: what waits or is parked now, and what was settled in the last 24 hours."""

    done: int
    ignored: int
    waiting: int
    parked: int
    waiting_since: datetime | None


@dataclass(frozen=True, kw_only=True)
class Health:
    """All that the page shows. `unpacking_since` is of the whole platform: such bodies have no store yet."""

    tone: str
    sentence: str
    problems: list[Problem]
    assets: list[AssetHealth]
    events: EventCounts
    budgets: list[Budget]
    broker: Broker
    unpacking_since: datetime | None


def check_health(store: Store) -> Health:
    """Look at everything of the open store; 12 queries and one question to the broker."""
    lags = list_lags()
    assets, events, broker = list_assets(store, lags=lags), count_events(store), inspect_broker()
    received = WebhookDelivery.objects.filter(state=WebhookDelivery.State.RECEIVED)
    unpacking_since = received.order_by("id").values_list("received_at", flat=True).first()
    problems = [
        *find_asset_problems(store, [row.asset for row in assets]),
        *find_permission_problems(store),
        *find_lag_problems(store, lags.values()),
        *_event_problems(store, events),
        *_platform_problems(broker, [events.waiting_since, unpacking_since]),
    ]
    return Health(
        tone=worst_tone(problems),
        sentence=_say(problems, assets),
        problems=problems,
        assets=assets,
        events=events,
        budgets=list_budgets(store),
        broker=broker,
        unpacking_since=unpacking_since,
    )


def count_events(store: Store) -> EventCounts:
    """Count what Meta sent to a store; 3 queries, by indexes of what is open and of the last day."""
    events, state = WebhookEvent.objects.filter(store=store), WebhookEvent.State
    seen = events.filter(Q(state=state.PARKED) | Q(received_at__gte=timezone.now() - RECENTLY))
    counts = {name: Count("id", filter=Q(state=name)) for name in (state.DONE, state.IGNORED, state.PARKED)}
    waiting = waiting_events(store.pk).aggregate(waiting=Count("id"), waiting_since=Min("received_at"))
    return EventCounts(**seen.aggregate(**counts), **waiting)


def _say(problems: list[Problem], assets: list[AssetHealth]) -> str:
    if not problems:
        return _say_all_well(sum(row.asset.state == AssetState.DISABLED for row in assets), len(assets))
    words = ngettext("%(count)s thing needs a look.", "%(count)s things need a look.", len(problems))
    return words % {"count": len(problems)}


def _say_all_well(paused: int, connected: int) -> str:
    if not connected:
        return _("Nothing is connected yet.")
    if not paused:
        return _("Everything works.")
    words = ngettext(
        "What is switched on works. %(count)s is paused.",
        "What is switched on works. %(count)s are paused.",
        paused,
    )
    return words % {"count": paused}


def _event_problems(store: Store, events: EventCounts) -> list[Problem]:
    if not events.parked:
        return []
    words = ngettext(
        "%(count)s message of Meta could not be worked on.",
        "%(count)s messages of Meta could not be worked on.",
        events.parked,
    )
    return [
        Problem(
            tone="warning",
            title=words % {"count": events.parked},
            text=_("This is our fault. Nothing is lost: each is kept, and can be worked on again."),
            url=reverse("integrations:events", kwargs={"store": store.slug}) + "?state=parked",
            action=_("See them"),
        )
    ]


def _platform_problems(broker: Broker, waiting: Iterable[datetime | None]) -> list[Problem]:
    found = []
    now, since = timezone.now(), min(filter(None, waiting), default=None)
    if since and since < now - WAITING_TOO_LONG:
        title = _("Meta's messages are waiting; the oldest came %(ago)s.") % {"ago": ago_text(since, now=now)}
        text = _("This is our fault: the work is not keeping up. Nothing is lost, and it goes on by itself.")
        found.append(Problem(tone="danger", title=title, text=text))
    if not broker.reachable:
        text = _("This is our fault. What you do is kept, and goes to Meta as soon as that part is back.")
        found.append(Problem(tone="danger", title=_("A part of StormCom is down."), text=text))
    return found
