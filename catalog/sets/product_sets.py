"""Keeping the product sets of a catalog equal with the store's collections: its tags and categories.

A set is made of the numbers of its items, never of words in their names, so nothing gets into it by chance.
Each has a retailer_id of its own, by which it is found again: a set whose making was not noted is taken up,
not made twice. What Meta has already costs no call.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from contextlib import suppress
from datetime import timedelta

from django.utils import timezone

from catalog.models import Catalog, ProductSet, Status, Variant
from catalog.sets.collections import count_collections, find_largest
from integrations.graph import product_sets
from integrations.graph.client import GraphClient
from integrations.graph.errors import FixData, Gone, GraphError
from integrations.logins import LoginClient
from integrations.runs import record_run

LEASE = timedelta(minutes=10)
"""How long a round may take before its worker counts as dead."""
RETRY_SECONDS = 300

Kind = ProductSet.Kind


def want_sets(catalog_pk: int) -> None:
    """Note that products have changed, so that the sets are looked at soon."""
    Catalog.objects.filter(pk=catalog_pk, sets_wanted_at=None).update(sets_wanted_at=timezone.now())


def put_again(catalog: Catalog) -> None:
    """Have all sets of a catalog put to Meta again, whatever we think it has."""
    ProductSet.objects.filter(catalog=catalog).update(fingerprint="")
    want_sets(catalog.pk)


def notice_changed(catalog: Catalog) -> int:
    """Notice sets that somebody took away or renamed at Meta, and have them put again. Calls Meta."""
    there = product_sets.list_sets(LoginClient(catalog.account), catalog.catalog_id)
    ours = ProductSet.objects.filter(catalog=catalog).exclude(set_id="")
    changed = [row.pk for row in ours if there.get(row.set_id) != row.name]
    if changed:
        ProductSet.objects.filter(pk__in=changed).update(fingerprint="")
        want_sets(catalog.pk)
    return len(changed)


def mirror_sets(catalog_pk: int) -> bool:
    """Bring the sets of a catalog up to date; False when it is not our turn. Calls Meta; safe twice."""
    catalog = _claim(catalog_pk)
    if catalog is None:
        return False
    wanted = find_largest(count_collections()) if catalog.mirrors_sets else []
    _write_rows(catalog, wanted)
    due = [row for row in ProductSet.objects.filter(catalog=catalog) if _is_due(row, set(wanted))]
    seconds = 0
    if due:
        try:
            with record_run(job="catalog.sets", asset_id=catalog.catalog_id) as run:
                for row in due:
                    _mirror(LoginClient(catalog.account), row, is_wanted=(row.kind, row.name) in set(wanted))
                    run.rows_done += 1
        except GraphError as error:  # it stands in the run; what is done stays done, the rest is tried again
            seconds = error.seconds or RETRY_SECONDS
    _release(catalog, seconds=seconds)
    return True


def _claim(catalog_pk: int) -> Catalog | None:
    now = timezone.now()
    due = Catalog.objects.filter(Catalog.SENDING, pk=catalog_pk, sets_not_before__lte=now)
    if not due.update(sets_not_before=now + LEASE):
        return None
    found: Catalog = Catalog.objects.select_related("account").get(pk=catalog_pk)
    return found


def _release(catalog: Catalog, *, seconds: int) -> None:
    """Let the next round come; a wish that came meanwhile stays."""
    mine = Catalog.objects.filter(pk=catalog.pk)
    mine.update(sets_not_before=timezone.now() + timedelta(seconds=seconds))
    if not seconds:
        mine.filter(sets_wanted_at=catalog.sets_wanted_at).update(sets_wanted_at=None)


def _write_rows(catalog: Catalog, wanted: Iterable[tuple[str, str]]) -> None:
    rows = [ProductSet(catalog=catalog, kind=kind, name=name) for kind, name in wanted]
    ProductSet.objects.bulk_create(rows, ignore_conflicts=True)


def _is_due(row: ProductSet, wanted: set[tuple[str, str]]) -> bool:
    """Say whether Meta has something else than it should."""
    if (row.kind, row.name) not in wanted:
        return True
    return _fingerprint(row, _members(row)) != row.fingerprint


def _members(row: ProductSet) -> list[str]:
    """Return the numbers of the items of a collection in its catalog, in a fixed order."""
    variants = Variant.objects.filter(
        status=Status.ACTIVE,
        product__status=Status.ACTIVE,
        items__catalog=row.catalog_id,
        items__delete_wanted=False,
    )
    if row.kind == Kind.TAG:
        variants = variants.filter(product__tags__contains=[row.name])
    else:
        variants = variants.filter(product__category=row.name)
    return list(variants.order_by("retailer_id").values_list("retailer_id", flat=True))


def _fingerprint(row: ProductSet, ids: list[str]) -> str:
    """Return the fingerprint of a set, '' for one without items, which Meta need not have."""
    if not ids:
        return ""
    return hashlib.sha256(json.dumps([row.name, ids]).encode()).hexdigest()


def _mirror(client: GraphClient, row: ProductSet, *, is_wanted: bool) -> None:
    """Make, change or take away one set. What Meta refuses stands on its row; other faults are raised."""
    ids = _members(row) if is_wanted else []
    try:
        if not ids:
            _take_away(client, row, is_wanted=is_wanted)
        else:
            row.set_id = _put(client, row, ids)
            row.fingerprint, row.item_count = _fingerprint(row, ids), len(ids)
            row.error, row.confirmed_at = "", timezone.now()
            row.save()
    except FixData as error:
        ProductSet.objects.filter(pk=row.pk).update(error=str(error))


def _take_away(client: GraphClient, row: ProductSet, *, is_wanted: bool) -> None:
    if row.set_id:
        with suppress(Gone):  # that it is not there is what was wanted
            product_sets.delete_set(client, row.set_id)
    if is_wanted:
        ProductSet.objects.filter(pk=row.pk).update(set_id="", fingerprint="", item_count=0, error="")
    else:
        row.delete()


def _put(client: GraphClient, row: ProductSet, ids: list[str]) -> str:
    """Have Meta hold a set just so and return its id; one that somebody removed is made again."""
    catalog_id = row.catalog.catalog_id
    set_id = row.set_id or product_sets.find_set(client, catalog_id, retailer_id=row.retailer_id)
    if set_id:
        try:
            product_sets.update_set(client, set_id, name=row.name, item_ids=ids)
        except Gone:
            set_id = None
    if set_id:
        return set_id
    return product_sets.create_set(
        client, catalog_id, name=row.name, retailer_id=row.retailer_id, item_ids=ids
    )
