"""Pictures that nothing shows any more: first their rows go, then the files that no row names.

A picture that was taken out of a product stays while an item at Meta may still show it: until Meta has
answered about each item of the product since. Files that nobody has saved a product with stay for a week.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from catalog.models import CatalogItem, Picture, ProductImage
from catalog.pictures import storage
from catalog.pictures.addresses import digest_of

KEPT_FOR = timedelta(days=7)
"""How long a file waits for a product, and one that was taken out for somebody to want it back."""
FILES_KEPT_FOR = timedelta(days=1)
FOLDERS = 256
SLICE = 500

State = CatalogItem.State


def stores_with_unused() -> list[int]:
    """Return the stores that may have something to forget."""
    before = timezone.now() - KEPT_FOR
    removed = ProductImage.unscoped.filter(removed_at__lt=before)
    alone = Picture.unscoped.filter(_is_alone(), created_at__lt=before)
    return sorted({*removed.values_list("store_id", flat=True), *alone.values_list("store_id", flat=True)})


def forget_unused() -> int:
    """Forget pictures of the open store that nothing shows; return how many those were. Safe twice."""
    before = timezone.now() - KEPT_FOR
    mine = CatalogItem.objects.filter(variant__product=OuterRef("product")).exclude(state=State.REMOVED)
    unsettled = mine.filter(
        Q(waiting_since__isnull=False)
        | Q(batch__isnull=False)
        | Q(answered_at__isnull=True)
        | Q(answered_at__lt=OuterRef("removed_at"))
    )
    removed = ProductImage.objects.filter(removed_at__lt=before).exclude(Exists(unsettled))
    ProductImage.objects.filter(pk__in=list(removed.values_list("pk", flat=True)[:SLICE])).delete()
    alone = Picture.objects.filter(_is_alone(), created_at__lt=before)
    count, _by_model = Picture.objects.filter(
        pk__in=list(alone.values_list("pk", flat=True)[:SLICE])
    ).delete()
    return count


def _is_alone() -> Q:
    return Q(~Exists(ProductImage.unscoped.filter(picture=OuterRef("pk"), store=OuterRef("store"))))


def folder_at(moment: datetime) -> int:
    """Return which folder's turn it is: each hour another one, so each is seen in eleven days."""
    return int(moment.timestamp() // 3600) % FOLDERS


def collect_files(folder: int, *, before: datetime) -> int:
    """Delete the files of a folder that came before a moment and have no row; return how many those were."""
    found = list(storage.list_old(folder, before=before))
    known = set(Picture.unscoped.filter(digest__in=map(digest_of, found)).values_list("digest", flat=True))
    lost = [address for address in found if digest_of(address) not in known]
    for address in lost:
        storage.remove(address)
    return len(lost)
