"""Items that are only at Meta become products: matched by retailer_id, grouped as at Meta, never twice.

A person asks for it once; a worker takes slices until nothing is left. Each slice is one transaction, so what
was taken and what was not is always clear, and asking again takes only what is still left.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.db import transaction
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from catalog.comparing.adoption import build_product, build_variant, count_pieces, group_of
from catalog.comparing.mending import UNKNOWN
from catalog.linking.placing import keep_shown, place_products
from catalog.models import (
    Catalog,
    CatalogFinding,
    CatalogItem,
    Product,
    Reason,
    RemoteItem,
    Variant,
    make_group_id,
)
from catalog.pictures.keeping import note_images
from catalog.push.writing import number_of
from catalog.services import SUMMARY, fill_summary, note_summary
from catalog.stock import ledger
from integrations.models import SyncRun
from tenancy.audit import record_audit
from tenancy.models import Store, User

JOB = "catalog.import"
SLICE = 200


def foreign_items(catalog: Catalog) -> QuerySet[RemoteItem]:
    """Return what Meta has in a catalog that is no variant of the store."""
    return RemoteItem.objects.filter(catalog=catalog, variant=None)


def count_foreign(catalog: Catalog) -> dict[str, int]:
    """Count what is only at Meta by what stands in the way of an import, '' for nothing; 1 query."""
    rows = foreign_items(catalog).values_list("obstacle").annotate(n=Count("pk")).order_by()
    return dict(rows)


def count_without_number(catalog: Catalog) -> int:
    """Count what can be taken over and is in stock at Meta, which does not say how many; 1 query."""
    in_stock = Q(facts__values__availability__iexact="in stock")
    takeable = foreign_items(catalog).filter(obstacle="", facts__quantity=None)
    return takeable.filter(in_stock).count()


def ask_to_adopt(catalog: Catalog, *, pieces: int, actor: User | None) -> int:
    """Mark what can be taken over; return how many items. The task that does it is the caller's to start."""
    with transaction.atomic():
        count = foreign_items(catalog).filter(obstacle="").update(adopt_pieces=pieces)
        if count:
            record_audit("catalog.imported", actor=actor, target=catalog, name=catalog.name, count=count)
    return count


def count_wanted(catalog: Catalog) -> int:
    """Count what was asked for and is not a product yet; 1 query."""
    return foreign_items(catalog).filter(adopt_pieces__isnull=False).count()


def adopt_slice(catalog: Catalog) -> bool:
    """Make products of some of what was asked for; say whether more may wait. Safe twice.

    What is just being taken out of the catalog waits until that is over: it may be gone by then.
    """
    with transaction.atomic():
        asked = foreign_items(catalog).filter(adopt_pieces__isnull=False)
        wanted = asked.exclude(Exists(_leaving(catalog, OuterRef("retailer_id")))).order_by("pk")
        # One slice of a store at a time: two workers, or two catalogs, could make two products of one group.
        Store.objects.select_for_update(no_key=True).get(pk=catalog.store_id)
        rows = list(wanted.select_for_update()[:SLICE])
        has_more = len(rows) == SLICE
        leaving = _lock_findings(catalog, rows)
        rows = [row for row in rows if row.retailer_id not in leaving]
        if rows:
            _adopt(catalog, rows)
        _note_run(catalog, len(rows), is_over=not has_more)
    return has_more


def _leaving(catalog: Catalog, retailer_id: object) -> QuerySet[CatalogFinding]:
    """Return what was found of this number when a call takes the item out, or may be doing so, right now."""
    mine = CatalogFinding.objects.filter(catalog=catalog, variant=None, retailer_id=retailer_id)
    return mine.filter(_is_leaving())


def _is_leaving() -> Q:
    called = ~Q(handle="") | Q(not_before__gt=timezone.now())
    return Q(state=CatalogFinding.State.ASKED) & called


def _lock_findings(catalog: Catalog, rows: Iterable[RemoteItem]) -> set[str]:
    """Lock what was found of these items; return the numbers of those that began to leave a moment ago."""
    ids = [row.retailer_id for row in rows]
    mine = CatalogFinding.objects.filter(catalog=catalog, variant=None, retailer_id__in=ids)
    pks = list(mine.select_for_update(of=("self",)).order_by("pk").values_list("pk", flat=True))
    leaving = CatalogFinding.objects.filter(_is_leaving(), pk__in=pks)
    return set(leaving.values_list("retailer_id", flat=True))


