from __future__ import annotations

import pytest
from allauth.account.models import EmailAddress
from django.core import mail

from tenancy import invitations, services
from tenancy.models import Membership, Store, User
from tenancy.roles import Role
from tests.accounts.browser import PASSWORD, Browser, confirm, link_in_mail, sign_in, sign_up

NORA = "nora@new.example"


def test_signing_up_confirming_and_being_signed_in(browser: Browser) -> None:
    page = sign_up(browser, "Nora@New.example", name="Nora Nut")

    assert not browser.is_signed_in
    assert browser.path == "/accounts/confirm-email/"
    assert mail.outbox[0].to == [NORA]
    assert mail.outbox[0].subject == "Confirm your e-mail address for StormCom"
    assert "testserver\n" not in str(mail.outbox[0].body)
    page = confirm(browser)
    assert browser.is_signed_in
    assert browser.path == "/stores/new/"
    assert "Set up your store" in page
    user = User.objects.get()
    assert (user.email, user.name) == (NORA, "Nora Nut")


def test_a_link_opened_in_another_browser_confirms_but_signs_nobody_in(browser: Browser) -> None:
    sign_up(browser, NORA)
    other = Browser()

    confirm(other)

    assert not other.is_signed_in
    assert EmailAddress.objects.get().verified
    sign_in(other, NORA)
    assert other.is_signed_in


def test_the_name_may_be_left_out(browser: Browser) -> None:
    sign_up(browser, NORA, name="")

    assert User.objects.get().name == ""


@pytest.mark.parametrize(
    ("email", "password", "field", "sentence"),
    [
        ("nora", PASSWORD, "email", "Enter a valid email address."),
        ("", PASSWORD, "email", "This field is required."),
        (NORA, "short", "password1", "This password is too short. It must contain at least 10 characters."),
        (NORA, "password1234", "password1", "This password is too common."),
        (NORA, "nora@new.example", "password1", "The password is too similar to the e-mail address."),
    ],
)
def test_a_wrong_sign_up_says_what_is_wrong_at_the_field(
    browser: Browser, email: str, password: str, field: str, sentence: str
) -> None:
    browser.open("/accounts/signup/")
    page = browser.submit("/accounts/signup/", email=email, password1=password)

    assert sentence in browser.response.context["form"].errors[field]  # type: ignore[attr-defined]
    assert sentence in page
    assert not User.objects.exists()


def test_signing_up_with_a_known_address_looks_the_same_and_tells_its_owner(
    browser: Browser, nora: User
) -> None:
    sign_up(browser, NORA)

    assert browser.path == "/accounts/confirm-email/"
    assert User.objects.count() == 1
    assert "/accounts/confirm-email/" not in mail.outbox[0].body
    assert User.objects.get().check_password(PASSWORD)


def test_an_unconfirmed_account_cannot_sign_in(browser: Browser) -> None:
    sign_up(browser, NORA)
    other = Browser()

    sign_in(other, NORA)

    assert not other.is_signed_in
    assert other.path == "/accounts/confirm-email/"


def test_signing_in_and_out(browser: Browser, nora: User) -> None:
    page = sign_in(browser, "NORA@new.example")
    assert browser.is_signed_in
    assert "Set up your store" in page

    browser.open("/accounts/logout/")
    browser.submit("/accounts/logout/")
    assert not browser.is_signed_in
    assert browser.path == "/"


@pytest.mark.parametrize("email", [NORA, "nobody@new.example"])
def test_a_wrong_password_and_an_unknown_address_read_the_same(
    browser: Browser, nora: User, email: str
) -> None:
    page = sign_in(browser, email, "not-her-password")

    assert "The email address and/or password you specified are not correct." in page
    assert not browser.is_signed_in


