"""Comparing a catalog at Meta with the store: page by page, so that its size costs time and nothing else.

Each step is claimed, calls Meta outside of any transaction, and is written down together with the place where
the next one begins. A worker that dies costs its step; a limit of Meta's costs the wait.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Exists, F, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.canary.item import find_canary_id
from catalog.comparing.diff import compare
from catalog.comparing.mending import mend_by_itself
from catalog.comparing.remote_items import record_items
from catalog.items import item_data
from catalog.linking.choosing import belonging, rule_of
from catalog.models import (
    CANARY_PREFIX,
    Catalog,
    CatalogFinding,
    CatalogItem,
    Comparison,
    RemoteItem,
    Status,
    Variant,
)
from integrations.graph.catalog_items import RemoteFacts, count_items, fetch_items
from integrations.graph.errors import FixData, GraphError, RetryLater, SlowDown
from integrations.logins import LoginClient
from integrations.models import SyncRun
from integrations.runs import record_failure, record_success

JOB = "catalog.compare"
LEASE = timedelta(minutes=2)
"""How long a step may take before its worker counts as dead; well above the client's own timeouts."""
RETRY_SECONDS = (15, 60, 300, 1800)
"""When to try a failed step again; after the last one the comparison ends as failed."""
WHOLE_PERCENT = 90
"""Of the items that Meta counts: a list with fewer has broken off. Its count may lag behind a little."""
LONGEST_ID = 200
"""Meta takes 100 letters; an item with more could be neither kept nor taken out."""
LOCAL_ROWS = 500
KEPT = timedelta(days=90)
"""How long the record of a comparison is kept."""
TITLE_LETTERS = 300

State, Step, Kind = Comparison.State, Comparison.Step, CatalogFinding.Kind


class ListBrokeOff(RetryLater):
    """Meta's list ended before its end. Remedy: read it again from the beginning, later."""


LOST_PLACE = (FixData, ListBrokeOff)
"""Errors after which a list is read from the beginning."""


def start_comparison(catalog: Catalog, *, is_scheduled: bool = False) -> Comparison | None:
    """Begin a comparison; None when one is under way already."""
    try:
        with transaction.atomic():
            run = SyncRun.objects.create(job=JOB, asset_id=catalog.catalog_id)
            comparison: Comparison = Comparison.objects.create(
                catalog=catalog, run=run, is_scheduled=is_scheduled
            )
    except IntegrityError:  # the unique key knows better than a look beforehand
        return None
    return comparison


def stop_comparison(comparison: Comparison) -> bool:
    """End a comparison where it is; what it has found so far stays. False when it was over already."""
    return _finish(comparison, State.STOPPED, _("Stopped by a person."))


def take_step(comparison_pk: int) -> bool:
    """Do the next step of a comparison; say whether one follows at once. Calls Meta; safe twice."""
    comparison = _claim(comparison_pk)
    if comparison is None:
        return False
    if comparison.catalog.state not in Catalog.PUSHED:
        _finish(comparison, State.FAILED, _("The catalog is not connected any more."))
        return False
    if comparison.step == Step.LOCAL:
        return _find_missing(comparison)
    try:
        _read_page(comparison)
    except GraphError as error:
        _stumble(comparison, error)
        return False
    return True


def _claim(comparison_pk: int) -> Comparison | None:
    now = timezone.now()
    due = Comparison.objects.filter(pk=comparison_pk, state=State.RUNNING, not_before__lte=now)
    if not due.update(not_before=now + LEASE):
        return None
    rows = Comparison.objects.select_related("catalog__account", "catalog__store")
    found: Comparison = rows.get(pk=comparison_pk)
    return found


def _read_page(comparison: Comparison) -> None:
    client, catalog = LoginClient(comparison.catalog.account), comparison.catalog
    total = comparison.rows_total
    canary_id = find_canary_id(catalog)  # no goods: it is neither compared nor counted
    if not comparison.page_count:
        total = max(0, count_items(client, catalog.catalog_id) - bool(canary_id))
    page = fetch_items(client, catalog.catalog_id, place=comparison.place)
    items = [one for one in page.items if one.retailer_id != canary_id]
    if page.place is None:
        _refuse_part(comparison, client, done=comparison.rows_done + len(items), counted=total)
    elif page.place == comparison.mark:
        raise ListBrokeOff(_("Meta's list of items goes round in circles, so it is read again later."))
    with transaction.atomic():
        if not _advance(
            comparison,
            page_count=F("page_count") + 1,
            rows_total=total,
            rows_done=F("rows_done") + len(items),
            place=page.place or {},
            mark=_move_mark(comparison),
            step=Step.LOCAL if page.place is None else Step.REMOTE,
        ):
            return  # another worker has written this page down
        _compare_page(comparison, items)
        SyncRun.objects.filter(pk=comparison.run_id or 0).update(rows_done=F("rows_done") + len(items))


