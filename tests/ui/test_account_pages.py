"""allauth's pages in our clothes, walked as a person would."""

from __future__ import annotations

import re

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.test import Client
from django.urls import reverse

from tenancy.models import User
from tests.conftest import PASSWORD

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clean_cache")]


def read(client: Client, name: str) -> str:
    response = client.get(reverse(name))
    assert response.status_code == 200
    page = response.content.decode()
    assert len(re.findall(r"<h1\b", page)) == 1
    return page


@pytest.fixture
def person(owner: User) -> User:
    EmailAddress.objects.update_or_create(
        user=owner, email=owner.email, defaults={"verified": True, "primary": True}
    )
    return owner


@pytest.fixture
def client(person: User) -> Client:
    """A browser that has just signed in with a password, so that sensitive pages open."""
    browser = Client()
    answer = browser.post(reverse("account_login"), {"login": person.email, "password": PASSWORD})
    assert answer.status_code == 302
    return browser


def totp_code(secret: str) -> str:
    code: str = format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))
    return code


@pytest.mark.parametrize(
    "name", ["account_email", "account_change_password", "mfa_index", "socialaccount_connections"]
)
def test_the_pages_of_an_account_share_tabs_and_mark_the_open_one(client: Client, name: str) -> None:
    page = read(client, name)
    assert page.count('aria-current="page"') == 1
    assert f'<a href="{reverse(name)}" aria-current="page">' in page


def test_signing_out_is_asked_for_and_done_by_post(client: Client) -> None:
    assert "data-sign-out" in read(client, "account_logout")
    assert "_auth_user_id" in client.session
    client.post(reverse("account_logout"))
    assert "_auth_user_id" not in client.session


def test_the_second_step_is_set_up_asked_for_and_switched_off(client: Client, person: User) -> None:
    asked = client.get(reverse("mfa_activate_totp"), follow=True).content.decode()
    assert "Confirm that it is you" in asked
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    page = read(client, "mfa_activate_totp")
    secret = re.search(r'<pre id="authenticator-secret" tabindex="0">(\w+)</pre>', page)
    assert secret
    assert 'src="data:image/svg+xml;base64,' in page

    refused = client.post(reverse("mfa_activate_totp"), {"code": "nonsense"})
    assert 'aria-describedby="id_code_error"' in refused.content.decode()
    assert not Authenticator.objects.filter(user=person).exists()

    client.post(reverse("mfa_activate_totp"), {"code": totp_code(secret[1])})
    kinds = Authenticator.objects.filter(user=person).values_list("type", flat=True)
    assert sorted(kinds) == ["recovery_codes", "totp"]

    page = read(client, "mfa_view_recovery_codes")
    codes = re.search(r'<pre id="recovery-codes" tabindex="0">([^<]+)</pre>', page)
    assert codes
    assert len(codes[1].split()) == 10
    assert "10 of 10 left" in read(client, "mfa_index")

    other = Client()
    half_way = other.post(
        reverse("account_login"), {"login": person.email, "password": PASSWORD}, follow=True
    )
    assert "Enter the code of your app" in half_way.content.decode()
    assert "_auth_user_id" not in other.session
    other.post(reverse("mfa_authenticate"), {"code": codes[1].split()[0]})
    assert other.session["_auth_user_id"] == str(person.pk)

    assert "Switch off the authenticator app?" in read(client, "mfa_deactivate_totp")
    client.post(reverse("mfa_deactivate_totp"))
    assert not Authenticator.objects.filter(user=person).exists()


def test_a_forgotten_password_never_tells_whether_the_account_exists(person: User) -> None:
    for address in (person.email, "nobody@nowhere.example"):
        browser = Client()
        answer = browser.post(reverse("account_reset_password"), {"email": address}, follow=True)
        assert "Check your e-mail" in answer.content.decode()
        assert "If an account has that address" in answer.content.decode()


def test_a_dead_link_says_what_to_do(client: Client) -> None:

    dead = Client().get("/accounts/password/reset/key/1-dead-beef/", follow=True).content.decode()
    assert "This link no longer works" in dead
    assert reverse("account_reset_password") in dead
    stale = Client().get("/accounts/confirm-email/stale/").content.decode()
    assert "This link no longer works" in stale
