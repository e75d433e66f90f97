"""A person's own writes about catalogs: which are connected, what each shows, and in which rhythm."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from catalog.linking.choosing import Rule
from catalog.linking.look_tasks import look_on, resync_catalog
from catalog.linking.looking import start_look
from catalog.linking.placing import place_products, set_switch
from catalog.linking.refresh import CHECK
from catalog.models import Catalog, Choice, Product, Variant
from catalog.push.marking import nudge
from catalog.push.runs import want_run
from integrations.models import AssetState, MetaAccount, SyncRun
from integrations.runs import request_runs
from tenancy.audit import record_audit
from tenancy.models import User


class CatalogTaken(Exception):
    """The catalog is connected to another store."""


def link_catalog(
    account: MetaAccount,
    *,
    catalog_id: str,
    name: str,
    actor: User | None,
    is_held: bool = False,
    choice: str = Choice.ALL,
) -> Catalog:
    """Show the store's products in a Meta catalog. Raises CatalogTaken. Safe twice.

    A catalog that this store had before comes back as the same row, with what it was chosen to show. When it
    `is_held`, nothing is sent to it until somebody lets it go.
    """
    values = {
        "account": account,
        "name": name,
        "is_held": is_held,
        "state": AssetState.ACTIVE,
        "leaving_since": None,
        "send_asked_at": None,
        "not_before": timezone.now(),
        "connected_at": timezone.now(),
        "last_error": "",
        "error_count": 0,
        "refused_calls": 0,
    }
    try:
        with transaction.atomic():
            catalog: Catalog
            catalog, _created = Catalog.objects.update_or_create(
                catalog_id=catalog_id, defaults=values, create_defaults=values | {"choice": choice}
            )
            record_audit("catalog.connected", actor=actor, target=catalog, name=name)
            resync_catalog.delay_on_commit(catalog.store_id, catalog.pk)
    except IntegrityError:  # the unique key knows better than a look beforehand
        raise CatalogTaken from None
    return catalog


def choose_products(catalog: Catalog, rule: Rule, *, actor: User | None) -> None:
    """Have a catalog show other products; what joins and leaves is found in the background. Safe twice."""
    with transaction.atomic():
        locked = Catalog.objects.select_for_update(no_key=True).get(pk=catalog.pk)
        if (locked.choice, locked.choice_words) == (rule.choice, list(rule.words)):
            return
        Catalog.objects.filter(pk=catalog.pk).update(choice=rule.choice, choice_words=list(rule.words))
        details = {"name": catalog.name, "choice": rule.choice, "words": list(rule.words)}
        record_audit("catalog.chosen", actor=actor, target=catalog, **details)
        start_look(catalog.pk)
        look_on.delay_on_commit(catalog.store_id, catalog.pk)


def switch_products(
    products: Collection[Product],
    catalog: Catalog,
    *,
    is_shown: bool | None,
    actor: User | None,
    variant: Variant | None = None,
) -> None:
    """Have a catalog always or never show products, or one variant of one; None lets its choice decide."""
    with transaction.atomic():
        # As an edit does, so that the two come one after the other.
        rows = Product.objects.select_for_update(no_key=True).filter(pk__in=[one.pk for one in products])
        locked = list(rows.order_by("pk"))
        set_switch(locked, catalog, variant=variant, is_shown=is_shown)
        place_products([product.pk for product in locked])
        for product in locked:
            details = {"title": product.title, "catalog": catalog.name, "is_shown": is_shown}
            record_audit("product.switched", actor=actor, target=product, **details)


def set_rhythm(catalog: Catalog, *, is_automatic: bool, minutes: int, actor: User | None) -> None:
    """Say whether changes are sent by themselves, and how often everything is looked at again."""
    with transaction.atomic():
        locked = Catalog.objects.select_for_update(no_key=True).get(pk=catalog.pk)
        if (locked.is_automatic, locked.look_every_minutes) == (is_automatic, minutes):
            return
        due_at = min(locked.look_due_at, timezone.now() + timedelta(minutes=minutes))
        Catalog.objects.filter(pk=catalog.pk).update(
            is_automatic=is_automatic, look_every_minutes=minutes, look_due_at=due_at, send_asked_at=None
        )
        details = {"name": catalog.name, "is_automatic": is_automatic, "minutes": minutes}
        record_audit("catalog.rhythm", actor=actor, target=catalog, **details)
        nudge(catalog.pk)


def ask_to_send(catalog: Catalog, *, actor: User | None) -> None:
    """Send what waits in a catalog that does not send by itself. Safe twice."""
    with transaction.atomic():
        mine = Catalog.objects.filter(pk=catalog.pk, is_automatic=False, state__in=Catalog.PUSHED)
        if mine.update(send_asked_at=timezone.now()):
            record_audit("catalog.sent", actor=actor, target=catalog, name=catalog.name)
            want_run(catalog)
            nudge(catalog.pk)


def send_all_again(catalog: Catalog, *, actor: User | None) -> None:
    """Send everything to a catalog, whatever we know of what Meta has. Joins a full push that runs."""
    with transaction.atomic():
        locked = Catalog.objects.select_for_update(no_key=True).filter(Catalog.SENDING, pk=catalog.pk).first()
        if locked is None or locked.leaving_since is not None:
            return
        now = timezone.now()
        Catalog.objects.filter(pk=catalog.pk).update(send_all_since=now)
        start_look(catalog.pk)
        locked.refresh_from_db()
        record_audit("catalog.sent_again", actor=actor, target=catalog, name=catalog.name)
        want_run(locked)
        nudge(catalog.pk)
        look_on.delay_on_commit(catalog.store_id, catalog.pk)


@transaction.atomic
def check_catalogs(*, actor: User, catalog_id: str = "") -> list[SyncRun]:
    """Look again at each catalog, or the one with this id at Meta, and send what is not as Meta has it.

    Return the runs that will tell how Meta answered; none when there is no such catalog.
    """
    catalogs = Catalog.objects.filter(state__in=Catalog.PUSHED)
    rows = list(catalogs.filter(catalog_id=catalog_id) if catalog_id else catalogs)
    for catalog in rows:
        ask_to_send(catalog, actor=actor)
        resync_catalog.delay_on_commit(catalog.store_id, catalog.pk)
    if not rows:
        return []
    record_audit("catalogs.checked", actor=actor, catalogs=len(rows))
    return request_runs(job=CHECK, asset_ids=[catalog.catalog_id for catalog in rows])
