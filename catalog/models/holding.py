"""Pieces of a variant that are held for somebody."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from catalog.models.products import Variant
from tenancy.owned import StoreForeignKey, StoreOwned


class Reservation(StoreOwned):
    """Pieces held under a reference until a time. The sum of a variant's rows is its `reserved`.

    The row is there as long as the hold: it goes when the pieces are sold, set free, or their time is over.
    """

    variant = StoreForeignKey(Variant, on_delete=models.CASCADE, related_name="reservations")
    quantity = models.PositiveIntegerField()
    reference = models.CharField(max_length=100, help_text="What holds them, such as hand:… or checkout:…")
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()

    class Meta:
        ordering = ["expires_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["store", "reference", "variant"], name="catalog_reservation_once"
            ),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="catalog_reservation_holds"),
        ]
        indexes = [models.Index(fields=["expires_at"], name="catalog_reservation_expiry")]

    def __str__(self) -> str:
        return f"{self.quantity} ({self.reference})"
