"""Jobs around connected Pages."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

from celery import shared_task
from django.db.models import Q
from django.utils import timezone
from kombu.exceptions import OperationalError

from integrations import transfer_mail, transfers
from integrations.connections import arm_page
from integrations.deauthorising import find_accounts
from integrations.erasing import erase
from integrations.facts import refresh_page
from integrations.graph.accounts import SYSTEM_USER, fetch_person
from integrations.graph.errors import FixData, Gone, GraphError, NotAllowed, Reconnect
from integrations.graph.records import purge_graph_calls
from integrations.login_mail import tell_of_end, tell_of_expiry
from integrations.login_notices import expiring
from integrations.logins import LoginClient
from integrations.models import (
    AssetState,
    ConnectedPage,
    ConnectionTest,
    InstagramAccount,
    MetaAccount,
    PageTransfer,
)
from integrations.rechecking import recheck
from integrations.runs import record_run
from integrations.standing import disarm_page
from integrations.strays import STRAYS_UNTIL_LEAVING, leave_stray_page
from integrations.subscriptions import check_app, check_page, fill_gap, is_needed, subscribed_pages
from integrations.webhooks.connection_test import send_test
from integrations.webhooks.replay import continue_replay, open_replays
from integrations.webhooks.tasks import nudge_inbox
from tenancy.tasks import StoreTask, store_task

CONNECTING_TOO_LONG = timedelta(minutes=1)
FOR_A_PERSON = (Reconnect, NotAllowed, FixData, Gone)
"""Errors that trying again does not mend."""


@store_task
def finish_connection(page_pk: int) -> None:
    """Arm a Page that a person just connected. Safe twice; the sweep tries again what failed."""
    page = ConnectedPage.objects.select_related("account").get(pk=page_pk)
    if page.state != AssetState.CONNECTING:
        return
    failed = _run("page.connect", page, arm_page)
    if failed is None:
        resync_page(page.store_id, page.pk)
    elif failed in FOR_A_PERSON:
        connecting = ConnectedPage.objects.filter(pk=page.pk, state=AssetState.CONNECTING)
        if connecting.update(state=AssetState.NEEDS_RECONNECT):
            page.instagram_accounts.filter(state=AssetState.CONNECTING).update(
                state=AssetState.NEEDS_RECONNECT
            )


@store_task
def leave_page(page_pk: int) -> None:
    """Tell Meta to stop sending a disconnected Page's events, once nobody needs them. Safe twice."""
    page = ConnectedPage.objects.filter(pk=page_pk, state=AssetState.DISCONNECTED).first()
    if page is None or not page.subscribed_fields:
        return
    if not page.token or _run("page.disconnect", page, disarm_page) in FOR_A_PERSON:
        page.subscribed_fields = []  # Meta does not let us in any more: nothing comes, and nothing to stop.
        page.save(update_fields=["subscribed_fields"])


@store_task
def leave_stray(page_pk: int) -> None:
    """Tell Meta once more to stop, for a disconnected Page of which it goes on telling. Safe twice."""
    page = ConnectedPage.objects.filter(pk=page_pk, state=AssetState.DISCONNECTED).first()
    if page is not None and page.stray_events >= STRAYS_UNTIL_LEAVING:
        with suppress(GraphError):
            leave_stray_page(page)
        ConnectedPage.objects.filter(pk=page.pk).update(stray_events=0)


@store_task
def resync_page(page_pk: int) -> None:
    """Read a Page's facts again: the proof that its connection still works."""
    page = ConnectedPage.objects.get(pk=page_pk)
    if page.token:  # without one there is nothing to prove: it stands on the Page why
        _run("page.refresh", page, refresh_page)


@store_task
def check_subscription(page_pk: int) -> None:
    """See that Meta still sends all we want of a Page; where it had dropped it, fetch what was missed."""
    page = ConnectedPage.objects.select_related("account").filter(pk=page_pk).first()
    if page is None or not page.token:
        return
    with suppress(GraphError), record_run(job="page.subscription", asset_id=page.page_id) as run:
        missing = check_page(page)
        run.rows_done = len(missing)
        if missing & {"messages", "leadgen"}:
            fill_gap(page)


@shared_task
def check_subscriptions() -> None:
    """Start the hourly look at what Meta sends, of the app and of every Page."""
    with suppress(GraphError):
        check_app()
    for store_id, pk in subscribed_pages().values_list("store_id", "pk").iterator():
        check_subscription.delay(store_id, pk)


@store_task
def erase_asset(kind: str, asset_pk: int) -> None:
    """Erase what a person asked to be erased; goes on where it stopped."""
    model = ConnectedPage if kind == "page" else InstagramAccount
    asset = model.objects.filter(pk=asset_pk, erase_requested_at__isnull=False).first()
    if isinstance(asset, ConnectedPage):
        leave_page(asset.store_id, asset.pk)
        asset.refresh_from_db()
    if asset is not None:
        erase(asset)


