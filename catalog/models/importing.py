"""A file of products on its way into the store."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tenancy.owned import StoreOwned


class ProductImport(StoreOwned):
    """A file, first read from end to end without a change, then, when a person says so, taken over.

    `rows_done` is how far the step under way has come; it goes on there, whoever died. The file itself goes
    when the import is over.
    """

    class State(models.TextChoices):
        CHECKING = "checking", _("Being read")
        CHECKED = "checked", _("Waits for your word")
        IMPORTING = "importing", _("Being imported")
        DONE = "done", _("Imported")
        STOPPED = "stopped", _("Stopped")
        FAILED = "failed", _("Cannot be read")

    WORKING = (State.CHECKING, State.IMPORTING)

    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    file_name = models.CharField(max_length=200)
    content = models.BinaryField(default=bytes)
    state = models.CharField(max_length=10, choices=State, default=State.CHECKING)
    rows_total = models.PositiveIntegerField(default=0)
    rows_done = models.PositiveIntegerField(default=0)
    good_rows = models.PositiveIntegerField(default=0)
    bad_rows = models.PositiveIntegerField(default=0)
    new_products = models.PositiveIntegerField(default=0)
    changed_products = models.PositiveIntegerField(default=0)
    unchanged_products = models.PositiveIntegerField(default=0)
    problems = models.JSONField(default=list, blank=True, help_text="row, column, sentence: one per problem.")
    pictures = models.JSONField(
        default=list, blank=True, help_text="row, column, address: pictures that the preview looks at."
    )
    changes = models.JSONField(
        default=list,
        blank=True,
        help_text="row, product, column, before, after: the first changes of what the store has.",
    )
    given_up = models.JSONField(
        default=dict, blank=True, help_text="SKUs that rows so far give up for new ones: SKU → row."
    )
    stock_changes = models.PositiveIntegerField(
        default=0, help_text="Variants of the store of which the file says another number of pieces."
    )
    sets_stock = models.BooleanField(default=False, help_text="A person wants those numbers, too.")
    unread = models.JSONField(default=list, blank=True, help_text="The headings that mean nothing to us.")
    notes = models.JSONField(
        default=list, blank=True, help_text="row, column, sentence: good rows that a person should look at."
    )
    error = models.TextField(blank=True)
    not_before = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["not_before"],
                condition=Q(state__in=["checking", "importing"]),
                name="catalog_import_due",
            ),
            models.Index(fields=["store", "-id"], name="catalog_import_newest"),
        ]

    def __str__(self) -> str:
        return self.file_name

    @property
    def is_news(self) -> bool:
        """Say whether there is something to take over."""
        return bool(self.new_products or self.changed_products or self.stock_changes)

    @property
    def shown_changes(self) -> list[dict[str, object]]:
        """Return the changes, once it is over without those of stock that nobody wanted."""
        is_left_out = self.state == self.State.DONE and not self.sets_stock
        return [one for one in self.changes if not (is_left_out and one["column"] == "quantity")]
