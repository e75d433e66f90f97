"""What Meta has in a catalog, as we last saw it, and where that is not what the store has."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog.models.advising import Severity
from catalog.models.catalogs import Catalog
from catalog.models.products import Variant
from integrations.models import SyncRun
from tenancy.owned import StoreForeignKey, StoreOwned


class Comparison(StoreOwned):
    """One walk through a catalog at Meta, page by page; it goes on where it stopped.

    `not_before` is the time of the next step, and the lease of the worker that is at it.
    """

    class State(models.TextChoices):
        RUNNING = "running", _("Comparing")
        DONE = "done", _("Finished")
        FAILED = "failed", _("Not finished")
        STOPPED = "stopped", _("Stopped")

    class Step(models.TextChoices):
        REMOTE = "remote", _("Reading what Meta has")
        LOCAL = "local", _("Looking for what is missing")

    catalog = StoreForeignKey(Catalog, on_delete=models.CASCADE, related_name="comparisons")
    run = StoreForeignKey(SyncRun, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    is_scheduled = models.BooleanField(default=False, help_text="The weekly one mends what is safe to mend.")
    state = models.CharField(max_length=10, choices=State, default=State.RUNNING)
    step = models.CharField(max_length=10, choices=Step, default=Step.REMOTE)
    place = models.JSONField(default=dict, blank=True, help_text="Where Meta's next page begins.")
    mark = models.JSONField(
        default=dict,
        blank=True,
        help_text="A place that was passed: to come there again is to go in circles.",
    )
    page_count = models.PositiveIntegerField(default=0)
    last_item = models.BigIntegerField(
        default=0, help_text="The item up to which was looked for missing ones."
    )
    rows_total = models.PositiveIntegerField(default=0)
    rows_done = models.PositiveIntegerField(default=0)
    failures = models.PositiveIntegerField(default=0, help_text="Failed steps in a row.")
    restarts = models.PositiveIntegerField(default=0, help_text="How often it began anew.")
    error = models.TextField(blank=True)
    not_before = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["catalog"], condition=Q(state="running"), name="catalog_comparison_one_at_a_time"
            )
        ]
        indexes = [
            models.Index(fields=["store", "catalog", "-id"], name="catalog_comparison_newest"),
            models.Index(fields=["not_before"], condition=Q(state="running"), name="catalog_comparison_due"),
        ]

    def __str__(self) -> str:
        return f"comparison {self.pk}"


class RemoteItem(StoreOwned):
    """One item in a catalog at Meta: what came of its review, and, when it is none of ours, what it says."""

    class Review(models.TextChoices):
        UNKNOWN = "", _("Not known yet")
        PENDING = "pending", _("Meta is reviewing it")
        APPROVED = "approved", _("Approved")
        OUTDATED = "outdated", _("Approved in an older version")
        REJECTED = "rejected", _("Rejected by Meta")

    catalog = StoreForeignKey(Catalog, on_delete=models.CASCADE, related_name="remote_items")
    variant = StoreForeignKey(
        Variant, on_delete=models.SET_NULL, null=True, blank=True, related_name="remote_items"
    )
    retailer_id = models.CharField(max_length=200)
    meta_id = models.CharField(max_length=64)
    title = models.CharField(max_length=300, blank=True)
    review_status = models.CharField(max_length=20, choices=Review, blank=True)
    rejection_reasons = models.JSONField(default=list, blank=True)
    tagging_status = models.CharField(max_length=20, blank=True, help_text="Whether Instagram may tag it.")
    problems = models.JSONField(default=list, blank=True, help_text="kind, text, is_urgent: one per problem.")
    severity = models.CharField(
        max_length=12, choices=Severity, blank=True, help_text="Of the worst problem."
    )
    facts = models.JSONField(
        default=dict,
        blank=True,
        help_text="In the names of items_batch; kept of items that are none of ours.",
    )
    obstacle = models.CharField(max_length=20, blank=True, help_text="Why it cannot become a product.")
    adopt_pieces = models.PositiveIntegerField(
        null=True,
        blank=True,
        help_text="It shall become a product; with so many pieces if Meta knows no number.",
    )
    seen_in = models.BigIntegerField(default=0, help_text="The comparison that saw it last.")
    seen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["store", "catalog", "retailer_id"], name="catalog_remote_item_once"
            )
        ]
        indexes = [
            models.Index(
                fields=["catalog", "seen_at"],
                condition=Q(review_status="pending", variant__isnull=False),
                name="catalog_remote_pending",
            ),
            models.Index(
                fields=["store", "catalog", "review_status", "id"],
                condition=Q(variant__isnull=False),
                name="catalog_remote_review",
            ),
            models.Index(
                fields=["store", "catalog", "obstacle", "id"],
                condition=Q(variant=None),
                name="catalog_remote_foreign",
            ),
            models.Index(
                fields=["store", "catalog", "severity", "id"],
                condition=Q(variant__isnull=False) & ~Q(severity=""),
                name="catalog_remote_severity",
            ),
            models.Index(
                fields=["store", "catalog", "id"],
                condition=Q(variant=None, adopt_pieces__isnull=False),
                name="catalog_remote_wanted",
            ),
        ]

    def __str__(self) -> str:
        return self.retailer_id


class CatalogFinding(StoreOwned):
    """One item that is not at Meta as the store has it, and what became of the offer to mend it."""

    class Kind(models.TextChoices):
        MISSING = "missing", _("Missing at Meta")
        DIFFERENT = "different", _("Different at Meta")
        ORPHANED = "orphaned", _("Only at Meta")

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        ASKED = "asked", _("Being mended")
        SENT = "sent", _("Sent, to be seen at the next comparison")
        KEPT = "kept", _("Left as it is")

    catalog = StoreForeignKey(Catalog, on_delete=models.CASCADE, related_name="findings")
    variant = StoreForeignKey(
        Variant, on_delete=models.SET_NULL, null=True, blank=True, related_name="findings"
    )
    kind = models.CharField(max_length=10, choices=Kind)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    retailer_id = models.CharField(max_length=200)
    title = models.CharField(max_length=300, blank=True)
    differences = models.JSONField(default=list, blank=True, help_text="field, ours, theirs: one per field.")
    is_ours = models.BooleanField(default=True, help_text="We have put it there.")
    handle = models.CharField(max_length=500, blank=True, help_text="Of the call that takes it out.")
    most_beside = models.PositiveIntegerField(
        null=True,
        blank=True,
        help_text="So many a call takes out at most with it: Meta refused one and did not say which.",
    )
    error = models.TextField(blank=True)
    not_before = models.DateTimeField(default=timezone.now)
    seen_in = models.BigIntegerField(default=0, help_text="The comparison that saw it last.")
    found_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["store", "catalog", "retailer_id"], name="catalog_finding_once")
        ]
        indexes = [
            models.Index(fields=["store", "catalog", "kind", "id"], name="catalog_finding_kind"),
            models.Index(
                fields=["store", "catalog", "kind"],
                condition=~Q(state="kept"),
                name="catalog_finding_open",
            ),
            models.Index(fields=["not_before"], condition=Q(state="asked"), name="catalog_finding_asked"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.retailer_id}"
