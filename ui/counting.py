"""Counting for people: nobody reads further than a thousand, and no page may cost more with more rows."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

MOST = 1000


def count_up_to_most(rows: QuerySet[Any]) -> int:
    """Count rows, but no further than one above MOST; 1 query, whatever the rows."""
    return rows.order_by()[: MOST + 1].count()


def count_words(count: int) -> str:
    """Write a count that may have stopped: `7`, `1000+`."""
    return f"{MOST}+" if count > MOST else str(count)
