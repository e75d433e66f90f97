"""What Meta says of the items: its reviews, its advice, and whether Instagram may tag them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from catalog.comparing.remote_items import KEY, REVIEW_FIELDS, write_review
from catalog.models import (
    Catalog,
    CatalogDiagnostic,
    CatalogItem,
    InstagramTagging,
    PushBatch,
    RemoteItem,
    Severity,
)
from integrations.graph.catalog_advice import fetch_diagnostics, fetch_tagging
from integrations.graph.catalog_items import fetch_reviews
from integrations.graph.errors import GraphError
from integrations.logins import LoginClient
from integrations.models import AssetState, InstagramAccount, SyncRun
from integrations.runs import record_run
from ui.counting import count_up_to_most

IDS_PER_CALL = 100
MOST_NEW = MOST_OLD = 500
"""So many items are asked for in one go; the others have their turn next time."""
MOST_BATCHES = 1000
SHOWN = (CatalogItem.State.LIVE, CatalogItem.State.WAITING, CatalogItem.State.SENT)
"""What Meta has an opinion of; what waits or is on its way was taken in an older version."""
Asked = tuple[str, int]
"""retailer_id and the number of its variant."""
LOOK_AGAIN = timedelta(minutes=9)
"""A review takes Meta minutes to days."""


def look_at_reviews(catalog: Catalog) -> int:
    """Ask Meta about items in review or sent since we last looked; return how many. Safe twice."""
    new, batches = _find_new(catalog)
    asked = list(dict([*_find_old(catalog), *new]).items())
    if asked:
        with record_run(job="catalog.review", asset_id=catalog.catalog_id) as run:
            for start in range(0, len(asked), IDS_PER_CALL):
                part = asked[start : start + IDS_PER_CALL]
                _ask(catalog, dict(part))
                run.rows_done += len(part)
    PushBatch.objects.bulk_update(batches, ["unreviewed_items"])
    return len(asked)


def _ask(catalog: Catalog, part: dict[str, int]) -> None:
    asked_at = timezone.now()
    found = fetch_reviews(LoginClient(catalog.account), catalog.catalog_id, retailer_ids=list(part))
    rows = []
    for retailer_id, variant_pk in part.items():
        row = RemoteItem(catalog=catalog, variant_id=variant_pk, retailer_id=retailer_id, seen_at=asked_at)
        if retailer_id in found:
            meta_id, title, review = found[retailer_id]
            write_review(row, meta_id=meta_id, title=title, review=review)
        rows.append(row)
    RemoteItem.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=KEY,
        update_fields=["variant", "seen_at", *REVIEW_FIELDS],
    )


def _find_old(catalog: Catalog) -> list[Asked]:
    """Return items whose review was open when we last looked, those first that waited longest."""
    mine = RemoteItem.objects.filter(catalog=catalog, variant__isnull=False)
    waits = mine.filter(review_status=RemoteItem.Review.PENDING, seen_at__lt=timezone.now() - LOOK_AGAIN)
    rows = waits.order_by("seen_at", "pk").values_list("retailer_id", "variant_id")
    return list(rows[:MOST_OLD])


def _find_new(catalog: Catalog) -> tuple[list[Asked], list[PushBatch]]:
    """Return items that Meta took since we last looked at them, and their batches with what is left of each.

    Only the batches whose items nobody looked at yet are read, however large the catalog is.
    """
    batches = _take_open_batches(catalog)
    numbers = {pk for batch in batches for pk in batch.unreviewed_items}
    mine = RemoteItem.objects.filter(catalog=catalog, variant=OuterRef("variant"))
    is_known = mine.filter(seen_at__gte=OuterRef("answered_at"))
    items = CatalogItem.objects.filter(~Exists(is_known), pk__in=numbers, catalog=catalog).filter(
        state__in=SHOWN
    )
    rows = list(items.order_by("answered_at", "pk").values_list("pk", "variant__retailer_id", "variant_id"))
    left = {pk for pk, _name, _variant in rows[MOST_NEW:]}
    for batch in batches:
        batch.unreviewed_items = [pk for pk in batch.unreviewed_items if pk in left]
    return [(name, variant) for _pk, name, variant in rows[:MOST_NEW]], batches


def _take_open_batches(catalog: Catalog) -> list[PushBatch]:
    """Return the oldest batches with items to ask about: a large one, or the many of an hour's sales."""
    open_ones = PushBatch.objects.filter(~Q(unreviewed_items=[]), catalog=catalog).order_by("pk")
    chosen, count = list[int](), 0
    for pk, rows in open_ones.values_list("pk", "row_count")[:MOST_BATCHES]:
        if chosen and count + rows > 2 * MOST_NEW:
            break
        chosen.append(pk)
        count += rows
    return list(open_ones.filter(pk__in=chosen).only("unreviewed_items"))


def ask_for_advice(catalog: Catalog) -> bool:
    """Ask Meta what it finds wrong with a catalog, and keep its newest answer. Safe twice.

    Meta gives numbers, and no names: say whether more must be mended than before, and than we know of.
    """
    with record_run(job="catalog.advice", asset_id=catalog.catalog_id) as run:
        found = fetch_diagnostics(LoginClient(catalog.account), catalog.catalog_id)
        run.rows_done = len(found)
    rows = [
        CatalogDiagnostic(
            catalog=catalog,
            severity=advice.severity,
            kind=advice.kind[:60],
            title=(advice.title or advice.kind)[:300],
            subtitle=advice.subtitle,
            item_count=advice.item_count,
        )
        for advice in found
    ]
    with transaction.atomic():
        Catalog.objects.select_for_update(no_key=True).get(pk=catalog.pk)
        earlier = CatalogDiagnostic.objects.filter(catalog=catalog)
        before = _count_bad(earlier)
        earlier.delete()
        CatalogDiagnostic.objects.bulk_create(rows)
    known = RemoteItem.objects.filter(catalog=catalog, variant__isnull=False, severity=Severity.MUST_FIX)
    return _count_bad(rows) > max(before, count_up_to_most(known))


def _count_bad(rows: Iterable[CatalogDiagnostic]) -> int:
    return sum(row.item_count for row in rows if row.severity == Severity.MUST_FIX)


def ask_about_tagging(catalog: Catalog) -> None:
    """Ask for each Instagram account whether it may tag products; a refusal is kept beside it. Safe twice."""
    client = LoginClient(catalog.account)
    for account in InstagramAccount.objects.exclude(state=AssetState.DISCONNECTED):
        values: dict[str, object] = {"asked_at": timezone.now(), "error": ""}
        try:
            facts = fetch_tagging(client, account.instagram_id)
        except GraphError as error:
            values |= {"error": str(error), "may_tag": None}
        else:
            values |= {"may_tag": facts.may_tag, "catalog_ids": facts.catalog_ids}
        InstagramTagging.objects.update_or_create(instagram=account, defaults=values)


def last_asked(catalog: Catalog) -> datetime | None:
    """Return when Meta last gave advice about a catalog; 1 query."""
    runs = SyncRun.objects.filter(job="catalog.advice", asset_id=catalog.catalog_id, state=SyncRun.State.DONE)
    return runs.order_by("-id").values_list("finished_at", flat=True).first()