def _move_mark(comparison: Comparison) -> dict[str, str]:
    """Return the place to remember. It moves up less and less often, so a circle of any length meets it."""
    is_power_of_two = comparison.page_count & (comparison.page_count - 1) == 0
    mark: dict[str, str] = comparison.place if is_power_of_two else comparison.mark
    return mark


def _refuse_part(comparison: Comparison, client: LoginClient, *, done: int, counted: int) -> None:
    """Raise ListBrokeOff for a list that ended early: what it leaves out would count as gone from Meta."""
    if done * 100 < counted * WHOLE_PERCENT:  # then items may have left since they were counted
        counted = min(counted, count_items(client, comparison.catalog.catalog_id))
    if done * 100 < counted * WHOLE_PERCENT:
        words = _("Meta lists %(n)s of the %(total)s items that it counts, so nothing is said of the others.")
        raise ListBrokeOff(words % {"n": done, "total": counted})


def _advance(comparison: Comparison, **values: object) -> bool:
    """Write a step down; False when somebody else did, or stopped it all, since it was claimed."""
    mine = Comparison.objects.filter(
        pk=comparison.pk,
        state=State.RUNNING,
        step=comparison.step,
        page_count=comparison.page_count,
        last_item=comparison.last_item,
    )
    return bool(mine.update(failures=0, error="", not_before=timezone.now(), **values))


def _compare_page(comparison: Comparison, found: Iterable[RemoteFacts]) -> None:
    """Write down one page: what is there, and what is not as it should be; 8 queries whatever the rows."""
    facts = list({one.retailer_id: one for one in found if len(one.retailer_id) <= LONGEST_ID}.values())
    ids = [one.retailer_id for one in facts]
    known = Variant.objects.filter(retailer_id__in=ids).select_related("product", "store")
    variants = {variant.retailer_id: variant for variant in known}
    mine = CatalogItem.objects.filter(catalog=comparison.catalog, variant__in=list(variants.values()))
    items = {item.variant_id: item for item in mine}
    shown = set(belonging(comparison.catalog).filter(retailer_id__in=ids).values_list("pk", flat=True))
    record_items(comparison, facts, variants)
    findings = []
    for one in facts:
        variant = variants.get(one.retailer_id)
        item = items.get(variant.pk) if variant else None
        is_shown = variant is not None and variant.pk in shown
        finding = _judge(comparison, one, variant, item, is_shown=is_shown)
        if finding is not None:
            findings.append(finding)
    record_findings(findings)


def _judge(
    comparison: Comparison,
    facts: RemoteFacts,
    variant: Variant | None,
    item: CatalogItem | None,
    *,
    is_shown: bool,
) -> CatalogFinding | None:
    """Return what is wrong with one item at Meta. What is on its way there is not judged."""
    if variant is None:
        shop = f"{settings.APP_BASE_URL}/shop/{comparison.catalog.store.slug}/"
        is_left = facts.retailer_id.startswith(CANARY_PREFIX)
        is_ours = is_left or facts.values.get("link", "").startswith(shop)
        return _finding(comparison, Kind.ORPHANED, facts, None, is_ours=is_ours)
    if item is None:
        is_archived = Status.ARCHIVED in (variant.status, variant.product.status)
        is_left_out = rule_of(comparison.catalog).is_decided and variant.is_for_sale and not is_shown
        return _finding(comparison, Kind.ORPHANED, facts, variant) if is_archived or is_left_out else None
    if _is_moving(item, comparison):
        return None
    if item.delete_wanted or item.state == CatalogItem.State.REMOVED or not variant.is_for_sale:
        return _finding(comparison, Kind.ORPHANED, facts, variant)
    if item.state != CatalogItem.State.LIVE:
        return None
    data = item_data(variant, base_url=settings.APP_BASE_URL, now=timezone.now())
    differences = compare(data, facts)
    if not differences:
        return None
    rows = [asdict(difference) for difference in differences]
    return _finding(comparison, Kind.DIFFERENT, facts, variant, differences=rows)


def _is_moving(item: CatalogItem, comparison: Comparison) -> bool:
    """Say whether Meta may have been told something of the item while it was read."""
    is_news = item.answered_at is not None and item.answered_at >= comparison.started_at
    return item.waiting_since is not None or item.batch_id is not None or is_news


