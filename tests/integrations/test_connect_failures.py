"""Each failure of the connect dialog: its own page, a row in the trail, and nothing half-connected."""

from __future__ import annotations

import html
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import requests
import time_machine
from django.conf import LazySettings
from django.test import Client
from django.utils import timezone

from integrations.models import ConnectedPage, MetaAccount, OAuthAttempt
from integrations.oauth.failures import FAILURES
from operations.demo.consent import HAZEL_HOME, consent
from tenancy.models import AuditEntry, Membership, Store, User
from tests.sandbox_process import Sandbox

INDEX = "/s/hazel-home/integrations/"
CALLBACK = "/api/integrations/facebook/oauth/callback"

ClientOf = Callable[[User], Client]
Query = dict[str, str]


@pytest.fixture
def person(client_of: ClientOf, manager: User) -> Client:
    return client_of(manager)


def start(person: Client, **form: str) -> str:
    answer = person.post(f"{INDEX}connect/", form)
    assert answer.status_code == 302
    return str(answer["Location"])


def assert_failed(answer: Any, reason: str) -> None:
    """The page says what happened and what to do, the trail has it, and nothing was connected."""
    failure, words = FAILURES[reason], html.unescape(answer.content.decode())
    assert (answer.status_code, f"<h1>{failure.title}</h1>" in words) == (failure.status, True), words[:3000]
    assert str(failure.happened) in words
    assert str(failure.remedy) in words
    assert "Nothing was connected, and nothing in your store was changed." in words
    assert list(AuditEntry.unscoped.values_list("action", "details__reason")) == [("connect.failed", reason)]
    assert (MetaAccount.unscoped.count(), ConnectedPage.unscoped.count()) == (0, 0)


def redeem(sandbox: Sandbox, back: Query) -> Query:
    """Use the code up, as somebody who was faster would."""
    query = {"client_id": "1000000000000001", "client_secret": "sandbox-app-secret", "code": back["code"]}
    query["redirect_uri"] = "http://127.0.0.1:8000" + CALLBACK
    requests.get(f"{sandbox.url}/v26.0/oauth/access_token", query, timeout=10).raise_for_status()
    return back


def age(sandbox: Sandbox, back: Query) -> Query:
    sandbox.post("clock", {"advance_seconds": 601})
    return back


def break_meta(name: str, **options: Any) -> Callable[[Sandbox, Query], Query]:
    def broken(sandbox: Sandbox, back: Query) -> Query:
        sandbox.fault(name, **options)
        return back

    return broken


CASES: dict[str, tuple[str, Callable[[Sandbox, Query], Query]]] = {
    "a dialog that Meta ended": (
        "dialog_refused",
        lambda sandbox, back: {"state": back["state"], "error_code": "1349126", "error_message": "x"},
    ),
    "neither code nor error": ("no_code", lambda sandbox, back: {"state": back["state"]}),
    "a code that Meta never gave": ("code_refused", lambda sandbox, back: back | {"code": "made-up"}),
    "a code that is too old": ("code_expired", age),
    "a code that was used": ("code_used", redeem),
    "Meta down from the first call": ("meta_down", break_meta("server_error")),
    "Meta down in the middle": ("meta_down", break_meta("server_error", edge="accounts")),
    "a web page instead of an answer": ("meta_down", break_meta("odd_answer", form="html")),
    "half an answer": ("meta_down", break_meta("odd_answer", form="half")),
    "half an answer about the token": (
        "meta_down",
        break_meta("odd_answer", form="half", edge="debug_token"),
    ),
    "an empty answer": ("meta_down", break_meta("odd_answer", form="empty", edge="me")),
    "a limit that is reached": ("too_many", break_meta("rate_limit", bucket="app")),
    "a token that is dead at once": ("token_refused", break_meta("expired_token")),
}


