"""The App Review kit: equal in the code, in the docs and on the page, and open to staff only."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings as project
from django.test import Client

from integrations.permissions import NEEDED
from operations.app_review import OPENING, REVIEWER, USES
from operations.app_review_page import list_addresses, list_needs
from tenancy.models import Membership, Store, User

PAGE = "/staff/app-review/"
DOCS = (project.BASE_DIR / "docs" / "app-review.md").read_text()


@pytest.fixture
def staff(db: None, client_of: Callable[[User], Client]) -> Client:
    return client_of(User.objects.create_superuser("root@platform.example", "pass-phrase-77"))


def test_the_kit_is_about_what_we_ask_for_and_nothing_else() -> None:
    assert [use.permission for use in USES] == list(NEEDED)
    assert re.findall(r"^### `(\w+)`$", DOCS, re.MULTILINE) == list(NEEDED)


@pytest.mark.parametrize("use", USES, ids=lambda use: use.permission)
def test_each_permission_has_two_sentences_a_screen_and_steps_which_the_docs_repeat(use: Any) -> None:
    assert len(re.findall(r"[.](?= |$)", use.why)) == 2
    section = DOCS.partition(f"### `{use.permission}`")[2].partition("\n### ")[0]
    steps = "\n".join(f"{number}. {step}" for number, step in enumerate(use.script, 1))
    assert section.strip() == f"{use.why}\n\nShown on: {use.screen_title}.\n\n{steps}"


def test_the_docs_repeat_the_rest_of_the_kit() -> None:
    for lines in (OPENING, REVIEWER):
        assert "\n".join(f"{number}. {line}" for number, line in enumerate(lines, 1)) in DOCS
    for address in list_addresses():
        path = address.url.removeprefix(project.APP_BASE_URL)
        assert f"| {address.field} | {address.where} | `APP_BASE_URL{path}` |" in DOCS


def test_staff_see_the_real_addresses_and_each_permission(staff: Client, settings: Any) -> None:
    settings.APP_BASE_URL = "https://shop.example"

    page = staff.get(PAGE).content.decode()

    for path in ("privacy/", "terms/", "data-deletion/", "webhooks/facebook"):
        assert f"https://shop.example/{path}</pre>" in page
    for name in ("data-deletion", "deauthorize", "oauth/callback"):
        assert f"https://shop.example/api/integrations/facebook/{name}</pre>" in page
    assert page.count('data-copy="#address-') == 8
    assert all(f'<h3 id="{name}">' in page for name in NEEDED)
    assert 'href="/s/' not in page


def test_the_screens_are_linked_in_a_store_of_the_staff_member(
    db: None, store: Store, client_of: Callable[[User], Client]
) -> None:
    person = User.objects.create_superuser("root@platform.example", "pass-phrase-77")
    Membership.objects.create(store=store, user=person, role="viewer")
    client = client_of(person)

    screens = set(re.findall(r'href="(/s/hazel-home/[^"]*)"', client.get(PAGE).content.decode()))

    assert len(screens) == len({use.screen for use in USES})
    assert {client.get(path).status_code for path in screens} == {200}


def test_nobody_else_learns_that_there_is_such_a_page(
    client: Client, client_of: Callable[[User], Client], owner: User
) -> None:
    assert client.get(PAGE)["Location"] == f"/accounts/login/?next={PAGE}"
    assert client_of(owner).get(PAGE).status_code == 404


def test_the_admin_leads_to_it(staff: Client) -> None:
    assert f'href="{PAGE}"' in staff.get("/admin/").content.decode()


@pytest.mark.django_db
def test_what_is_missing_is_named_and_what_only_meta_knows_is_not_guessed(settings: Any) -> None:
    settings.CONTACT_EMAIL = settings.FACEBOOK_DOMAIN_VERIFICATION = ""
    before = {need.title: need.ready for need in list_needs()}
    assert before["An https address"] is False
    assert before["Somebody to write to"] is False
    assert before["Webhooks that answer"] is False
    assert before["The domain verified"] is None
    assert before["Business verification"] is None

    settings.APP_BASE_URL, settings.META_MODE = "https://shop.example", "live"
    settings.CONTACT_EMAIL, settings.FACEBOOK_DOMAIN_VERIFICATION = "privacy@shop.example", "abc123"
    after = {need.title: need.ready for need in list_needs()}
    assert [title for title, ready in after.items() if ready is False] == ["Webhooks that answer"]
    assert after["The domain verified"] is True
