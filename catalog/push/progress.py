"""How far a full push is, and what is on its way without one. No number of items makes that dearer."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.models import Catalog
from catalog.push.runs import JOB
from integrations.models import SyncRun

PACE_SECONDS = 2
"""Before so much time has gone, a pace says nothing."""


@dataclass(frozen=True)
class PushProgress:
    """How far a full push is; `rate` and `left` are words, '' while nothing can be said."""

    done: int
    total: int
    refused: int
    rate: str
    left: str


def measure_push(catalog: Catalog) -> PushProgress | None:
    """Say how far a catalog's full push has come; None without one. 1 query."""
    run = SyncRun.objects.filter(pk=catalog.push_run_id or 0, state=SyncRun.State.RUNNING).first()
    if run is None:
        return None
    answered = run.rows_done + run.rows_failed
    total = max(run.rows_total or 0, answered)
    rate, left = _pace(run, answered, total - answered)
    return PushProgress(answered, total, run.rows_failed, rate, left)


def find_last_run(catalog: Catalog) -> SyncRun | None:
    """Return the full push that ended last; 1 query."""
    runs = SyncRun.objects.filter(job=JOB, asset_id=catalog.catalog_id, finished_at__isnull=False)
    return runs.order_by("-pk").first()


def _pace(run: SyncRun, answered: int, left: int) -> tuple[str, str]:
    seconds = (timezone.now() - run.started_at).total_seconds()
    if not answered or seconds < PACE_SECONDS:
        return "", ""
    a_minute = max(1, round(answered / seconds * 60))
    minutes = ceil(left / a_minute)
    rate = ngettext("%(n)s a minute", "%(n)s a minute", a_minute) % {"n": a_minute}
    if minutes <= 1:
        return rate, _("less than a minute left")
    return rate, ngettext("about %(n)s minute left", "about %(n)s minutes left", minutes) % {"n": minutes}
