"""A full push as one run: everything that waits when it begins, how far it is, and how it ended.

Sending itself knows nothing of it: what waits is sent, run or not, and goes on where it stopped. The run
counts along. A catalog has one at a time; who wants another while it runs joins it. It is over when nothing
waits and no answer is outstanding, and so it takes along what was changed meanwhile.
"""

from __future__ import annotations

from django.db.models import F, Q, QuerySet
from django.db.models.expressions import Combinable
from django.db.models.functions import Greatest
from django.utils import timezone

from catalog.models import Catalog, CatalogItem
from catalog.push.waiting import first_left
from integrations.models import SyncRun
from integrations.runs import request_runs

JOB = "catalog.push"

LEFT = Q(waiting_since__isnull=False) | Q(batch__isnull=False)
"""Items on their way."""
ANSWERED = F("rows_done") + F("rows_failed")
State = SyncRun.State


def want_run(catalog: Catalog) -> SyncRun:
    """Return the run that the next push takes up, or the one that is at it; what has been added counts."""
    run = _running(catalog).first()
    if run is None:
        (run,) = request_runs(job=JOB, asset_ids=[catalog.catalog_id])
        return run
    SyncRun.objects.filter(pk=run.pk).update(rows_total=ANSWERED + _count_left(catalog))
    return run


def take_up_run(catalog: Catalog) -> None:
    """Begin the run that somebody wants. The caller has locked the catalog."""
    if catalog.push_run_id is not None:
        return
    wanted = SyncRun.objects.filter(job=JOB, asset_id=catalog.catalog_id, state=State.WAITING)
    run = wanted.select_for_update().first()
    if run is None:
        return
    SyncRun.objects.filter(pk=run.pk).update(
        state=State.RUNNING, started_at=timezone.now(), rows_total=_count_left(catalog)
    )
    catalog.push_run = run
    Catalog.objects.filter(pk=catalog.pk).update(push_run=run)


def _count_left(catalog: Catalog) -> int:
    count: int = CatalogItem.objects.filter(LEFT | is_to_send_again(catalog), catalog=catalog).count()
    return count


def is_to_send_again(catalog: Catalog) -> Q:
    """Return the condition for what a look has yet to mark, as everything is to be sent again."""
    if catalog.send_all_since is None or catalog.look_position is None:
        return Q(pk__in=[])
    settled = Q(state__in=[CatalogItem.State.LIVE, CatalogItem.State.REMOVED])
    return settled & Q(answered_at__lt=catalog.send_all_since)


def note_rows(catalog: Catalog, *, done: int = 0, refused: int = 0) -> None:
    """Count what is answered on the catalog's run, if it has one."""
    if catalog.push_run_id is not None and (done or refused):
        running = SyncRun.objects.filter(pk=catalog.push_run_id, state=State.RUNNING)
        running.update(
            rows_done=F("rows_done") + done,
            rows_failed=F("rows_failed") + refused,
            rows_total=Greatest("rows_total", ANSWERED + done + refused),
        )


def end_if_over(catalog_pk: int) -> None:
    """End a catalog's run when nothing is left of it. Safe twice.

    Then what was answered is all there was; what was settled unseen while the run began is no row of it.
    """
    mine = Catalog.objects.filter(pk=catalog_pk, push_run__isnull=False, look_position=None)
    over = mine.annotate(_left=first_left(CatalogItem.objects.all())).filter(_left=None).first()
    if over is not None:
        running = SyncRun.objects.filter(pk=over.push_run_id or 0, state=State.RUNNING)
        _end(running, State.DONE, rows_total=ANSWERED)
        Catalog.objects.filter(pk=over.pk, push_run=over.push_run_id).update(push_run=None)


def cancel_run(catalog: Catalog) -> None:
    """End a catalog's run, and the wish for one, because somebody stopped the sending. Safe twice.

    The caller has changed the catalog, and so holds its lock: no worker takes a run up meanwhile.
    """
    _end(SyncRun.objects.filter(job=JOB, asset_id=catalog.catalog_id, state=State.WAITING), State.CANCELLED)
    _end(_running(catalog), State.CANCELLED)
    Catalog.objects.filter(pk=catalog.pk).update(push_run=None)


def _running(catalog: Catalog) -> QuerySet[SyncRun]:
    """Return the run that a catalog is at by now: a worker may have begun it since the catalog was read."""
    mine = Catalog.objects.filter(pk=catalog.pk).values("push_run")
    return SyncRun.objects.filter(pk__in=mine, state=State.RUNNING)


def _end(runs: QuerySet[SyncRun], state: str, **values: Combinable) -> None:
    runs.update(state=state, finished_at=timezone.now(), **values)
