"""Looking at pictures that others keep: what is there now, and what that means for the products that show it.

A look is claimed by a lease, made outside of any transaction, and noted. Whoever dies in between leaves a
lease that ends.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from catalog.models import Picture, Product, Readiness, Variant
from catalog.pictures import fetch, files
from catalog.pictures.keeping import note_images
from catalog.push.marking import mark_waiting
from catalog.services import note_summary

SLICE = 10
LEASE = timedelta(minutes=10)
AGAIN_GOOD = timedelta(days=7)
"""A picture that fits is looked at again after so long: hosts move, files are replaced."""
AGAIN_BAD = timedelta(days=1)
AGAIN_SILENT = (timedelta(minutes=10), timedelta(hours=1), timedelta(hours=6))
"""After an answer that did not come: then as after a bad one."""
KEPT_LOOKS = 3
"""So many looks without an answer make a finding: a host may be away for an hour."""

Finding = Picture.Finding


def look_at_due() -> bool:
    """Look at a slice of the open store's pictures whose time has come; say whether there may be more."""
    claimed = _claim()
    for picture in claimed:
        _note(picture, *_look(picture.address))
    return len(claimed) == SLICE


def _claim() -> list[Picture]:
    now = timezone.now()
    with transaction.atomic():
        due = Picture.objects.filter(not_before__lte=now).order_by("not_before")
        rows = list(due.select_for_update(skip_locked=True, of=("self",))[:SLICE])
        Picture.objects.filter(pk__in=[row.pk for row in rows]).update(not_before=now + LEASE)
    return rows


def _look(address: str) -> tuple[files.Facts, int, int]:
    """Return what is at an address, its bytes and the status of the answer. Calls a foreign host."""
    try:
        content = fetch.fetch(address)
    except fetch.NotPublic:
        return files.Facts(Finding.PRIVATE), 0, 0
    except fetch.TooLarge:
        return files.Facts(Finding.TOO_MANY_BYTES), 0, 200
    except fetch.NotFetched as error:
        return files.Facts(Finding.UNREACHABLE), 0, error.status
    return files.inspect(content), len(content), 200


def _note(picture: Picture, facts: files.Facts, byte_count: int, status: int) -> None:
    """Write down what was found, and look through the products that show it when that is news."""
    now, before = timezone.now(), picture.finding
    is_silent = facts.finding == Finding.UNREACHABLE
    picture.failures = picture.failures + 1 if is_silent else 0
    if not is_silent or picture.failures >= KEPT_LOOKS or status in (404, 410) or picture.checked_at is None:
        picture.finding, picture.status_code = facts.finding, status
    if not is_silent:
        picture.width, picture.height, picture.byte_count = facts.width, facts.height, byte_count
    picture.checked_at, picture.not_before = now, _next_look(picture, now)
    with transaction.atomic():
        picture.save()
        if picture.finding != before:
            for pk in (
                picture.uses.filter(removed_at=None).order_by("product").values_list("product", flat=True)
            ):
                _weigh(pk)


def _next_look(picture: Picture, now: datetime) -> datetime:
    if 0 < picture.failures <= len(AGAIN_SILENT):
        return now + AGAIN_SILENT[picture.failures - 1]
    return now + (AGAIN_BAD if picture.finding else AGAIN_GOOD)


def _weigh(product_pk: int) -> None:
    """Sum a product up anew; one that may be sent now, and could not before, is sent."""
    product = Product.objects.select_for_update().get(pk=product_pk)
    was_blocked = product.readiness == Readiness.BLOCKED
    note_images([product])
    note_summary(product)
    if was_blocked and product.readiness != Readiness.BLOCKED:
        pks = list(Variant.objects.filter(product=product).values_list("pk", flat=True))
        mark_waiting(pks, anew=True)
