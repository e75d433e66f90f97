"""What Meta says of the items: its reviews, its advice, and whether Instagram may tag them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from catalog.comparing.remote_items import KEY, REVIEW_FIELDS, write_review
from catalog.models import Catalog, CatalogDiagnostic, CatalogItem, InstagramTagging, RemoteItem
from integrations.graph.catalog_advice import fetch_diagnostics, fetch_tagging
from integrations.graph.catalog_items import fetch_reviews
from integrations.graph.errors import GraphError
from integrations.logins import LoginClient
from integrations.models import AssetState, InstagramAccount, SyncRun
from integrations.runs import record_run

IDS_PER_CALL = 100
CALLS_AT_ONCE = 10
"""So many items are asked for in one go; the others have their turn next time."""
LOOK_AGAIN = timedelta(minutes=9)
"""A review takes Meta minutes to days."""


def look_at_reviews(catalog: Catalog) -> int:
    """Ask Meta about items in review or sent since we last looked; return how many. Safe twice."""
    variants = _find_unreviewed(catalog)
    if not variants:
        return 0
    asked_at = timezone.now()
    with record_run(job="catalog.review", asset_id=catalog.catalog_id) as run:
        client = LoginClient(catalog.account)
        for start in range(0, len(variants), IDS_PER_CALL):
            part = dict(variants[start : start + IDS_PER_CALL])
            found = fetch_reviews(client, catalog.catalog_id, retailer_ids=list(part))
            rows = []
            for retailer_id, variant_pk in part.items():
                row = RemoteItem(
                    catalog=catalog, variant_id=variant_pk, retailer_id=retailer_id, seen_at=asked_at
                )
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
            run.rows_done += len(part)
    return len(variants)


def _find_unreviewed(catalog: Catalog) -> Sequence[tuple[str, int]]:
    """Return retailer_id and variant of live items whose review is open or older than what was sent."""
    mine = RemoteItem.objects.filter(catalog=catalog, variant=OuterRef("variant"))
    is_known = mine.filter(seen_at__gte=OuterRef("answered_at"))
    waits = mine.filter(review_status=RemoteItem.Review.PENDING, seen_at__lt=timezone.now() - LOOK_AGAIN)
    live = CatalogItem.objects.filter(catalog=catalog, state=CatalogItem.State.LIVE)
    open_ones = live.filter(~Exists(is_known) | Exists(waits)).order_by("answered_at", "pk")
    rows = open_ones.values_list("variant__retailer_id", "variant_id")
    return list(rows[: IDS_PER_CALL * CALLS_AT_ONCE])


def ask_for_advice(catalog: Catalog) -> None:
    """Ask Meta what it finds wrong with a catalog, and keep its newest answer. Safe twice."""
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
        CatalogDiagnostic.objects.filter(catalog=catalog).delete()
        CatalogDiagnostic.objects.bulk_create(rows)


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
