"""Requests to be forgotten."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import get_random_string, salted_hmac
from django.utils.translation import gettext_lazy as _

CODE_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"
"""None that a person could take for another one when they read a code out."""
CODE_LENGTH = 20


def make_code() -> str:
    """Return a code that nobody guesses: 99 bits."""
    return get_random_string(CODE_LENGTH, CODE_LETTERS)


def fingerprint(kind: str, subject: str) -> str:
    """Return what a person is recognised by when they ask again; nobody without our key turns it back."""
    return salted_hmac("operations.deletion", f"{kind}:{subject}", algorithm="sha256").hexdigest()


class DeletionRequest(models.Model):
    """One person's wish to be forgotten, how far it is, and what came of it.

    Its page is open to whoever has the code, for years: it holds no personal data once it is done. `subject`
    says whom to look for until then. Somebody who asks again is the same row, looked through once more.
    """

    class Kind(models.TextChoices):
        FACEBOOK_USER = "facebook_user", _("Somebody who connected Facebook")
        BUYER = "buyer", _("A customer of a store")

    class State(models.TextChoices):
        WAITING = "waiting", _("Being worked on")
        DONE = "done", _("Done")
        STUCK = "stuck", _("Needs a look")

    code = models.CharField(max_length=40, unique=True, default=make_code)
    kind = models.CharField(max_length=20, choices=Kind)
    fingerprint = models.CharField(max_length=64)
    subject = models.JSONField(default=dict, blank=True, help_text="Whom to look for; empty once done.")
    store = models.ForeignKey("tenancy.Store", on_delete=models.SET_NULL, null=True, related_name="+")
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    requested_at = models.DateTimeField(help_text="When it was asked for, last.")
    first_requested_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)
    done_steps = models.JSONField(default=list, blank=True)
    erased = models.JSONField(default=dict, blank=True, help_text="How much of what, all rounds together.")
    kept = models.JSONField(
        default=list, blank=True, help_text="Why something was kept, all rounds together."
    )
    attempts = models.PositiveIntegerField(default=0)
    not_before = models.DateTimeField(default=timezone.now)
    last_error = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "fingerprint"], name="operations_deletion_person_once"),
        ]
        indexes = [
            models.Index(
                fields=["not_before"], name="operations_deletion_due", condition=models.Q(state="waiting")
            ),
            models.Index(fields=["store", "-id"], name="operations_deletion_of_store"),
        ]

    def __str__(self) -> str:
        return self.code

    def get_absolute_url(self) -> str:
        return reverse("deletion_status", kwargs={"code": self.code})

    @property
    def tone(self) -> str:
        """The colour of its state."""
        return {self.State.DONE: "success", self.State.STUCK: "danger"}.get(self.State(self.state), "info")

    @property
    def public_url(self) -> str:
        return f"{settings.APP_BASE_URL}{self.get_absolute_url()}"