@pytest.mark.parametrize("case", CASES)
def test_a_failure_after_the_dialog_has_its_own_page(case: str, person: Client, sandbox: Sandbox) -> None:
    reason, spoil = CASES[case]
    back = spoil(sandbox, consent(start(person)))
    answer = person.get(CALLBACK, back)
    assert_failed(answer, reason)
    assert b"Connect Facebook again" in answer.content
    assert back.get("code", "no code") not in answer.content.decode()


def test_cancelling_has_its_own_page(person: Client, sandbox: Sandbox) -> None:
    assert_failed(person.get(CALLBACK, consent(start(person), decision="cancel")), "cancelled")


def test_a_slow_meta_ends_in_a_page_within_the_deadline(
    person: Client, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("integrations.oauth.flow.CALLBACK_SECONDS", 0.4)
    back = consent(start(person))
    sandbox.fault("slow", seconds=2)
    assert_failed(person.get(CALLBACK, back), "timeout")


def test_a_redirect_address_that_differs_is_our_fault(
    person: Client, sandbox: Sandbox, settings: LazySettings
) -> None:
    back = consent(start(person))
    settings.APP_BASE_URL = "https://moved.example"
    assert_failed(person.get(CALLBACK, back), "redirect_differs")


def test_a_wrong_app_secret_is_our_fault(person: Client, sandbox: Sandbox, settings: LazySettings) -> None:
    back = consent(start(person))
    settings.FACEBOOK_APP_SECRET = "wrong"
    answer = person.get(CALLBACK, back)
    assert_failed(answer, "app_settings")
    assert b"wrong" not in answer.content.split(b"Details for support")[1]


def test_without_a_facebook_app_nobody_is_sent_to_facebook(person: Client, settings: LazySettings) -> None:
    settings.FACEBOOK_APP_ID = ""
    assert_failed(person.post(f"{INDEX}connect/"), "app_missing")
    assert OAuthAttempt.unscoped.count() == 0


def test_names_that_postgresql_cannot_hold_keep_nobody_from_connecting(
    person: Client, sandbox: Sandbox
) -> None:
    dialog = start(person)
    sandbox.post("page", {"page_id": HAZEL_HOME, "name": "Ha\x00zel" + "e" * 300, "category": "\x00"})
    picker = person.get(CALLBACK, consent(dialog))
    assert picker.status_code == 302
    person.post(picker["Location"], {"pages": [HAZEL_HOME]})
    page = ConnectedPage.unscoped.get()
    assert (page.name, page.category) == ("Hazel" + "e" * 195, "")


# --- The state --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("query", [{}, {"state": ""}, {"state": "made-up", "code": "x"}])
def test_a_forged_state_is_refused(query: Query, person: Client) -> None:
    person.get(INDEX)
    assert_failed(person.get(CALLBACK, query), "state_unknown")


def test_a_state_is_too_old_after_ten_minutes(person: Client, sandbox: Sandbox) -> None:
    back = consent(start(person))
    with time_machine.travel(timezone.now() + timedelta(minutes=10, seconds=1)):
        assert_failed(person.get(CALLBACK, back), "state_expired")


def test_a_replayed_state_changes_nothing(person: Client, sandbox: Sandbox) -> None:
    back = consent(start(person))
    assert person.get(CALLBACK, back).status_code == 302
    before = MetaAccount.unscoped.values().get()
    answer = person.get(CALLBACK, back)
    assert "This connection was used already" in answer.content.decode()
    assert AuditEntry.unscoped.filter(details__reason="state_used").count() == 1
    assert MetaAccount.unscoped.values().get() == before


def test_somebody_elses_state_tells_nothing_and_stays_usable(
    person: Client, sandbox: Sandbox, client_of: ClientOf, stranger: User, store: Store
) -> None:
    back = consent(start(person))
    answer = client_of(stranger).get(CALLBACK, back)
    assert_failed(answer, "state_of_somebody_else")
    assert b"/s/hazel-home/" not in answer.content
    entry = AuditEntry.unscoped.get()
    assert (entry.store_id, entry.actor) == (store.pk, None)
    assert person.get(CALLBACK, back).status_code == 302


def test_several_connections_can_be_under_way_at_once(person: Client, sandbox: Sandbox) -> None:
    first, second = start(person), start(person)
    assert person.get(CALLBACK, consent(second)).status_code == 302
    assert person.get(CALLBACK, consent(first)).status_code == 302
    assert MetaAccount.unscoped.count() == 1


def test_somebody_who_is_no_manager_any_more_connects_nothing(
    person: Client, sandbox: Sandbox, manager: User
) -> None:
    back = consent(start(person))
    Membership.objects.filter(user=manager).update(role="viewer")
    assert_failed(person.get(CALLBACK, back), "role_lost")


def test_somebody_who_left_the_store_does_not_read_its_name(
    person: Client, sandbox: Sandbox, manager: User
) -> None:
    back = consent(start(person))
    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        Membership.objects.filter(user=manager).delete()
        assert b"/s/hazel-home/" not in person.get(CALLBACK, back).content


def test_who_was_signed_out_goes_on_after_signing_in(
    person: Client, sandbox: Sandbox, client: Client, manager: User, client_of: ClientOf
) -> None:
    back = consent(start(person))
    answer = client.get(CALLBACK, back)
    assert_failed(answer, "signed_out")
    assert f"/accounts/login/?next={CALLBACK.replace('/', '%2F')}" in answer.content.decode()
    gone_on: Any = client_of(manager).get(CALLBACK, back)
    assert gone_on.status_code == 302, html.unescape(gone_on.content.decode())[:3000]


# --- Where to go afterwards -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "javascript:alert(1)",
        "http:///evil.example",
        "evil.example",
        "\t//evil.example",
        "/" + "x" * 600,
    ],
)
def test_an_address_elsewhere_is_refused_before_anything_starts(address: str, person: Client) -> None:
    assert_failed(person.post(f"{INDEX}connect/", {"next": address}), "return_elsewhere")
    assert OAuthAttempt.unscoped.count() == 0


