"""Law 2: every address under /s/<store>/ is guarded, tried by real requests."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from tenancy.models import Membership, Store, User
from tenancy.roles import Role
from tests.laws.house import Page, store_pages
from tests.laws.objects import FORMS, PARTS, TOKEN, make_parts, part_model

ClientOf = Callable[[User], Client]

pages = pytest.mark.parametrize("page", store_pages(), ids=lambda page: page.route)
pages_with_objects = pytest.mark.parametrize(
    "page", [page for page in store_pages() if page.objects], ids=lambda page: page.route
)


def path_in(page: Page, store: Store, objects_of: Store) -> str:
    return page.path(store.slug, **make_parts(page.objects, objects_of))


def answers(client: Client, path: str, form: dict[str, str] | None = None) -> list[HttpResponse]:
    """Ask with GET and POST, without the answers to a method that the page does not have for anybody."""
    found: list[Any] = [client.get(path, form), client.post(path, form)]
    return [response for response in found if response.status_code != 405]


def readable(response: HttpResponse) -> tuple[int, str]:
    """Return the answer without what is random in every page."""
    return response.status_code, re.sub(r"\b[A-Za-z0-9]{64}\b", "", response.content.decode())


def statuses(client: Client, path: str, form: dict[str, str] | None = None) -> set[int]:
    return {response.status_code for response in answers(client, path, form)}


def snapshot(page: Page, store: Store) -> list[dict[str, Any]]:
    """Return the rows of the models that an address names, as they are in the database."""
    rows: list[dict[str, Any]] = []
    for name in page.objects:
        model = part_model(name)
        manager = getattr(model, "unscoped", model.objects)
        rows += manager.filter(store_id=store.pk).order_by("pk").values()
    return rows


def test_there_are_pages_to_walk() -> None:
    routes = {page.route for page in store_pages()}

    assert {"s/<slug:store>/", "s/<slug:store>/settings/team/<int:member>/remove/"} <= routes


@pages
def test_every_page_carries_the_guards_mark(page: Page) -> None:
    assert isinstance(getattr(page.view, "store_role", None), Role)


@pages
def test_every_part_of_an_address_names_a_known_model(page: Page) -> None:
    assert set(page.objects) <= set(PARTS), "Name the part in tests/laws/objects.py."


@pages
def test_a_visitor_is_sent_to_sign_in(page: Page, client: Client, store: Store) -> None:
    path = path_in(page, store, store)

    found = {(response.status_code, response.headers.get("Location")) for response in answers(client, path)}

    assert found == {(302, f"/accounts/login/?next={path}")}


@pages
def test_a_stranger_learns_nothing(page: Page, client_of: ClientOf, store: Store, stranger: User) -> None:
    path = path_in(page, store, store)
    before = snapshot(page, store)

    assert statuses(client_of(stranger), path, FORMS.get(page.route)) == {404}
    assert snapshot(page, store) == before


@pages
def test_a_store_that_does_not_exist_looks_the_same_to_a_stranger(
    page: Page, client_of: ClientOf, store: Store, stranger: User
) -> None:
    client = client_of(stranger)
    real = [readable(response) for response in answers(client, path_in(page, store, store))]
    ghost = [readable(response) for response in answers(client, path_in(page, Store(slug="no-such"), store))]

    assert real
    assert ghost == real


@pytest.mark.parametrize(
    "page",
    [page for page in store_pages() if page.view.store_role is not Role.VIEWER],
    ids=lambda page: page.route,
)
def test_a_member_below_the_role_is_refused(
    page: Page, client_of: ClientOf, store: Store, viewer: User
) -> None:
    ladder = list(Role)
    below = ladder[ladder.index(page.view.store_role) - 1]
    Membership.objects.filter(user=viewer).update(role=below)
    path = path_in(page, store, store)
    before = snapshot(page, store)

    assert statuses(client_of(viewer), path, FORMS.get(page.route)) == {403}
    assert snapshot(page, store) == before


@pages_with_objects
def test_another_stores_object_is_not_found_and_not_touched(
    page: Page, client_of: ClientOf, store: Store, other_store: Store, owner: User
) -> None:
    path = path_in(page, store, other_store)
    before = snapshot(page, other_store)

    assert statuses(client_of(owner), path, FORMS.get(page.route)) == {404}
    assert snapshot(page, other_store) == before


@pages
def test_the_owner_gets_in_and_reads_no_token(
    page: Page, client_of: ClientOf, store: Store, owner: User
) -> None:
    """Which also proves that the refusals above were about the person, not about the address."""
    response = client_of(owner).get(path_in(page, store, store))

    assert response.status_code in (200, 204, 302, 400, 405)
    if not response.streaming:  # a stream has no end; what it says is tested in tests/operations/test_live.py
        assert TOKEN not in response.content.decode()


def test_a_member_who_was_deactivated_is_asked_to_sign_in(client_of: ClientOf, owner: User) -> None:
    client = client_of(owner)
    User.objects.filter(pk=owner.pk).update(is_active=False)

    assert client.get("/s/hazel-home/settings/team/").status_code == 302


def test_a_member_who_was_removed_is_a_stranger_at_the_next_click(client_of: ClientOf, agent: User) -> None:
    client = client_of(agent)
    assert client.get("/s/hazel-home/settings/team/").status_code == 200
    Membership.objects.filter(user=agent).delete()

    assert client.get("/s/hazel-home/settings/team/").status_code == 404


def test_platform_staff_are_no_members(client_of: ClientOf, store: Store) -> None:
    staff = User.objects.create_superuser("root@platform.example", "pass-phrase-77")

    assert client_of(staff).get("/s/hazel-home/settings/team/").status_code == 404
