"""A change to all products of a list, under way."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tenancy.owned import StoreOwned


class BulkChange(StoreOwned):
    """What a person wants of everything that a list shows, on all its pages, and how far that has come.

    Products are taken in the order of their ids, each once, up to the newest there was when the person said
    so; `last_product` is the last one passed, and it goes on there, whoever died.
    """

    class Action(models.TextChoices):
        EDIT = "edit", _("Change")
        ARCHIVE = "archive", _("Archive")
        RESTORE = "restore", _("Put on sale again")

    class State(models.TextChoices):
        RUNNING = "running", _("Under way")
        DONE = "done", _("Finished")
        STOPPED = "stopped", _("Stopped")

    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    action = models.CharField(max_length=10, choices=Action)
    state = models.CharField(max_length=10, choices=State, default=State.RUNNING)
    listed = models.JSONField(default=dict, blank=True, help_text="show, search, tag, category of the list.")
    change = models.JSONField(default=dict, blank=True, help_text="What an edit changes, field by field.")
    newest_product = models.BigIntegerField(default=0, help_text="Products made later are left alone.")
    last_product = models.BigIntegerField(default=0)
    rows_total = models.PositiveIntegerField(null=True, blank=True)
    rows_done = models.PositiveIntegerField(default=0)
    changed_products = models.PositiveIntegerField(default=0)
    left_out = models.PositiveIntegerField(default=0)
    problems = models.JSONField(
        default=list, blank=True, help_text="product, title, sentence: the first that were left out."
    )
    not_before = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["store"], condition=Q(state="running"), name="catalog_bulk_one_at_a_time"
            )
        ]
        indexes = [
            models.Index(fields=["not_before"], condition=Q(state="running"), name="catalog_bulk_due"),
            models.Index(fields=["finished_at"], name="catalog_bulk_over"),
        ]

    def __str__(self) -> str:
        return f"{self.get_action_display()} {self.pk}"