def test_after_five_wrong_passwords_not_even_the_right_one_is_tried(browser: Browser, nora: User) -> None:
    for _ in range(5):
        sign_in(browser, NORA, "not-her-password")

    page = sign_in(browser, NORA)

    assert "Too many failed login attempts. Try again later." in page
    assert not browser.is_signed_in


def test_ten_wrong_passwords_for_ten_people_stop_the_address_they_come_from(
    browser: Browser, nora: User
) -> None:
    for number in range(10):
        sign_in(browser, f"somebody{number}@new.example", "not-the-password")

    page = sign_in(browser, NORA)

    assert "Too many failed login attempts. Try again later." in page
    assert not browser.is_signed_in


def test_a_flood_of_sign_ups_is_answered_with_a_sentence(browser: Browser) -> None:
    for number in range(20):
        sign_up(Browser(), f"somebody{number}@new.example")

    page = sign_up(browser, NORA)

    assert browser.response.status_code == 429
    assert "<h1>" in page
    assert not User.objects.filter(email=NORA).exists()


def test_a_forgotten_password_is_set_anew_by_mail(browser: Browser, nora: User) -> None:
    signed_in_before = Browser()
    sign_in(signed_in_before, NORA)
    browser.open("/accounts/password/reset/")
    browser.submit("/accounts/password/reset/", email=NORA)
    browser.open(link_in_mail("/accounts/password/reset/key/"))

    browser.submit(browser.path, password1="new-words-are-better-9", password2="new-words-are-better-9")

    sign_in(Browser(), NORA)
    nora.refresh_from_db()
    assert nora.check_password("new-words-are-better-9")
    signed_in_before.open("/stores/")
    assert signed_in_before.path.startswith("/accounts/login/")
    fresh = Browser()
    sign_in(fresh, NORA, "new-words-are-better-9")
    assert fresh.is_signed_in


def test_a_reset_link_works_once(browser: Browser, nora: User) -> None:
    browser.open("/accounts/password/reset/")
    browser.submit("/accounts/password/reset/", email=NORA)
    link = link_in_mail("/accounts/password/reset/key/")
    browser.open(link)
    browser.submit(browser.path, password1="new-words-are-better-9", password2="new-words-are-better-9")

    page = Browser().open(link)

    assert "password1" not in page


def test_a_reset_for_an_unknown_address_reads_the_same(browser: Browser) -> None:
    browser.open("/accounts/password/reset/")
    browser.submit("/accounts/password/reset/", email="nobody@new.example")

    assert browser.path == "/accounts/password/reset/done/"
    assert "/accounts/password/reset/key/" not in mail.outbox[0].body


def test_an_invited_person_signs_up_confirms_and_joins(browser: Browser, owner: User, store: Store) -> None:
    invitation = services.invite_member(
        store, email=NORA, role=Role.AGENT, by=Membership.objects.get(user=owner)
    )
    path = invitations.path(invitation)
    page = browser.open(path)
    assert "Join Hazel Home" in page

    browser.open(f"/accounts/signup/?next={path}")
    browser.submit("/accounts/signup/", email=NORA, password1=PASSWORD)
    page = confirm(browser)

    assert browser.path == path
    page = browser.submit(path)
    assert browser.path == "/s/hazel-home/"
    assert "You are in the team of Hazel Home." in page
    assert Membership.objects.get(user__email=NORA).role == Role.AGENT


def test_an_invited_person_who_lost_the_link_finds_the_invitation_after_signing_in(
    browser: Browser, owner: User, store: Store, nora: User
) -> None:
    services.invite_member(store, email=NORA, role=Role.AGENT, by=Membership.objects.get(user=owner))

    page = sign_in(browser, NORA)

    assert "Join Hazel Home" in page


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_sign_in_leads_to_no_foreign_place(browser: Browser, nora: User, target: str) -> None:
    browser.open(f"/accounts/login/?next={target}")
    browser.submit("/accounts/login/", login=NORA, password=PASSWORD)

    assert browser.is_signed_in
    assert browser.path == "/stores/new/"
