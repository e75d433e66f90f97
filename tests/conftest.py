"""The cast: a store with an owner, a manager, an agent and a viewer, and a stranger who owns another one."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from typing import Any

import hypothesis
import pytest
from django.conf import LazySettings, settings
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client

from integrations.connections import arm_page, connect_page
from integrations.graph import budgets
from integrations.graph.records import forget_waiting
from integrations.models import ConnectedPage, InstagramAccount, MetaAccount
from integrations.oauth.flow import claim_attempt, finish_attempt, start_attempt
from integrations.webhooks.tasks import work_inbox
from operations.demo.consent import HAZEL_HOME, consent
from tenancy.models import Membership, Store, User
from tenancy.roles import Role
from tenancy.scope import open_store
from tests.sandbox_process import Sandbox, running_sandbox

PASSWORD = "hazel-and-maple-42"

# A busy machine is no fault of ours: no test waits too briefly for PostgreSQL, and none fails by the clock.
settings.DATABASES["default"]["OPTIONS"]["pool"]["timeout"] = 120
hypothesis.settings.register_profile(
    "unhurried", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("unhurried")


@pytest.fixture(autouse=True)
def quick_passwords(settings: LazySettings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def calls_of_this_test() -> Iterator[None]:
    """Rows of calls to Meta wait in the process: none is left to the next test."""
    budgets.forget()
    yield
    forget_waiting()


@pytest.fixture
def clean_cache() -> Iterator[None]:
    """Rate limits count in the cache: start and leave it empty."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def store(db: None) -> Store:
    return Store.objects.create(
        name="Hazel Home", slug="hazel-home", currency="GBP", timezone="Europe/London"
    )


@pytest.fixture
def other_store(db: None) -> Store:
    return Store.objects.create(name="Bolt Bikes", slug="bolt-bikes", currency="EUR")


def make_member(store: Store, role: Role, name: str) -> User:
    user = User.objects.create_user(f"{name.lower()}@{store.slug}.example", PASSWORD, name=name)
    Membership.objects.create(store=store, user=user, role=role)
    return user


@pytest.fixture
def owner(store: Store) -> User:
    return make_member(store, Role.OWNER, "Olive")


@pytest.fixture
def manager(store: Store) -> User:
    return make_member(store, Role.MANAGER, "Mark")


@pytest.fixture
def agent(store: Store) -> User:
    return make_member(store, Role.AGENT, "Agnes")


@pytest.fixture
def viewer(store: Store) -> User:
    return make_member(store, Role.VIEWER, "Vera")


@pytest.fixture
def stranger(other_store: Store) -> User:
    return make_member(other_store, Role.OWNER, "Sam")


@pytest.fixture
def open_scope(store: Store) -> Iterator[Store]:
    with open_store(store.pk):
        yield store


@pytest.fixture
def client_of() -> Callable[[User], Client]:
    def signed_in(user: User) -> Client:
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return signed_in


@pytest.fixture(scope="session")
def sandbox_process() -> Iterator[Sandbox]:
    with running_sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(sandbox_process: Sandbox, settings: LazySettings) -> Sandbox:
    """A running sandbox, back at its seed, as the Meta of this test."""
    sandbox_process.post("reset")
    settings.GRAPH_API_URL = sandbox_process.url
    settings.FACEBOOK_DIALOG_URL = f"{sandbox_process.url}/v26.0/dialog/oauth"
    return sandbox_process


@pytest.fixture
def meta_account(sandbox: Sandbox, store: Store, owner: User) -> MetaAccount:
    """Ada's account with Hazel Home ticked, connected through the sandbox's own dialog."""
    with open_store(store.pk):
        answer = consent(start_attempt(owner))
        attempt = claim_attempt(answer["state"], user=owner)
        assert attempt is not None
        return finish_attempt(attempt, code=answer["code"])


@pytest.fixture
def connected_page(meta_account: MetaAccount, owner: User) -> ConnectedPage:
    """Hazel Home, connected and subscribed, with a living Page token."""
    with open_store(meta_account.store_id):
        page = connect_page(meta_account, HAZEL_HOME, actor=owner)
        arm_page(page)
        return page


@pytest.fixture
def instagram_account(connected_page: ConnectedPage) -> InstagramAccount:
    with open_store(connected_page.store_id):
        return InstagramAccount.objects.get()


def signed(body: bytes, secret: str = "sandbox-app-secret") -> str:
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def post_webhook(body: bytes, **headers: str) -> HttpResponse:
    """Post a body to the Django view of the webhook address, signed unless the headers say otherwise."""
    headers.setdefault("X-Hub-Signature-256", signed(body))
    response: Any = Client().post(
        "/webhooks/facebook", data=body, content_type="application/json", headers=headers
    )
    return response  # type: ignore[no-any-return]


@pytest.fixture
def deliver(db: None) -> Callable[[dict[str, Any] | bytes], HttpResponse]:
    """Post a signed body and work the inbox, as the worker would."""

    def post(body: dict[str, Any] | bytes) -> HttpResponse:
        raw = body if isinstance(body, bytes) else json.dumps(body, separators=(",", ":")).encode()
        response = post_webhook(raw)
        work_inbox()
        return response

    return post
