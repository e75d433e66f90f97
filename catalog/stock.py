"""Stock: it never goes below zero, never sells twice, and every change has its row in the ledger.

All functions work inside the caller's transaction. A change with a `reference` happens once for each
(reason, reference, variant): the same order event twice changes nothing. The variants passed in keep the
`on_hand` they were read with.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F

from catalog.models import Reason, StockMovement, Variant
from catalog.push import mark_waiting
from tenancy.audit import record_audit
from tenancy.models import User

Line = tuple[Variant, int]
"""A variant and how many pieces of it, more than zero."""


@dataclass(frozen=True)
class Shortage:
    """A variant of which more was wanted than is there."""

    variant: Variant
    wanted: int
    on_hand: int


class OutOfStock(Exception):
    """Nothing was taken, because `lines` cannot all be served."""

    def __init__(self, lines: Sequence[Shortage]) -> None:
        super().__init__(
            ", ".join(f"{line.variant.retailer_id}: {line.wanted} > {line.on_hand}" for line in lines)
        )
        self.lines = tuple(lines)


def take(lines: Sequence[Line], *, reason: Reason, reference: str, actor: User | None = None) -> None:
    """Take all the pieces or none. Raises OutOfStock, which names every line that is short."""
    _move(lines, sign=-1, reason=reason, reference=reference, actor=actor)


def give_back(lines: Sequence[Line], *, reason: Reason, reference: str, actor: User | None = None) -> None:
    """Put pieces back, as after a cancelled order."""
    _move(lines, sign=1, reason=reason, reference=reference, actor=actor)


def adjust(variant: Variant, delta: int, *, reason: Reason, actor: User | None, reference: str = "") -> None:
    """Correct what is on hand by hand. Raises OutOfStock when it would fall below zero."""
    with transaction.atomic():
        _move(
            [(variant, abs(delta))],
            sign=1 if delta > 0 else -1,
            reason=reason,
            reference=reference,
            actor=actor,
        )
        record_audit("stock.adjusted", actor=actor, target=variant, delta=delta, reason=str(reason))


def _move(lines: Sequence[Line], *, sign: int, reason: Reason, reference: str, actor: User | None) -> None:
    wanted = _add_up(lines)
    with transaction.atomic():
        # In the order of their ids, so that two orders never wait for each other in a ring.
        locked = Variant.objects.select_for_update(no_key=True).filter(pk__in=wanted).order_by("pk")
        variants = {variant.pk: variant for variant in locked}
        if len(variants) < len(wanted):
            raise Variant.DoesNotExist("A line names a variant that this store does not have.")
        for pk in _already_moved(wanted, reason=reason, reference=reference):
            del wanted[pk]
        _refuse_shortage(variants, {pk: sign * quantity for pk, quantity in wanted.items()})
        moves = [_change(variants[pk], sign * quantity) for pk, quantity in sorted(wanted.items())]
        for move in moves:
            move.reason, move.reference, move.actor = reason, reference, actor
        StockMovement.objects.bulk_create(moves)
        mark_waiting(wanted, stock_changed=True)


def _add_up(lines: Sequence[Line]) -> dict[int, int]:
    wanted: dict[int, int] = {}
    for variant, quantity in lines:
        if quantity <= 0:
            raise ValueError("A line of stock has at least one piece.")
        wanted[variant.pk] = wanted.get(variant.pk, 0) + quantity
    return wanted


def _already_moved(wanted: dict[int, int], *, reason: Reason, reference: str) -> list[int]:
    if not reference:
        return []
    moved = StockMovement.objects.filter(variant__in=wanted, reason=reason, reference=reference)
    return list(moved.values_list("variant_id", flat=True))


def _refuse_shortage(variants: dict[int, Variant], deltas: dict[int, int]) -> None:
    short = [
        Shortage(variants[pk], -delta, variants[pk].on_hand)
        for pk, delta in sorted(deltas.items())
        if variants[pk].on_hand + delta < 0
    ]
    if short:
        raise OutOfStock(short)


def _change(variant: Variant, delta: int) -> StockMovement:
    """Change one variant. The condition holds whatever was read before; the lock only makes it exact."""
    rows = Variant.objects.filter(pk=variant.pk, on_hand__gte=-delta)
    if not rows.update(on_hand=F("on_hand") + delta):
        raise OutOfStock([Shortage(variant, -delta, variant.on_hand)])
    return StockMovement(variant=variant, delta=delta, on_hand_after=variant.on_hand + delta)
