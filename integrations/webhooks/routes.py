"""The tables at the roof, named by the setting EVENT_ROUTES: nothing down here imports them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module

from django.conf import settings


@dataclass(frozen=True)
class Tables:
    """What stormcom/event_routes.py describes."""

    assets: Mapping[str, str]
    conversations: str
    routes: Mapping[str, Mapping[str, tuple[str, ...]]]
    order_free: frozenset[str] = frozenset()
    may_be_unknown: frozenset[str] = frozenset()


@cache
def tables() -> Tables:
    module = import_module(settings.EVENT_ROUTES)
    return Tables(
        assets=module.ASSET_FINDERS,
        conversations=module.CONVERSATION_FINDER,
        routes=module.ROUTES,
        order_free=module.ORDER_FREE,
        may_be_unknown=module.MAY_BE_UNKNOWN,
    )
