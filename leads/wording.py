"""What happened to a lead, as sentences."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from leads.models import TONES, Lead
from tenancy.models import AuditEntry


@dataclass(frozen=True, kw_only=True)
class Step:
    """One line of a timeline."""

    text: str
    at: datetime
    by: str
    icon: str
    tone: str = "neutral"


def read_history(entries: list[AuditEntry]) -> list[Step]:
    return [
        Step(text=_words(entry), at=entry.at, by=str(entry.actor or ""), icon=_icon(entry), tone=_tone(entry))
        for entry in entries
    ]


def _words(entry: AuditEntry) -> str:
    match entry.action:
        case "lead.received":
            return _("Came in from a lead form")
        case "lead.status_changed":
            return _("Status changed from %(before)s to %(after)s") % {
                "before": _status_word(entry.details.get("before")),
                "after": _status_word(entry.details.get("after")),
            }
    return entry.action


def _status_word(value: object) -> str:
    return str(Lead.Status(value).label) if value in Lead.Status.values else str(value)


def _icon(entry: AuditEntry) -> str:
    return "user-plus" if entry.action == "lead.received" else "arrow-path"


def _tone(entry: AuditEntry) -> str:
    return TONES.get(entry.details.get("after", ""), "neutral")
