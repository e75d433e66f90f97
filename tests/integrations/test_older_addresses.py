"""Addresses that older guides name lead to the same."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from integrations.models import MetaAccount, OAuthAttempt
from operations.demo.consent import consent
from tenancy.models import Membership, Store, User
from tenancy.roles import Role
from tenancy.scope import open_store

ClientOf = Callable[[User], Client]
START, BACK = "/auth/facebook/connect", "/auth/facebook/callback"
WAY_BACK = ["http://127.0.0.1:8000/api/integrations/facebook/oauth/callback"]


@pytest.mark.parametrize("method", ["get", "post"])
def test_the_older_start_leads_to_metas_dialog(
    client_of: ClientOf, store: Store, manager: User, sandbox: object, method: str
) -> None:
    response = getattr(client_of(manager), method)(START)

    assert response.status_code == 302
    assert parse_qs(urlsplit(response["Location"]).query)["redirect_uri"] == WAY_BACK
    attempt = OAuthAttempt.unscoped.get()
    assert (attempt.user, attempt.store) == (manager, store)


def test_the_older_way_back_finishes_what_was_started(
    client_of: ClientOf, store: Store, manager: User, sandbox: object
) -> None:
    client = client_of(manager)
    dialog = client.get(START)["Location"]
    response = client.get(BACK, consent(dialog))

    with open_store(store.pk):
        account = MetaAccount.objects.get()
    assert response["Location"] == f"/s/hazel-home/integrations/accounts/{account.pk}/"
    assert client.get(BACK, {"state": "invented", "code": "x"}).status_code == 400


def test_the_older_start_takes_the_store_that_is_named(
    client_of: ClientOf, other_store: Store, manager: User, sandbox: object
) -> None:
    client = client_of(manager)
    assert client.get(START, {"store": "bolt-bikes"}).status_code == 404
    Membership.objects.create(store=other_store, user=manager, role=Role.OWNER)
    client.get(START, {"store": "bolt-bikes"})

    assert OAuthAttempt.unscoped.get().store == other_store


def test_the_older_start_has_the_same_guards(client_of: ClientOf, client: Client, agent: User) -> None:
    assert client.get(START)["Location"] == f"/accounts/login/?next={START}"
    assert client_of(agent).get(START).status_code == 403
    elsewhere = {"next": "https://elsewhere.example/"}
    Membership.objects.filter(user=agent).update(role=Role.MANAGER)
    assert client_of(agent).get(START, elsewhere).status_code == 400
    assert client_of(agent).post(START, {"next": "/a\0b"}).status_code == 400
    assert client_of(agent).get(START, {"account": "9" * 4400}).status_code == 404
    assert OAuthAttempt.unscoped.count() == 0


def test_who_has_no_store_makes_one_first(client_of: ClientOf, db: None) -> None:
    nobody = User.objects.create_user("new@people.example", "pass-phrase-77")
    assert client_of(nobody).get(START)["Location"] == "/home/"
