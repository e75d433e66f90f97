"""Two dead-token answers in a row end a login; any good answer brings it back; owners hear of it once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.utils import timezone

from integrations.graph.errors import Reconnect
from integrations.login_mail import tell_of_end, tell_of_expiry
from integrations.logins import LoginClient, record_entry, record_refusal
from integrations.models import ConnectedPage, InstagramAccount, MetaAccount
from integrations.tasks import check_account, resync_page, sweep_logins, tell_owners, warn_of_expiry
from tenancy.models import AuditEntry, Store, User
from tenancy.scope import open_store
from tests.laws.objects import make
from tests.sandbox_process import Sandbox

ClientOf = Callable[[User], Client]
HOME = "/s/hazel-home/"
DEAD = Reconnect("Error validating access token.", code=190, subcode=460)


def check(page: ConnectedPage) -> ConnectedPage:
    resync_page(page.store_id, page.pk)
    page.refresh_from_db()
    return page


def end(owner: Any, error: Reconnect = DEAD) -> None:
    with open_store(owner.store_id):
        for _ in range(2):
            record_refusal(owner, error)
    owner.refresh_from_db()


# --- Counting ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("subcode", [458, 459, 460, 463, 464, 467, 492])
def test_two_dead_tokens_in_a_row_end_a_login(
    subcode: int, connected_page: ConnectedPage, sandbox: Sandbox
) -> None:
    sandbox.fault("expired_token", subcode=subcode)
    assert check(connected_page).state == "active"
    assert check(connected_page).state == "needs_reconnect"
    assert (connected_page.auth_failures, connected_page.auth_subcode) == (2, subcode)
    assert connected_page.broken_since is not None
    assert InstagramAccount.unscoped.get().state == "needs_reconnect"
    assert AuditEntry.unscoped.filter(action="login.ended").count() == 1


def test_a_good_answer_between_two_dead_ones_starts_the_count_again(
    connected_page: ConnectedPage, sandbox: Sandbox
) -> None:
    for _ in range(3):
        sandbox.fault("expired_token", times=1)
        assert check(connected_page).auth_failures == 1
        assert check(connected_page).auth_failures == 0
    assert connected_page.state == "active"


def test_any_good_answer_brings_a_login_back(connected_page: ConnectedPage, sandbox: Sandbox) -> None:
    sandbox.fault("expired_token", times=2)
    check(connected_page)
    assert check(connected_page).state == "needs_reconnect"
    with open_store(connected_page.store_id):
        LoginClient(connected_page).get("me", fields="id")
    connected_page.refresh_from_db()
    assert (connected_page.state, connected_page.auth_failures) == ("active", 0)
    assert (connected_page.broken_since, connected_page.auth_subcode) == (None, 0)
    assert InstagramAccount.unscoped.get().state == "active"


@pytest.mark.parametrize(
    ("fault", "options"),
    [
        ("refusal", {"code": 10}),
        ("refusal", {"code": 200}),
        ("refusal", {"code": 299}),
        ("refusal", {"code": 613}),
        ("refusal", {"code": 424242}),
        ("refusal", {"code": 2500}),
        ("server_error", {}),
        ("rate_limit", {"bucket": "pages"}),
        ("odd_answer", {"form": "html", "status": 401}),
    ],
)
def test_nothing_else_counts_as_a_dead_login(
    fault: str, options: dict[str, Any], connected_page: ConnectedPage, sandbox: Sandbox
) -> None:
    sandbox.fault(fault, **options)
    for _ in range(3):
        check(connected_page)
    assert (connected_page.state, connected_page.auth_failures) == ("active", 0)
    assert connected_page.error_count == 3


def test_a_line_that_is_down_is_no_dead_login(connected_page: ConnectedPage, settings: Any) -> None:
    settings.GRAPH_API_URL = "http://127.0.0.1:9"
    for _ in range(3):
        check(connected_page)
    assert (connected_page.state, connected_page.auth_failures) == ("active", 0)


def test_an_account_takes_its_pages_along_and_a_living_page_comes_back(
    connected_page: ConnectedPage, sandbox: Sandbox
) -> None:
    account = connected_page.account
    sandbox.fault("expired_token")
    for _ in range(2):
        check_account(account.store_id, account.pk)
    account.refresh_from_db()
    connected_page.refresh_from_db()
    assert account.broken_since is not None
    assert (connected_page.state, connected_page.broken_since) == ("needs_reconnect", None)
    sandbox.post("faults", {"name": "expired_token", "on": False})
    assert check(connected_page).state == "active"
    account.refresh_from_db()
    assert account.broken_since is not None  # the person's token is another one
    check_account(account.store_id, account.pk)
    account.refresh_from_db()
    assert account.broken_since is None


def test_a_page_s_death_leaves_its_account_and_the_other_pages_alone(connected_page: ConnectedPage) -> None:
    with open_store(connected_page.store_id):
        other = make(ConnectedPage, connected_page.store, account=connected_page.account, state="active")
    end(connected_page)
    other.refresh_from_db()
    assert (connected_page.state, other.state) == ("needs_reconnect", "active")
    assert MetaAccount.unscoped.get().broken_since is None


@pytest.mark.django_db(transaction=True)
def test_many_workers_at_once_end_it_once(store: Store) -> None:
    page = make(ConnectedPage, store, state="active")

    def refuse(_: int) -> None:
        try:
            with open_store(page.store_id):
                record_refusal(page, DEAD)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(refuse, range(8)))
    page.refresh_from_db()
    assert (page.auth_failures, page.state) == (8, "needs_reconnect")
    assert AuditEntry.unscoped.filter(action="login.ended").count() == 1


def test_the_sweep_makes_sure_of_a_doubtful_login(
    connected_page: ConnectedPage, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[tuple[str, int]] = []
    for task in (resync_page, check_account, tell_owners, warn_of_expiry):
        monkeypatch.setattr(task, "delay", lambda _s, pk, *_r, name=task.name: started.append((name, pk)))
    sweep_logins()
    assert started == []
    sandbox.fault("expired_token", times=1)
    check(connected_page)
    sweep_logins()
    assert started == [("integrations.tasks.resync_page", connected_page.pk)]


# --- What people see --------------------------------------------------------------------------------------


def test_every_page_of_the_store_says_what_happened_why_and_what_to_do(
    connected_page: ConnectedPage, owner: User, agent: User, client_of: ClientOf
) -> None:
    assert "no longer lets us in" not in client_of(owner).get(HOME).content.decode()
    end(connected_page)
    for path in ("", "inbox/", "orders/", "catalog/", "leads/", "health/", "integrations/", "settings/"):
        page = client_of(owner).get(HOME + path).content.decode()
        assert "Facebook no longer lets us in to Hazel Home." in page, path
        assert "The password of the Facebook account was changed." in page
        assert f'action="{HOME}integrations/connect/"' in page
    seen = client_of(agent).get(HOME).content.decode()
    assert "Ask a manager or an owner of the store to connect it again." in seen
    assert f'action="{HOME}integrations/connect/"' not in seen


def test_after_a_new_consent_nobody_is_asked_for_it_again(
    connected_page: ConnectedPage, owner: User, agent: User, client_of: ClientOf
) -> None:
    end(connected_page)
    MetaAccount.unscoped.update(connected_at=timezone.now())
    for person in (owner, agent):
        page = client_of(person).get(HOME).content.decode()
        assert "Facebook lets us in again. Hazel Home will be back in a moment." in page
        assert "no longer lets us in" not in page
        assert "connect it again" not in page
        assert f'action="{HOME}integrations/connect/"' not in page


def test_a_page_that_does_not_come_back_after_a_consent_says_so(
    connected_page: ConnectedPage, owner: User, client_of: ClientOf
) -> None:
    end(connected_page)
    MetaAccount.unscoped.update(connected_at=timezone.now() - timedelta(minutes=3))
    assert "Facebook no longer lets us in to Hazel Home." in client_of(owner).get(HOME).content.decode()
    MetaAccount.unscoped.update(connected_at=timezone.now())
    ConnectedPage.unscoped.update(sealed_token="")  # left out of the consent
    assert "Facebook no longer lets us in to Hazel Home." in client_of(owner).get(HOME).content.decode()


def test_another_store_says_nothing_of_it(
    connected_page: ConnectedPage, stranger: User, client_of: ClientOf
) -> None:
    end(connected_page)
    assert "no longer lets us in" not in client_of(stranger).get("/s/bolt-bikes/").content.decode()


def test_owners_get_one_e_mail_for_each_incident(connected_page: ConnectedPage, agent: User) -> None:
    end(connected_page)
    for _ in range(3):
        tell_owners(connected_page.store_id, None, connected_page.pk)
    (letter,) = mail.outbox
    assert letter.to == ["olive@hazel-home.example"]
    assert letter.subject == "Hazel Home: Facebook no longer lets StormCom in"
    assert "The password of the Facebook account was changed." in letter.body
    assert "/s/hazel-home/integrations/" in letter.body
    assert connected_page.token not in letter.body
    with open_store(connected_page.store_id):
        record_entry(connected_page)
        tell_of_end(connected_page)
    assert len(mail.outbox) == 1
    end(connected_page)
    tell_owners(connected_page.store_id, None, connected_page.pk)
    assert len(mail.outbox) == 2


@pytest.mark.parametrize("field", ["expires_at", "data_access_expires_at"])
def test_owners_are_warned_14_7_and_2_days_before_once_each(field: str, meta_account: MetaAccount) -> None:
    now = timezone.now()
    end_at = now + timedelta(days=30)
    MetaAccount.unscoped.update(**{"expires_at": None, "data_access_expires_at": None} | {field: end_at})
    meta_account.refresh_from_db()
    told = []
    with open_store(meta_account.store_id):
        for day in range(31):
            before = len(mail.outbox)
            for _ in range(2):
                tell_of_expiry(meta_account, now=now + timedelta(days=day))
            if len(mail.outbox) > before:
                told.append((30 - day, len(mail.outbox) - before))
    assert told == [(14, 1), (7, 1), (2, 1)]
    assert mail.outbox[0].subject == "Hazel Home: connect Facebook again within 14 days"


def test_a_new_login_is_warned_of_anew(meta_account: MetaAccount) -> None:
    now = timezone.now()
    with open_store(meta_account.store_id):
        for end_at in (now + timedelta(days=1), now + timedelta(days=2)):
            meta_account.expires_at = end_at
            tell_of_expiry(meta_account, now=now)
    assert len(mail.outbox) == 2


def test_the_end_that_is_near_stands_on_every_page(
    meta_account: MetaAccount, viewer: User, client_of: ClientOf
) -> None:
    MetaAccount.unscoped.update(expires_at=timezone.now() + timedelta(days=6, hours=1))
    page = client_of(viewer).get(HOME + "orders/").content.decode()
    assert "What Ada Hazel allowed at Facebook ends in 7 days." in page
    MetaAccount.unscoped.update(broken_since=timezone.now())
    page = client_of(viewer).get(HOME + "orders/").content.decode()
    assert "Facebook no longer lets us in to Ada Hazel." in page
    assert "allowed at Facebook ends" not in page  # one remedy, one banner
    MetaAccount.unscoped.update(broken_since=None, expires_at=timezone.now() + timedelta(days=20))
    assert "allowed at Facebook ends" not in client_of(viewer).get(HOME).content.decode()


def test_the_sweep_starts_the_letters(connected_page: ConnectedPage, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[tuple[str, tuple[Any, ...]]] = []
    for task in (tell_owners, warn_of_expiry, resync_page, check_account):
        monkeypatch.setattr(task, "delay", lambda *args, name=task.name: started.append((name, args[1:])))
    MetaAccount.unscoped.update(expires_at=timezone.now() + timedelta(days=3))
    end(connected_page)
    sweep_logins()
    assert started == [
        ("integrations.tasks.tell_owners", (None, connected_page.pk)),
        ("integrations.tasks.warn_of_expiry", (connected_page.account_id,)),
    ]
