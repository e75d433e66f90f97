from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.db import IntegrityError
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from tenancy import services
from tenancy.models import AuditEntry, Membership, Store, User
from tenancy.roles import Role
from tenancy.scope import open_store
from tenancy.slugs import LONGEST, RESERVED, candidates, make_slug, stem
from tests.catalog.sample import make_product
from tests.orders.sample import make_order

ClientOf = Callable[[User], Client]


@given(name=st.text(max_size=130))
def test_every_name_gets_an_address_that_a_url_can_carry(name: str) -> None:
    slug = make_slug(name)

    assert re.fullmatch(r"[a-z0-9][a-z0-9_-]*", slug)
    assert 2 <= len(slug) <= LONGEST
    assert slug not in RESERVED


@given(name=st.text(max_size=130), count=st.integers(min_value=2, max_value=30))
def test_taken_addresses_are_passed_over_and_all_begin_with_the_stem(name: str, count: int) -> None:
    taken: set[str] = set()
    for _ in range(count):
        taken.add(make_slug(name, taken=taken))

    assert len(taken) == count
    assert all(slug.startswith(stem(name)) for slug in taken)


def test_an_address_is_made_from_the_name_and_numbered_when_it_is_taken() -> None:
    names = candidates("Crème & Brûlée, Paris")

    assert [next(names) for _ in range(3)] == [
        "creme-brulee-paris",
        "creme-brulee-paris-2",
        "creme-brulee-paris-3",
    ]
    assert make_slug("東京") == "shop-1"
    assert make_slug("Admin") == "admin-2"


def test_a_new_store_has_its_maker_as_owner_and_a_line_in_the_trail(owner: User) -> None:
    store = services.create_store(name="Hazel Home", currency="EUR", timezone="Europe/Berlin", owner=owner)

    assert (store.slug, store.currency, store.timezone) == ("hazel-home-2", "EUR", "Europe/Berlin")
    assert list(store.memberships.values_list("user", "role")) == [(owner.pk, Role.OWNER)]
    with open_store(store.pk):
        assert list(AuditEntry.objects.values_list("action", "actor")) == [("store.created", owner.pk)]


def test_an_address_taken_between_look_and_write_is_not_an_error(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter(["hazel-home", "hazel-home-7"])
    monkeypatch.setattr(services, "make_slug", lambda name, taken: next(answers))

    store = services.create_store(name="Hazel Home", currency="EUR", timezone="UTC", owner=owner)

    assert store.slug == "hazel-home-7"


def test_an_error_that_is_not_about_the_address_is_raised_and_nothing_is_kept(owner: User) -> None:
    with pytest.raises(IntegrityError):
        services.create_store(name="Nameless", currency=None, timezone="UTC", owner=owner)  # type: ignore[arg-type]

    assert not Store.objects.filter(slug="nameless").exists()


@pytest.mark.django_db
def test_a_person_without_a_store_is_led_to_make_one_and_lands_in_it(client_of: ClientOf) -> None:
    client = client_of(User.objects.create_user("nora@new.example", "pass-phrase-77"))

    assert client.get("/home/").headers["Location"] == "/stores/new/"
    response = client.post(
        "/stores/new/", {"name": "Nora's Nuts", "currency": "USD", "timezone": "America/New_York"}
    )

    assert response.headers["Location"] == "/s/noras-nuts/"
    assert client.get("/home/").headers["Location"] == "/s/noras-nuts/"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("name", "", "Give the store a name."),
        ("name", "   ", "Give the store a name."),
        ("currency", "XXX", "Select a valid choice. XXX is not one of the available choices."),
        (
            "timezone",
            "Mars/Olympus",
            "Select a valid choice. Mars/Olympus is not one of the available choices.",
        ),
    ],
)
def test_a_wrong_new_store_comes_back_with_a_sentence_at_the_field(
    client_of: ClientOf, owner: User, field: str, value: str, sentence: str
) -> None:
    good = {"name": "Nora's Nuts", "currency": "USD", "timezone": "UTC"}

    response = client_of(owner).post("/stores/new/", good | {field: value})

    assert response.status_code == 422
    assert response.context["form"].errors[field] == [sentence]
    assert sentence in response.content.decode()
    assert Store.objects.count() == 1


