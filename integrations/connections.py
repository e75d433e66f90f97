"""Connected Pages and Instagram accounts: choosing, arming, and whose an id is."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from integrations.graph import accounts
from integrations.graph.client import GraphClient
from integrations.graph.errors import Reconnect
from integrations.logins import LoginClient
from integrations.models import AssetState, ConnectedPage, InstagramAccount, MetaAccount
from integrations.permissions import can_connect, fields_to_ask
from integrations.subscriptions import is_needed
from tenancy.audit import record_audit
from tenancy.models import User

Asset = ConnectedPage | InstagramAccount
A = TypeVar("A", ConnectedPage, InstagramAccount)


class PageTaken(Exception):
    """The Page is connected to another store."""


class BeingErased(Exception):
    """The data of the Page is still being erased here; then it can be connected afresh."""


def find_page_owner(page_id: str) -> ConnectedPage | None:
    """Return the Page with this id, of whatever store: the router's question.

    Two stores may have had it one after the other; the one that has it now comes first.
    """
    return _newest(ConnectedPage.unscoped.filter(page_id=page_id))


def find_instagram_owner(instagram_id: str) -> InstagramAccount | None:
    """Return the Instagram account with this id, of whatever store."""
    return _newest(InstagramAccount.unscoped.filter(instagram_id=instagram_id))


def find_asset_owner(asset_id: str) -> Asset | None:
    """Return the Page or Instagram account with this id, of whatever store."""
    return find_page_owner(asset_id) or find_instagram_owner(asset_id)


def _newest(rows: QuerySet[A]) -> A | None:
    return rows.annotate(_gone=Q(state=AssetState.DISCONNECTED)).order_by("_gone", "-id").first()


def find_asset(asset_id: str) -> Asset | None:
    """Return the open store's Page or Instagram account with this id."""
    page = ConnectedPage.objects.filter(page_id=asset_id).first()
    return page or InstagramAccount.objects.filter(instagram_id=asset_id).first()


def taken_elsewhere(page_ids: Iterable[str], *, store_id: int) -> set[str]:
    """Return those of the Pages that another store has connected. Says nothing about which store."""
    others = ConnectedPage.unscoped.filter(page_id__in=list(page_ids)).exclude(store_id=store_id)
    return set(others.exclude(state=AssetState.DISCONNECTED).values_list("page_id", flat=True))


def connect_page(account: MetaAccount, page_id: str, *, actor: User | None) -> ConnectedPage:
    """Make a Page of the account the store's, in state `connecting`; `arm_page` does the rest.

    A Page that this store had before comes back as the same row. Raises PageTaken, BeingErased, and
    LookupError for a Page that the account did not offer.
    """
    offered = {page["page_id"]: page for page in account.available_pages if can_connect(page["tasks"])}
    facts = offered[page_id]
    if taken_elsewhere([page_id], store_id=account.store_id):
        raise PageTaken
    if ConnectedPage.objects.filter(page_id=page_id, erase_requested_at__isnull=False).exists():
        raise BeingErased
    try:
        with transaction.atomic():
            page = _save_page(account, facts)
            record_audit("page.connected", actor=actor, target=page, name=page.name)
    except IntegrityError:  # another store was faster; the unique key decides
        raise PageTaken from None
    return page


def _save_page(account: MetaAccount, facts: dict[str, Any]) -> ConnectedPage:
    page, _created = ConnectedPage.objects.update_or_create(
        page_id=facts["page_id"],
        defaults={
            "account": account,
            "name": facts["name"],
            "category": facts["category"],
            "details": facts["details"],
            "tasks": list(facts["tasks"] or ()),
            "state": AssetState.CONNECTING,
            "connected_at": timezone.now(),
            "last_error": "",
            "error_count": 0,
        },
    )
    _link_instagram(page, facts)
    return page


def _link_instagram(page: ConnectedPage, facts: dict[str, Any]) -> None:
    """Bring a Page's Instagram account along, unless another store has it."""
    instagram_id = facts["instagram_id"]
    others = InstagramAccount.unscoped.filter(instagram_id=instagram_id).exclude(store_id=page.store_id)
    if not instagram_id or others.exclude(state=AssetState.DISCONNECTED).exists():
        return
    InstagramAccount.objects.update_or_create(
        instagram_id=instagram_id,
        defaults={
            "page": page,
            "username": facts["instagram_username"],
            "name": facts["instagram_name"] or facts["instagram_username"],
            "details": facts["instagram_details"],
            "state": page.state,
            "connected_at": timezone.now(),
            "last_error": "",
            "error_count": 0,
        },
    )


def arm_page(page: ConnectedPage) -> bool:
    """Fetch the Page's own token and have Meta send us its events. Calls Meta; safe twice.

    Returns whether it is so now. What a person did to the Page meanwhile stays: then Meta is told to stop,
    unless somebody else listens.
    """
    token = accounts.fetch_page_token(LoginClient(page.account), page.page_id)
    if not token:
        raise Reconnect("Meta gave no access to this Page. Connect again and tick the Page.")
    fields = fields_to_ask(page.account.granted_scopes)
    page.seal_token(token)
    accounts.subscribe_page(LoginClient(page), page.page_id, fields=fields)
    page.subscribed_fields, page.state = list(fields), AssetState.ACTIVE
    if _keep_armed(page):
        return True
    if not is_needed(page.page_id):
        accounts.unsubscribe_page(GraphClient(token), page.page_id)
    return False


def _keep_armed(page: ConnectedPage) -> bool:
    """Write what arming found, unless the Page was disconnected or paused, or its person has left."""
    with transaction.atomic():
        rows = ConnectedPage.objects.select_related("account").select_for_update(of=("self",))
        now = rows.filter(pk=page.pk).first()
        if now is None or not now.receives or not now.account.token:
            return False
        page.save(update_fields=["sealed_token", "subscribed_fields", "state"])
        coming = (AssetState.CONNECTING, AssetState.NEEDS_RECONNECT)
        page.instagram_accounts.filter(state__in=coming).update(state=AssetState.ACTIVE)
    return True
