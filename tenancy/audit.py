"""The audit trail: one row beside each change a person or a job makes."""

from __future__ import annotations

from typing import Any

from django.db import models

from tenancy.models import AuditEntry, User


def record_audit(
    action: str, *, actor: User | None, target: models.Model | None = None, **details: Any
) -> AuditEntry:
    """Write one entry to the open store's trail; `actor` None is the platform itself.

    `details` must be JSON and never holds a token or a customer's words.
    """
    return AuditEntry.objects.create(
        actor=actor,
        action=action,
        target_type=target._meta.label if target else "",
        target_id=str(target.pk) if target else "",
        details=details,
    )
