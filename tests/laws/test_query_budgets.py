"""Law 11: what a page costs is committed, and does not grow with the rows it shows.

Every page under /s/<store>/ is asked with three rows of everything in the store, then with thirty. The
queries of the second time are the page's budget: `query_budgets.json`, one line for each address.
QUERY_BUDGETS=write writes it anew; the difference is then looked at like any other.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import IntegrityError, connection, models, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tenancy.models import Store, User
from tenancy.scope import open_store
from tests.laws.house import ROOT, Page, owned_models, store_pages
from tests.laws.objects import FORMS, PARTS, make, part_model

BUDGETS = ROOT / "tests" / "laws" / "query_budgets.json"
FEW, MANY = 3, 30
LISTS = (
    "s/<slug:store>/catalog/",
    "s/<slug:store>/catalog/meta/<int:catalog>/compare/",
    "s/<slug:store>/catalog/variants/<int:variant>/ledger/",
    "s/<slug:store>/health/events/",
    "s/<slug:store>/inbox/",
    "s/<slug:store>/leads/",
    "s/<slug:store>/orders/",
    "s/<slug:store>/settings/audit/",
    "s/<slug:store>/settings/team/",
)
"""Pages on which thirty rows have to be seen, so that a walk over empty lists proves nothing."""

Values = dict[str, Any]
SHOWN: dict[str, Callable[[], Values]] = {
    "messaging.Conversation": lambda: dict.fromkeys(
        ("last_message_at", "last_inbound_at", "last_received_at", "waiting_since"), timezone.now()
    ),
    "orders.OrderEvent": lambda: {"kind": "settled"},
}
"""Model → what a row needs to be shown where its defaults do not do."""


def fill(store: Store, count: int) -> None:
    """Have `count` rows of each of our models, of one parent where they can, so that it has many children.

    Fewer of a model of which a store has one row.
    """
    for model in [*owned_models(), part_model("member"), part_model("event")]:
        here = getattr(model, "unscoped", model._default_manager).filter(store=store)
        for number in range(here.count(), count):
            given = SHOWN.get(model._meta.label, dict)()
            if not any(_made(model, store, given | dict(_parents(model, store, n))) for n in (0, number)):
                assert here.exists(), f"No row of {model._meta.label} can be made."
                break


def _parents(model: type[models.Model], store: Store, number: int) -> Iterator[tuple[str, Any]]:
    for field in model._meta.concrete_fields:
        if isinstance(field, models.ForeignKey) and field.related_model in owned_models():
            rows = list(field.related_model.unscoped.filter(store=store).order_by("pk")[: number + 1])
            if rows:
                yield field.name, rows[-1]


def _made(model: type[models.Model], store: Store, given: Values) -> bool:
    try:
        with transaction.atomic():
            make(model, store, **given)
    except IntegrityError:
        return False
    return True


def address(page: Page, store: Store) -> str:
    parts = {name: _first(name, store) for name in page.objects}
    return page.path(store.slug, **parts)


def _first(name: str, store: Store) -> object:
    model, field = part_model(name), PARTS[name][1]
    rows = getattr(model, "unscoped", model._default_manager).filter(store=store)
    return getattr(rows.order_by("pk").first(), field)


def measure(client: Client, store: Store) -> tuple[dict[str, int], dict[str, int]]:
    """Return the queries of each page that can be read, and its length."""
    queries, lengths = {}, {}
    for page in store_pages():
        path = address(page, store)
        with CaptureQueriesContext(connection) as captured:
            response: Any = client.get(path, FORMS.get(page.route))
        if response.status_code == 200 and not response.streaming:
            queries[page.route] = len(captured)
            lengths[page.route] = len(response.content)
    return queries, lengths


@pytest.mark.django_db
def test_what_a_page_costs_is_known_and_does_not_grow_with_its_rows(
    store: Store, owner: User, client_of: Callable[[User], Client]
) -> None:
    client = client_of(owner)
    with open_store(store.pk):
        fill(store, FEW)
    measure(client, store)  # what is kept in memory after the first time is no cost of a page
    few, short = measure(client, store)
    with open_store(store.pk):
        fill(store, MANY)
    many, long = measure(client, store)

    assert {route: (few[route], many[route]) for route in few if few[route] != many.get(route)} == {}
    assert [route for route in LISTS if long[route] < short[route] + 1000] == []
    if os.environ.get("QUERY_BUDGETS") == "write":
        BUDGETS.write_text(json.dumps(many, indent=2, sort_keys=True) + "\n")
    assert many == json.loads(BUDGETS.read_text())
