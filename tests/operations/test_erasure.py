"""Forgetting a Facebook user: what goes, what stays, and how the list of steps survives anything."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from allauth.socialaccount.models import SocialAccount
from django.test import Client
from django.utils import timezone

from catalog.models import CatalogSearch
from integrations.connections import connect_page
from integrations.models import ConnectedPage, MetaAccount, SyncRun
from operations import erasure
from operations.erasure import Outcome, Step
from operations.models import DeletionRequest
from operations.tasks import erase
from tenancy.models import AuditEntry, Membership, Store, User
from tenancy.scope import open_store
from tests.operations.asking import ADA, ask, forget, page_of
from tests.sandbox_process import Sandbox

# --- The erasure ------------------------------------------------------------------------------------------


def test_a_person_who_connected_pages_is_forgotten(connected_page: ConnectedPage, sandbox: Sandbox) -> None:
    with open_store(connected_page.store_id):
        CatalogSearch.objects.create(account=connected_page.account, found=[{"business": "Hazel Home Ltd"}])
        SyncRun.objects.create(job="catalog.search", asset_id=ADA)
        SyncRun.objects.create(job="page.refresh", asset_id=connected_page.page_id)

    request = forget()

    account, page = MetaAccount.unscoped.get(), ConnectedPage.unscoped.get()
    assert (account.meta_user_id, account.name, account.token) == (f"erased-{account.pk}", "", "")
    assert (account.granted_scopes, account.available_pages) == ([], [])
    assert (page.name, page.state, page.token, page.subscribed_fields) == (
        "Hazel Home",
        "disconnected",
        "",
        [],
    )
    assert CatalogSearch.unscoped.count() == 0
    assert list(SyncRun.unscoped.values_list("job", flat=True)) == ["page.refresh"]
    assert sandbox.get("world")["pages"][0]["subscribed_fields"] == []
    assert (request.state, request.subject) == ("done", {})
    assert request.erased == {"access": 1, "connections": 2, "profile": 1}
    assert request.kept == ["of_the_store", "audit"]
    actions = AuditEntry.unscoped.order_by("pk").values_list("action", flat=True)
    assert list(actions)[-2:] == ["account.access_withdrawn", "account.erased"]


def test_nothing_of_the_person_is_left_anywhere(connected_page: ConnectedPage) -> None:
    forget()

    rows = [
        str(row)
        for model in (MetaAccount, ConnectedPage, AuditEntry, SyncRun)
        for row in model.unscoped.values()
    ] + [str(row) for row in DeletionRequest.objects.values()]
    assert not [row for row in rows if ADA in row or "Ada" in row]


def test_a_dead_token_does_not_stop_the_erasure(connected_page: ConnectedPage, sandbox: Sandbox) -> None:
    sandbox.post("kill-tokens", {"user_id": ADA, "subcode": 458})

    request = forget()

    assert (request.state, ConnectedPage.unscoped.get().token) == ("done", "")


def test_the_same_person_can_connect_again_afterwards_and_the_page_comes_back(
    connected_page: ConnectedPage, store: Store, owner: User
) -> None:
    forget()
    with open_store(store.pk):
        account = MetaAccount(meta_user_id=ADA, name="Ada Hazel", available_pages=[_offer(connected_page)])
        account.store = store
        account.save()
        page = connect_page(account, connected_page.page_id, actor=owner)

    assert (page.pk, page.account_id, page.state) == (connected_page.pk, account.pk, "connecting")


def _offer(page: ConnectedPage) -> dict[str, Any]:
    facts = {
        "page_id": page.page_id,
        "name": page.name,
        "category": "",
        "tasks": ["MESSAGING"],
        "details": {},
    }
    return facts | {"instagram_id": "", "instagram_username": ""}


def test_twice_is_as_good_as_once(connected_page: ConnectedPage) -> None:
    request = forget()
    entries = AuditEntry.unscoped.count()

    erase(request.pk)

    again = DeletionRequest.objects.get()
    assert (again.erased, again.finished_at) == (request.erased, request.finished_at)
    assert AuditEntry.unscoped.count() == entries


def test_who_connects_again_and_asks_again_keeps_the_code_and_is_forgotten_again(
    connected_page: ConnectedPage, store: Store
) -> None:
    first = forget()
    DeletionRequest.objects.update(requested_at=timezone.now() - timedelta(days=9))
    with open_store(store.pk):
        MetaAccount.objects.create(meta_user_id=ADA, name="Ada Hazel")

    second = forget()

    assert (second.pk, second.code, second.state) == (first.pk, first.code, "done")
    assert MetaAccount.unscoped.filter(meta_user_id=ADA).count() == 0
    assert second.erased["profile"] == 2


def test_a_wish_that_comes_late_leaves_the_new_connection_alone(connected_page: ConnectedPage) -> None:
    MetaAccount.unscoped.update(connected_at=timezone.now() + timedelta(minutes=10))

    request = forget()

    assert (request.state, request.erased) == ("done", {})
    assert ConnectedPage.unscoped.get().state == "active"


@pytest.mark.parametrize(("works_in_a_store", "left"), [(False, 0), (True, 1)])
def test_a_sign_in_with_facebook_is_forgotten_and_the_person_where_nothing_else_was_there(
    store: Store, works_in_a_store: bool, left: int
) -> None:
    user = User.objects.create_user("ada@hazelhome.example", None, name="Ada Hazel")
    SocialAccount.objects.create(user=user, provider="facebook", uid=ADA, extra_data={"name": "Ada Hazel"})
    if works_in_a_store:
        Membership.objects.create(store=store, user=user, role="agent")

    request = forget()

    assert SocialAccount.objects.count() == 0
    assert User.objects.filter(pk=user.pk).count() == left
    assert request.erased == ({"sign_in": 1} if works_in_a_store else {"sign_in": 1, "account": 1})
    assert request.kept == (["own_account"] if works_in_a_store else [])


# --- The engine -------------------------------------------------------------------------------------------


def _counting(log: list[str], name: str, *, fails: list[Exception] | None = None) -> Step:
    def work(request: DeletionRequest) -> Outcome:
        if fails:
            raise fails.pop()
        log.append(name)
        outcome = Outcome(kept=["audit"])
        outcome.erased[name] += 1
        return outcome

    return Step(name=name, erase=work)


@pytest.mark.django_db
def test_an_erasure_that_was_interrupted_goes_on_with_the_step_it_died_in() -> None:
    log: list[str] = []
    steps = (_counting(log, "a"), _counting(log, "b", fails=[RuntimeError("Ada Hazel")]), _counting(log, "c"))
    ask()
    request = DeletionRequest.objects.get()

    with pytest.raises(RuntimeError):
        erasure.work_on(request.pk, {"facebook_user": steps})
    request.refresh_from_db()
    assert (request.done_steps, request.erased, request.last_error) == (["a"], {"a": 1}, "RuntimeError")
    assert (request.state, request.attempts, erasure.find_due()) == ("waiting", 1, [])

    erasure.work_on(request.pk, {"facebook_user": steps})
    request.refresh_from_db()
    assert (log, request.state, request.erased) == (["a", "b", "c"], "done", {"a": 1, "b": 1, "c": 1})
    assert (request.kept, request.last_error) == (["audit"], "")


@pytest.mark.django_db
def test_one_that_fails_again_and_again_waits_for_staff_who_run_it_again() -> None:
    log: list[str] = []
    steps = (_counting(log, "a", fails=[RuntimeError() for _ in range(6)]),)
    code = ask().json()["confirmation_code"]
    request = DeletionRequest.objects.get()
    for _attempt in range(6):
        with pytest.raises(RuntimeError):
            erasure.work_on(request.pk, {"facebook_user": steps})
    assert DeletionRequest.objects.get().state == "stuck"
    assert "our staff are looking at it" in page_of(code)

    staff = User.objects.create_superuser("root@platform.example", "pass-phrase-77")
    client = Client()
    client.force_login(staff, backend="django.contrib.auth.backends.ModelBackend")
    listed = "/admin/operations/deletionrequest/"
    client.post(listed, {"action": "run_again", "_selected_action": [request.pk]})
    erasure.work_on(request.pk, {"facebook_user": steps})

    assert (DeletionRequest.objects.get().state, log) == ("done", ["a"])
    client.post(listed, {"action": "run_again", "_selected_action": [request.pk]})
    assert DeletionRequest.objects.get().state == "done"


@pytest.mark.django_db
def test_the_admin_shows_the_request_but_not_whom_it_is_about() -> None:
    ask(user_id="700017000170001")
    staff = User.objects.create_superuser("root@platform.example", "pass-phrase-77")
    client = Client()
    client.force_login(staff, backend="django.contrib.auth.backends.ModelBackend")
    request = DeletionRequest.objects.get()

    pages = [
        client.get(f"/admin/operations/deletionrequest/{part}") for part in ("", f"{request.pk}/change/")
    ]

    for page in pages:
        assert page.status_code == 200
        assert request.code in page.content.decode()
        assert "700017000170001" not in page.content.decode()
