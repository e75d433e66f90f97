from __future__ import annotations

from collections.abc import Iterator

import pytest

from catalog.models import Catalog
from integrations.models import MetaAccount
from tenancy.models import Store
from tenancy.scope import open_store
from tests.catalog import sample


@pytest.fixture
def catalog(meta_account: MetaAccount) -> Iterator[Catalog]:
    """Hazel Home's catalog of the sandbox, connected to an open and still empty store."""
    with open_store(meta_account.store_id):
        yield sample.link(meta_account)


@pytest.fixture
def shop(store: Store) -> Iterator[Store]:
    with open_store(store.pk):
        yield store
