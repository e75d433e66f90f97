from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from tenancy.audit import record_audit
from tenancy.models import AuditEntry, Store, User
from tenancy.scope import open_store
from tenancy.selectors import AUDIT_PAGE_SIZE, audit_page

ClientOf = Callable[[User], Client]
AUDIT = "/s/hazel-home/settings/audit/"


@pytest.fixture
def long_trail(store: Store, other_store: Store, owner: User) -> list[int]:
    """130 entries of the store with one of the other store after every tenth; the ids, newest first."""
    ids = []
    for number in range(130):
        with open_store(store.pk):
            ids.append(record_audit("page.checked", actor=owner, number=number).pk)
        if number % 10 == 0:
            with open_store(other_store.pk):
                record_audit("page.checked", actor=None)
    return ids[::-1]


def test_the_pages_go_through_the_whole_trail_and_back(
    client_of: ClientOf, manager: User, long_trail: list[int]
) -> None:
    client = client_of(manager)
    down: list[list[int]] = []
    query: str | None = ""
    while query is not None:
        page = client.get(f"{AUDIT}{query}").context["page"]
        down.append([entry.pk for entry in page.entries])
        query = f"?older_than={page.older_than}" if page.older_than else None

    assert [len(ids) for ids in down] == [AUDIT_PAGE_SIZE, AUDIT_PAGE_SIZE, 30]
    assert [pk for ids in down for pk in ids] == long_trail

    back = client.get(f"{AUDIT}?newer_than={down[2][0]}").context["page"]
    assert [entry.pk for entry in back.entries] == down[1]
    top = client.get(f"{AUDIT}?newer_than={back.newer_than}").context["page"]
    assert ([entry.pk for entry in top.entries], top.newer_than) == (down[0], None)


@pytest.mark.parametrize(
    "query", ["?older_than=x", "?older_than=-5", "?newer_than=²", f"?older_than={'9' * 40}"]
)
def test_a_made_up_cursor_shows_the_first_page(
    client_of: ClientOf, manager: User, long_trail: list[int], query: str
) -> None:
    page = client_of(manager).get(AUDIT + query).context["page"]

    assert [entry.pk for entry in page.entries] == long_trail[:AUDIT_PAGE_SIZE]


def test_an_entry_reads_as_words(client_of: ClientOf, manager: User, owner: User, store: Store) -> None:
    with open_store(store.pk):
        record_audit("member.role_changed", actor=owner, before="agent", after="viewer")
        record_audit("store.changed", actor=owner, before={"currency": "GBP"}, after={"currency": "EUR"})
        record_audit(
            "page.checked", actor=None, missing=["pages", "leads"], page={"name": "Hazel", "note": None}
        )

    page = client_of(manager).get(AUDIT).content.decode()

    assert "Member role changed" in page
    assert "agent → viewer" in page
    assert "currency: GBP → EUR" in page
    assert "page: name: Hazel, missing: pages, leads" in page
    assert "Olive" in page


def test_numbers_and_empty_details_stay_in_the_entry(
    client_of: ClientOf, manager: User, owner: User, store: Store
) -> None:
    with open_store(store.pk):
        record_audit(
            "events.replayed", actor=owner, kind="", pick="paused", since="2026-10-27T00:43", count=2
        )
        record_audit("reply.queued", actor=owner, conversation="cc5b12ed-a7de-5fa9-85a6-f8962ad8db57")

    page = client_of(manager).get(AUDIT).content.decode()

    assert "Meta&#x27;s messages tried again" in page
    assert 'title="count: 2"' in page
    assert "Reply written" in page
    assert "cc5b12ed" not in page


def test_an_empty_trail_says_what_will_stand_there(client_of: ClientOf, manager: User) -> None:
    assert "Nothing here yet" in client_of(manager).get(AUDIT).content.decode()


def test_the_target_of_an_entry_is_named(owner: User, open_scope: Store) -> None:
    record_audit("store.changed", actor=owner, target=open_scope)

    entry = AuditEntry.objects.get()
    assert (entry.target_type, entry.target_id) == ("tenancy.Store", str(open_scope.pk))


def test_the_audit_page_costs_the_same_for_one_and_for_fifty_entries(
    client_of: ClientOf,
    manager: User,
    owner: User,
    store: Store,
    django_assert_max_num_queries: Callable[..., object],
) -> None:
    with open_store(store.pk):
        for _ in range(60):
            record_audit("page.checked", actor=owner)
        with django_assert_max_num_queries(1):  # type: ignore[attr-defined]
            assert len(audit_page().entries) == AUDIT_PAGE_SIZE
