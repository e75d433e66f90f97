"""How often somebody may ask the API: so many requests a minute by key or person, by store, and by address.

Counted in the cache, for all web processes. A cache that is away lets everybody pass: a limit protects the
service, and must not be what stops it.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import structlog
from allauth.account.adapter import get_adapter
from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from redis import RedisError

from operations.api.problems import Problem

WINDOW_SECONDS = 60

log = structlog.get_logger()


@dataclass(frozen=True)
class Standing:
    """How one limit stands after this request. `reset_seconds` is when counting starts anew."""

    limit: int
    remaining: int
    reset_seconds: int

    def headers(self) -> dict[str, str]:
        """Return the fields of the IETF's draft on rate limits, as most clients read them."""
        return {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(self.reset_seconds),
        }


def count_address(request: HttpRequest) -> None:
    """Count a request for the address it comes from. Raises Problem above the limit."""
    address = get_adapter().get_client_ip(request)
    _count(request, f"address:{address}", settings.API_REQUESTS_PER_MINUTE_AND_ADDRESS)


def count_caller(request: HttpRequest, who: str) -> None:
    """Count a request for a key or a person. Raises Problem above the limit."""
    _count(request, who, settings.API_REQUESTS_PER_MINUTE)


def count_store(request: HttpRequest, store_id: int) -> None:
    """Count a request of somebody who may enter the store. Raises Problem above the limit."""
    _count(request, f"store:{store_id}", settings.API_REQUESTS_PER_MINUTE_AND_STORE)


def find_standing(request: HttpRequest) -> Standing | None:
    """Return how the limit stands, of those that this request counted for, that is reached first."""
    return getattr(request, "_api_standing", None)


def _count(request: HttpRequest, who: str, limit: int) -> None:
    window, inside = divmod(int(time.time()), WINDOW_SECONDS)
    key = f"api:{who}:{window}"
    try:
        cache.add(key, 0, timeout=2 * WINDOW_SECONDS)
        used = cache.incr(key)
    except (RedisError, ValueError) as error:  # ValueError: the cache dropped the key in between
        log.warning("The API's requests are not counted", why=type(error).__name__)
        return
    standing = Standing(limit=limit, remaining=max(0, limit - used), reset_seconds=WINDOW_SECONDS - inside)
    before = find_standing(request)
    if before is None or standing.remaining <= before.remaining:
        request._api_standing = standing  # type: ignore[attr-defined]  # read by find_standing
    if used > limit:
        raise Problem("too-many-requests", headers={"Retry-After": str(standing.reset_seconds)})
