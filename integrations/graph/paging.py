"""From one page of an edge to the next. Source: fact sheet 3.4. Pure.

`paging.next` holds the access token, so it is never followed, kept or logged: only the place in the list is
taken from it, and the next call is ours, to our own address.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

from integrations.graph.errors import UnknownAnswer

PLACES = ("after", "offset", "until", "since", "__paging_token")
"""Parameters by which an edge says where its next page begins; which one, differs by edge."""
MOST_PAGES = 10_000
"""No list of a shop is as long: one that goes on is a loop that never says the same place twice."""


class Pages:
    """The way through one list: tells rows from an answer, and what to ask for next."""

    def __init__(self) -> None:
        self._seen: set[tuple[tuple[str, str], ...]] = set()

    def rows(self, page: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """Yield the rows of a page. Raises UnknownAnswer for a page without a list."""
        data = page.get("data", [])
        if not isinstance(data, list):
            raise UnknownAnswer("Meta answered a list without rows.")
        return (row for row in data if isinstance(row, dict))

    def find_next(self, page: dict[str, Any]) -> dict[str, str] | None:
        """Return where the next page begins; None when this was the last: only a missing `next` says so.

        Raises UnknownAnswer for a list that goes round in circles, or goes on without saying where.
        """
        paging = page.get("paging")
        following = paging.get("next") if isinstance(paging, dict) else None
        if not isinstance(following, str) or not following:
            return None
        place = _read_place(paging, following)
        if not place:
            raise UnknownAnswer("Meta says that a list goes on, but not where.")
        key = tuple(sorted(place.items()))
        if key in self._seen or len(self._seen) >= MOST_PAGES:
            raise UnknownAnswer("Meta's list goes round in circles.")
        self._seen.add(key)
        return place


def _read_place(paging: Any, following: str) -> dict[str, str]:
    cursors = paging.get("cursors")
    after = cursors.get("after") if isinstance(cursors, dict) else None
    if isinstance(after, str) and after:
        return {"after": after}
    try:
        query = parse_qs(urlsplit(following).query)
    except ValueError:
        return {}
    return {name: query[name][0] for name in PLACES if name in query}
