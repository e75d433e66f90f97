"""Meta sees that the domain is ours: by a file at the root, and by a tag on the start page."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from stormcom.checks import check_public_face

CODE = "k3jf9a0qzv7x1mn2bp4c"
TAG = f'<meta name="facebook-domain-verification" content="{CODE}">'


def test_the_file_holds_the_code_and_nothing_else(client: Client, settings: Any) -> None:
    settings.FACEBOOK_DOMAIN_VERIFICATION = CODE

    answer = client.get(f"/{CODE}.html")

    assert (answer.status_code, answer.content) == (200, CODE.encode())
    assert answer["Content-Type"] == "text/html; charset=utf-8"
    assert answer.cookies == {}


@pytest.mark.parametrize(
    "name", ["/other.html", f"/{CODE.upper()}.html", f"/{CODE}", f"/x/{CODE}.html", "/.html"]
)
@pytest.mark.django_db
def test_any_other_name_is_not_found(client: Client, settings: Any, name: str) -> None:
    settings.FACEBOOK_DOMAIN_VERIFICATION = CODE

    assert client.get(name).status_code == 404


@pytest.mark.parametrize("name", [f"/{CODE}.html", "/index.html", "/-.html"])
@pytest.mark.django_db
def test_without_a_code_there_is_no_file(client: Client, settings: Any, name: str) -> None:
    settings.FACEBOOK_DOMAIN_VERIFICATION = ""

    assert client.get(name).status_code == 404


@pytest.mark.django_db
def test_the_start_page_carries_the_tag_in_its_head_while_there_is_a_code(
    client: Client, settings: Any
) -> None:
    settings.FACEBOOK_DOMAIN_VERIFICATION = CODE
    assert TAG in client.get("/").content.decode().partition("</head>")[0]
    assert "facebook-domain-verification" not in client.get("/privacy/").content.decode()

    settings.FACEBOOK_DOMAIN_VERIFICATION = ""
    assert "facebook-domain-verification" not in client.get("/").content.decode()


@pytest.mark.parametrize(
    ("code", "contact", "expected"),
    [
        (CODE, "privacy@shop.example", []),
        ("", "privacy@shop.example", []),
        ("", "", ["stormcom.W010"]),
        (f"facebook-domain-verification={CODE}", "privacy@shop.example", ["stormcom.W011"]),
        (f"{CODE}.html", "privacy@shop.example", ["stormcom.W011"]),
    ],
)
def test_a_check_names_what_reviewers_would_miss(
    code: str, contact: str, expected: list[str], settings: Any
) -> None:
    settings.META_MODE, settings.CONTACT_EMAIL = "live", contact
    settings.FACEBOOK_DOMAIN_VERIFICATION = code

    found = check_public_face(None)

    assert [message.id for message in found] == expected
    assert all(message.hint for message in found)
