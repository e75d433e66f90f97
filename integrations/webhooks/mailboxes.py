"""Claiming mailboxes: the longest due first, each by one worker at a time, so that none starves another."""

from __future__ import annotations

from django.db import connection

LEASE_SECONDS = 120
"""How long a dead worker keeps its mailbox. Two workers in one mailbox would still do no event twice."""

_CLAIM = """
    UPDATE integrations_mailbox SET claimed_until = statement_timestamp() + make_interval(secs => %s)
    WHERE name = (
        SELECT name FROM integrations_mailbox
        WHERE due_at <= statement_timestamp()
        AND (claimed_until IS NULL OR claimed_until < statement_timestamp())
        ORDER BY due_at FOR UPDATE SKIP LOCKED LIMIT 1
    )
    RETURNING name
"""
_LOCK = "SELECT 1 FROM integrations_mailbox WHERE name = %s FOR UPDATE"
_RELEASE = """
    UPDATE integrations_mailbox SET claimed_until = NULL, due_at = (
        SELECT GREATEST(not_before, statement_timestamp()) FROM integrations_webhookevent
        WHERE mailbox = %s AND state = 'waiting' ORDER BY id LIMIT 1
    )
    WHERE name = %s
"""


def claim_mailbox() -> str | None:
    """Claim the mailbox that has been due longest, or return None when nothing is due."""
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, [LEASE_SECONDS])
        row = cursor.fetchone()
    return str(row[0]) if row else None


def release_mailbox(name: str) -> None:
    """Give a mailbox back, due again when its head is. Call inside a transaction.

    Locking first and reading in a second statement matters: an event that was unpacked while we waited for
    the lock is then seen, and does not wait for the sweep.
    """
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [name])
        cursor.execute(_RELEASE, [name, name])
