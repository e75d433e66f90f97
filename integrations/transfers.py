"""Moving a Page from one store to another: asked for on this side, decided on that one.

The asking store learns nothing of the other but its answer; the owners there learn who asks. The trail of
each side has its part.
"""

from __future__ import annotations

from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from integrations.connections import BeingErased, PageTaken, connect_page, find_page_owner
from integrations.models import AssetState, ConnectedPage, MetaAccount, PageTransfer
from integrations.permissions import can_connect
from integrations.standing import NotPossible, disconnect
from tenancy.audit import record_audit
from tenancy.models import Store, User
from tenancy.scope import open_store

LIFETIME = timedelta(days=7)
SHOWN_FOR = timedelta(days=30)
LATE = timedelta(minutes=1)
PAUSE = timedelta(days=1)
"""Between two requests for a Page: each one writes to the owners of another store."""

State = PageTransfer.State


class AskedLately(Exception):
    """The store, or the person for another store of theirs, asked for this Page within the last day."""


def ask(account: MetaAccount, page_id: str, *, actor: User) -> PageTransfer:
    """Ask the store that has a Page of this account for it. Safe twice: an open request is returned.

    Raises NotPossible for a Page that the account does not offer, or that no other store has any more;
    AskedLately.
    """
    offered = {page["page_id"]: page for page in account.available_pages if can_connect(page["tasks"])}
    owner = find_page_owner(page_id)
    taken = owner is not None and owner.store_id != account.store_id
    if page_id not in offered or owner is None or not taken or owner.state == AssetState.DISCONNECTED:
        raise NotPossible
    if is_open := PageTransfer.objects.filter(page_id=page_id, state__in=PageTransfer.OPEN).first():
        return is_open
    lately = PageTransfer.unscoped.filter(page_id=page_id, asked_at__gt=timezone.now() - PAUSE)
    if lately.filter(Q(store=account.store_id) | Q(asked_by=actor)).exists():
        raise AskedLately
    values = {
        "account": account,
        "from_store_id": owner.store_id,
        "page_name": offered[page_id]["name"],
        "asked_by": actor,
        "expires_at": timezone.now() + LIFETIME,
    }
    try:
        with transaction.atomic():
            made = PageTransfer.objects.create(page_id=page_id, **values)
            record_audit("transfer.asked", actor=actor, target=made, name=made.page_name)
    except IntegrityError:
        return PageTransfer.objects.get(page_id=page_id, state__in=PageTransfer.OPEN)
    return made


def list_asked() -> QuerySet[PageTransfer]:
    """Return what the open store asked for, the newest first; older answers are in the trail."""
    recent = Q(state__in=PageTransfer.OPEN) | Q(asked_at__gt=timezone.now() - SHOWN_FOR)
    return PageTransfer.objects.filter(recent)


def list_received(store: Store) -> QuerySet[PageTransfer]:
    """Return what other stores ask this one for, and wait for."""
    rows = PageTransfer.unscoped.filter(from_store=store).select_related("store", "asked_by")
    return rows.filter(state=State.WAITING, expires_at__gt=timezone.now())


def find_received(pk: int, store: Store) -> PageTransfer | None:
    """Return a request to this store, whatever its state."""
    rows = PageTransfer.unscoped.filter(from_store=store).select_related("store", "asked_by")
    return rows.filter(pk=pk).first()


def accept(received: PageTransfer, *, actor: User) -> None:
    """Give a Page away from the open store; `finish` connects it over there.

    Its history stays here. Meta goes on sending: the other store takes that over. Raises NotPossible.
    """
    with transaction.atomic():
        _decide(received, State.ACCEPTED)
        page = ConnectedPage.objects.filter(page_id=received.page_id).first()
        if page is not None:
            disconnect(page, actor=actor)
            ConnectedPage.objects.filter(pk=page.pk).update(subscribed_fields=[])
        record_audit("transfer.accepted", actor=actor, target=page, name=received.page_name)


def refuse(received: PageTransfer, *, actor: User) -> None:
    with transaction.atomic():
        _decide(received, State.REFUSED)
        record_audit("transfer.refused", actor=actor, name=received.page_name)


def withdraw(asked: PageTransfer, *, actor: User) -> None:
    with transaction.atomic():
        _decide(asked, State.WITHDRAWN)
        record_audit("transfer.withdrawn", actor=actor, target=asked, name=asked.page_name)


def finish(asked: PageTransfer) -> ConnectedPage | None:
    """Connect a Page that was agreed to, in the open store that asked; None when that fails. Safe twice."""
    if not _rows(asked, State.ACCEPTED).exists():
        return None
    try:
        with transaction.atomic():
            page = connect_page(asked.account, asked.page_id, actor=asked.asked_by)
            _rows(asked, State.ACCEPTED).update(state=State.DONE)
            record_audit("transfer.finished", actor=None, target=page, name=asked.page_name)
    except (PageTaken, BeingErased, LookupError):
        _rows(asked, State.ACCEPTED).update(state=State.FAILED)
        record_audit("transfer.failed", actor=None, target=asked, name=asked.page_name)
        return None
    return page


def expire() -> None:
    """End what nobody answered in time, with a word in both trails."""
    late = PageTransfer.unscoped.filter(state=State.WAITING, expires_at__lte=timezone.now())
    for asked in late:
        if not late.filter(pk=asked.pk).update(state=State.EXPIRED, decided_at=timezone.now()):
            continue
        for store_id in (asked.store_id, asked.from_store_id):
            with open_store(store_id):
                record_audit("transfer.expired", actor=None, name=asked.page_name)


def unfinished() -> list[tuple[int, int]]:
    """Return (store, request) of those that were agreed to and wait for being connected."""
    rows = PageTransfer.unscoped.filter(state=State.ACCEPTED, decided_at__lt=timezone.now() - LATE)
    return list(rows.values_list("store_id", "pk"))


def _decide(transfer: PageTransfer, state: PageTransfer.State) -> None:
    open_ones = _rows(transfer, State.WAITING).filter(expires_at__gt=timezone.now())
    if not open_ones.update(state=state, decided_at=timezone.now()):
        raise NotPossible


def _rows(transfer: PageTransfer, state: PageTransfer.State) -> QuerySet[PageTransfer]:
    return PageTransfer.unscoped.filter(pk=transfer.pk, state=state)
