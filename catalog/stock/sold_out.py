"""What buyers see of what is sold out: how the store wants it, and telling Meta when that changes.

An item is hidden, never deleted: deleted, it would come back without its reviews and its place in ads.
"""

from __future__ import annotations

from django.db import transaction
from django.db.models import F, Q, QuerySet

from catalog.models import CatalogItem, Product, Status, Variant
from catalog.push.marking import mark_waiting
from tenancy.models import Store, User
from tenancy.services import update_store

SLICE = 500
HIDES = (Store.SoldOut.HIDE.value, Product.WhenSoldOut.INHERIT.value)
"""What a product says when it is hidden in a store that hides what is sold out."""


def count_hidden(items: QuerySet[CatalogItem], store: Store) -> int:
    """Count which of the items buyers would not see now, because nothing is left; 1 query."""
    nothing_left = Q(variant__on_hand__lte=F("variant__reserved") + F("variant__safety_stock"))
    words = HIDES if store.when_sold_out == Store.SoldOut.HIDE else HIDES[:1]
    return items.filter(nothing_left, variant__product__when_sold_out__in=words).count()


def set_when_sold_out(store: Store, choice: str, *, actor: User) -> bool:
    """Say what the store's buyers see of what is sold out; say whether that is new.

    The task that tells Meta of it is the caller's to start. Safe twice.
    """
    if store.when_sold_out == choice:
        return False
    update_store(store, actor=actor, when_sold_out=choice)
    return True


def send_slice_again(*, after: int) -> int | None:
    """Have a slice of what follows the store looked at again; return where to go on. Safe twice."""
    with transaction.atomic():
        sold_out = Variant.objects.filter(
            pk__gt=after,
            status=Status.ACTIVE,
            on_hand__lte=F("reserved") + F("safety_stock"),
            product__when_sold_out=Product.WhenSoldOut.INHERIT,
        )
        pks = list(sold_out.order_by("pk").values_list("pk", flat=True)[:SLICE])
        mark_waiting(pks)
    return pks[-1] if len(pks) == SLICE else None
