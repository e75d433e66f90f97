"""Law 2 for programs: every operation of the JSON API is guarded, tried by real requests.

An operation that is added is walked without being named here; one that names an object of a store names it
in `OBJECTS` or `BODIES`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from ninja.operation import Operation

from integrations.models import AssetState, SyncRun
from operations.api.access import KeyAuth, SessionAuth
from operations.api.description import PREFIX, describe, scope_of, walk_operations
from tenancy.api_tokens import create_token
from tenancy.models import Membership, Store, StoreApiToken, User
from tenancy.roles import ApiScope, Role
from tenancy.scope import open_store
from tests.laws.house import owned_models
from tests.laws.objects import TOKEN, make, part_model

ClientOf = Callable[[User], Client]

OBJECTS: dict[str, str] = {"run_id": "integrations.SyncRun"}
"""Part of an address → the model it means."""
ACTIVE = {"state": AssetState.ACTIVE}
BODIES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "catalogSync": ("catalog_id", "catalog.Catalog", ACTIVE),
    "connect": ("account_id", "integrations.MetaAccount", {}),
    "leadsSync": ("page_id", "integrations.ConnectedPage", ACTIVE),
}
"""Operation → the field of its body that names an object of the store, the model, and how that one stands."""

OPERATIONS = [pytest.param(path, found, id=str(found.operation_id)) for path, found in walk_operations()]
operations = pytest.mark.parametrize(("path", "operation"), OPERATIONS)
with_objects = pytest.mark.parametrize(
    ("path", "operation"),
    [case for case in OPERATIONS if "{" in str(case.values[0]) or str(case.id) in BODIES],
)


def model(label: str) -> Any:
    return next(one for one in owned_models() if one._meta.label == label)


def ask(client: Client, path: str, operation: Operation, objects_of: Store, **headers: str) -> HttpResponse:
    """Ask an operation about an object of a store; `headers` say who asks."""
    address, body = f"/api/{PREFIX}{path}", {}
    for part in re.findall(r"{(?:\w+:)?(\w+)}", path):
        row = make(model(OBJECTS[part]), objects_of)
        address = re.sub(rf"{{(?:\w+:)?{part}}}", str(row.pk), address)
    if named := BODIES.get(str(operation.operation_id)):
        row = make(
            model(named[1]),
            objects_of,
            **({"state": AssetState.ACTIVE} if hasattr(model(named[1]), "state") else {}),
        )
        body = {named[0]: getattr(row, "meta_id", None) or row.meta_user_id}
    send: Any = getattr(client, operation.methods[0].lower())
    if operation.methods == ["GET"]:
        return send(address, headers=headers)  # type: ignore[no-any-return]
    return send(address, data=body, content_type="application/json", headers=headers)  # type: ignore[no-any-return]


def key_for(store: Store, user: User, *scopes: ApiScope) -> str:
    with open_store(store.pk):
        by = Membership.objects.select_related("user").get(store=store, user=user)
        return create_token(name="law", scopes=scopes, expires_at=None, by=by)[1]


def bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


def traces(store: Store) -> dict[str, list[int]]:
    """Return the rows that an operation of the API may write, with those of the trail."""
    written = ("integrations.SyncRun", "integrations.OAuthAttempt", "tenancy.AuditEntry")
    return {
        label: list(model(label).unscoped.filter(store=store).values_list("pk", flat=True))
        for label in written
    }


def assert_refused(response: HttpResponse, status: int, kind: str) -> None:
    found: Any = response
    assert response.status_code == status
    assert response.headers["Content-Type"] == "application/problem+json"
    assert found.json()["type"].endswith(f"/api/docs#{kind}")


def test_there_are_operations_to_walk() -> None:
    assert {case.id for case in OPERATIONS} == {
        one["operationId"] for methods in describe()["paths"].values() for one in methods.values()
    }
    assert {"status", "pages", "catalogSync", "leadsSync", "connect"} <= {case.id for case in OPERATIONS}


@operations
def test_every_operation_has_both_guards_and_opens_its_store(path: str, operation: Operation) -> None:
    assert [type(way) for way in operation.auth_callbacks] == [KeyAuth, SessionAuth]
    assert isinstance(scope_of(operation), ApiScope)
    assert getattr(operation.view_func, "opens_store", False)
    assert (operation.methods == ["GET"]) == (scope_of(operation) == ApiScope.READ)


@operations
def test_an_operation_with_an_object_says_which_model_it_is(path: str, operation: Operation) -> None:
    assert set(re.findall(r"{(?:\w+:)?(\w+)}", path)) <= set(OBJECTS)
    bodies = [schema for schema in operation.models if schema.__ninja_param_source__ == "body"]
    assert bool(bodies) == (str(operation.operation_id) in BODIES)


@operations
def test_who_does_not_say_who_they_are_is_asked_to(
    path: str, operation: Operation, client: Client, store: Store
) -> None:
    assert_refused(ask(client, path, operation, store, **{"X-Store": store.slug}), 401, "not-signed-in")


@operations
def test_a_stranger_learns_nothing(
    path: str, operation: Operation, client_of: ClientOf, store: Store, stranger: User
) -> None:
    client, before = client_of(stranger), traces(store)
    real = ask(client, path, operation, store, **{"X-Store": store.slug})
    ghost = ask(client, path, operation, store, **{"X-Store": "no-such-store"})

    assert_refused(real, 404, "not-found")
    assert (ghost.status_code, ghost.content) == (real.status_code, real.content)
    if not path.startswith("/runs/"):  # its rows were made by the question itself
        assert traces(store) == before


@operations
def test_a_member_below_the_role_is_refused(
    path: str, operation: Operation, client_of: ClientOf, store: Store, viewer: User
) -> None:
    needed = scope_of(operation).role
    if needed == Role.VIEWER:
        assert ask(client_of(viewer), path, operation, store, **{"X-Store": store.slug}).status_code == 200
        return
    Membership.objects.filter(user=viewer).update(role=list(Role)[list(Role).index(needed) - 1])
    before = traces(store)

    response = ask(client_of(viewer), path, operation, store, **{"X-Store": store.slug})
    assert_refused(response, 403, "role-too-low")
    assert traces(store) == before


@operations
def test_a_key_without_the_scope_is_refused(
    path: str, operation: Operation, client: Client, store: Store, owner: User
) -> None:
    others = [scope for scope in ApiScope if scope != scope_of(operation)]
    key = key_for(store, owner, *others)
    make(SyncRun, store)
    response = ask(client, path, operation, store, **bearer(key))

    assert_refused(response, 403, "missing-scope")
    assert not model("integrations.OAuthAttempt").unscoped.exists()


@operations
def test_a_revoked_or_expired_or_invented_key_is_refused(
    path: str, operation: Operation, client: Client, store: Store, owner: User
) -> None:
    key = key_for(store, owner, *ApiScope)
    keys = StoreApiToken.unscoped.all()
    for ended in ({"revoked_at": timezone.now()}, {"expires_at": timezone.now()}):
        keys.update(**{"revoked_at": None, "expires_at": None, **ended})
        assert_refused(ask(client, path, operation, store, **bearer(key)), 401, "key-refused")
    keys.update(expires_at=None)
    assert_refused(ask(client, path, operation, store, **bearer(key[:-1] + "!")), 401, "key-refused")
    assert ask(client, path, operation, store, **bearer(key)).status_code in (200, 202)


@operations
def test_a_key_opens_no_other_store(
    path: str, operation: Operation, client: Client, store: Store, other_store: Store, owner: User
) -> None:
    Membership.objects.create(store=other_store, user=owner, role=Role.OWNER)
    key = key_for(store, owner, *ApiScope)
    response = ask(client, path, operation, other_store, **bearer(key), **{"X-Store": other_store.slug})

    assert_refused(response, 404, "not-found")


@with_objects
def test_another_stores_object_is_not_found_and_not_touched(
    path: str, operation: Operation, client: Client, store: Store, other_store: Store, owner: User
) -> None:
    key = key_for(store, owner, *ApiScope)
    before = traces(store)
    response = ask(client, path, operation, other_store, **bearer(key))

    assert_refused(response, 404, "not-found")
    assert traces(store) == before
    assert not model("tenancy.AuditEntry").unscoped.filter(store=other_store).exists()


@operations
def test_a_session_of_another_site_is_refused(
    path: str, operation: Operation, store: Store, owner: User
) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(owner, backend="django.contrib.auth.backends.ModelBackend")
    response = ask(client, path, operation, store, **{"X-Store": store.slug})

    if operation.methods == ["GET"]:
        assert response.status_code == 200
    else:
        assert_refused(response, 403, "no-csrf")


@operations
def test_the_owner_gets_in_and_reads_no_token(
    path: str, operation: Operation, client_of: ClientOf, store: Store, owner: User
) -> None:
    """Which also proves that the refusals above were about who asked."""
    make(part_model("page"), store)
    response = ask(client_of(owner), path, operation, store, **{"X-Store": store.slug})

    assert response.status_code in (200, 202)
    assert TOKEN not in response.content.decode()
    assert response.headers["Cache-Control"] == "no-store"
