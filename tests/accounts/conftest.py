from __future__ import annotations

from collections.abc import Iterator

import pytest
from allauth.account.models import EmailAddress
from django.conf import LazySettings
from django.core.cache import cache

from tenancy.models import User
from tests.accounts.browser import PASSWORD, Browser

FIRST_DATABASE = 4
"""Of the sixteen that a Redis server has; those before are the broker's and the cache's."""


@pytest.fixture(autouse=True)
def counted_from_zero(settings: LazySettings, worker_id: str) -> Iterator[None]:
    """Rate limits start at zero, in a database of one's own: `clear` empties it for all who share it."""
    worker = int(worker_id.removeprefix("gw")) if worker_id != "master" else 0
    default = settings.CACHES["default"]
    location = f"{default['LOCATION'].partition('?')[0]}?db={FIRST_DATABASE + worker % 12}"
    settings.CACHES = {"default": default | {"LOCATION": location}}
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def browser(db: None) -> Browser:
    return Browser()


@pytest.fixture
def nora(db: None) -> User:
    """A person with a confirmed address."""
    user = User.objects.create_user("nora@new.example", PASSWORD, name="Nora")
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user