def test_a_place_of_ours_is_gone_to_when_the_pages_are_chosen(person: Client, sandbox: Sandbox) -> None:
    back = consent(start(person, next="/s/hazel-home/health/"))
    picker = person.get(CALLBACK, back)["Location"]
    assert picker.endswith("?next=%2Fs%2Fhazel-home%2Fhealth%2F")
    assert b'name="next" value="/s/hazel-home/health/"' in person.get(picker).content
    form = {"pages": ["100200300400501"], "next": "/s/hazel-home/health/"}
    assert person.post(picker, form)["Location"] == "/s/hazel-home/health/"


def test_the_picker_leads_nowhere_else_either(person: Client, sandbox: Sandbox) -> None:
    picker = person.get(CALLBACK, consent(start(person)))["Location"]
    form = {"pages": ["100200300400501"], "next": "//evil.example"}
    assert person.post(picker, form)["Location"] == INDEX


# --- The window of its own --------------------------------------------------------------------------------


def test_the_popup_hands_the_result_to_its_opener(person: Client, sandbox: Sandbox) -> None:
    dialog = start(person, display="popup")
    assert "display=popup" in dialog
    answer = person.get(CALLBACK, consent(dialog))
    account = MetaAccount.unscoped.get()
    assert answer.status_code == 200
    assert f'data-address="{INDEX}accounts/{account.pk}/"' in answer.content.decode()
    assert answer["Cross-Origin-Opener-Policy"] == "unsafe-none"
    assert person.get(INDEX)["Cross-Origin-Opener-Policy"] == "same-origin-allow-popups"


def test_a_failure_in_the_popup_stays_there_and_can_be_tried_again(person: Client, sandbox: Sandbox) -> None:
    answer = person.get(CALLBACK, consent(start(person, display="popup"), decision="cancel"))
    assert_failed(answer, "cancelled")
    assert answer["Cross-Origin-Opener-Policy"] == "unsafe-none"
    assert b'name="display" value="popup"' in answer.content
    assert b"data-close-window" in answer.content


def test_an_unknown_display_is_this_window(person: Client, sandbox: Sandbox) -> None:
    assert "display=page" in start(person, display="../../evil")
