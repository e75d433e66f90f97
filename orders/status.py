"""How an order may move on. Pure."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Status(TextChoices):
    NEW = "new", _("New")
    CONFIRMED = "confirmed", _("Confirmed")
    SHIPPED = "shipped", _("Shipped")
    COMPLETED = "completed", _("Completed")
    CANCELLED = "cancelled", _("Cancelled")


NEXT: dict[Status, tuple[Status, ...]] = {
    Status.NEW: (Status.CONFIRMED, Status.CANCELLED),
    Status.CONFIRMED: (Status.SHIPPED, Status.CANCELLED),
    Status.SHIPPED: (Status.COMPLETED,),
    Status.COMPLETED: (),
    Status.CANCELLED: (),
}
"""What a status may become. What has left the house is returned or refunded, not cancelled."""


def may_become(status: str, wanted: str) -> bool:
    return Status(wanted) in NEXT[Status(status)]


def step_forward(status: str) -> Status | None:
    """Return the one step of the ordinary way, None at its end."""
    steps = [step for step in NEXT[Status(status)] if step is not Status.CANCELLED]
    return steps[0] if steps else None


TONES: dict[str, str] = {
    Status.NEW: "info",
    Status.CONFIRMED: "accent",
    Status.SHIPPED: "success",
    Status.COMPLETED: "success",
    Status.CANCELLED: "neutral",
}
"""The colour of each status."""
