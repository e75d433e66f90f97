"""Stock: it never goes below zero, never sells twice, and every change has its row in the ledger.

Three numbers of a variant: what is on hand, what of it is held for somebody (`holds`), and the safety
stock that is not offered. What is left of on hand is available. All functions work inside the caller's
transaction. A change with a `reference` happens once for each (reason, reference, variant): the same order
event twice changes nothing. The variants passed in keep the numbers they were read with.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from catalog.models import HAND_REASONS, MOST_PIECES, Reason, Reservation, StockMovement, Variant
from catalog.push.marking import mark_waiting
from tenancy.audit import record_audit
from tenancy.models import User
from ui.wording import number_text

Line = tuple[Variant, int]
"""A variant and how many pieces of it, more than zero."""


class Leave(Enum):
    """What taking pieces leaves on the shelf."""

    HELD_AND_SAFETY = auto()
    HELD = auto()
    """For a buyer who was promised the pieces already: the safety stock is there for just that."""
    NOTHING = auto()
    """For a count by hand: what is not there cannot be held."""


@dataclass(frozen=True)
class Shortage:
    """A variant of which more was wanted than can be taken."""

    variant: Variant
    wanted: int
    available: int


class OutOfStock(Exception):
    """Nothing was taken, because `lines` cannot all be served."""

    def __init__(self, lines: Sequence[Shortage]) -> None:
        super().__init__(
            ", ".join(f"{line.variant.retailer_id}: {line.wanted} > {line.available}" for line in lines)
        )
        self.lines = tuple(lines)


class TooMany(Exception):
    """Nothing was added, because a variant has at most MOST_PIECES; `on_hand` are there now."""

    def __init__(self, on_hand: int) -> None:
        super().__init__(f"{on_hand} on hand")
        self.on_hand = on_hand


class CannotUndo(Exception):
    """The message says why, in words."""


@dataclass(frozen=True, kw_only=True)
class _Cause:
    """Why stock changes, and who changed it."""

    reason: Reason
    reference: str
    actor: User | None


def take(
    lines: Sequence[Line],
    *,
    reason: Reason,
    reference: str,
    actor: User | None = None,
    leave: Leave = Leave.HELD_AND_SAFETY,
    hold: str = "",
) -> None:
    """Take all the pieces or none. Raises OutOfStock, which names every line that is short.

    `hold` is the reference of a hold: its pieces of these variants are among those that may be taken, and it
    ends for these variants.
    """
    cause = _Cause(reason=reason, reference=reference, actor=actor)
    with transaction.atomic():
        wanted = add_up(lines)
        variants = lock_variants(wanted)
        for pk in _already_moved(wanted, cause):
            del wanted[pk]
        held = _lock_hold(wanted, hold)
        short = [
            Shortage(variants[pk], wanted[pk], free)
            for pk in sorted(wanted)
            if (free := _takeable(variants[pk], leave, held.get(pk, 0))) < wanted[pk]
        ]
        if short:
            raise OutOfStock(short)
        _move(variants, {pk: -quantity for pk, quantity in wanted.items()}, cause, held=held)
        Reservation.objects.filter(reference=hold, variant__in=held).delete()


def give_back(lines: Sequence[Line], *, reason: Reason, reference: str, actor: User | None = None) -> None:
    """Put pieces back, as after a cancelled order."""
    cause = _Cause(reason=reason, reference=reference, actor=actor)
    with transaction.atomic():
        wanted = add_up(lines)
        variants = lock_variants(wanted)
        for pk in _already_moved(wanted, cause):
            del wanted[pk]
        _move(variants, wanted, cause, held={})


def adjust(variant: Variant, delta: int, *, reason: Reason, actor: User | None, reference: str = "") -> None:
    """Correct what is on hand by hand. Raises OutOfStock below zero, and TooMany above MOST_PIECES.

    With a reference it is safe twice.
    """
    cause = _Cause(reason=reason, reference=reference, actor=actor)
    with transaction.atomic():
        on_hand = lock_variants([variant.pk])[variant.pk].on_hand
        if _already_moved([variant.pk], cause):
            return
        if delta > 0:
            if on_hand + delta > MOST_PIECES:
                raise TooMany(on_hand)
            give_back([(variant, delta)], reason=reason, reference=reference, actor=actor)
        else:
            take([(variant, -delta)], reason=reason, reference=reference, actor=actor, leave=Leave.NOTHING)
        record_audit("stock.adjusted", actor=actor, target=variant, delta=delta, reason=str(reason))


def undo(movement: StockMovement, *, actor: User | None) -> None:
    """Enter the opposite of a change made by hand; the first one stays in the ledger. Safe twice.

    Raises CannotUndo for what a person did not do, and when the pieces are not there any more.
    """
    if movement.reason not in HAND_REASONS:
        raise CannotUndo(_("This change was not made by hand, so it cannot be undone here."))
    if StockMovement.objects.filter(reason=Reason.UNDONE, reference=movement.undo_reference).exists():
        return
    try:
        adjust(
            movement.variant,
            -movement.delta,
            reason=Reason.UNDONE,
            actor=actor,
            reference=movement.undo_reference,
        )
    except OutOfStock as error:
        words = _("Only %(n)d are on hand, so %(delta)d cannot be taken back.")
        raise CannotUndo(words % {"n": error.lines[0].available, "delta": movement.delta}) from None
    except TooMany as error:
        words = _("%(n)s are on hand, and there can be no more than %(most)s: nothing is put back.")
        numbers = {"n": number_text(error.on_hand), "most": number_text(MOST_PIECES)}
        raise CannotUndo(words % numbers) from None


def add_up(lines: Sequence[Line]) -> dict[int, int]:
    """Return how many pieces are wanted of each variant."""
    wanted: dict[int, int] = {}
    for variant, quantity in lines:
        if quantity <= 0:
            raise ValueError("A line of stock has at least one piece.")
        wanted[variant.pk] = wanted.get(variant.pk, 0) + quantity
    return wanted


def lock_variants(pks: Collection[int]) -> dict[int, Variant]:
    """Lock variants in the order of their ids, so that two orders never wait for each other in a ring."""
    locked = Variant.objects.select_for_update(no_key=True).filter(pk__in=pks).order_by("pk")
    variants = {variant.pk: variant for variant in locked}
    if len(variants) < len(pks):
        raise Variant.DoesNotExist("A line names a variant that this store does not have.")
    return variants


def _already_moved(wanted: Collection[int], cause: _Cause) -> list[int]:
    if not cause.reference:
        return []
    moved = StockMovement.objects.filter(variant__in=wanted, reason=cause.reason, reference=cause.reference)
    return list(moved.values_list("variant_id", flat=True))


def _lock_hold(wanted: Collection[int], hold: str) -> dict[int, int]:
    """Return how many pieces of each variant are held under a reference; the variants are locked."""
    if not hold:
        return {}
    rows = Reservation.objects.select_for_update(no_key=True).filter(reference=hold, variant__in=wanted)
    return dict(rows.order_by("pk").values_list("variant_id", "quantity"))


def _takeable(variant: Variant, leave: Leave, held: int) -> int:
    """Return how many pieces may go, `held` of them being held for whoever takes them."""
    if leave is Leave.NOTHING:
        return variant.on_hand
    safety = variant.safety_stock if leave is Leave.HELD_AND_SAFETY else 0
    free = variant.on_hand - (variant.reserved - held) - safety
    return min(variant.on_hand, max(free, held))


def _move(
    variants: dict[int, Variant], deltas: dict[int, int], cause: _Cause, *, held: dict[int, int]
) -> None:
    """Change what is on hand, end what was held of it, and write the ledger; the variants are locked."""
    moves = []
    for pk, delta in sorted(deltas.items()):
        variant, ends = variants[pk], held.get(pk, 0)
        # The condition holds whatever was read before; the lock only makes it exact.
        rows = Variant.objects.filter(pk=pk, on_hand__gte=-delta, reserved__gte=ends)
        if not rows.update(on_hand=F("on_hand") + delta, reserved=F("reserved") - ends):
            raise OutOfStock([Shortage(variant, -delta, variant.on_hand)])
        moves.append(
            StockMovement(
                variant=variant,
                delta=delta,
                on_hand_after=variant.on_hand + delta,
                reason=cause.reason,
                reference=cause.reference,
                actor=cause.actor,
            )
        )
    StockMovement.objects.bulk_create(moves)
    mark_waiting(deltas, stock_changed=True)
