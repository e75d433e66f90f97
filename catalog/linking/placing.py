"""Bringing the rows of a catalog's items in line with what belongs into it.

The rows are locked before it is decided about them, in the order of their ids as everywhere. So a decision is
made by what holds then, and of an edit and a look at the same item the later one sees what the first one did.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.core.exceptions import EmptyResultSet
from django.db import connection, transaction
from django.db.models import Exists, Expression, F, OuterRef, QuerySet, Value

from catalog.linking.choosing import Rule, belonging
from catalog.models import Catalog, CatalogItem, CatalogSwitch, Product, Variant
from catalog.push.marking import mark, nudge


@dataclass(frozen=True)
class Preview:
    """How many items another choice would add to a catalog, take out of it, and show then."""

    adds: int
    removes: int
    shown: int


def place_products(products: Iterable[int]) -> None:
    """Have each catalog show the variants of these products that belong into it, and no other.

    Call it in the transaction that changes them. All that is shown is looked at and sent again.
    """
    pks = list(products)
    with transaction.atomic():
        mine = CatalogItem.objects.filter(variant__product__in=pks, catalog__state__in=Catalog.PUSHED)
        _lock(mine)
        for catalog in Catalog.objects.filter(state__in=Catalog.PUSHED).order_by("pk"):
            _place(catalog, mine.filter(catalog=catalog), pks)


def _place(catalog: Catalog, items: QuerySet[CatalogItem], products: Collection[int]) -> None:
    wanted = belonging(catalog).filter(product__in=products)
    shown = list(wanted.values_list("pk", flat=True))
    count = insert_items(catalog, wanted)
    count += mark(items.filter(variant__in=shown), delete=False)
    others = items.exclude(variant__in=shown)
    count += mark(others.exclude(state=CatalogItem.State.REMOVED, delete_wanted=True), delete=True)
    if count:
        nudge(catalog.pk)


def keep_shown(catalog: Catalog, variants: Iterable[Variant]) -> None:
    """Have a catalog always show variants that came from it, where its choice would not."""
    by_pk = {variant.pk: variant for variant in variants}
    covered = set(belonging(catalog).filter(pk__in=by_pk).values_list("pk", flat=True))
    rows = [
        CatalogSwitch(catalog=catalog, product_id=variant.product_id, variant=variant, is_shown=True)
        for pk, variant in by_pk.items()
        if pk not in covered
    ]
    CatalogSwitch.objects.bulk_create(rows, ignore_conflicts=True)


def insert_items(catalog: Catalog, variants: QuerySet[Variant]) -> int:
    """Give a catalog a waiting row for each of the variants that has none; return how many. Safe twice.

    One statement, and nothing of it passes through this process.
    """
    values: dict[str, Expression | F] = {"store_id": F("store_id"), "variant_id": F("pk")}
    values["catalog_id"] = Value(catalog.pk)
    for field in CatalogItem._meta.concrete_fields:
        default = None if field.primary_key or field.is_relation else field.get_default()
        if default is not None:
            values[str(field.column)] = Value(default, output_field=field)
    rows = variants.order_by().annotate(**{f"new_{name}": value for name, value in values.items()})
    try:
        select, params = rows.values_list(*(f"new_{name}" for name in values)).query.sql_with_params()
    except EmptyResultSet:
        return 0
    table, columns = connection.ops.quote_name(CatalogItem._meta.db_table), ", ".join(values)
    with connection.cursor() as cursor:
        # Table and columns are the model's, the rest is the ORM's own statement.
        cursor.execute(f"INSERT INTO {table} ({columns}) {select} ON CONFLICT DO NOTHING", params)
        return int(cursor.rowcount)


def preview(catalog: Catalog, rule: Rule) -> Preview:
    """Count what a choice would change; 3 queries, dearer the more there is."""
    wanted = belonging(catalog, rule)
    there = CatalogItem.objects.filter(catalog=catalog, delete_wanted=False)
    adds = wanted.exclude(Exists(there.filter(variant=OuterRef("pk"))))
    removes = there.exclude(Exists(wanted.filter(pk=OuterRef("variant"))))
    return Preview(
        adds=adds.count(),
        removes=removes.exclude(state=CatalogItem.State.REMOVED).count(),
        shown=wanted.count(),
    )


def _lock(items: QuerySet[CatalogItem]) -> None:
    locked = items.select_for_update(no_key=True, of=("self",)).order_by("pk")
    list(locked.values_list("pk", flat=True))


def set_switch(
    products: Iterable[Product], catalog: Catalog, *, variant: Variant | None = None, is_shown: bool | None
) -> None:
    """Have a catalog always or never show these products, or one variant; None lets its choice decide."""
    pks = sorted(product.pk for product in products)
    rows = CatalogSwitch.objects.filter(catalog=catalog, product__in=pks, variant=variant)
    if is_shown is None:
        rows.delete()
        return
    made = [CatalogSwitch(catalog=catalog, product_id=pk, variant=variant, is_shown=is_shown) for pk in pks]
    CatalogSwitch.objects.bulk_create(made, ignore_conflicts=True)
    rows.exclude(is_shown=is_shown).update(is_shown=is_shown)
