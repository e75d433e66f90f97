"""What Meta has in a catalog, kept: reviews for the pages, and the facts of items that are none of ours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict

from django.utils import timezone

from catalog.comparing.obstacles import find_obstacle
from catalog.comparing.review_words import severity_of
from catalog.models import Comparison, RemoteItem, Variant
from integrations.graph.catalog_items import RemoteFacts, Review

REVIEW_FIELDS = [
    "meta_id",
    "title",
    "review_status",
    "rejection_reasons",
    "tagging_status",
    "problems",
    "severity",
]
KEY = ["store", "catalog", "retailer_id"]
LETTERS = 300


def record_items(
    comparison: Comparison, found: Sequence[RemoteFacts], variants: Mapping[str, Variant]
) -> None:
    """Write down one page of a catalog; 2 queries whatever the rows. Safe twice."""
    foreign = [facts.retailer_id for facts in found if facts.retailer_id not in variants]
    skus = set(Variant.objects.filter(sku__in=foreign).values_list("sku", flat=True))
    now, currency = timezone.now(), comparison.catalog.store.currency
    rows = []
    for facts in found:
        variant = variants.get(facts.retailer_id)
        row = RemoteItem(
            catalog=comparison.catalog,
            retailer_id=facts.retailer_id,
            variant=variant,
            facts={} if variant else _facts_to_keep(facts),
            obstacle="" if variant else find_obstacle(facts, currency=currency, skus=skus),
            seen_in=comparison.pk,
            seen_at=now,
        )
        write_review(row, meta_id=facts.meta_id, title=facts.values.get("title", ""), review=facts.review)
        rows.append(row)
    RemoteItem.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=KEY,
        update_fields=["variant", "facts", "obstacle", "seen_in", "seen_at", *REVIEW_FIELDS],
    )


def write_review(row: RemoteItem, *, meta_id: str, title: str, review: Review) -> None:
    """Put what Meta says of an item into its row, which the caller saves."""
    known = review.status if review.status in RemoteItem.Review.values else ""
    row.meta_id, row.title, row.review_status = meta_id[:64], title[:LETTERS], known
    row.rejection_reasons, row.tagging_status = review.reasons, review.tagging[:20]
    row.problems = [asdict(problem) for problem in review.problems]
    row.severity = severity_of(known == RemoteItem.Review.REJECTED, row.problems)


def _facts_to_keep(facts: RemoteFacts) -> dict[str, object]:
    return {"values": dict(facts.values), "quantity": facts.quantity, "images": facts.more_images}
