from __future__ import annotations

import re
from html import unescape

import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount, SocialLogin, SocialToken
from allauth.socialaccount.providers.facebook import flows
from allauth.socialaccount.providers.facebook.views import FacebookOAuth2Adapter
from django.conf import LazySettings
from django.contrib.sessions.models import Session
from django.core import mail
from django.http import HttpRequest
from django.test import Client

from operations.demo.consent import consent
from tenancy.models import User
from tenancy.sign_in import SocialAdapter
from tests.accounts.browser import PASSWORD, Browser, confirm, link_in_mail, sign_in, sign_up
from tests.sandbox_process import Sandbox

ADA = "ada@hazelhome.example"
BUTTON = "/accounts/facebook/login/"


@pytest.fixture(autouse=True)
def allauth_speaks_to_the_sandbox(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """allauth read the addresses when it was imported; `sandbox` has a port of its own."""
    graph = f"{sandbox.url}/v26.0"
    monkeypatch.setattr(flows, "GRAPH_API_URL", graph)
    monkeypatch.setattr(FacebookOAuth2Adapter, "authorize_url", f"{graph}/dialog/oauth")
    monkeypatch.setattr(FacebookOAuth2Adapter, "access_token_url", f"{graph}/oauth/access_token")


@pytest.fixture(autouse=True)
def tokens(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The tokens that Facebook gave allauth in this test."""
    seen: list[str] = []
    forget = SocialAdapter.pre_social_login

    def watch(self: SocialAdapter, request: HttpRequest, sociallogin: SocialLogin) -> None:
        seen.append(sociallogin.token.token)
        forget(self, request, sociallogin)

    monkeypatch.setattr(SocialAdapter, "pre_social_login", watch)
    return seen


def press_facebook(browser: Browser, start: str = "/accounts/login/", *, decision: str = "continue") -> str:
    """Press the button on a page, answer Facebook's dialog, come back."""
    found = re.search(rf'action="({BUTTON}[^"]*)"', browser.open(start))
    assert found, browser.page
    dialog = browser.leave(unescape(found.group(1)))
    answer = consent(dialog, pages=(), scopes=("email", "public_profile"), decision=decision)
    return browser.read(browser.client.get(f"{BUTTON}callback/", answer, follow=True))


def everything_kept() -> str:
    """Sessions as they are in the database, and what is known of the Facebook account."""
    sessions = [str(session.get_decoded()) for session in Session.objects.all()]
    return " ".join(
        [*sessions, *(str(data) for data in SocialAccount.objects.values_list("extra_data", flat=True))]
    )


def test_a_first_facebook_login_confirms_the_address_and_keeps_no_token(
    browser: Browser, tokens: list[str]
) -> None:
    press_facebook(browser)

    assert not browser.is_signed_in
    assert browser.path == "/accounts/confirm-email/"
    assert len(tokens) == 1
    assert tokens[0] not in everything_kept()
    confirm(browser)
    assert browser.is_signed_in
    user = User.objects.get()
    assert (user.email, user.name, user.has_usable_password()) == (ADA, "Ada Hazel", False)
    assert not SocialToken.objects.exists()


def test_a_second_facebook_login_signs_in_at_once(browser: Browser, tokens: list[str]) -> None:
    press_facebook(browser)
    confirm(browser)
    other = Browser()

    press_facebook(other)

    assert other.is_signed_in
    assert (User.objects.count(), SocialAccount.objects.count(), SocialToken.objects.count()) == (1, 1, 0)
    assert not [token for token in tokens if token in everything_kept()]


def test_a_cancelled_login_says_so(browser: Browser) -> None:
    page = press_facebook(browser, decision="cancel")

    assert browser.path == "/accounts/3rdparty/login/cancelled/"
    assert "<h1>" in page
    assert not browser.is_signed_in


@pytest.mark.parametrize("verified", [True, False])
def test_facebook_with_the_address_of_an_account_does_not_get_that_account(
    browser: Browser, tokens: list[str], verified: bool
) -> None:
    ada = User.objects.create_user(ADA, PASSWORD)
    EmailAddress.objects.create(user=ada, email=ADA, verified=verified, primary=True)

    press_facebook(browser)

    assert not browser.is_signed_in
    assert not SocialAccount.objects.exists()
    assert User.objects.get().check_password(PASSWORD)
    assert EmailAddress.objects.get().verified is verified
    assert not [token for token in tokens if token in everything_kept()]
    browser.open("/stores/")
    assert browser.path.startswith("/accounts/login/")
    assert [message.to for message in mail.outbox] == [[ADA]]


def test_a_facebook_login_that_waited_for_the_owner_of_the_address_is_cut_off(browser: Browser) -> None:
    """Somebody made an account with Ada's address by Facebook; Ada takes it by "forgot password"."""
    press_facebook(browser)
    ada = Browser()
    sign_up(ada, ADA)
    ada.open("/accounts/password/reset/")
    ada.submit("/accounts/password/reset/", email=ADA)
    ada.open(link_in_mail("/accounts/password/reset/key/"))
    ada.submit(ada.path, password1=PASSWORD, password2=PASSWORD)
    confirm(ada, mail.outbox[0])
    sign_in(ada, ADA)
    assert ada.is_signed_in

    press_facebook(Browser())

    assert not SocialAccount.objects.exists()


def test_a_signed_in_person_connects_facebook_and_then_uses_it(browser: Browser) -> None:
    ada = User.objects.create_user(ADA, PASSWORD)
    EmailAddress.objects.create(user=ada, email=ADA, verified=True, primary=True)
    sign_in(browser, ADA)
    press_facebook(browser, "/accounts/3rdparty/")
    other = Browser()
    press_facebook(other)

    assert other.is_signed_in
    assert not SocialToken.objects.exists()


def test_an_answer_with_a_made_up_state_is_refused(browser: Browser) -> None:
    page = browser.open("/accounts/facebook/login/callback/?code=abc&state=made-up")

    assert not browser.is_signed_in
    assert "<h1>" in page
    assert not User.objects.exists()


@pytest.mark.django_db
def test_without_a_facebook_app_there_is_no_button_and_no_way_in(
    client: Client, settings: LazySettings
) -> None:
    facebook = settings.SOCIALACCOUNT_PROVIDERS["facebook"] | {"APPS": []}
    settings.SOCIALACCOUNT_PROVIDERS = {"facebook": facebook}

    for path in ("/accounts/login/", "/accounts/signup/"):
        assert BUTTON not in client.get(path).content.decode()
    assert client.post(BUTTON).status_code == 404
