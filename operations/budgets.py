"""How much of what Meta allows is used, in words: one line for each kind of work."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Max, Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from integrations.models import GraphUsage
from tenancy.models import Store
from ui.wording import ago_text

STILL_TRUE = timedelta(hours=1)
"""Meta counts in windows of an hour and less: what it said before says nothing any more."""
NEARLY = 75

_WORK: dict[str, Promise] = {
    "messenger": _lazy("Messages"),
    "instagram": _lazy("Instagram"),
    "pages": _lazy("Pages"),
    "leadgen": _lazy("Leads"),
    "catalog_batch": _lazy("Sending products"),
    "catalog_management": _lazy("Reading catalogs"),
    "app": _lazy("Signing in and connecting"),
}


@dataclass(frozen=True, kw_only=True)
class Budget:
    """One kind of work and how much of it Meta still lets us do; `bucket` is Meta's name of it."""

    bucket: str
    percent: int
    blocked_until: datetime | None
    work: str | Promise
    words: str
    tone: str


def list_budgets(store: Store) -> list[Budget]:
    """Return what Meta said of this store's limits within the last hour; 1 query."""
    now = timezone.now()
    fresh = Q(read_at__gte=now - STILL_TRUE) | Q(blocked_until__gt=now)
    rows = GraphUsage.objects.filter(fresh, store=store).values("bucket").order_by("bucket")
    return [
        _describe(row["bucket"], row["fullest"], row["until"], now=now)
        for row in rows.annotate(fullest=Max("percent"), until=Max("blocked_until"))
    ]


def _describe(bucket: str, percent: int, until: datetime | None, *, now: datetime) -> Budget:
    until = until if until and until > now else None
    if until:
        words = _("Meta asks us to wait. We go on %(soon)s; nothing is lost.")
        words %= {"soon": ago_text(until, now=now)}
    else:
        words = _("%(percent)s %% of what Meta allows is used.") % {"percent": percent}
    return Budget(
        bucket=bucket,
        percent=percent,
        blocked_until=until,
        work=_WORK.get(bucket, bucket),
        words=words,
        tone="warning" if until or percent >= NEARLY else "success",
    )
