from __future__ import annotations

from collections.abc import Callable

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from tenancy.audit import record_audit
from tenancy.models import AuditEntry, Invitation, Store, User
from tenancy.scope import open_store
from tests.laws.objects import make

ClientOf = Callable[[User], Client]


@pytest.fixture
def staff(db: None, client_of: ClientOf) -> Client:
    return client_of(User.objects.create_superuser("root@platform.example", "pass-phrase-77"))


def test_staff_make_a_user_who_can_sign_in(staff: Client) -> None:
    assert staff.get("/admin/tenancy/user/add/").status_code == 200

    data = {"email": "nora@new.example", "password1": "hazel-and-maple-42", "password2": "hazel-and-maple-42"}
    response = staff.post("/admin/tenancy/user/add/", data | {"usable_password": "true"})

    assert response.status_code == 302
    assert User.objects.get(email="nora@new.example").check_password("hazel-and-maple-42")


def test_the_trail_can_be_neither_changed_nor_deleted_by_staff(
    staff: Client, owner: User, store: Store
) -> None:
    with open_store(store.pk):
        entry = record_audit("store.changed", actor=owner)
    url = f"/admin/tenancy/auditentry/{entry.pk}/"

    assert staff.get(f"{url}change/").status_code == 200
    assert staff.post(f"{url}change/", {"action": "nothing.happened"}).status_code == 403
    assert staff.post(f"{url}delete/", {"post": "yes"}).status_code == 403
    assert AuditEntry.unscoped.get().action == "store.changed"


def test_the_list_shows_rows_of_all_stores(staff: Client, store: Store, other_store: Store) -> None:
    rows = [make(Invitation, store), make(Invitation, other_store)]

    page = staff.get("/admin/tenancy/invitation/").content.decode()

    assert all(row.email in page for row in rows)


def test_an_owner_of_a_store_is_no_staff(client_of: ClientOf, owner: User) -> None:
    assert client_of(owner).get("/admin/").status_code == 302


def test_staff_take_a_second_factor_away_and_never_see_its_secret(staff: Client, owner: User) -> None:
    row = Authenticator.objects.create(user=owner, type="totp", data={"secret": "sealed-secret"})
    url = f"/admin/mfa/authenticator/{row.pk}/"

    for path in ("/admin/mfa/authenticator/", f"{url}change/"):
        assert "sealed-secret" not in staff.get(path).content.decode()
    assert staff.post(f"{url}change/", {"type": "totp"}).status_code == 403
    assert Authenticator.objects.get() == row

    assert staff.post(f"{url}delete/", {"post": "yes"}).status_code == 302
    assert not Authenticator.objects.exists()


def test_the_admin_has_no_place_for_facebook_tokens(staff: Client) -> None:
    for path in ("socialtoken", "socialapp"):
        assert staff.get(f"/admin/socialaccount/{path}/").status_code == 404
