"""A person's own writes: products, stock by hand, and which catalogs show the products."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError, transaction

from catalog import stock
from catalog.batches import add_missing_items
from catalog.models import Catalog, Product, Reason, Status, Variant
from catalog.push import add_items, mark_waiting
from catalog.refresh import CHECK
from catalog.tasks import resync_catalog
from integrations.models import AssetState, MetaAccount, SyncRun
from integrations.runs import request_runs
from tenancy.audit import record_audit
from tenancy.models import User


class CatalogTaken(Exception):
    """The catalog is connected to another store."""


@dataclass(frozen=True, kw_only=True)
class VariantData:
    """What a person says of one variant. `pk` None is a new one; `on_hand` counts for new ones only."""

    pk: int | None = None
    title: str = ""
    sku: str = ""
    price_minor: int
    on_hand: int = 0
    is_for_sale: bool = True


@dataclass(frozen=True, kw_only=True)
class ProductData:
    title: str
    description: str = ""
    brand: str = ""
    condition: str = Product.Condition.NEW
    image_url: str = ""
    variants: Sequence[VariantData] = field(default_factory=tuple)


def create_product(data: ProductData, *, actor: User | None) -> Product:
    """Make a product with its variants and their opening stock; every connected catalog will show it."""
    with transaction.atomic():
        product: Product = Product.objects.create(**_product_fields(data))
        variants = [_create_variant(product, row, actor=actor) for row in data.variants]
        record_audit("product.created", actor=actor, target=product, title=product.title)
        add_items(variants, catalogs=_shown_in())
    return product


def update_product(product: Product, data: ProductData, *, actor: User | None) -> Product:
    """Change a product and its variants, and add new ones. Stock is changed by movements, never here."""
    with transaction.atomic():
        locked: Product = Product.objects.select_for_update().get(pk=product.pk)
        for name, value in _product_fields(data).items():
            setattr(locked, name, value)
        locked.save()
        kept = [_update_variant(locked, row.pk, row) for row in data.variants if row.pk is not None]
        new = [_create_variant(locked, row, actor=actor) for row in data.variants if row.pk is None]
        record_audit("product.changed", actor=actor, target=locked, title=locked.title)
        add_items(new, catalogs=_shown_in())
        for variant in kept:
            mark_waiting([variant.pk], delete=not (variant.status == Status.ACTIVE == locked.status))
    return locked


def _product_fields(data: ProductData) -> dict[str, Any]:
    names = ("title", "description", "brand", "condition", "image_url")
    return {name: getattr(data, name) for name in names}


def _create_variant(product: Product, row: VariantData, *, actor: User | None) -> Variant:
    variant: Variant = Variant.objects.create(
        product=product, title=row.title, sku=row.sku, price_minor=row.price_minor
    )
    if row.on_hand:
        stock.give_back([(variant, row.on_hand)], reason=Reason.OPENING, reference="opening", actor=actor)
    return variant


def _update_variant(product: Product, pk: int, row: VariantData) -> Variant:
    variant: Variant = Variant.objects.select_for_update().get(pk=pk, product=product)
    variant.title, variant.sku, variant.price_minor = row.title, row.sku, row.price_minor
    variant.status = Status.ACTIVE if row.is_for_sale else Status.ARCHIVED
    variant.save(update_fields=["title", "sku", "price_minor", "status", "updated_at"])
    return variant


def archive_product(product: Product, *, actor: User | None) -> None:
    """Take a product off sale and out of every catalog; its history stays."""
    _set_status(product, Status.ARCHIVED, action="product.archived", actor=actor)


def restore_product(product: Product, *, actor: User | None) -> None:
    """Put an archived product on sale again."""
    _set_status(product, Status.ACTIVE, action="product.restored", actor=actor)


def _set_status(product: Product, status: Status, *, action: str, actor: User | None) -> None:
    with transaction.atomic():
        locked: Product = Product.objects.select_for_update().get(pk=product.pk)
        if locked.status == status:
            return
        locked.status = status
        locked.save(update_fields=["status", "updated_at"])
        record_audit(action, actor=actor, target=locked, title=locked.title)
        variants = list(Variant.objects.filter(product=locked, status=Status.ACTIVE))
        add_items(variants if status == Status.ACTIVE else [], catalogs=_shown_in())
        mark_waiting([variant.pk for variant in variants], delete=status == Status.ARCHIVED)


def send_now(product: Product) -> int:
    """Have a product compared and sent again, also after a refusal; return how many items that is."""
    return mark_waiting(list(product.variants.values_list("pk", flat=True)))


@transaction.atomic
def check_catalogs(*, actor: User, catalog_id: str = "") -> list[SyncRun]:
    """Look again at each catalog, or the one with this id at Meta, and send what is not as Meta has it.

    Return the runs that will tell how Meta answered; none when there is no such catalog.
    """
    catalogs = Catalog.objects.filter(state__in=Catalog.PUSHED)
    rows = list(catalogs.filter(catalog_id=catalog_id) if catalog_id else catalogs)
    for catalog in rows:
        resync_catalog.delay_on_commit(catalog.store_id, catalog.pk)
    if not rows:
        return []
    record_audit("catalogs.checked", actor=actor, catalogs=len(rows))
    return request_runs(job=CHECK, asset_ids=[catalog.catalog_id for catalog in rows])


def link_catalog(account: MetaAccount, *, catalog_id: str, name: str, actor: User | None) -> Catalog:
    """Show the store's products in a Meta catalog. Raises CatalogTaken. Safe twice.

    A catalog that this store had before comes back as the same row.
    """
    values = {
        "account": account,
        "name": name,
        "state": AssetState.ACTIVE,
        "last_error": "",
        "error_count": 0,
    }
    try:
        with transaction.atomic():
            catalog: Catalog
            catalog, _created = Catalog.objects.update_or_create(catalog_id=catalog_id, defaults=values)
            record_audit("catalog.connected", actor=actor, target=catalog, name=name)
            add_missing_items(catalog)
            resync_catalog.delay_on_commit(catalog.store_id, catalog.pk)
    except IntegrityError:  # the unique key knows better than a look beforehand
        raise CatalogTaken from None
    return catalog


def _shown_in() -> list[Catalog]:
    return list(Catalog.objects.filter(state__in=Catalog.PUSHED))
