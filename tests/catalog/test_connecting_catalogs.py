"""Which catalogs Meta names for an account, and connecting one of them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from catalog.linking import look_tasks
from catalog.linking.services import CatalogTaken
from catalog.models import Catalog, CatalogSearch
from catalog.selectors import find_catalog_owner
from integrations.models import MetaAccount
from tenancy.models import Store, User
from tenancy.scope import open_store
from tests.catalog import sample
from tests.sandbox_process import Sandbox


def test_the_account_is_asked_for_its_catalogs(meta_account: MetaAccount, open_scope: Store) -> None:
    look_tasks.discover_catalogs(meta_account.store_id, meta_account.pk)
    search = CatalogSearch.objects.get()
    assert search.found == [
        {
            "catalog_id": "800100",
            "name": "Hazel Home",
            "vertical": "commerce",
            "business": "Hazel Home Ltd",
            "is_shared": False,
        }
    ]
    assert search.businesses == [{"business_id": "900100", "name": "Hazel Home Ltd"}]
    assert search.answered_at is not None


def test_a_refused_search_says_why(meta_account: MetaAccount, open_scope: Store, sandbox: Sandbox) -> None:
    sandbox.fault("expired_token")
    look_tasks.discover_catalogs(meta_account.store_id, meta_account.pk)
    search = CatalogSearch.objects.get()
    assert "expired" in search.error
    assert search.found == []


def test_a_catalog_shows_one_store_at_a_time(meta_account: MetaAccount, other_store: Store) -> None:
    with open_store(other_store.pk):
        theirs = MetaAccount.objects.create(meta_user_id="70001", name="Ada Hazel")
        first = sample.link(theirs)
    with open_store(meta_account.store_id):
        with pytest.raises(CatalogTaken):
            sample.link(meta_account)
        assert not Catalog.objects.exists()
    with open_store(other_store.pk):
        Catalog.objects.filter(pk=first.pk).update(state="disconnected")
    with open_store(meta_account.store_id):
        ours = sample.link(meta_account)
    assert find_catalog_owner(sample.HAZEL_CATALOG) == ours


def test_the_products_page_connects_a_catalog(
    meta_account: MetaAccount, manager: User, client_of: Callable[[User], Client]
) -> None:
    look_tasks.discover_catalogs(meta_account.store_id, meta_account.pk)
    client = client_of(manager)
    page = client.get("/s/hazel-home/catalog/meta/")
    assert "Hazel Home Ltd" in page.content.decode()
    body = {"account": meta_account.pk, "catalog_id": "800100"}
    assert client.post("/s/hazel-home/catalog/meta/connect/", body).status_code == 302
    with open_store(meta_account.store_id):
        assert Catalog.objects.get().catalog_id == "800100"
    assert client.post("/s/hazel-home/catalog/meta/connect/", body | {"catalog_id": "1"}).status_code == 404
