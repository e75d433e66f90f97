"""What owners are told when items do not get through to Meta although nothing is wrong with them."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from catalog.models import MOST_TRIES, Catalog, CatalogItem
from catalog.owner_mail import write_to_owners
from catalog.standings import UNANSWERED

QUIET = timedelta(days=1)
"""How long people are not told again of the same catalog."""
NAMED = 5
GIVEN_UP = Q(state=CatalogItem.State.FAILED, attempts__gte=MOST_TRIES)


def tell_of_given_up(catalog_pk: int) -> None:
    """Write to the owners what did not get through and why, once a day at most. The open store's.

    What could not be sent counts as untold again, so that the sweep comes back to it.
    """
    now = timezone.now()
    items = CatalogItem.objects.filter(GIVEN_UP, catalog=catalog_pk)
    untold = Catalog.objects.filter(Q(told_at=None) | Q(told_at__lt=now - QUIET), pk=catalog_pk)
    if not items.exists() or not untold.update(told_at=now):
        return
    catalog = Catalog.objects.select_related("store").get(pk=catalog_pk)
    store = catalog.store
    named = list(items.select_related("variant__product").order_by("pk")[:NAMED])
    count = items.count()
    address = reverse("catalog:items", kwargs={"store": store.slug, "catalog": catalog.pk})
    url = f"{settings.APP_BASE_URL}{address}?show={UNANSWERED}"
    context = {
        "catalog": catalog,
        "url": url,
        "count": count,
        "titles": [str(item.variant) for item in named],
        "more": count - len(named),
        "reason": named[0].error,
    }
    try:
        write_to_owners(store, "given_up", context)
    except Exception:
        Catalog.objects.filter(pk=catalog_pk).update(told_at=None)
        raise
