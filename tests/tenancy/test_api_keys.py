"""Keys by which programs act for a store, made and revoked in its settings."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from tenancy import api_tokens
from tenancy.api_tokens import TokenRefused, find_token, get_maker, list_tokens
from tenancy.models import AuditEntry, Membership, Store, StoreApiToken, User
from tenancy.roles import ApiScope, Role
from tenancy.scope import open_store

ClientOf = Callable[[User], Client]

PAGE = "/s/hazel-home/settings/api/"
WANTED = {"name": "Warehouse", "scopes": ["read", "sync"], "days": "90"}
SECRET = re.compile(r"stc_[A-Za-z0-9_-]{43}")


def make_key(client: Client, **form: object) -> str:
    """Make a key by the form; return its secret, as the page shows it."""
    response = client.post(PAGE, WANTED | form)
    assert response.status_code == 200
    (secret,) = SECRET.findall(response.content.decode())
    return str(secret)


def keys() -> list[StoreApiToken]:
    return list(StoreApiToken.unscoped.order_by("pk"))


def test_a_key_is_shown_once_and_only_its_hash_is_kept(client_of: ClientOf, manager: User) -> None:
    client = client_of(manager)
    secret = make_key(client)

    (key,) = keys()
    assert (key.name, key.scopes, key.created_by) == ("Warehouse", ["read", "sync"], manager)
    assert key.hint == secret[:8]
    assert timedelta(days=89) < (key.expires_at or timezone.now()) - timezone.now() <= timedelta(days=90)
    with connection.cursor() as cursor:
        cursor.execute("SELECT (t.*)::text FROM tenancy_storeapitoken t")
        assert secret[4:] not in cursor.fetchone()[0]
    page = client.get(PAGE).content.decode()
    assert secret not in page
    assert f"{secret[:8]}…" in page


def test_the_page_with_the_secret_is_kept_by_no_cache(client_of: ClientOf, manager: User) -> None:
    response = client_of(manager).post(PAGE, WANTED)
    assert "no-store" in response.headers["Cache-Control"]


def test_the_trail_names_the_key_and_not_its_secret(client_of: ClientOf, manager: User) -> None:
    secret = make_key(client_of(manager))
    entry = AuditEntry.unscoped.get()
    assert (entry.action, entry.actor) == ("api_key.created", manager)
    assert entry.details == {"name": "Warehouse", "scopes": ["read", "sync"]}
    assert secret[4:] not in str(entry.details)


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"name": " "}, "Say what the key is for."),
        ({"scopes": []}, "Choose at least one"),
        ({"scopes": ["everything"]}, "everything is not one of the available choices"),
        ({"days": "5000"}, "5000 is not one of the available choices"),
    ],
)
def test_a_form_that_does_not_fit_makes_no_key(
    client_of: ClientOf, manager: User, form: dict[str, object], words: str
) -> None:
    response = client_of(manager).post(PAGE, WANTED | form)
    assert response.status_code == 422
    assert words in response.content.decode()
    assert keys() == []


def test_a_reload_of_the_page_makes_no_second_key(client_of: ClientOf, manager: User) -> None:
    make_key(client_of(manager))
    response = client_of(manager).post(PAGE, WANTED)
    assert response.status_code == 422
    assert "There is a key of this name." in response.content.decode()
    assert len(keys()) == 1


def test_twenty_working_keys_are_enough(
    client_of: ClientOf, manager: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api_tokens, "WORKING_LIMIT", 2)
    client = client_of(manager)
    make_key(client, name="one")
    make_key(client, name="two")
    assert client.post(PAGE, WANTED).status_code == 422
    StoreApiToken.unscoped.filter(name="one").update(expires_at=timezone.now())
    make_key(client)


def test_a_revoked_key_is_ended_once_and_its_name_is_free_again(client_of: ClientOf, manager: User) -> None:
    client = client_of(manager)
    secret = make_key(client)
    (key,) = keys()

    for _press in range(2):
        assert client.post(f"{PAGE}{key.pk}/revoke/").status_code == 302

    found = find_token(secret)
    assert found is not None
    with pytest.raises(TokenRefused, match="was revoked"):
        get_maker(found)
    assert AuditEntry.unscoped.filter(action="api_key.revoked").count() == 1
    assert "Revoked" in client.get(PAGE).content.decode()
    assert make_key(client) != secret


def test_a_key_answers_to_its_store_and_maker(client_of: ClientOf, store: Store, manager: User) -> None:
    found = find_token(make_key(client_of(manager)))
    assert found is not None
    assert found.store == store
    assert get_maker(found).user == manager
    assert [scope for scope in ApiScope if found.allows(scope)] == [ApiScope.READ, ApiScope.SYNC]


@pytest.mark.parametrize("wrong", ["", "stc_", "stc_" + "a" * 43, "a" * 47, "stc_" + "a" * 5000, "stc_\x00é"])
def test_what_is_no_key_is_not_found(client_of: ClientOf, manager: User, wrong: str) -> None:
    make_key(client_of(manager))
    assert find_token(wrong) is None


def test_a_key_expires(client_of: ClientOf, manager: User) -> None:
    secret = make_key(client_of(manager))
    StoreApiToken.unscoped.update(expires_at=timezone.now())
    found = find_token(secret)
    assert found is not None
    with pytest.raises(TokenRefused, match="has expired"):
        get_maker(found)


def test_a_key_stops_with_the_role_of_who_made_it_and_comes_back_with_it(
    client_of: ClientOf, manager: User, owner: User
) -> None:
    secret = make_key(client_of(manager), days="0")
    role = Membership.objects.filter(user=manager)

    role.update(role=Role.AGENT)
    found = find_token(secret)
    assert found is not None
    with pytest.raises(TokenRefused, match="may not make keys"):
        get_maker(found)
    page = client_of(owner).get(PAGE).content.decode()
    assert "Stopped" in page

    role.update(role=Role.MANAGER)
    assert get_maker(found).user == manager
    User.objects.filter(pk=manager.pk).update(is_active=False)
    found = find_token(secret)
    assert found is not None
    with pytest.raises(TokenRefused):
        get_maker(found)


def test_a_use_is_noted_to_the_minute(client_of: ClientOf, store: Store, manager: User) -> None:
    make_key(client_of(manager))
    with open_store(store.pk):
        (key,) = keys()
        api_tokens.note_use(key)
        first = keys()[0].last_used_at
        api_tokens.note_use(keys()[0])
        assert first is not None
        assert keys()[0].last_used_at == first
        StoreApiToken.objects.update(last_used_at=first - timedelta(minutes=2))
        api_tokens.note_use(keys()[0])
        assert (keys()[0].last_used_at or first) > first


def test_an_agent_sees_no_keys(client_of: ClientOf, agent: User) -> None:
    assert client_of(agent).get(PAGE).status_code == 403


def test_the_list_costs_the_same_with_many_keys(
    client_of: ClientOf, store: Store, manager: User, django_assert_num_queries: Callable[[int], object]
) -> None:
    client = client_of(manager)
    for number in range(6):
        make_key(client, name=f"key {number}")
    StoreApiToken.unscoped.filter(name__in=["key 0", "key 1"]).update(revoked_at=timezone.now())
    with open_store(store.pk), django_assert_num_queries(2):  # type: ignore[attr-defined]
        rows = list_tokens()
    assert [row.state for row in rows] == ["working"] * 4 + ["revoked"] * 2
