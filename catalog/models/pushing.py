"""What Meta has been told about each variant, and what waits to be told."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog.models.catalogs import Catalog
from catalog.models.products import Product, Variant
from tenancy.owned import StoreForeignKey, StoreOwned

MOST_TRIES = 3
"""How often an item is sent without an answer about it; then people are told, and it has one try an hour."""


class PushBatch(StoreOwned):
    """One call of items_batch and what became of it.

    `not_before` is the time of the next step: until the call has answered it is the lease of the worker that
    makes it, after that it is when to ask for the result.
    """

    class State(models.TextChoices):
        CLAIMED = "claimed", _("Being sent")
        SENT = "sent", _("Meta is working on it")
        FINISHED = "finished", _("Finished")
        FAILED = "failed", _("Not sent")

    catalog = StoreForeignKey(Catalog, on_delete=models.CASCADE, related_name="batches")
    handle = models.CharField(max_length=500, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.CLAIMED)
    row_count = models.PositiveIntegerField(default=0)
    live_count = models.PositiveIntegerField(default=0)
    failed_count = models.PositiveIntegerField(default=0)
    refused_items = ArrayField(
        models.BigIntegerField(), default=list, help_text="The numbers of the items that Meta refused."
    )
    taken_items = ArrayField(
        models.BigIntegerField(), default=list, help_text="The numbers of the items that Meta took."
    )
    left_items = ArrayField(
        models.BigIntegerField(),
        default=list,
        help_text="The numbers of the items that were kept back, or did not get through with it.",
    )
    warned_items = ArrayField(
        models.BigIntegerField(),
        default=list,
        help_text="The numbers of the items that Meta took with a warning.",
    )
    unreviewed_items = ArrayField(
        models.BigIntegerField(),
        default=list,
        help_text="The numbers of the items that Meta took, and of whose review we have not asked since.",
    )
    door_warnings = models.JSONField(
        default=dict,
        help_text="What Meta said when it took the batch, until it is over: retailer_id → warnings.",
    )
    nameless_count = models.PositiveIntegerField(
        default=0, help_text="Of so many rows Meta said that it refuses them, but not which they are."
    )
    taken_over = models.JSONField(
        default=dict,
        help_text="Its items that an older batch holds, too, unanswered: that batch's number → theirs.",
    )
    error = models.TextField(blank=True)
    poll_count = models.PositiveIntegerField(default=0)
    not_before = models.DateTimeField()
    claimed_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "push batches"
        constraints = [
            models.UniqueConstraint(
                fields=["store", "catalog", "handle"],
                condition=~Q(handle=""),
                name="catalog_batch_handle_once",
            )
        ]
        indexes = [
            models.Index(
                fields=["not_before"], condition=Q(state__in=["claimed", "sent"]), name="catalog_batch_due"
            ),
            models.Index(fields=["store", "catalog", "-id"], name="catalog_batch_newest"),
            models.Index(
                fields=["catalog", "id"], condition=~Q(unreviewed_items=[]), name="catalog_batch_unreviewed"
            ),
            models.Index(fields=["finished_at"], name="catalog_batch_over"),
        ]

    def __str__(self) -> str:
        return f"batch {self.pk}"


class CatalogItem(StoreOwned):
    """One variant in one catalog: what Meta has confirmed, and whether something waits to be sent.

    `waiting_since` set means that there is something to send; it is looked at only when it is sent, so many
    edits make one row. `batch` set means that an answer is outstanding; it is the newest batch that holds the
    item. Both may be true at once. `overtook` set means that an older batch may change at Meta what was sent
    after it, as Meta keeps no order between two: then no answer says what Meta has. While `batch` is not set,
    one of the batches up to `overtook` is open, and its end has the item sent again (docs/adr/0018).
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting to be sent")
        SENT = "sent", _("Sent, Meta is checking")
        LIVE = "live", _("Live")
        FAILED = "failed", _("Refused by Meta")
        REMOVED = "removed", _("Removed")

    variant = StoreForeignKey(Variant, on_delete=models.CASCADE, related_name="items")
    # An index is written anew with each step of each item: the wider ones below find by these keys, too.
    catalog = StoreForeignKey(Catalog, on_delete=models.CASCADE, related_name="items", db_index=False)
    product = StoreForeignKey(
        Product,
        on_delete=models.CASCADE,
        related_name="items",
        editable=False,
        help_text="That of its variant; PostgreSQL writes it.",
    )
    state = models.CharField(max_length=16, choices=State, default=State.WAITING)
    waiting_since = models.DateTimeField(null=True, blank=True, default=timezone.now)
    not_before = models.DateTimeField(default=timezone.now)
    stock_changed = models.BooleanField(default=False, help_text="It waits in the fast lane.")
    delete_wanted = models.BooleanField(default=False)
    batch = StoreForeignKey(
        PushBatch, on_delete=models.SET_NULL, null=True, blank=True, related_name="items", db_index=False
    )
    overtook = StoreForeignKey(
        PushBatch,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="overtaken",
        db_index=False,
        help_text="The newest batch that was unanswered when a newer one took the item.",
    )
    sent_fingerprint = models.CharField(max_length=64, blank=True, help_text="What Meta may have by now.")
    confirmed_fingerprint = models.CharField(max_length=64, blank=True, help_text="What Meta has confirmed.")
    refused_content = models.CharField(
        max_length=64,
        blank=True,
        help_text="What Meta refused last; until it changes, nothing but stock is sent.",
    )
    sent_quantity = models.PositiveIntegerField(
        null=True, blank=True, help_text="Pieces in what was sent last; none when that was a removal."
    )
    confirmed_quantity = models.PositiveIntegerField(
        null=True, blank=True, help_text="Pieces in what Meta has confirmed last."
    )
    attempts = models.PositiveIntegerField(
        default=0, help_text="Failed tries since the last answer about it."
    )
    error = models.TextField(blank=True, help_text="In the merchant's words.")
    meta_message = models.TextField(blank=True, help_text="In Meta's words.")
    meta_warnings = models.TextField(
        blank=True, help_text="What Meta remarked of what it took last, in its words, one a line."
    )
    most_beside = models.PositiveIntegerField(
        null=True,
        blank=True,
        help_text="So many rows a call has at most that carries it: Meta refused one and did not say which.",
    )
    sent_at = models.DateTimeField(null=True, blank=True, help_text="When it was put into its batch.")
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["store", "variant", "catalog"], name="catalog_item_once"),
        ]
        indexes = [
            models.Index(
                F("catalog"),
                F("stock_changed").desc(),
                F("delete_wanted").desc(),
                F("waiting_since"),
                F("id"),
                condition=Q(waiting_since__isnull=False, batch__isnull=True),
                name="catalog_item_waiting",
            ),
            models.Index(
                fields=["catalog", "waiting_since"],
                condition=Q(waiting_since__isnull=False, stock_changed=True),
                name="catalog_item_stock_waits",
            ),
            models.Index(
                fields=["overtook"], condition=Q(overtook__isnull=False), name="catalog_item_overtook"
            ),
            models.Index(
                fields=["catalog", "batch"], condition=Q(batch__isnull=False), name="catalog_item_in_batch"
            ),
            models.Index(fields=["batch"], condition=Q(batch__isnull=False), name="catalog_item_batch"),
            models.Index(fields=["catalog", "store", "state", "id"], name="catalog_item_standing"),
            models.Index(
                fields=["store", "product", "catalog", "attempts"],
                condition=Q(state="failed"),
                name="catalog_item_refused",
            ),
            models.Index(fields=["catalog"], condition=~Q(meta_warnings=""), name="catalog_item_warned"),
            models.Index(
                fields=["catalog", "attempts", "product"],
                include=["store", "id"],
                condition=Q(state="failed"),
                name="catalog_item_failed",
            ),
        ]

    def __str__(self) -> str:
        return f"item {self.pk}"
