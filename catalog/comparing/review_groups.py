"""What Meta says of the variants of one product, each thing once, with the variants it is about. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import ngettext

from catalog.comparing.review_words import Point, ReviewWords, describe
from catalog.models import RemoteItem

NAMED = 4
"""So many variants are named before the rest is counted."""


@dataclass(frozen=True)
class GroupedReview:
    """How some variants stand in Meta's review; `who` names them, '' for all of them."""

    review: ReviewWords
    who: str


@dataclass(frozen=True)
class GroupedPoint:
    """One thing to mend; `who` names the variants it is about, '' for all of them."""

    point: Point
    who: str


@dataclass(frozen=True)
class ReviewGroup:
    """What Meta says of one product; `seen_at` is when it was last asked about any of the variants."""

    item_count: int
    reviews: list[GroupedReview]
    points: list[GroupedPoint]
    seen_at: datetime


def group_reviews(items: Iterable[RemoteItem]) -> ReviewGroup:
    """Say of the variants of a product, at least one, each thing once. Needs `item.variant`."""
    rows = [(item, describe(item)) for item in items]
    reviews: dict[tuple[str, str], list[tuple[RemoteItem, ReviewWords]]] = {}
    points: dict[Point, list[RemoteItem]] = {}
    for item, review in rows:
        reviews.setdefault((review.words, review.tagging), []).append((item, review))
        for point in review.points:
            points.setdefault(point, []).append(item)
    ordered = sorted(points.items(), key=lambda one: (not one[0].is_urgent, -len(one[1])))
    return ReviewGroup(
        item_count=len(rows),
        reviews=[
            GroupedReview(found[0][1], _name([item for item, _review in found], len(rows)))
            for found in reviews.values()
        ],
        points=[GroupedPoint(point, _name(found, len(rows))) for point, found in ordered],
        seen_at=max(item.seen_at for item, _review in rows),
    )


def _name(items: list[RemoteItem], total: int) -> str:
    if len(items) == total:
        return ""
    names = [item.variant.title or item.retailer_id for item in items if item.variant]
    more = len(names) - NAMED
    if more <= 0:
        return ", ".join(names)
    words = ngettext("%(names)s and %(n)s more", "%(names)s and %(n)s more", more)
    return words % {"names": ", ".join(names[:NAMED]), "n": more}
