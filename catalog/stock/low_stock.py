"""What runs low: who is told, how often, and from how many pieces on.

Whether a variant runs low is kept by PostgreSQL (migration `low_stock`), in the statement that changes its
stock, so no way of changing it can be forgotten here. What is looked at is only what changed.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from catalog.models import AVAILABLE, Status, Variant
from tenancy.models import Store, User
from tenancy.scope import get_open_store_id
from tenancy.services import update_store

QUIET = timedelta(days=1)
"""How long people are not told again, of whatever."""
GATHER = timedelta(minutes=10)
"""How long something runs low before people are told: a busy hour makes one e-mail, a correction none."""
SLICE = 500
MOST_TOLD = 1000

UNTOLD = Q(low_since__isnull=False, is_low_told=False)


def claim_untold() -> list[Variant]:
    """Return what the open store's owners have to be told of now, fewest pieces first; and count it as told.

    Empty while people were told a short time ago. Whoever comes second gets nothing.
    """
    now = timezone.now()
    with transaction.atomic():
        store = Store.objects.select_for_update(no_key=True).get(pk=get_open_store_id())
        if store.low_stock_told_at is not None and store.low_stock_told_at > now - QUIET:
            return []
        locked = Variant.objects.filter(UNTOLD).order_by("pk").select_for_update(no_key=True, of=("self",))
        found = list(locked.select_related("product")[:MOST_TOLD])
        Variant.objects.filter(pk__in=[one.pk for one in found]).update(is_low_told=True)
        told = [one for one in found if one.product.status == Status.ACTIVE]
        if told:
            Store.objects.filter(pk=store.pk).update(low_stock_told_at=now)
    return sorted(told, key=lambda one: (one.available, one.pk))


def forget_told(variants: Iterable[Variant]) -> None:
    """Take `claim_untold` back, as nobody could be told. What has come back since stays as it is."""
    pks = [variant.pk for variant in variants]
    with transaction.atomic():
        Store.objects.filter(pk=get_open_store_id()).update(low_stock_told_at=None)
        Variant.objects.filter(pk__in=pks, low_since__isnull=False).update(is_low_told=False)


def set_threshold(store: Store, pieces: int | None, *, actor: User) -> bool:
    """Say from how many pieces on something runs low in a store; say whether that is new.

    The task that looks at its variants is the caller's to start. Safe twice.
    """
    if store.low_stock_at == pieces:
        return False
    update_store(store, actor=actor, low_stock_at=pieces)
    return True


def follow_slice(*, after: int) -> int | None:
    """Look again at some variants that follow the store; return where to go on. Safe twice.

    Nothing has fallen: nobody is told of what runs low because somebody said so.
    """
    with transaction.atomic():
        threshold = Store.objects.values_list("low_stock_at", flat=True).get(pk=get_open_store_id())
        is_wrong = Q(low_since__isnull=False)
        if threshold is not None:
            is_wrong = Q(low_since=None, _available__lte=threshold) | Q(
                low_since__isnull=False, _available__gt=threshold
            )
        following = Variant.objects.filter(pk__gt=after, low_stock_at=None, status=Status.ACTIVE)
        wrong = following.annotate(_available=AVAILABLE).filter(is_wrong).order_by("pk")
        pks = list(wrong.select_for_update(no_key=True).values_list("pk", flat=True)[:SLICE])
        judge_again(pks)
    return pks[-1] if len(pks) == SLICE else None


def judge_again(pks: list[int]) -> None:
    """Have PostgreSQL judge variants by a new threshold; the caller holds their locks."""
    rows = Variant.objects.filter(pk__in=pks)
    known = list(rows.filter(UNTOLD).values_list("pk", flat=True))
    rows.update(low_stock_at=F("low_stock_at"))
    rows.filter(low_since__isnull=False).exclude(pk__in=known).update(is_low_told=True)
