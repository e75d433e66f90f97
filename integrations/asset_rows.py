"""Rows around an asset that it can do without: its picture, and its way to another store."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tenancy.owned import StoreForeignKey, StoreOwned


class AssetPicture(StoreOwned):
    """The picture of a Page or Instagram account, so that our pages load nothing from another host."""

    asset_id = models.CharField(max_length=64, help_text="Meta's id; the asset need not be connected.")
    content = models.BinaryField()
    content_type = models.CharField(max_length=20)
    fetched_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["store", "asset_id"], name="integrations_picture_once")
        ]

    def __str__(self) -> str:
        return f"picture of {self.asset_id}"


class PageTransfer(StoreOwned):
    """A store asks for a Page that another store has; the owner of that one decides.

    The row is the asking store's. Neither side's pages show more of the other than it has to know.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting for an answer")
        ACCEPTED = "accepted", _("Agreed, being moved")
        DONE = "done", _("Moved")
        REFUSED = "refused", _("Refused")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        EXPIRED = "expired", _("Not answered in time")
        FAILED = "failed", _("Agreed, but could not be connected")

    OPEN: ClassVar[tuple[str, ...]] = (State.WAITING, State.ACCEPTED)

    account = StoreForeignKey("integrations.MetaAccount", on_delete=models.CASCADE, related_name="transfers")
    from_store = models.ForeignKey("tenancy.Store", on_delete=models.CASCADE, related_name="+")
    page_id = models.CharField(max_length=64)
    page_name = models.CharField(max_length=200)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    asked_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    announced_at = models.DateTimeField(null=True, blank=True, help_text="When the owners there were told.")
    decided_at = models.DateTimeField(null=True, blank=True)
    end_told_at = models.DateTimeField(null=True, blank=True, help_text="When who asked heard how it ended.")

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["store", "page_id"],
                name="integrations_transfer_open_once",
                condition=models.Q(state__in=["waiting", "accepted"]),
            )
        ]

    def __str__(self) -> str:
        return f"transfer of {self.page_name}"