def _finding(
    comparison: Comparison, kind: str, facts: RemoteFacts, variant: Variant | None, **values: object
) -> CatalogFinding:
    title = str(variant) if variant else facts.values.get("title", "")
    return CatalogFinding(
        catalog=comparison.catalog,
        variant=variant,
        kind=kind,
        retailer_id=facts.retailer_id,
        title=title[:TITLE_LETTERS],
        seen_in=comparison.pk,
        **values,
    )


def record_findings(findings: list[CatalogFinding]) -> None:
    """Write findings down, one for each item. What a person decided to leave as it is stays so."""
    CatalogFinding.objects.bulk_create(
        findings,
        update_conflicts=True,
        unique_fields=["store", "catalog", "retailer_id"],
        update_fields=["variant", "kind", "title", "differences", "is_ours", "seen_in"],
    )


def _find_missing(comparison: Comparison) -> bool:
    """Look through one page of what is live by our book for what this comparison has not seen."""
    catalog = comparison.catalog
    seen = RemoteItem.objects.filter(
        catalog=catalog, retailer_id=OuterRef("variant__retailer_id"), seen_in=comparison.pk
    )
    live = CatalogItem.objects.filter(
        catalog=catalog,
        pk__gt=comparison.last_item,
        state=CatalogItem.State.LIVE,
        waiting_since=None,
        batch=None,
        delete_wanted=False,
        answered_at__lt=comparison.started_at,
        variant__status=Status.ACTIVE,
        variant__product__status=Status.ACTIVE,
    )
    rows = live.exclude(Exists(seen)).order_by("pk").select_related("variant__product")[:LOCAL_ROWS]
    missing = list(rows)
    findings = [
        CatalogFinding(
            catalog=catalog,
            variant=item.variant,
            kind=Kind.MISSING,
            retailer_id=item.variant.retailer_id,
            title=str(item.variant)[:TITLE_LETTERS],
            seen_in=comparison.pk,
        )
        for item in missing
    ]
    with transaction.atomic():
        if missing and _advance(comparison, last_item=missing[-1].pk):
            record_findings(findings)
    if len(missing) == LOCAL_ROWS:
        return True
    _conclude(comparison)
    return False


def _conclude(comparison: Comparison) -> None:
    """Forget what was not seen any more, and end it; the weekly one has its findings mended."""
    catalog = comparison.catalog
    with transaction.atomic():
        if not _finish(comparison, State.DONE, ""):
            return
        RemoteItem.objects.filter(catalog=catalog).exclude(seen_in=comparison.pk).delete()
        findings = CatalogFinding.objects.filter(catalog=catalog)
        findings.exclude(seen_in=comparison.pk).delete()
        findings.filter(state=CatalogFinding.State.SENT).update(state=CatalogFinding.State.OPEN)
        old = Comparison.objects.filter(catalog=catalog, finished_at__lt=timezone.now() - KEPT)
        old.delete()
        if comparison.is_scheduled:
            mend_by_itself(catalog)
    record_success(catalog.catalog_id)


def _stumble(comparison: Comparison, error: GraphError) -> None:
    """Keep the place and try again when it makes sense; a list that broke off is read from the beginning."""
    record_failure(comparison.catalog.catalog_id, error)
    seconds = _seconds_to_wait(comparison, error)
    if seconds is None:
        _finish(comparison, State.FAILED, str(error))
        return
    values: dict[str, object] = {"failures": F("failures") + 1, "error": str(error)}
    if isinstance(error, LOST_PLACE):
        values |= {"place": {}, "mark": {}, "page_count": 0, "rows_done": 0, "restarts": F("restarts") + 1}
    until = timezone.now() + timedelta(seconds=seconds)
    Comparison.objects.filter(pk=comparison.pk, state=State.RUNNING).update(not_before=until, **values)


def _seconds_to_wait(comparison: Comparison, error: GraphError) -> int | None:
    """Return when to try again; None when it cannot get better by itself."""
    if isinstance(error, SlowDown):
        return error.seconds
    lost_its_place = isinstance(error, FixData) and bool(comparison.place)
    may_heal = lost_its_place or isinstance(error, RetryLater)
    # A page that is read is a failure's end, but not that of a list which breaks off behind it each time.
    tries = comparison.restarts if isinstance(error, LOST_PLACE) else comparison.failures
    if not may_heal or tries >= len(RETRY_SECONDS):
        return None
    return RETRY_SECONDS[tries]


def _finish(comparison: Comparison, state: str, error: str) -> bool:
    now = timezone.now()
    running = Comparison.objects.filter(pk=comparison.pk, state=State.RUNNING)
    if not running.update(state=state, error=error, finished_at=now):
        return False
    run_state = SyncRun.State.DONE if state == State.DONE else SyncRun.State.FAILED
    SyncRun.objects.filter(pk=comparison.run_id or 0).update(state=run_state, error=error, finished_at=now)
    return True