def _adopt(catalog: Catalog, rows: Sequence[RemoteItem]) -> None:
    ids = [row.retailer_id for row in rows]
    known = {one.retailer_id: one for one in Variant.objects.filter(retailer_id__in=ids)}
    skus = set(Variant.objects.filter(sku__in=ids).exclude(retailer_id__in=ids).values_list("sku", flat=True))
    left = [row for row in rows if row.retailer_id in skus and row.retailer_id not in known]
    _leave(left)
    rows = [row for row in rows if row not in left]
    new = [row for row in rows if row.retailer_id not in known]
    made = _make_variants(new, _products_of(catalog, new), catalog=catalog)
    pieces = [(made[row.retailer_id], count_pieces(row)) for row in new]
    lines = [line for line in pieces if line[1]]
    if lines:
        ledger.give_back(lines, reason=Reason.OPENING, reference="opening")
    for row in rows:
        row.variant = made.get(row.retailer_id) or known[row.retailer_id]
        row.adopt_pieces, row.facts = None, {}
    RemoteItem.objects.bulk_update(rows, ["variant", "adopt_pieces", "facts"], batch_size=SLICE)
    taken = [row.retailer_id for row in rows]
    CatalogFinding.objects.filter(catalog=catalog, variant=None, retailer_id__in=taken).delete()
    keep_shown(catalog, made.values())
    place_products({variant.product_id for variant in made.values()})
    # Meta shows something of each already: so a removal is sent, too, even before the first update, and stock
    # also when that update is refused.
    mine = CatalogItem.objects.filter(catalog=catalog, variant__in=list(made.values()))
    mine.filter(sent_fingerprint="").update(
        sent_fingerprint=UNKNOWN,
        confirmed_quantity=number_of("variant_id", {variant.pk: count for variant, count in pieces}),
    )


def _leave(rows: Sequence[RemoteItem]) -> None:
    """Leave what has become the SKU of a variant since it was seen: it would be there twice."""
    left = RemoteItem.objects.filter(pk__in=[row.pk for row in rows])
    left.update(obstacle="sku", adopt_pieces=None)


def _products_of(catalog: Catalog, rows: Iterable[RemoteItem]) -> dict[int, Product]:
    """Return the product of each item by its id: the one of its group, or a new one; 7 queries at most."""
    groups: dict[str, list[RemoteItem]] = defaultdict(list)
    for row in rows:
        groups[group_of(row) or f"\0{row.pk}"].append(row)
    there = Product.objects.filter(item_group_id__in=[key for key in groups if key[0] != "\0"])
    products = {product.item_group_id: product for product in there}
    new = {
        key: Product(
            store=catalog.store,
            item_group_id=make_group_id() if key[0] == "\0" else key,
            **build_product(members),
        )
        for key, members in groups.items()
        if key not in products
    }
    Product.objects.bulk_create(new.values())
    note_images(list(new.values()))
    products |= new
    return {row.pk: products[key] for key, members in groups.items() for row in members}


def _make_variants(
    rows: Sequence[RemoteItem], products: dict[int, Product], *, catalog: Catalog
) -> dict[str, Variant]:
    """Make a variant of each item, and note what the list needs of its product; 3 queries for new ones."""
    now, store = timezone.now(), catalog.store
    by_product: dict[Product, list[Variant]] = defaultdict(list)
    old = set(Variant.objects.filter(product__in=products.values()).values_list("product", flat=True))
    for row in rows:
        product = products[row.pk]
        values = build_variant(row, product=product, currency=store.currency, now=now)
        by_product[product].append(Variant(store=store, product=product, sku=row.retailer_id, **values))
    made = Variant.objects.bulk_create(one for variants in by_product.values() for one in variants)
    for product, variants in by_product.items():
        if product.pk in old:
            note_summary(product)
        else:
            fill_summary(product, variants)
    new = [product for product in by_product if product.pk not in old]
    Product.objects.bulk_update(new, SUMMARY, batch_size=SLICE)
    return {variant.retailer_id: variant for variant in made}


def _note_run(catalog: Catalog, count: int, *, is_over: bool) -> None:
    """Count the slice in the run that the health page shows, and end it when nothing is left."""
    running, asset_id = SyncRun.State.RUNNING, catalog.catalog_id
    run, _created = SyncRun.objects.get_or_create(job=JOB, asset_id=asset_id, state=running)
    values = {"state": SyncRun.State.DONE, "finished_at": timezone.now()} if is_over else {}
    SyncRun.objects.filter(pk=run.pk).update(rows_done=F("rows_done") + count, **values)
