from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import LazySettings

from catalog.models import Catalog
from integrations.models import MetaAccount
from tenancy.models import Store
from tenancy.scope import open_store
from tests.catalog import sample
from tests.catalog.picture_sample import Host, running_host


@pytest.fixture
def catalog(meta_account: MetaAccount) -> Iterator[Catalog]:
    """Hazel Home's catalog of the sandbox, connected to an open and still empty store."""
    with open_store(meta_account.store_id):
        yield sample.link(meta_account)


@pytest.fixture
def shop(store: Store) -> Iterator[Store]:
    with open_store(store.pk):
        yield store


@pytest.fixture
def media(settings: LazySettings, tmp_path: Path) -> Path:
    """An empty place for files of pictures."""
    settings.MEDIA_ROOT = str(tmp_path)
    return tmp_path


@pytest.fixture(scope="module")
def _host() -> Iterator[Host]:
    with running_host() as host:
        yield host


@pytest.fixture
def host(_host: Host) -> Host:
    """A host on this machine that serves what a test gives it."""
    _host.answers.clear()
    _host.asked.clear()
    return _host
