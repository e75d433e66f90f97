from __future__ import annotations

from collections.abc import Iterator

import pytest

from integrations.models import ConnectedPage
from stormcom.celery import app
from tenancy.models import Store
from tenancy.scope import open_store
from tests.orders import sample


@pytest.fixture
def shop(store: Store) -> Iterator[Store]:
    with open_store(store.pk):
        yield store


@pytest.fixture
def page(shop: Store) -> ConnectedPage:
    """A connected Page of the open store."""
    return sample.make_page()


@pytest.fixture
def tasks_at_once() -> Iterator[None]:
    """Tasks run where they are called, without broker and worker."""
    app.conf.task_always_eager = True
    yield
    app.conf.task_always_eager = False
