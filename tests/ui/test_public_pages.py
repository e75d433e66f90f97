from __future__ import annotations

import json
import re

import pytest
from django.conf import LazySettings
from django.template.loader import get_template
from django.test import Client
from django.urls import reverse

PUBLIC = [
    "landing",
    "privacy",
    "terms",
    "deletion_instructions",
    "account_login",
    "account_signup",
    "account_reset_password",
]


@pytest.mark.django_db
@pytest.mark.parametrize("name", PUBLIC)
def test_public_pages_have_one_heading_a_title_and_landmarks(client: Client, name: str) -> None:
    response = client.get(reverse(name))
    page = response.content.decode()
    assert response.status_code == 200
    assert len(re.findall(r"<h1\b", page)) == 1
    assert len(re.findall(r"<main\b", page)) == 1
    assert re.search(r"<title>[^<·]{3,}(· StormCom)?</title>", page)
    assert '<a class="skip button button--primary" href="#main">' in page


@pytest.mark.django_db
def test_reading_a_public_page_sets_no_cookie(client: Client) -> None:
    assert client.get(reverse("landing")).cookies == {}


@pytest.mark.django_db
def test_the_demo_sign_ins_show_only_where_there_are_some(client: Client, settings: LazySettings) -> None:
    settings.DEMO_SIGN_INS = []
    assert "This is the demo" not in client.get("/").content.decode()
    settings.DEMO_SIGN_INS = [("ada@hazelhome.example", "a-demo-password", "Owner")]
    page = client.get("/").content.decode()
    assert "This is the demo" in page
    assert "<code>a-demo-password</code>" in page


@pytest.mark.django_db
def test_htmx_is_told_once_to_swap_refused_forms_and_never_to_evaluate(client: Client) -> None:
    page = client.get("/").content.decode()
    found = re.search(r"<meta name=\"htmx-config\" content='([^']+)'>", page)
    assert found
    config = json.loads(found[1])
    assert config["allowEval"] is False
    assert config["includeIndicatorStyles"] is False
    assert "style" not in config["attributesToSettle"]  # the policy lets no style attribute be copied
    assert {"code": "422", "swap": True} in config["responseHandling"]


@pytest.mark.django_db
def test_a_missing_page_is_a_page(client: Client, settings: LazySettings) -> None:
    settings.DEBUG = False
    response = client.get("/nowhere/")
    assert response.status_code == 404
    assert "There is nothing at this address" in response.content.decode()


def test_the_page_of_our_own_failure_needs_neither_request_nor_database() -> None:
    page = get_template("500.html").render()
    assert "Something failed on our side" in page
    assert 'rel="stylesheet"' in page


@pytest.mark.django_db
def test_a_wrong_sign_in_is_told_at_the_form_and_keeps_the_address(client: Client) -> None:
    response = client.post(reverse("account_login"), {"login": "ada@hazelhome.example", "password": "wrong"})
    page = response.content.decode()
    assert 'role="alert"' in page
    assert 'value="ada@hazelhome.example"' in page
    assert "_auth_user_id" not in client.session


def test_a_page_that_names_no_icon_gets_ours(client: Client) -> None:
    answer = client.get("/favicon.ico")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/static/icon.svg")


@pytest.mark.django_db
def test_the_privacy_page_says_how_long_by_the_settings_and_whom_to_write_to(
    client: Client, settings: LazySettings
) -> None:
    settings.WEBHOOK_RETENTION_DAYS, settings.WEBHOOK_PARKED_RETENTION_DAYS = 21, 1
    settings.CONTACT_EMAIL = "privacy@shop.example"

    page = client.get("/privacy/").content.decode()

    assert "What Meta sent us, word for word: 21 days, so that" in page
    assert "What failed and needs a person: 1 day." in page
    assert '<a href="mailto:privacy@shop.example">privacy@shop.example</a>' in page
    assert 'href="/data-deletion/"' in page
    assert "mailto:privacy@shop.example" in client.get("/terms/").content.decode()
