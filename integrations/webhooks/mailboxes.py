"""Claiming mailboxes: the longest due first, each by one worker at a time, so that none starves another."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

LEASE_SECONDS = 30
"""How long a dead worker keeps its mailbox; a living one gives it back after `dispatch.SECONDS_PER_CLAIM` and
one event. Two workers in one mailbox would still do no event twice."""

_CLAIM = """
    UPDATE integrations_mailbox SET claimed_until = statement_timestamp() + make_interval(secs => %s)
    WHERE name = (
        SELECT name FROM integrations_mailbox
        WHERE due_at <= statement_timestamp()
        AND (claimed_until IS NULL OR claimed_until < statement_timestamp())
        ORDER BY due_at FOR UPDATE SKIP LOCKED LIMIT 1
    )
    RETURNING name, claimed_until
"""
_LOCK = "SELECT 1 FROM integrations_mailbox WHERE name = %s FOR UPDATE"
_RELEASE = """
    UPDATE integrations_mailbox SET claimed_until = NULL, due_at = (
        SELECT GREATEST(not_before, statement_timestamp()) FROM integrations_webhookevent
        WHERE mailbox = %s AND state = 'waiting' ORDER BY not_before LIMIT 1
    )
    WHERE name = %s AND claimed_until = %s
"""


@dataclass(frozen=True)
class Claim:
    mailbox: str
    until: datetime


def claim_mailbox() -> Claim | None:
    """Claim the mailbox that has been due longest, or return None when nothing is due."""
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, [LEASE_SECONDS])
        row = cursor.fetchone()
    return Claim(*row) if row else None


def release_mailbox(claim: Claim) -> None:
    """Give a mailbox back, due again when the first of its events is; a claim that ran out changes nothing.

    Locking first and reading in a second statement matters: an event that was unpacked while we waited for
    the lock is then seen, and does not wait for the sweep.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_LOCK, [claim.mailbox])
        cursor.execute(_RELEASE, [claim.mailbox, claim.mailbox, claim.until])
