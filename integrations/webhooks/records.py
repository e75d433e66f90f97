"""Rows about the work on Meta's messages: a large replay, and a test of the way."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tenancy.owned import StoreForeignKey, StoreOwned


class EventReplay(models.Model):
    """A replay that is too large for one transaction: it goes on slice by slice until `finished_at`.

    Not StoreOwned: staff replay events of all stores, then `store` is null. `last_event_id` is the last one
    that was put back, `until_event_id` the newest there was at the start: nothing is taken twice.
    """

    class Pick(models.TextChoices):
        FAILED = "failed", _("What failed")
        PARKED = "parked", _("What needs a look")
        IGNORED = "ignored", _("What was ignored")
        PAUSED = "paused", _("What came during a pause")
        DONE = "done", _("What was done")
        ALL = "all", _("Everything")

    store = models.ForeignKey("tenancy.Store", on_delete=models.CASCADE, null=True, related_name="+")
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    pick = models.CharField(max_length=10, choices=Pick, default=Pick.FAILED)
    kind = models.CharField(max_length=40, blank=True)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)
    total = models.PositiveIntegerField(help_text="How many events there were to replay at the start.")
    replayed = models.PositiveIntegerField(default=0)
    last_event_id = models.BigIntegerField(default=0)
    until_event_id = models.BigIntegerField()
    mailboxes = models.JSONField(default=list, help_text="Of the slice that is being worked on.")
    started_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["id"], name="integrations_replay_open", condition=models.Q(finished_at__isnull=True)
            )
        ]

    def __str__(self) -> str:
        return f"replay {self.pk}"


def make_test_number() -> str:
    return secrets.token_hex(12)


class ConnectionTest(StoreOwned):
    """One press on "Send test event": how our own address answered. What came of the event is the event's."""

    class Problem(models.TextChoices):
        TIMEOUT = "timeout", _("No answer in time")
        UNREACHABLE = "unreachable", _("Not reachable")
        CERTIFICATE = "certificate", _("Certificate not valid")

    page = StoreForeignKey("integrations.ConnectedPage", on_delete=models.CASCADE, related_name="tests")
    number = models.CharField(max_length=32, default=make_test_number)
    started_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True, blank=True)
    http_status = models.PositiveSmallIntegerField(null=True, blank=True)
    problem = models.CharField(max_length=12, choices=Problem, blank=True)
    answer_ms = models.PositiveIntegerField(null=True, blank=True)

    def __str__(self) -> str:
        return f"test {self.pk}"

    def has_failed(self) -> bool:
        """Whether our address answered, or failed to, with anything but 200."""
        return bool(self.problem) or self.http_status not in (None, 200)
