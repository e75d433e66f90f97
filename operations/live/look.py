"""One look at a store for all its open pages: what changed, what waits, and who may go on looking."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import wraps
from typing import ParamSpec, TypeVar

from django.contrib.sessions.models import Session
from django.db import connections
from django.utils import timezone

from messaging import live
from operations.rail import RailNumbers, count_rail
from tenancy.models import Membership
from tenancy.scope import open_store

P = ParamSpec("P")
T = TypeVar("T")

OVERLAP = timedelta(seconds=30)
"""A transaction that was open during a look, and a clock that is behind: look back that far each time."""


@dataclass(frozen=True)
class Guest:
    """Who looks at a page: a person, by a sign-in."""

    user_id: int
    session_key: str


@dataclass(frozen=True)
class Look:
    """What there is to tell. `changes` is complete from `reaches_back_to` on."""

    at: datetime
    changes: list[live.Change]
    reaches_back_to: datetime
    rail: RailNumbers


def gives_back(read: Callable[P, T]) -> Callable[P, T]:
    """Run in a thread of the loop's pool, and give the database connection back at once."""

    @wraps(read)
    def inside(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return read(*args, **kwargs)
        finally:
            connections.close_all()

    return inside


def look(store_id: int, since: datetime) -> Look:
    """Read what changed in a store since a moment, and the numbers of its rail; 5 queries."""
    at = timezone.now()
    with open_store(store_id):
        changes = live.list_changes(since=since - OVERLAP)
        complete = len(changes) < live.LIMIT
        return Look(
            at=at,
            changes=changes,
            reaches_back_to=since - OVERLAP if complete else changes[-1].changed_at,
            rail=count_rail(store_id),
        )


def list_gone(store_id: int, guests: Collection[Guest]) -> set[Guest]:
    """Return those whose sign-in or membership has ended; 2 queries."""
    members = Membership.objects.filter(
        store_id=store_id, user_id__in={guest.user_id for guest in guests}, user__is_active=True
    )
    sessions = Session.objects.filter(
        session_key__in={guest.session_key for guest in guests}, expire_date__gt=timezone.now()
    )
    known = set(members.values_list("user_id", flat=True)), set(sessions.values_list("pk", flat=True))
    return {guest for guest in guests if guest.user_id not in known[0] or guest.session_key not in known[1]}
