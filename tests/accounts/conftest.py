from __future__ import annotations

import pytest
from allauth.account.models import EmailAddress

from tenancy.models import User
from tests.accounts.browser import PASSWORD, Browser


@pytest.fixture(autouse=True)
def counted_from_zero(clean_cache: None) -> None:
    """Rate limits start at zero."""


@pytest.fixture
def browser(db: None) -> Browser:
    return Browser()


@pytest.fixture
def nora(db: None) -> User:
    """A person with a confirmed address."""
    user = User.objects.create_user("nora@new.example", PASSWORD, name="Nora")
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user
