from __future__ import annotations

import re
import time

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time

from tenancy.models import User
from tests.accounts.browser import PASSWORD, Browser, sign_in

NORA = "nora@new.example"


def code_for(secret: str) -> str:
    """Return what the authenticator app shows now."""
    return str(format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time()))))


def open_setup(browser: Browser) -> str:
    """Open the page that sets up the app; it asks for the password once more."""
    browser.open("/accounts/2fa/totp/activate/")
    assert browser.path.startswith("/accounts/reauthenticate/")
    return browser.submit("/accounts/reauthenticate/", password=PASSWORD)


@pytest.fixture
def secret(browser: Browser, nora: User) -> str:
    """Nora signs in, sets up the app; returns its key."""
    sign_in(browser, NORA)
    page = open_setup(browser)
    found = str(browser.response.context["form"].secret)  # type: ignore[attr-defined]
    assert found in page
    browser.submit("/accounts/2fa/totp/activate/", code=code_for(found))
    assert Authenticator.objects.filter(user=nora, type=Authenticator.Type.TOTP).exists()
    return found


def recovery_codes(browser: Browser) -> list[str]:
    page = browser.open("/accounts/2fa/recovery-codes/")
    return re.findall(r"\b\d{8}\b", page)


def test_a_wrong_code_does_not_switch_it_on(browser: Browser, nora: User) -> None:
    sign_in(browser, NORA)
    open_setup(browser)

    page = browser.submit("/accounts/2fa/totp/activate/", code="000000")

    assert "Incorrect code." in page
    assert not Authenticator.objects.exists()


def test_the_key_and_the_codes_are_not_kept_in_clear(browser: Browser, secret: str) -> None:
    codes = recovery_codes(browser)

    kept = " ".join(str(data) for data in Authenticator.objects.values_list("data", flat=True))
    assert secret not in kept
    assert not [code for code in codes if code in kept]


def test_signing_in_needs_the_code(browser: Browser, secret: str) -> None:
    other = Browser()
    page = sign_in(other, NORA)
    assert not other.is_signed_in
    assert other.path == "/accounts/2fa/authenticate/"
    other.open("/stores/")
    assert other.path == "/accounts/2fa/authenticate/"

    other.open("/accounts/2fa/authenticate/")
    page = other.submit("/accounts/2fa/authenticate/", code="000000")
    assert "Incorrect code." in page
    assert not other.is_signed_in

    with time_machine.travel(time_of_next_code(), tick=False):
        other.submit("/accounts/2fa/authenticate/", code=code_for(secret))
    assert other.is_signed_in


def time_of_next_code() -> float:
    """A code is good once: the one used to switch it on is spent."""

    return time.time() + 60


def test_a_code_cannot_be_used_twice(browser: Browser, secret: str) -> None:
    with time_machine.travel(time_of_next_code(), tick=False):
        one, two = Browser(), Browser()
        for each in (one, two):
            sign_in(each, NORA)
            each.submit("/accounts/2fa/authenticate/", code=code_for(secret))

    assert one.is_signed_in
    assert not two.is_signed_in


def test_a_recovery_code_signs_in_once(browser: Browser, secret: str) -> None:
    codes = recovery_codes(browser)
    assert len(codes) == 10
    one, two = Browser(), Browser()

    for each in (one, two):
        sign_in(each, NORA)
        each.submit("/accounts/2fa/authenticate/", code=codes[0])

    assert one.is_signed_in
    assert not two.is_signed_in


def test_switching_it_off_asks_who_one_is_and_then_the_password_is_enough(
    browser: Browser, secret: str, nora: User
) -> None:
    browser.open("/accounts/2fa/totp/deactivate/")
    browser.submit("/accounts/2fa/totp/deactivate/")
    assert not Authenticator.objects.filter(user=nora, type=Authenticator.Type.TOTP).exists()

    other = Browser()
    sign_in(other, NORA)
    assert other.is_signed_in


def test_staff_cannot_pass_by_the_second_factor_at_the_admins_own_form(secret: str, nora: User) -> None:
    User.objects.filter(pk=nora.pk).update(is_staff=True)
    other = Browser()

    other.open("/admin/")
    assert other.path == "/accounts/login/?next=%2Fadmin%2F"

    form = other.hidden('action="/accounts/login/"') | {"username": NORA, "password": PASSWORD}
    answer = other.client.post("/admin/login/", form)
    assert answer.headers["Location"] == "/accounts/login/?next=%2Fadmin%2F"
    assert not other.is_signed_in
