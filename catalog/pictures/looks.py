"""Looking at pictures that others keep: what is there now, and what that means for the products that show it.

A look is claimed by a lease, made outside of any transaction, and noted. Whoever dies in between leaves a
lease that ends.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from catalog.locking import lock_products
from catalog.models import Picture, Product, Readiness, Variant
from catalog.pictures import fetch, files
from catalog.pictures.keeping import note_images
from catalog.push.marking import mark_waiting
from catalog.services import note_summary

SLICE = 10
SLICE_SECONDS = 20
"""After so long the rest of a slice waits for the next one."""
MOST_OF_HOST = 200
LEASE = timedelta(minutes=10)
AGAIN_GOOD = timedelta(days=7)
"""A picture that fits is looked at again after so long: hosts move, files are replaced."""
AGAIN_BAD = timedelta(days=1)
AGAIN_SILENT = (timedelta(minutes=10), timedelta(hours=1), timedelta(hours=6))
"""After an answer that did not come: then as after a bad one."""
KEPT_LOOKS = 3
"""So many looks without an answer make a finding: a host may be away for an hour."""

Finding = Picture.Finding


@dataclass(frozen=True)
class _Look:
    """What is at an address. `is_host_silent` says that nobody there could be reached at all."""

    facts: files.Facts
    byte_count: int = 0
    status: int = 0
    is_host_silent: bool = False


def look_at_due() -> bool:
    """Look at a slice of the open store's pictures whose time has come; say whether there may be more.

    A slice ends after some seconds, and a host that nobody reaches is called once for all its pictures: the
    queue is that of everybody's pushes, too.
    """
    claimed = _claim(Q())
    left = {picture.pk: picture for picture in claimed}
    end = time.monotonic() + SLICE_SECONDS
    while left and time.monotonic() < end:
        picture = left.pop(next(iter(left)))
        look = _look(picture.address)
        _note(picture, look)
        if look.is_host_silent:
            same = [one for one in left.values() if _host(one.address) == _host(picture.address)]
            due = _claim(Q(address__startswith=_host(picture.address)), most=MOST_OF_HOST)
            for one in (*same, *due):
                left.pop(one.pk, None)
                _note(one, look)
    Picture.objects.filter(pk__in=left).update(not_before=timezone.now())
    return bool(left) or len(claimed) == SLICE


def _host(address: str) -> str:
    """Return the beginning of an address, up to the path."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}/"


def _claim(which: Q, *, most: int = SLICE) -> list[Picture]:
    now = timezone.now()
    with transaction.atomic():
        due = Picture.objects.filter(which, not_before__lte=now).order_by("not_before")
        rows = list(due.select_for_update(skip_locked=True, of=("self",))[:most])
        Picture.objects.filter(pk__in=[row.pk for row in rows]).update(not_before=now + LEASE)
    return rows


def _look(address: str) -> _Look:
    """Look at an address. Calls a foreign host."""
    try:
        content = fetch.fetch(address)
    except fetch.NotPublic:
        return _Look(files.Facts(Finding.PRIVATE))
    except fetch.TooLarge:
        return _Look(files.Facts(Finding.TOO_MANY_BYTES), status=200)
    except fetch.NoHost:
        return _Look(files.Facts(Finding.UNREACHABLE), is_host_silent=True)
    except fetch.NotFetched as error:
        return _Look(files.Facts(Finding.UNREACHABLE), status=error.status)
    return _Look(files.inspect(content), len(content), 200)


def _note(picture: Picture, look: _Look) -> None:
    """Write down what was found, and look through the products that show it when that is news."""
    now, before, facts = timezone.now(), picture.finding, look.facts
    is_silent = facts.finding == Finding.UNREACHABLE
    picture.failures = picture.failures + 1 if is_silent else 0
    is_sure = picture.failures >= KEPT_LOOKS or look.status in (404, 410) or picture.checked_at is None
    if is_sure or not is_silent:
        picture.finding, picture.status_code = facts.finding, look.status
    if not is_silent:
        picture.width, picture.height, picture.byte_count = facts.width, facts.height, look.byte_count
    picture.checked_at, picture.not_before = now, _next_look(picture, now)
    with transaction.atomic():
        picture.save()
        if picture.finding != before:
            uses = picture.uses.filter(removed_at=None).order_by("product")
            products = list(uses.values_list("product", flat=True))
            lock_products(products)
            for pk in products:
                _weigh(pk)


def _next_look(picture: Picture, now: datetime) -> datetime:
    if 0 < picture.failures <= len(AGAIN_SILENT):
        return now + AGAIN_SILENT[picture.failures - 1]
    return now + (AGAIN_BAD if picture.finding else AGAIN_GOOD)


def _weigh(product_pk: int) -> None:
    """Sum a locked product up anew; one that may be sent now, and could not before, is sent."""
    product = Product.objects.get(pk=product_pk)
    was_blocked = product.readiness == Readiness.BLOCKED
    note_images([product])
    note_summary(product)
    if was_blocked and product.readiness != Readiness.BLOCKED:
        pks = list(Variant.objects.filter(product=product).values_list("pk", flat=True))
        mark_waiting(pks, anew=True)
