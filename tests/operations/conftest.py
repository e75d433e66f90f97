from __future__ import annotations

from collections.abc import Iterator

import pytest

from tenancy.models import Store
from tenancy.scope import open_store


@pytest.fixture
def shop(store: Store) -> Iterator[Store]:
    with open_store(store.pk):
        yield store


@pytest.fixture
def broker_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give Celery, which looks here first, the address of a broker at which nobody listens."""
    monkeypatch.setenv("CELERY_BROKER_READ_URL", "redis://127.0.0.1:1/0")