def test_home_leads_to_the_store_one_was_in_last(
    client_of: ClientOf, owner: User, other_store: Store
) -> None:
    Membership.objects.create(store=other_store, user=owner, role=Role.VIEWER)
    client = client_of(owner)
    assert client.get("/home/").headers["Location"] == "/s/hazel-home/"

    client.get("/s/bolt-bikes/settings/team/")
    assert client.get("/home/").headers["Location"] == "/s/bolt-bikes/"

    Membership.objects.filter(store=other_store, user=owner).delete()
    assert client.get("/home/").headers["Location"] == "/s/hazel-home/"


def test_the_list_of_stores_shows_each_with_the_role(
    client_of: ClientOf, owner: User, other_store: Store
) -> None:
    Membership.objects.create(store=other_store, user=owner, role=Role.VIEWER)

    page = client_of(owner).get("/stores/").content.decode()

    assert re.findall(r'<a href="(/s/[^"]+)">([^<]+)</a></th>\s*<td>(\w+)</td>', page) == [
        ("/s/bolt-bikes/", "Bolt Bikes", "Viewer"),
        ("/s/hazel-home/", "Hazel Home", "Owner"),
    ]


@pytest.mark.django_db
def test_home_and_the_list_ask_a_visitor_to_sign_in(client: Client) -> None:
    for path in ("/home/", "/stores/", "/stores/new/"):
        assert client.get(path).headers["Location"] == f"/accounts/login/?next={path}"


def test_settings_are_saved_once_and_written_to_the_trail(
    client_of: ClientOf, manager: User, store: Store
) -> None:
    data = {"name": "Hazel & Home", "currency": "EUR", "timezone": "Europe/London"}
    for _ in range(2):
        response = client_of(manager).post("/s/hazel-home/settings/", data)
        assert response.headers["Location"] == "/s/hazel-home/settings/"

    store.refresh_from_db()
    assert (store.name, store.currency, store.slug) == ("Hazel & Home", "EUR", "hazel-home")
    with open_store(store.pk):
        entry = AuditEntry.objects.get(action="store.changed")
    assert entry.details == {
        "before": {"name": "Hazel Home", "currency": "GBP"},
        "after": {"name": "Hazel & Home", "currency": "EUR"},
    }


def test_wrong_settings_change_nothing_and_the_frame_keeps_the_old_name(
    client_of: ClientOf, manager: User, store: Store
) -> None:
    response = client_of(manager).post("/s/hazel-home/settings/", {"name": "X", "currency": "EUR"})

    assert response.status_code == 422
    assert response.context["store"].name == "Hazel Home"
    assert set(response.context["form"].errors) == {"name", "timezone"}
    store.refresh_from_db()
    assert (store.name, store.currency) == ("Hazel Home", "GBP")


@pytest.mark.parametrize("kind", ["product", "order"])
def test_the_currency_stays_once_there_are_amounts_in_it(
    kind: str, client_of: ClientOf, manager: User, store: Store, other_store: Store
) -> None:
    with open_store(store.pk):
        make_product() if kind == "product" else make_order()
    data = {"name": "Hazel & Home", "currency": "EUR", "timezone": "Europe/London"}

    response = client_of(manager).post("/s/hazel-home/settings/", data)

    sentence = "There are prices or orders in GBP already, so it stays. Open another store for EUR."
    assert response.status_code == 422
    assert response.context["form"].errors == {"currency": [sentence]}
    store.refresh_from_db()
    assert (store.name, store.currency) == ("Hazel Home", "GBP")
    with open_store(store.pk):
        assert not AuditEntry.objects.filter(action="store.changed").exists()
    assert client_of(manager).post("/s/hazel-home/settings/", data | {"currency": "GBP"}).status_code == 302
    services.update_store(other_store, actor=manager, currency="CHF")
    other_store.refresh_from_db()
    assert other_store.currency == "CHF"
