"""What came of Meta's look at an item, in a merchant's words, with the field to mend. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.models import RemoteItem

Review = RemoteItem.Review

FIELDS: tuple[tuple[str, str], ...] = (
    ("IMAGE", "image_urls"),
    ("PHOTO", "image_urls"),
    ("SALE_PRICE", "variants-0-price"),
    ("PRICE", "variants-0-price"),
    ("CURRENCY", "variants-0-price"),
    ("GTIN", "variants-0-gtin"),
    ("MPN", "variants-0-mpn"),
    ("CATEGORY", "google_category"),
    ("BRAND", "brand"),
    ("CONDITION", "condition"),
    ("TITLE_AND_DESCRIPTION", "description"),
    ("DESCRIPTION", "description"),
    ("TITLE", "title"),
    ("NAME", "title"),
    ("COLOR", "colour"),
    ("SIZE", "size"),
    ("MATERIAL", "material"),
    ("GENDER", "gender"),
    ("AGE_GROUP", "age_group"),
    ("POLICY", "title"),
)
"""A word in one of Meta's 184 error types, or types of advice → the field of the product form; first wins."""

TAGGING = {
    "approved": gettext_lazy("Instagram may tag it."),
    "no_review": gettext_lazy("Instagram may tag it."),
    "outdated": gettext_lazy("Instagram tags an older version of it."),
    "pending": gettext_lazy("Meta is reviewing whether Instagram may tag it."),
    "rejected": gettext_lazy("Instagram may not tag it."),
}


@dataclass(frozen=True)
class Point:
    """One thing to mend; `anchor` leads to its field in the product form, '' when there is none."""

    text: str
    is_urgent: bool
    anchor: str


@dataclass(frozen=True)
class ReviewWords:
    """How an item stands in Meta's review."""

    words: str
    tone: str
    icon: str
    tagging: str
    points: list[Point]


def describe(row: RemoteItem) -> ReviewWords:
    words, tone, icon = _standing(row.review_status)
    return ReviewWords(words, tone, icon, str(TAGGING.get(row.tagging_status, "")), list(_points(row)))


def _standing(status: str) -> tuple[str, str, str]:
    match status:
        case Review.APPROVED:
            return _("Approved by Meta"), "success", "check-circle"
        case Review.PENDING:
            return _("Meta is reviewing it"), "info", "clock"
        case Review.OUTDATED:
            return _("Approved in an older version"), "info", "clock"
        case Review.REJECTED:
            return _("Rejected by Meta"), "danger", "exclamation-circle"
        case _:
            return _("Not reviewed yet"), "neutral", "clock"


def _points(row: RemoteItem) -> Iterator[Point]:
    seen = set()
    for reason in row.rejection_reasons:
        text = readable(reason)
        seen.add(text)
        yield Point(text, True, anchor_of("POLICY"))
    for problem in sorted(row.problems, key=lambda one: not one["is_urgent"]):
        text = readable(problem["text"] or problem["kind"])
        if text not in seen:
            seen.add(text)
            yield Point(text, problem["is_urgent"], anchor_of(problem["kind"]))


def readable(text: str) -> str:
    """Return one of Meta's constants as words ("ADULT_PRODUCTS"), anything else as it is."""
    is_constant = text.isupper() and " " not in text
    return text.replace("_", " ").capitalize() if is_constant else text


def anchor_of(kind: str) -> str:
    """Return the id of the field in the product form that an error type of Meta is about, '' for none."""
    field = next((name for word, name in FIELDS if word in kind.upper()), "")
    return f"id_{field}_field" if field else ""


def severity_of(is_rejected: bool, problems: Iterable[Mapping[str, Any]]) -> str:
    """Return how much what is wrong with an item matters, '' when nothing is."""
    urgent = [bool(problem["is_urgent"]) for problem in problems]
    if is_rejected or any(urgent):
        return "must_fix"
    return "opportunity" if urgent else ""