@shared_task
def sweep_erasures() -> None:
    """Go on with erasing whose task was lost."""
    for kind, model in (("page", ConnectedPage), ("instagram", InstagramAccount)):
        rows = model.unscoped.filter(erase_requested_at__lt=timezone.now() - CONNECTING_TOO_LONG)
        for store_id, pk in rows.values_list("store_id", "pk"):
            erase_asset.delay(store_id, kind, pk)


@shared_task(base=StoreTask)
def announce_transfer(transfer_pk: int) -> None:
    """Tell the owners of the other store that a Page of theirs is asked for."""
    transfer_mail.announce(transfer_pk)


@shared_task(base=StoreTask)
def tell_transfer_end(transfer_pk: int) -> None:
    """Tell who asked for a Page how that ended."""
    transfer_mail.tell_end(transfer_pk)


@store_task
def finish_transfer(transfer_pk: int) -> None:
    """Connect a Page that its former store has handed over."""
    asked = PageTransfer.objects.select_related("account", "asked_by").filter(pk=transfer_pk).first()
    page = transfers.finish(asked) if asked else None
    if page is not None:
        finish_connection(page.store_id, page.pk)
    tell_transfer_end.delay_on_commit(transfer_pk)


@shared_task
def sweep_transfers() -> None:
    """End requests that nobody answered, and go on with those whose task was lost."""
    transfers.expire()
    for pk in transfer_mail.unannounced():
        announce_transfer.delay(pk)
    for pk in transfer_mail.untold_ends():
        tell_transfer_end.delay(pk)
    for store_id, pk in transfers.unfinished():
        finish_transfer.delay(store_id, pk)


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
    for store_id, pk, page_id in leaving.values_list("store_id", "pk", "page_id"):
        if not is_needed(page_id):
            leave_page.delay(store_id, pk)


@shared_task
def sweep_strays() -> None:
    """Find disconnected Pages of which Meta goes on telling."""
    gone = ConnectedPage.unscoped.filter(state=AssetState.DISCONNECTED)
    talking = gone.filter(stray_events__gte=STRAYS_UNTIL_LEAVING)
    for store_id, pk in talking.values_list("store_id", "pk"):
        leave_stray.delay(store_id, pk)


@store_task
def check_account(account_pk: int) -> None:
    """Ask whether Facebook still lets us in with an account's token: the answer is counted on it."""
    account = MetaAccount.objects.filter(pk=account_pk).first()
    if account is not None and account.token:
        with suppress(GraphError):
            fetch_person(LoginClient(account), system_user=account.token_kind == SYSTEM_USER)


@store_task
def tell_owners(account_pk: int | None, page_pk: int | None) -> None:
    """Write to the owners that a login ended. Safe twice: see `claim_telling`."""
    for kind, pk in ((MetaAccount, account_pk), (ConnectedPage, page_pk)):
        owner = kind.objects.filter(pk=pk).first() if pk else None
        if owner is not None:
            tell_of_end(owner)


@store_task
def warn_of_expiry(account_pk: int) -> None:
    """Write to the owners that an account's access ends soon. Safe twice: each warning is claimed."""
    account = MetaAccount.objects.filter(pk=account_pk).first()
    if account is not None:
        tell_of_expiry(account, now=timezone.now())


@shared_task
def sweep_logins() -> None:
    """Make sure of doubtful logins, and write to owners about those that ended or end soon."""
    accounts = MetaAccount.unscoped.filter(auth_failures__gt=0, broken_since=None)
    for store_id, pk in accounts.values_list("store_id", "pk"):
        check_account.delay(store_id, pk)
    # A Page that was just marked with its account may have a token of its own that still lives.
    marked = Q(account__broken_since__isnull=False, account__owners_told_at=None)
    doubtful = Q(auth_failures__gt=0) | marked & Q(state=AssetState.NEEDS_RECONNECT)
    pages = ConnectedPage.unscoped.filter(doubtful, broken_since=None)
    for store_id, pk in pages.values_list("store_id", "pk"):
        resync_page.delay(store_id, pk)
    untold = {"broken_since__isnull": False, "owners_told_at": None}
    for store_id, pk in MetaAccount.unscoped.filter(**untold).values_list("store_id", "pk"):
        tell_owners.delay(store_id, pk, None)
    for store_id, pk in ConnectedPage.unscoped.filter(**untold).values_list("store_id", "pk"):
        tell_owners.delay(store_id, None, pk)
    soon = expiring(MetaAccount.unscoped.all(), now=timezone.now())
    for store_id, pk in soon.values_list("store_id", "pk"):
        warn_of_expiry.delay(store_id, pk)


@shared_task
def resync_pages() -> None:
    """Start the hourly look at every account and every connected Page."""
    for store_id, pk in MetaAccount.unscoped.values_list("store_id", "pk"):
        check_account.delay(store_id, pk)
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


def _run(job: str, page: ConnectedPage, work: Callable[[ConnectedPage], object]) -> type[GraphError] | None:
    """Run one job for a Page; return the kind of error, which stands on the health page then."""
    try:
        with record_run(job=job, asset_id=page.page_id):
            work(page)
    except GraphError as error:
        return type(error)
    return None
