"""What would be sent, and what another choice would change: exact numbers, whatever the size of the shop.

Where little is concerned the page counts itself. Otherwise a worker counts, one at a time for each catalog,
and the page shows what was counted last, with its time. A task that was lost costs nothing but time: the page
asks again as long as somebody looks at it.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from catalog.linking.choosing import Rule
from catalog.linking.placing import Preview, preview
from catalog.models import Catalog, CatalogCount, CatalogItem, Variant
from catalog.push.rehearsal import Rehearsal, find_waiting, rehearse
from ui import counting

T = TypeVar("T", Rehearsal, Preview)

LASTS = timedelta(minutes=1)
"""How long numbers are taken for the present ones."""
LASTS_IN_A_LOOK = timedelta(seconds=5)
PATIENCE = timedelta(seconds=10)
"""When a page asks again for numbers that do not come: its task may be lost."""
LEASE = timedelta(minutes=2)
KEPT = timedelta(days=1)


@dataclass(frozen=True)
class Counted(Generic[T]):
    """Numbers for a page; None until they were counted first.

    `counted_at` is None where the page counted itself. `pk` names the kept row, None without one. Of a page
    that `has_asked` the caller starts the task that counts.
    """

    numbers: T | None
    counted_at: datetime | None = None
    is_counting: bool = False
    has_asked: bool = False
    pk: int | None = None


def read_rehearsal(catalog: Catalog) -> Counted[Rehearsal]:
    """Return what would be sent."""
    few = _find_few(catalog)
    if few is not None:
        return Counted(rehearse(catalog, CatalogItem.objects.filter(pk__in=few)))
    row = _get_row(catalog, CatalogCount.REHEARSAL, None)
    return _read(catalog, row, Rehearsal)


def read_preview(catalog: Catalog, rule: Rule) -> Counted[Preview]:
    """Return what another choice would change."""
    here = (Variant.objects.all(), CatalogItem.objects.filter(catalog=catalog))
    if all(counting.count_up_to_most(rows) <= counting.MOST for rows in here):
        return Counted(preview(catalog, rule))
    return read_kept_preview(catalog, _get_row(catalog, digest(rule), rule))


def read_kept_preview(catalog: Catalog, row: CatalogCount) -> Counted[Preview]:
    """Return what the choice of a kept row would change, as far as it is counted."""
    return _read(catalog, row, Preview)


def count_next(catalog_pk: int) -> bool:
    """Count what was asked for longest about a catalog; False when there is nothing, or somebody is at it."""
    row = _claim(catalog_pk)
    if row is None:
        return False
    began = timezone.now()
    catalog = Catalog.objects.select_related("store").get(pk=catalog_pk)
    is_rehearsal = row.subject == CatalogCount.REHEARSAL
    numbers = asdict(rehearse(catalog) if is_rehearsal else preview(catalog, rule_of(row)))
    mine = CatalogCount.objects.filter(pk=row.pk)
    mine.update(numbers=numbers, counted_at=began, lease_until=timezone.now())
    mine.filter(asked_at=row.asked_at).update(asked_at=None)
    CatalogCount.objects.filter(catalog=catalog, counted_at__lt=began - KEPT).delete()
    return True


def rule_of(row: CatalogCount) -> Rule:
    """Return the choice that a row is about."""
    choice, *words = row.rule or [""]
    return Rule(choice, tuple(words))


def digest(rule: Rule) -> str:
    return hashlib.sha256(rule.key.encode()).hexdigest()


def _find_few(catalog: Catalog) -> list[int] | None:
    """Return the items that wait when they are few; None when they are many."""
    pks = list(find_waiting(catalog).values_list("pk", flat=True)[: counting.MOST + 1])
    return pks if len(pks) <= counting.MOST else None


def _get_row(catalog: Catalog, subject: str, rule: Rule | None) -> CatalogCount:
    said = [rule.choice, *rule.words] if rule else []
    row: CatalogCount
    row, _is_new = CatalogCount.objects.get_or_create(
        catalog=catalog, subject=subject, defaults={"rule": said}
    )
    return row


def _read(catalog: Catalog, row: CatalogCount, kind: type[T]) -> Counted[T]:
    """Return what is kept, and ask for a new count unless that is what holds now."""
    now, numbers = timezone.now(), _find_kept(row, kind)
    counted_at = row.counted_at if numbers else None
    lasts = LASTS_IN_A_LOOK if catalog.is_looking else LASTS
    since = max(now - lasts, catalog.looked_at or now - lasts)
    if counted_at and counted_at > since:
        return Counted(numbers, counted_at, pk=row.pk)
    unasked = Q(asked_at=None) | Q(asked_at__lt=now - PATIENCE)
    has_asked = CatalogCount.objects.filter(unasked, pk=row.pk).update(asked_at=now)
    return Counted(numbers, counted_at, is_counting=True, has_asked=bool(has_asked), pk=row.pk)


def _find_kept(row: CatalogCount, kind: type[T]) -> T | None:
    """Return the numbers of a row; None where another version of this program counted others."""
    is_same = row.numbers.keys() == {field.name for field in fields(kind)}
    return kind(**row.numbers) if is_same else None


def _claim(catalog_pk: int) -> CatalogCount | None:
    with transaction.atomic():
        Catalog.objects.select_for_update(no_key=True).get(pk=catalog_pk)
        rows, now = CatalogCount.objects.filter(catalog=catalog_pk), timezone.now()
        row: CatalogCount | None = rows.filter(asked_at__isnull=False).order_by("asked_at").first()
        if row is None or rows.filter(lease_until__gt=now).exists():
            return None
        rows.filter(pk=row.pk).update(lease_until=now + LEASE)
    return row
