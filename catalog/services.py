"""A person's own writes: products, stock by hand, and which catalogs show the products."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from catalog import stock
from catalog.batches import add_missing_items
from catalog.models import Catalog, Product, Reason, Status, Variant
from catalog.preflight import check, sum_up
from catalog.product_data import ProductData, VariantData
from catalog.push import add_items, mark_waiting, nudge
from catalog.refresh import CHECK
from catalog.tasks import resync_catalog
from integrations.models import AssetState, MetaAccount, SyncRun
from integrations.runs import request_runs
from tenancy.audit import record_audit
from tenancy.models import User


class CatalogTaken(Exception):
    """The catalog is connected to another store."""


def create_product(data: ProductData, *, actor: User | None) -> Product:
    """Make a product with its variants and their opening stock; every connected catalog will show it."""
    with transaction.atomic():
        product: Product = Product.objects.create(**_product_fields(data))
        variants = [_create_variant(product, row, actor=actor) for row in data.variants]
        note_summary(product)
        record_audit("product.created", actor=actor, target=product, title=product.title)
        _show(product, variants)
    return product


def update_product(product: Product, data: ProductData, *, actor: User | None) -> Product:
    """Change a product and its variants, and add new ones. Stock is changed by movements, never here."""
    with transaction.atomic():
        locked: Product = Product.objects.select_for_update().get(pk=product.pk)
        for name, value in _product_fields(data).items():
            setattr(locked, name, value)
        locked.save()
        variants = [
            _create_variant(locked, row, actor=actor)
            if row.pk is None
            else _update_variant(locked, row.pk, row)
            for row in data.variants
        ]
        note_summary(locked)
        record_audit("product.changed", actor=actor, target=locked, title=locked.title)
        _show(locked, variants)
    return locked


def note_summary(product: Product) -> None:
    """Write down what the list needs of a product: how ready it is, what its variants are called."""
    fill_summary(product, list(product.variants.select_related("product", "store")))
    product.save(update_fields=SUMMARY)


def fill_summary(product: Product, variants: list[Variant]) -> None:
    """Put into a product what the list needs of it; the caller saves it. Variants need product and store."""
    product.readiness, product.causes = sum_up(check(product, variants))
    product.variant_words = " ".join(_words_of(variants))


SUMMARY = ["readiness", "causes", "variant_words"]
"""The fields that `fill_summary` fills."""


def _words_of(variants: list[Variant]) -> dict[str, None]:
    """Return each word once: a product has up to a hundred variants of the same few."""
    texts = (text for one in variants for text in (one.title, one.sku, one.gtin, one.mpn, one.retailer_id))
    return dict.fromkeys(word for text in texts for word in text.split())


def _show(product: Product, variants: list[Variant]) -> None:
    """Have each catalog show the variants that are for sale, and no other."""
    shown = [one for one in variants if one.status == Status.ACTIVE == product.status]
    add_items(shown, catalogs=_shown_in())
    mark_waiting([one.pk for one in shown], delete=False)
    mark_waiting([one.pk for one in variants if one not in shown], delete=True)


def _product_fields(data: ProductData) -> dict[str, Any]:
    return {name: value for name, value in asdict(data).items() if name != "variants"}


OWN_FIELDS = ("pk", "on_hand", "is_for_sale")
"""What a person says of a variant that is no column, or none that is written as it is."""


def _create_variant(product: Product, row: VariantData, *, actor: User | None) -> Variant:
    variant = Variant(product=product, **_variant_fields(row))
    variant.sale_edge_at = variant.find_sale_edge(timezone.now())
    variant.save()
    if row.on_hand:
        stock.give_back([(variant, row.on_hand)], reason=Reason.OPENING, reference="opening", actor=actor)
    return variant


def _update_variant(product: Product, pk: int, row: VariantData) -> Variant:
    variant: Variant = Variant.objects.select_for_update().get(pk=pk, product=product)
    values = _variant_fields(row)
    for name, value in values.items():
        setattr(variant, name, value)
    variant.sale_edge_at = variant.find_sale_edge(timezone.now())
    variant.save(update_fields=[*values, "sale_edge_at", "updated_at"])
    return variant


def _variant_fields(row: VariantData) -> dict[str, Any]:
    values = {name: value for name, value in asdict(row).items() if name not in OWN_FIELDS}
    return values | {"status": Status.ACTIVE if row.is_for_sale else Status.ARCHIVED}


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


def link_catalog(
    account: MetaAccount, *, catalog_id: str, name: str, actor: User | None, is_held: bool = False
) -> Catalog:
    """Show the store's products in a Meta catalog. Raises CatalogTaken. Safe twice.

    A catalog that this store had before comes back as the same row. When it `is_held`, nothing is sent to it
    until somebody lets it go.
    """
    values = {
        "account": account,
        "name": name,
        "is_held": is_held,
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


def let_go(catalog: Catalog, *, actor: User | None) -> None:
    """Send what waits in a catalog from now on. Safe twice."""
    with transaction.atomic():
        if Catalog.objects.filter(pk=catalog.pk, is_held=True).update(is_held=False):
            record_audit("catalog.let_go", actor=actor, target=catalog, name=catalog.name)
        nudge(catalog.pk)


def hold_back(catalog: Catalog, *, actor: User | None) -> None:
    """Send nothing more to a catalog; what has left is still asked about, what has not keeps. Safe twice."""
    with transaction.atomic():
        if Catalog.objects.filter(pk=catalog.pk, is_held=False).update(is_held=True):
            record_audit("catalog.held_back", actor=actor, target=catalog, name=catalog.name)
