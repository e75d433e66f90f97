from __future__ import annotations

from typing import Any

import pytest

from integrations.models import ConnectedPage, MetaAccount
from integrations.webhooks import dispatch, lanes
from integrations.webhooks.routes import Tables
from tenancy.models import Store
from tenancy.scope import open_store
from tests.integrations.inbox.desk import PAGE, Desk, desk


@pytest.fixture(autouse=True)
def fresh_desk() -> Desk:
    desk.__init__()  # type: ignore[misc]
    return desk


@pytest.fixture
def page(store: Store, owner: Any) -> ConnectedPage:
    with open_store(store.pk):
        account = MetaAccount.objects.create(meta_user_id="70001")
        return ConnectedPage.objects.create(account=account, page_id=PAGE, name="Hazel Home", state="active")


@pytest.fixture
def routes(monkeypatch: pytest.MonkeyPatch) -> None:
    finders = {"page": "integrations.connections.find_asset_owner"}
    table = Tables(
        finders,
        finders["page"],
        {"page": {"message": ("tests.integrations.inbox.desk.desk",)}},
        frozenset({"leadgen"}),
    )
    monkeypatch.setattr(dispatch, "tables", lambda: table)
    monkeypatch.setattr(lanes, "tables", lambda: table)
