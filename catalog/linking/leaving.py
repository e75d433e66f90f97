"""Letting a catalog go: at once, or after the store's items were taken out of it.

While it is left, nothing belongs into it any more: the look marks what is there, the removals go the usual
way, and when nothing is left it is disconnected. History stays; linking it again revives the same row.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from catalog.linking.look_tasks import look_on
from catalog.linking.looking import start_look
from catalog.models import Catalog, CatalogItem, ProductSet
from catalog.push.runs import cancel_run
from catalog.push.waiting import first_left
from catalog.sets.product_sets import mirror_sets, want_sets
from integrations.graph.catalogs import unsubscribe_catalog
from integrations.graph.errors import GraphError, RetryLater, SlowDown
from integrations.logins import LoginClient
from integrations.models import AssetState
from tenancy.audit import record_audit
from tenancy.models import User
from ui.counting import count_up_to_most, count_words

RETRY_SECONDS = 300
LEASE = timedelta(minutes=2)

State = CatalogItem.State
AT_META = ~Q(sent_fingerprint="") & ~Q(state=State.REMOVED)
"""Items that Meta may have because of us."""
REFUSED = Q(state=State.FAILED, delete_wanted=True) & ~Q(sent_fingerprint="")


@dataclass(frozen=True)
class Stake:
    """What is in a catalog of ours, as words; `refused` are removals that Meta did not do."""

    items: str
    sets: str
    refused: str


def measure_stake(catalog: Catalog) -> Stake:
    """Count what a catalog has of the store; 3 queries, none of which counts far."""
    items = CatalogItem.objects.filter(catalog=catalog)
    sets = ProductSet.objects.filter(catalog=catalog).exclude(set_id="")
    rows = (items.filter(AT_META), sets, items.filter(REFUSED))
    return Stake(*(count_words(count_up_to_most(one)) for one in rows))


def unlink_catalog(catalog: Catalog, *, actor: User | None) -> None:
    """Let a catalog go as it is: its items stay at Meta, nothing more is sent. Safe twice.

    The task that ends what Meta tells us of it is the caller's to start.
    """
    with transaction.atomic():
        connected = Catalog.objects.filter(pk=catalog.pk).exclude(state=AssetState.DISCONNECTED)
        gone = {"leaving_since": None, "send_asked_at": None, "look_position": None}
        if connected.update(state=AssetState.DISCONNECTED, not_before=timezone.now(), **gone):
            record_audit("catalog.disconnected", actor=actor, target=catalog, name=catalog.name)
            cancel_run(catalog)


def empty_catalog(catalog: Catalog, *, actor: User) -> None:
    """Take the store's items and sets out of a catalog; then it is let go. Safe twice."""
    with transaction.atomic():
        mine = Catalog.objects.filter(pk=catalog.pk, state__in=Catalog.PUSHED)
        if mine.filter(leaving_since=None).update(leaving_since=timezone.now()):
            record_audit("catalog.emptying", actor=actor, target=catalog, name=catalog.name)
        start_look(catalog.pk)
        want_sets(catalog.pk)
        look_on.delay_on_commit(catalog.store_id, catalog.pk)


def keep_catalog(catalog: Catalog, *, actor: User) -> None:
    """Stop taking items out. What is out already comes back when somebody lets it go again. Safe twice."""
    with transaction.atomic():
        leaving = Catalog.objects.filter(pk=catalog.pk, leaving_since__isnull=False)
        if leaving.update(leaving_since=None, is_held=True):
            record_audit("catalog.kept", actor=actor, target=catalog, name=catalog.name)
            start_look(catalog.pk)
            want_sets(catalog.pk)
            look_on.delay_on_commit(catalog.store_id, catalog.pk)


def finish_leaving(catalog_pk: int) -> bool:
    """Let a catalog go whose items are all out, and its sets; say whether it is gone. Calls Meta.

    What Meta refused to take out waits for a person.
    """
    items = CatalogItem.objects.filter(catalog=OuterRef("pk"))
    leaving = Catalog.objects.filter(pk=catalog_pk, leaving_since__isnull=False, look_position=None)
    left = first_left(CatalogItem.objects.all())
    empty = leaving.annotate(_left=left).filter(~Exists(items.filter(REFUSED)), _left=None)
    sets = ProductSet.objects.filter(catalog=catalog_pk, error="").exclude(set_id="")
    if sets.exists() and empty.exists():
        mirror_sets(catalog_pk)
    catalog = empty.first()
    if catalog is None or sets.exists():
        return False
    unlink_catalog(catalog, actor=None)
    return True


def stop_listening(catalog_pk: int) -> None:
    """Have Meta stop telling us of a catalog that no store has connected. Calls Meta; safe twice."""
    now = timezone.now()
    gone = Catalog.objects.filter(pk=catalog_pk, state=AssetState.DISCONNECTED, is_listening=True)
    if not gone.filter(not_before__lte=now).update(not_before=now + LEASE):
        return
    catalog = Catalog.objects.select_related("account").get(pk=catalog_pk)
    if not _is_needed(catalog.catalog_id):
        try:
            unsubscribe_catalog(LoginClient(catalog.account), catalog.catalog_id)
        except (RetryLater, SlowDown) as error:
            gone.update(not_before=now + timedelta(seconds=error.seconds or RETRY_SECONDS))
            return
        except GraphError:  # we may not ask any more: then Meta has nobody to tell, either
            pass
    gone.update(is_listening=False)


def _is_needed(catalog_id: str) -> bool:
    """Say whether any store has the catalog connected."""
    rows = Catalog.unscoped.filter(catalog_id=catalog_id)
    return rows.exclude(state=AssetState.DISCONNECTED).exists()
