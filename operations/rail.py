"""What the left rail of every store page shows: the person's stores, what waits, and the health dot."""

from __future__ import annotations

from typing import Any, TypedDict, cast

from django.db.models import Exists, Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from catalog.canary.selectors import late_catalogs
from catalog.models import Catalog
from integrations.login_notices import expiring, list_notices
from integrations.models import (
    AssetState,
    ConnectedPage,
    InstagramAccount,
    MetaAccount,
    PolicyAction,
    WebhookEvent,
)
from integrations.selectors import limited_accounts
from leads.models import Lead
from messaging.selectors import count_waiting
from orders.models import Order
from orders.status import Status
from tenancy.access import StoreRequest
from tenancy.models import Membership, Store
from tenancy.scope import open_store


class RailNumbers(TypedDict):
    """What waits behind the places of the rail, and the tone of the health dot."""

    inbox: int
    orders: int
    leads: int
    health: str


def rail(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `store`, `membership` and `rail` on store pages, nothing elsewhere.

    5 queries; 2 more while Facebook does not let us in somewhere, or soon will not.
    """
    if getattr(request, "store", None) is None:
        return {}
    entered = cast(StoreRequest, request)
    made_at = timezone.now()
    with open_store(entered.store.pk):  # An error page is rendered after its view has closed the store.
        facts = look(entered.store.pk)
        return {
            "store": entered.store,
            "membership": entered.membership,
            "rail": {
                "stores": _list_stores(entered),
                "notices": list_notices() if facts["broken"] or facts["uneasy"] else [],
                "made_at": str(round(made_at.timestamp() * 1_000_000)),
                **_count(facts),
            },
        }


def count_rail(store_id: int) -> RailNumbers:
    """Count what waits in the open store; 4 queries."""
    return _count(look(store_id))


def _count(facts: dict[str, bool]) -> RailNumbers:
    return {
        "inbox": count_waiting(),
        "orders": Order.objects.filter(status=Status.NEW).count(),
        "leads": Lead.objects.filter(status=Lead.Status.NEW).count(),
        "health": find_tone(facts),
    }


def look(store_id: int) -> dict[str, bool]:
    """Say what there is to tell of a store's connections; 1 query."""
    kinds = (ConnectedPage, InstagramAccount, Catalog)
    assets = [kind.objects.exclude(state=AssetState.DISCONNECTED) for kind in kinds]
    parked = WebhookEvent.objects.filter(store=store_id, state=WebhookEvent.State.PARKED)
    logins = MetaAccount.objects.all()
    facts = Store.objects.filter(pk=store_id).values(
        any=_exists(*assets),
        broken=_exists(
            *_judged(PolicyAction.BLOCK), *(rows.filter(state=AssetState.NEEDS_RECONNECT) for rows in assets)
        ),
        shaky=_exists(
            parked,
            limited_accounts(),
            *_judged(PolicyAction.WARNING),
            *(rows.filter(error_count__gt=0) for rows in assets),
            Catalog.objects.filter(is_held=True, leaving_since=None).exclude(state=AssetState.DISCONNECTED),
        )
        | Q(late_catalogs()),
        uneasy=_exists(logins.filter(broken_since__isnull=False), expiring(logins, now=timezone.now())),
    )
    return {name: bool(said) for name, said in facts.get().items()}


def _judged(action: PolicyAction) -> list[Any]:
    """Return the Pages and accounts in use on which Meta has passed this verdict."""
    idle = (AssetState.DISABLED, AssetState.DISCONNECTED)
    kinds = (ConnectedPage, InstagramAccount)
    return [kind.objects.filter(policy_action=action).exclude(state__in=idle) for kind in kinds]


def find_tone(facts: dict[str, bool]) -> str:
    """Return the tone of the health dot: danger, warning, success, or '' with nothing connected."""
    if facts["broken"] or facts["shaky"]:
        return "danger" if facts["broken"] else "warning"
    return "success" if facts["any"] else ""


def _exists(*querysets: Any) -> Q:
    found = Q()
    for queryset in querysets:
        found |= Q(Exists(queryset))
    return found


def _list_stores(request: StoreRequest) -> list[tuple[str, str, bool]]:
    memberships = Membership.objects.filter(user_id=request.user.pk).select_related("store")
    return [
        (m.store.name, reverse("store_home", kwargs={"store": m.store.slug}), m.store_id == request.store.pk)
        for m in memberships.order_by("store__name")
    ]
