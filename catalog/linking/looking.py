"""Looking through all variants for one catalog: what belongs into it, and whether Meta has it as it is here.

It finds what no edit announced, applies another choice of products, and fills a catalog that is new. Slice
after slice in the order of the variants' ids, so that memory, locks and transactions stay small whatever the
shop's size; what is as it should be is read and not written. A worker that dies costs its slice.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from catalog.items import DELETED, build_row
from catalog.linking.choosing import belonging
from catalog.linking.placing import insert_items
from catalog.models import MOST_TRIES, Catalog, CatalogItem, Variant
from catalog.push.claiming import NOT_SENT
from catalog.push.marking import mark, nudge
from catalog.sets import collections

SLICE = 500
LEASE = timedelta(minutes=2)
"""How long a slice may take before its worker counts as dead."""

State = CatalogItem.State


def start_look(catalog_pk: int) -> None:
    """Begin to look through the variants. The task that does it is the caller's to start."""
    catalog = Catalog.objects.get(pk=catalog_pk)
    now = timezone.now()
    Catalog.objects.filter(pk=catalog_pk).update(
        look_position=0,
        look_not_before=now,
        look_due_at=now + timedelta(minutes=catalog.look_every_minutes),
    )


def look_through(catalog_pk: int) -> None:
    """Look at all variants at once."""
    start_look(catalog_pk)
    while take_slice(catalog_pk):
        pass


def take_slice(catalog_pk: int) -> bool:
    """Look at the next variants; say whether to go on. Safe twice and beside another worker."""
    catalog = _claim(catalog_pk)
    if catalog is None or catalog.look_position is None:
        return False
    first = catalog.look_position + 1
    following = Variant.objects.filter(pk__gte=first).order_by("pk")
    pks = list(following.values_list("pk", flat=True)[:SLICE])
    different = _find_different(catalog, pks)
    if not pks:
        collections.count_anew()
    with transaction.atomic():
        # A look that began anew meanwhile goes on by itself. The choice is read behind the lock of its row.
        mine = Catalog.objects.filter(pk=catalog_pk, look_position=catalog.look_position)
        now = timezone.now()
        if not pks:
            mine.update(look_position=None, looked_at=now)
            nudge(catalog_pk)
            return False
        if not mine.update(look_position=pks[-1], look_not_before=now):
            return False
        catalog.refresh_from_db()
        if _put_right(catalog, pks, different):
            nudge(catalog_pk)
    return True


def _claim(catalog_pk: int) -> Catalog | None:
    now = timezone.now()
    due = Catalog.objects.filter(
        pk=catalog_pk, state__in=Catalog.PUSHED, look_position__isnull=False, look_not_before__lte=now
    )
    if not due.update(look_not_before=now + LEASE):
        return None
    found: Catalog = Catalog.objects.get(pk=catalog_pk)
    return found


def _find_different(catalog: Catalog, variants: Iterable[int]) -> set[int]:
    """Return the items that are not at Meta, or on their way there, as they are here. Reads only.

    While a catalog is disconnected its changes are not noted, and a batch may be unanswered all that time.
    """
    mine = CatalogItem.objects.filter(catalog=catalog, variant__in=list(variants), waiting_since=None)
    looked_at = mine.filter(Q(batch__isnull=False) | Q(state__in=[State.LIVE, State.REMOVED]))
    rows = looked_at.select_related("variant__product", "variant__store").defer(*NOT_SENT)
    return {item.pk for item in rows if _is_different(item) or _is_older(item, catalog)}


def _is_different(item: CatalogItem) -> bool:
    goes = item.delete_wanted or not item.variant.is_for_sale
    row = build_row(item.variant, base_url=settings.APP_BASE_URL, now=timezone.now(), delete=goes)
    if row.fingerprint == DELETED and not item.sent_fingerprint:
        return False
    known = item.confirmed_fingerprint if item.batch_id is None else item.sent_fingerprint
    return row.fingerprint != known


def _is_older(item: CatalogItem, catalog: Catalog) -> bool:
    """Say whether Meta's answer is from before the connection, or before everything was asked for again.

    Others may have changed the item since.
    """
    since = max(catalog.connected_at, catalog.send_all_since or catalog.connected_at)
    return item.batch_id is None and item.answered_at is not None and item.answered_at < since


def _may_differ(item: CatalogItem) -> bool:
    return item.batch_id is not None or item.state in (State.LIVE, State.REMOVED)


def _put_right(catalog: Catalog, variants: list[int], different: set[int]) -> int:
    """Add what is missing, and mark what joins, leaves, differs or was given up; return how many rows."""
    wanted = belonging(catalog).filter(pk__in=variants)
    mine = CatalogItem.objects.filter(catalog=catalog, variant__in=variants)
    items = list(mine.select_for_update(no_key=True).order_by("pk"))
    shown = set(wanted.values_list("pk", flat=True))  # decided by what holds behind the locks
    added = insert_items(catalog, wanted)  # behind them, too: an edit locks first and then inserts
    joins = [one.pk for one in items if one.delete_wanted and one.variant_id in shown]
    leaves = [one.pk for one in items if not one.delete_wanted and one.variant_id not in shown]
    quiet = [one for one in items if one.waiting_since is None]
    settled = [one for one in quiet if one.batch_id is None]
    again = [one.pk for one in quiet if one.pk in different and _may_differ(one)]
    older = [one.pk for one in settled if one.pk in again and _is_older(one, catalog)]
    given_up = [one.pk for one in settled if one.state == State.FAILED and one.attempts >= MOST_TRIES]
    rows = CatalogItem.objects
    rows.filter(pk__in=older).update(confirmed_fingerprint="")
    rows.filter(pk__in=given_up).update(waiting_since=timezone.now())
    marked = mark(rows.filter(pk__in=joins), delete=False) + mark(rows.filter(pk__in=leaves), delete=True)
    return added + marked + mark(rows.filter(pk__in=again)) + len(given_up)
