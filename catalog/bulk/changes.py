"""The same change to many products: each is locked, checked and sent again as if it were changed alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db import transaction
from django.db.models import Count
from django.utils.translation import gettext as _

from catalog.linking.leaving import AT_META
from catalog.linking.placing import place_products, set_switch
from catalog.locking import lock_products
from catalog.models import Catalog, CatalogItem, Product, Status, Variant
from catalog.number_fields import MOST_MONEY
from catalog.services import archive_product, note_summary, restore_product
from tenancy.audit import record_audit
from tenancy.models import User
from ui.currency import to_major

TEXTS = ("brand", "category", "google_category", "condition", "when_sold_out")
MOST_TAGS = 30


class CannotChange(Exception):
    """The message says which product, and why, in words. Nothing is changed."""


@dataclass(frozen=True, kw_only=True)
class Change:
    """What is empty stays as it is; `is_shown` is about the catalog, None has its choice decide."""

    brand: str = ""
    category: str = ""
    google_category: str = ""
    condition: str = ""
    when_sold_out: str = ""
    add_tags: list[str] = field(default_factory=list)
    remove_tags: list[str] = field(default_factory=list)
    price_percent: Decimal | None = None
    catalog: Catalog | None = None
    is_shown: bool | None = None


@dataclass(frozen=True)
class Leaving:
    """How many items leave a catalog at Meta when products are archived."""

    catalog: Catalog
    items: int


def measure_archiving(products: Iterable[Product]) -> list[Leaving]:
    """Return what archiving these products takes out at Meta, catalog by catalog; 2 queries."""
    mine = CatalogItem.objects.filter(AT_META, product__in=list(products))
    counts = dict(mine.values_list("catalog").annotate(n=Count("pk")).order_by())
    catalogs = Catalog.objects.filter(pk__in=counts, state__in=Catalog.PUSHED)
    return [Leaving(catalog, counts[catalog.pk]) for catalog in catalogs]


@transaction.atomic
def archive_products(products: Iterable[Product], *, actor: User | None) -> list[list[Any]]:
    """Archive them all, or none; return what `unarchive_products` takes back: number and status before."""
    rows = [product for product in _lock(products) if not _is_archived(product)]
    for product in rows:
        archive_product(product, actor=actor)
    return [[product.pk, product.status] for product in rows]


@transaction.atomic
def restore_products(products: Iterable[Product], *, actor: User | None) -> int:
    """Put them all on sale again, or none; return how many."""
    rows = _lock(products)
    for product in rows:
        restore_product(product, actor=actor)
    return len(rows)


@transaction.atomic
def unarchive_products(archived: Iterable[Sequence[Any]], *, actor: User | None) -> int:
    """Put back what `archive_products` archived and nobody has changed since; return how many."""
    before = {pk: Status(status) for pk, status in archived}
    rows = [product for product in _lock(Product.objects.filter(pk__in=before)) if _is_archived(product)]
    for product in rows:
        restore_product(product, actor=actor, status=before[product.pk])
    return len(rows)


def _lock(products: Iterable[Product]) -> list[Product]:
    """Lock them; return them as they are now, in the order of their ids."""
    pks = [product.pk for product in products]
    lock_products(pks)
    return list(Product.objects.filter(pk__in=pks).order_by("pk"))


def _is_archived(product: Product) -> bool:
    return product.status == Status.ARCHIVED


@transaction.atomic
def change_products(products: Iterable[Product], change: Change, *, actor: User | None) -> int:
    """Change them all, or none; return how many that are. Raises CannotChange."""
    rows = _lock(products)
    for product in rows:
        change_product(product, change, actor=actor)
    place_changed(rows, change)
    return len(rows)


def change_product(product: Product, change: Change, *, actor: User | None) -> None:
    """Change one that the caller has locked, and places afterwards. Raises CannotChange."""
    _change_facts(product, change)
    _change_prices(product, change.price_percent)
    note_summary(product)
    record_audit("product.changed", actor=actor, target=product, title=product.title)


def place_changed(products: Sequence[Product], change: Change) -> None:
    """Have the catalogs show them, or not, as they are now."""
    if change.catalog is not None:
        set_switch(products, change.catalog, is_shown=change.is_shown)
    place_products([product.pk for product in products])


def _change_facts(product: Product, change: Change) -> None:
    for name in TEXTS:
        setattr(product, name, getattr(change, name) or getattr(product, name))
    gone = set(change.remove_tags)
    product.tags = [tag for tag in dict.fromkeys([*product.tags, *change.add_tags]) if tag not in gone]
    if len(product.tags) > MOST_TAGS:
        words = _("%(product)s would have more than %(most)s tags. Add fewer.")
        raise CannotChange(words % {"product": product.title, "most": MOST_TAGS})
    product.save(update_fields=[*TEXTS, "tags", "updated_at"])


def _change_prices(product: Product, percent: Decimal | None) -> None:
    if not percent:
        return
    factor = 1 + percent / 100
    for variant in product.variants.select_related("store").order_by("pk"):
        variant.price_minor = _scaled(variant.price_minor, factor)
        if variant.sale_price_minor is not None:
            variant.sale_price_minor = _scaled(variant.sale_price_minor, factor)
        _refuse_price(variant)
        variant.save(update_fields=["price_minor", "sale_price_minor", "updated_at"])


def _scaled(minor: int, factor: Decimal) -> int:
    return int((minor * factor).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def _refuse_price(variant: Variant) -> None:
    sale = variant.sale_price_minor
    if variant.price_minor <= 0:
        words = _("The price of %(variant)s would be zero. Choose a smaller change.")
        raise CannotChange(words % {"variant": variant})
    if to_major(variant.price_minor, variant.currency) > MOST_MONEY:
        words = _("The price of %(variant)s would be above 999,999,999. Choose a smaller change.")
        raise CannotChange(words % {"variant": variant})
    if sale is not None and not 0 < sale < variant.price_minor:
        words = _("The sale price of %(variant)s would not be below its price. Choose a smaller change.")
        raise CannotChange(words % {"variant": variant})
