"""Connected assets, runs and events, made without Meta."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any

from django.utils import timezone

from catalog.models import Catalog
from integrations.models import (
    AssetState,
    ConnectedPage,
    InstagramAccount,
    MetaAccount,
    SyncRun,
    WebhookDelivery,
    WebhookEvent,
)
from tenancy.models import Store

_numbers = itertools.count(1)


def make_account() -> MetaAccount:
    account: MetaAccount = MetaAccount.objects.create(meta_user_id=f"7{next(_numbers):04}", name="Ada")
    return account


def make_page(account: MetaAccount, **over: Any) -> ConnectedPage:
    facts: dict[str, Any] = {"page_id": f"1002003{next(_numbers):06}", "name": "Hazel Home"}
    page: ConnectedPage = ConnectedPage.objects.create(
        account=account, **(facts | {"state": AssetState.ACTIVE} | over)
    )
    return page


def make_assets(count: int) -> None:
    """Connect as many Pages, each with an Instagram account and a catalog, and six runs for each."""
    account = make_account()
    for number in range(count):
        page = make_page(account, name=f"Page {number}")
        InstagramAccount.objects.create(page=page, instagram_id=f"i{page.page_id}", state=AssetState.ACTIVE)
        catalog = Catalog.objects.create(
            account=account, catalog_id=f"c{page.page_id}", name="Shop", state=AssetState.ACTIVE
        )
        for asset_id in (page.page_id, catalog.catalog_id):
            for _run in range(6):
                SyncRun.objects.create(job="page.refresh", asset_id=asset_id, state=SyncRun.State.DONE)


def make_event(store: Store, state: str, *, age: timedelta = timedelta(0), **over: Any) -> WebhookEvent:
    received_at = timezone.now() - age
    delivery = WebhookDelivery.objects.create(
        body=b"{}", signed_by="facebook", state=WebhookDelivery.State.UNPACKED, received_at=received_at
    )
    facts: dict[str, Any] = {
        "delivery": delivery,
        "mailbox": "1",
        "store": store,
        "kind": "message",
        "object": "page",
        "channel": "messaging",
        "dedupe_key": f"{next(_numbers):064}",
        "item": "{}",
        "received_at": received_at,
        "not_before": received_at,
        "state": state,
    }
    return WebhookEvent.objects.create(**(facts | over))
