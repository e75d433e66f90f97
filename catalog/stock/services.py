"""A person's own writes about stock that move no piece: holds by hand, and what is kept back."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from catalog.models import Reservation, Variant
from catalog.push.marking import mark_waiting
from catalog.stock import holds
from catalog.stock.ledger import lock_variants
from catalog.stock.low_stock import judge_again
from tenancy.audit import record_audit
from tenancy.models import User


def hold_by_hand(variant: Variant, quantity: int, *, reference: str, length: timedelta, actor: User) -> None:
    """Hold pieces for a buyer. The same reference again is the same hold. Raises OutOfStock."""
    with transaction.atomic():
        until = timezone.now() + length
        holds.hold([(variant, quantity)], reference=reference, until=until, actor=actor)
        record_audit("stock.held", actor=actor, target=variant, pieces=quantity)


def release_by_hand(hold: Reservation, *, actor: User) -> int:
    """End a hold before its time; return how many pieces are free again. Safe twice."""
    with transaction.atomic():
        pieces = holds.release_one(hold.pk)
        if pieces:
            record_audit("stock.released", actor=actor, target=hold.variant, pieces=pieces)
    return pieces


def set_limits(variant: Variant, *, safety_stock: int, low_stock_at: int | None, actor: User) -> None:
    """Say how many pieces of a variant are not offered, and from how many on it runs low. Safe twice."""
    with transaction.atomic():
        before = lock_variants([variant.pk])[variant.pk]
        mine = Variant.objects.filter(pk=variant.pk)
        if low_stock_at != before.low_stock_at:
            mine.update(low_stock_at=low_stock_at)
            judge_again([variant.pk])
            words = {"before": before.low_stock_at, "after": low_stock_at}
            record_audit("stock.threshold_changed", actor=actor, target=variant, **words)
        if safety_stock != before.safety_stock:
            mine.update(safety_stock=safety_stock)
            words = {"before": before.safety_stock, "after": safety_stock}
            record_audit("stock.safety_changed", actor=actor, target=variant, **words)
            mark_waiting([variant.pk], stock_changed=True)
