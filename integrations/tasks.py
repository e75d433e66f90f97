"""Jobs around connected Pages."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

from celery import shared_task
from django.utils import timezone
from kombu.exceptions import OperationalError

from integrations.connections import arm_page, disarm_page, refresh_page
from integrations.deauthorising import find_accounts
from integrations.graph.errors import GraphError
from integrations.graph.records import purge_graph_calls
from integrations.models import AssetState, ConnectedPage, ConnectionTest, MetaAccount
from integrations.rechecking import recheck
from integrations.runs import record_run
from integrations.webhooks.connection_test import send_test
from integrations.webhooks.replay import continue_replay, open_replays
from integrations.webhooks.tasks import nudge_inbox
from tenancy.tasks import StoreTask, store_task

CONNECTING_TOO_LONG = timedelta(minutes=1)


@store_task
def finish_connection(page_pk: int) -> None:
    """Arm a Page that a person just connected. Safe twice; the sweep tries again what failed."""
    page = ConnectedPage.objects.select_related("account").get(pk=page_pk)
    if page.state == AssetState.CONNECTING:
        _run("page.connect", page, arm_page)


@store_task
def leave_page(page_pk: int) -> None:
    """Tell Meta to stop sending a disconnected Page's events. Safe twice."""
    page = ConnectedPage.objects.get(pk=page_pk)
    if page.state == AssetState.DISCONNECTED and page.subscribed_fields:
        _run("page.disconnect", page, disarm_page)


@store_task
def resync_page(page_pk: int) -> None:
    """Read a Page's facts again: the proof that its connection still works."""
    page = ConnectedPage.objects.get(pk=page_pk)
    if page.token:  # without one there is nothing to prove: it stands on the Page why
        _run("page.refresh", page, refresh_page)


@store_task
def recheck_account(account_pk: int) -> None:
    """Read again what an account allows, and let its Pages follow."""
    account = MetaAccount.objects.filter(pk=account_pk).first()
    if account is not None and account.token:
        with suppress(GraphError):
            recheck(account)


@shared_task(base=StoreTask)
def recheck_person(meta_user_id: str) -> None:
    """Look at all that a Facebook user shares with any store: one consent counts for all of them."""
    for store_id, pk in find_accounts(meta_user_id):
        recheck_account.delay(store_id, pk)


@shared_task
def recheck_accounts() -> None:
    """Start the daily look at what every account allows."""
    for store_id, pk in MetaAccount.unscoped.values_list("store_id", "pk").iterator():
        recheck_account.delay(store_id, pk)


@shared_task
def sweep_pages() -> None:
    """Finish connections and disconnections whose task was lost."""
    waiting = timezone.now() - CONNECTING_TOO_LONG
    connecting = ConnectedPage.unscoped.filter(state=AssetState.CONNECTING, connected_at__lt=waiting)
    for store_id, pk in connecting.values_list("store_id", "pk"):
        finish_connection.delay(store_id, pk)
    leaving = ConnectedPage.unscoped.filter(state=AssetState.DISCONNECTED).exclude(subscribed_fields=[])
    for store_id, pk in leaving.values_list("store_id", "pk"):
        leave_page.delay(store_id, pk)


@shared_task
def resync_pages() -> None:
    """Start the hourly look at every connected Page."""
    pages = ConnectedPage.unscoped.filter(state__in=[AssetState.ACTIVE, AssetState.NEEDS_RECONNECT])
    for store_id, pk in pages.values_list("store_id", "pk"):
        resync_page.delay(store_id, pk)


@store_task
def send_connection_test(test_pk: int) -> None:
    """Send a test event to our own address; the page that a person looks at shows what comes of it."""
    test = ConnectionTest.objects.select_related("page").get(pk=test_pk)
    if test.sent_at is None:
        send_test(test)


@shared_task
def continue_replays() -> None:
    """Put the next slice of each open replay in line; goes on by itself while there is progress."""
    moved = sum(continue_replay(run.pk) for run in open_replays())
    if moved:
        nudge_inbox()
        with suppress(OperationalError):  # a broker that is away: the timetable comes again
            continue_replays.apply_async(countdown=1, expires=60, retry=False)


@shared_task
def purge_calls() -> None:
    """Delete the rows of calls that are a week old, slice after slice."""
    while purge_graph_calls(now=timezone.now()):
        pass


def _run(job: str, page: ConnectedPage, work: Callable[[ConnectedPage], None]) -> None:
    """Run one job for a Page; what Meta refuses stands on the health page, and the sweep comes again."""
    with suppress(GraphError), record_run(job=job, asset_id=page.page_id):
        work(page)
