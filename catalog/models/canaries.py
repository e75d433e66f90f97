"""How long a change of stock takes to Meta, measured from end to end with one hidden item in each catalog."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.translation import gettext_lazy as _

from catalog.models.catalogs import Catalog
from catalog.models.products import OPAQUE_LETTERS
from catalog.models.pushing import PushBatch
from tenancy.owned import StoreForeignKey, StoreOwned

CANARY_PREFIX = "stormcom-check-"
"""How its number at Meta begins: nobody takes it for goods, and one that was left behind is known as ours."""


def make_canary_id() -> str:
    return f"{CANARY_PREFIX}{get_random_string(15, OPAQUE_LETTERS)}"


class Canary(StoreOwned):
    """The hidden item of a catalog whose stock we change to see how long that takes. It is no product.

    `is_late` says how the last measurement ended: above the promise, or never.
    """

    catalog = StoreForeignKey(Catalog, on_delete=models.CASCADE, related_name="canaries")
    retailer_id = models.CharField(max_length=100, default=make_canary_id, editable=False)
    is_at_meta = models.BooleanField(default=False, help_text="It was sent at least once.")
    is_late = models.BooleanField(default=False)
    due_at = models.DateTimeField(default=timezone.now, help_text="When it is changed next.")
    removal_not_before = models.DateTimeField(
        default=timezone.now, help_text="When we may try next to take it out, where it is not wanted."
    )

    class Meta:
        verbose_name_plural = "canaries"
        constraints = [models.UniqueConstraint(fields=["store", "catalog"], name="catalog_canary_once")]
        indexes = [models.Index(fields=["due_at"], name="catalog_canary_due")]

    def __str__(self) -> str:
        return self.retailer_id


class StockLag(StoreOwned):
    """One timed change of a canary: made, sent in a batch like any other change, seen at Meta.

    `not_before` is when to look next; the lease of who is looking.
    """

    class Outcome(models.TextChoices):
        OPEN = "", _("On its way")
        SHOWN = "shown", _("Seen at Meta")
        LOST = "lost", _("Never seen")
        REFUSED = "refused", _("Meta refused the item")
        VOID = "void", _("Not counted: the catalog had to wait meanwhile")

    canary = StoreForeignKey(Canary, on_delete=models.CASCADE, related_name="lags")
    quantity = models.PositiveIntegerField()
    changed_at = models.DateTimeField(default=timezone.now)
    batch = StoreForeignKey(PushBatch, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    sent_at = models.DateTimeField(null=True, blank=True)
    shown_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=7, choices=Outcome, blank=True, default=Outcome.OPEN)
    looks = models.PositiveIntegerField(default=0)
    not_before = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["store", "canary"], condition=Q(ended_at__isnull=True), name="catalog_lag_one_open"
            )
        ]
        indexes = [
            models.Index(fields=["store", "canary", "-id"], name="catalog_lag_newest"),
            models.Index(fields=["not_before"], condition=Q(ended_at__isnull=True), name="catalog_lag_due"),
        ]

    def __str__(self) -> str:
        return f"lag {self.pk}"

    @property
    def seconds(self) -> float | None:
        """From the change until Meta was seen to show it; None while it does not."""
        return (self.shown_at - self.changed_at).total_seconds() if self.shown_at else None

    @property
    def seconds_here(self) -> float | None:
        """What of it passed before Meta had taken the call."""
        return (self.sent_at - self.changed_at).total_seconds() if self.sent_at else None
