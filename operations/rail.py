"""What the left rail of every store page shows: the person's stores, what waits, and the health dot."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from tenancy.models import Membership, Store


def rail(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `store`, `membership` and `rail` on store pages, nothing elsewhere."""
    store: Store | None = getattr(request, "store", None)
    if store is None:
        return {}
    return {
        "store": store,
        "membership": request.membership,  # type: ignore[attr-defined]  # set with the store by store_view
        "rail": {"stores": _stores(request, store)},
    }


def _stores(request: HttpRequest, current: Store) -> list[tuple[str, str, bool]]:
    memberships = Membership.objects.filter(user_id=request.user.pk).select_related("store")
    return [
        (m.store.name, reverse("store_home", kwargs={"store": m.store.slug}), m.store_id == current.pk)
        for m in memberships.order_by("store__name")
    ]
