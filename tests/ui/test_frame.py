from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from tenancy.models import Store, User

PLACES = [
    ("store_home", "Home"),
    ("messaging:inbox", "Inbox"),
    ("orders:list", "Orders"),
    ("catalog:products", "Products"),
    ("leads:list", "Leads"),
    ("integrations:index", "Integrations"),
    ("health", "Health"),
    ("tenancy:team", "Team"),
    ("tenancy:settings", "Settings"),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("view", "label"), PLACES)
def test_every_place_of_a_store_is_in_the_rail_and_marks_only_itself(
    store: Store, owner: User, client_of: Callable[[User], Client], view: str, label: str
) -> None:
    page = client_of(owner).get(reverse(view, kwargs={"store": store.slug})).content.decode()
    rail = page[page.index('<nav class="rail"') : page.index('<div class="frame__main">')]
    assert re.findall(r'title="(\w+)" aria-current="page"', rail) == [label]
    assert re.findall(r'class="rail__link" href="[^"]+" title="(\w+)"', rail) == [name for _, name in PLACES]
    assert len(re.findall(r"<h1\b", page)) == 1
    assert len(re.findall(r"<main\b", page)) == 1
    assert f'<form method="post" action="{reverse("account_logout")}" data-sign-out>' in page
