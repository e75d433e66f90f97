"""What owners are told when items do not get through to Meta although nothing is wrong with them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from catalog.models import MOST_TRIES, Catalog, CatalogItem, PushBatch
from catalog.owner_mail import write_to_owners
from catalog.push.waiting import WAITS, say_how_many_wait
from catalog.standings import UNANSWERED
from integrations.models import AssetState

QUIET = timedelta(days=1)
"""How long people are not told again of the same catalog."""
NAMED = 5
GIVEN_UP = Q(state=CatalogItem.State.FAILED, attempts__gte=MOST_TRIES)


def is_shut_out(items: QuerySet[CatalogItem]) -> Q:
    """Return the condition for catalogs that Meta does not let us change though something waits.

    Of a dead login people are told elsewhere.
    """
    waiting = Exists(items.filter(WAITS, catalog=OuterRef("pk")))
    return Q(waiting, refused_calls__gte=MOST_TRIES, state=AssetState.ACTIVE)


def tell_of_given_up(catalog_pk: int) -> None:
    """Write to the owners what did not get through and why, once a day at most. The open store's.

    What could not be sent counts as untold again, so that the sweep comes back to it.
    """
    now = timezone.now()
    catalog = Catalog.objects.select_related("store").get(pk=catalog_pk)
    items = CatalogItem.objects.filter(GIVEN_UP, catalog=catalog)
    if items.exists():
        letter, context = "given_up", _tell_items(catalog, items)
    elif Catalog.objects.filter(is_shut_out(CatalogItem.objects.all()), pk=catalog_pk).exists():
        letter, context = "shut_out", _tell_catalog(catalog)
    else:
        return
    untold = Catalog.objects.filter(Q(told_at=None) | Q(told_at__lt=now - QUIET), pk=catalog_pk)
    if not untold.update(told_at=now):
        return
    try:
        write_to_owners(catalog.store, letter, {"catalog": catalog, **context})
    except Exception:
        Catalog.objects.filter(pk=catalog_pk).update(told_at=None)
        raise


def _tell_items(catalog: Catalog, items: QuerySet[CatalogItem]) -> dict[str, Any]:
    named = list(items.select_related("variant__product").order_by("pk")[:NAMED])
    count = items.count()
    return {
        "url": f"{_address(catalog, 'items')}?show={UNANSWERED}",
        "count": count,
        "titles": [str(item.variant) for item in named],
        "more": count - len(named),
        "reason": named[0].error,
    }


def _tell_catalog(catalog: Catalog) -> dict[str, Any]:
    failed = PushBatch.objects.filter(catalog=catalog, state=PushBatch.State.FAILED).order_by("-pk")
    return {
        "url": _address(catalog, "push"),
        "waiting": say_how_many_wait(catalog),
        "reason": failed.values_list("error", flat=True).first() or "",
    }


def _address(catalog: Catalog, page: str) -> str:
    path = reverse(f"catalog:{page}", kwargs={"store": catalog.store.slug, "catalog": catalog.pk})
    return f"{settings.APP_BASE_URL}{path}"
