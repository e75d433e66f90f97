"""What runs low: who is told, how often, and from how many pieces on.

Whether a variant runs low is kept by PostgreSQL (migration `low_stock`), in the statement that changes its
stock, so no way of changing it can be forgotten here. What is looked at is only what changed.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
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
NAMED = 20

UNTOLD = Q(low_since__isnull=False, is_low_told=False)
TO_TELL = UNTOLD & Q(product__status=Status.ACTIVE)
"""What is archived or a draft may be told of when it is on sale again."""


@dataclass(frozen=True)
class LowStock:
    """What people are told of now: `named` are those with the fewest pieces, `claimed` the keys of all."""

    named: list[Variant]
    claimed: list[int]


def claim_untold() -> LowStock | None:
    """Return what the open store's owners have to be told of now, and count it as told; None for nothing.

    None, too, while people were told a short time ago. Whoever comes second gets nothing.
    """
    if not _claim_turn():
        return None
    rows = part = _claim_slice()
    while len(part) == SLICE:
        part = _claim_slice()
        rows += part
    scarcest = [pk for _available, pk in heapq.nsmallest(NAMED, rows)]
    known = Variant.objects.select_related("product").in_bulk(scarcest)
    named = [known[pk] for pk in scarcest if pk in known]
    return LowStock(named, [pk for _available, pk in rows]) if named else None


def _claim_turn() -> bool:
    """Win or lose the right to tell the store's owners today; nobody wins without something to tell."""
    now = timezone.now()
    free = Q(low_stock_told_at=None) | Q(low_stock_told_at__lte=now - QUIET)
    turn = Store.objects.filter(free, pk=get_open_store_id())
    return Variant.objects.filter(TO_TELL).exists() and bool(turn.update(low_stock_told_at=now))


def _claim_slice() -> list[tuple[int, int]]:
    """Count as many variants as told as hold up no sale; return of each the pieces and the key."""
    with transaction.atomic():
        untold = Variant.objects.filter(TO_TELL).order_by("pk").select_for_update(no_key=True, of=("self",))
        found = list(untold.annotate(_available=AVAILABLE).values_list("_available", "pk")[:SLICE])
        Variant.objects.filter(pk__in=[pk for _available, pk in found]).update(is_low_told=True)
    return found


def forget_told(pks: Sequence[int]) -> None:
    """Take `claim_untold` back, as nobody could be told. What has come back since stays as it is."""
    for start in range(0, len(pks), SLICE):
        part = Variant.objects.filter(pk__in=pks[start : start + SLICE], low_since__isnull=False)
        # Locked in the order of their ids, as orders do: the two never wait for each other in a ring.
        locked = part.select_for_update(no_key=True).order_by("pk").values("pk")
        Variant.objects.filter(pk__in=locked).update(is_low_told=False)
    Store.objects.filter(pk=get_open_store_id()).update(low_stock_told_at=None)


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
