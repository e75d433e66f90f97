"""How many pieces of each variant there are, and why that changed."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog.models.products import Variant
from tenancy.owned import StoreForeignKey, StoreOwned


class Reason(models.TextChoices):
    """Why stock changed."""

    OPENING = "opening", _("Opening stock")
    ORDER = "order", _("Sold")
    CANCELLED = "cancelled", _("Order cancelled")
    RETURNED = "returned", _("Returned by a buyer")
    DELIVERED = "delivered", _("Delivery from a supplier")
    COUNTED = "counted", _("Count corrected")
    DAMAGED = "damaged", _("Damaged or lost")
    UNDONE = "undone", _("Undone")


MOST_PIECES = 1_000_000
"""The most pieces of a variant that a person can enter, or come to by hand."""

HAND_REASONS = (Reason.DELIVERED, Reason.COUNTED, Reason.RETURNED, Reason.DAMAGED)
"""Why a person changes stock; the other reasons belong to orders, to a new variant, or to undoing."""


class StockMovement(StoreOwned):
    """One change of a variant's stock. The sum of a variant's movements is what is on hand.

    A movement with a reference happens once: the same order event twice changes nothing.
    """

    variant = StoreForeignKey(Variant, on_delete=models.CASCADE, related_name="movements")
    delta = models.IntegerField()
    on_hand_after = models.IntegerField()
    reason = models.CharField(max_length=12, choices=Reason)
    reference = models.CharField(max_length=100, blank=True, help_text="What caused it, such as order:17.")
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["store", "reason", "reference", "variant"],
                condition=~Q(reference=""),
                name="catalog_movement_once",
            ),
            models.CheckConstraint(condition=~Q(delta=0), name="catalog_movement_moves"),
            models.CheckConstraint(condition=Q(on_hand_after__gte=0), name="catalog_movement_not_below_zero"),
        ]
        indexes = [models.Index(fields=["store", "variant", "-id"], name="catalog_movement_newest")]

    def __str__(self) -> str:
        return f"{self.delta:+d} ({self.reason})"

    @property
    def undo_reference(self) -> str:
        """What the entry that undoes this one refers to: there is one at most."""
        return f"undo:{self.pk}"
