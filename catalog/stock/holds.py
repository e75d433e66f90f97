"""Pieces held for somebody until a time: a checkout that is being paid, a draft, a buyer who asked for it.

What is held stays on hand and is not offered to others. A variant's `reserved` is the sum of its holds. Locks
are taken as in `ledger`: variants by id, then holds by id; so a hold that ends and a sale of its
pieces never wait for each other in a ring, and whichever is second sees what the first one did.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from catalog.models import Reservation, Variant
from catalog.push.marking import mark_waiting
from catalog.stock.ledger import Line, OutOfStock, Shortage, add_up, lock_variants
from tenancy.models import User

SLICE = 200


def hold(lines: Sequence[Line], *, reference: str, until: datetime, actor: User | None = None) -> None:
    """Hold all the pieces until a time, or none. Raises OutOfStock.

    Said again for the same reference and variants, it holds so many as are said now, and so long.
    """
    with transaction.atomic():
        wanted = add_up(lines)
        variants = lock_variants(wanted)
        rows = Reservation.objects.select_for_update(no_key=True).filter(
            reference=reference, variant__in=wanted
        )
        held = {row.variant_id: row for row in rows.order_by("pk")}
        before = {pk: held[pk].quantity if pk in held else 0 for pk in wanted}
        _refuse_shortage(variants, wanted, before)
        for pk, quantity in sorted(wanted.items()):
            Variant.objects.filter(pk=pk).update(reserved=F("reserved") + quantity - before[pk])
        for pk, row in held.items():
            Reservation.objects.filter(pk=row.pk).update(quantity=wanted[pk], expires_at=until)
        Reservation.objects.bulk_create(
            Reservation(
                variant=variants[pk], quantity=wanted[pk], reference=reference, expires_at=until, actor=actor
            )
            for pk in sorted(wanted.keys() - held.keys())
        )
        mark_waiting(wanted, stock_changed=True)


def _refuse_shortage(variants: dict[int, Variant], wanted: dict[int, int], before: dict[int, int]) -> None:
    """Raise for what cannot be held. What is held already stays possible, whatever was sold meanwhile."""
    free = {
        pk: max(before[pk], variant.on_hand - variant.safety_stock - (variant.reserved - before[pk]))
        for pk, variant in variants.items()
    }
    short = [
        Shortage(variants[pk], wanted[pk], max(0, free[pk])) for pk in sorted(wanted) if free[pk] < wanted[pk]
    ]
    if short:
        raise OutOfStock(short)


def release(reference: str) -> int:
    """End all holds of a reference; return how many pieces are free again. Safe twice."""
    return _end(Q(reference=reference))


def release_one(hold_pk: int) -> int:
    """End one hold; return how many pieces are free again. Safe twice."""
    return _end(Q(pk=hold_pk))


def release_expired() -> int:
    """End a slice of the holds whose time is over; return how many pieces are free again. Safe twice."""
    return _end(Q(expires_at__lte=timezone.now()))


def _end(which: Q) -> int:
    with transaction.atomic():
        found = list(
            Reservation.objects.filter(which).order_by("expires_at").values_list("pk", "variant_id")[:SLICE]
        )
        lock_variants({variant_pk for _pk, variant_pk in found})
        # Looked at again behind the lock: one may have been taken meanwhile, or been given more time.
        rows = Reservation.objects.filter(which, pk__in=[pk for pk, _variant_pk in found])
        ended = list(rows.select_for_update().order_by("pk"))
        for row in ended:
            Variant.objects.filter(pk=row.variant_id).update(reserved=F("reserved") - row.quantity)
        Reservation.objects.filter(pk__in=[row.pk for row in ended]).delete()
        mark_waiting({row.variant_id for row in ended}, stock_changed=True)
        return sum(row.quantity for row in ended)
