"""Somebody asks Facebook to have their data deleted: the answer, and the page to watch it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from integrations.models import ConnectedPage
from operations.models import DeletionRequest
from operations.tasks import erase, sweep_erasures
from tests.integrations.signing import signed
from tests.operations.asking import ADA, ADDRESS, ask, forget, page_of
from tests.sandbox_process import Sandbox

# --- The answer -------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_answer_is_an_address_to_watch_it_and_a_code() -> None:
    answer = ask()

    request = DeletionRequest.objects.get()
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/json"
    assert answer.json() == {
        "url": f"http://127.0.0.1:8000/data-deletion/{request.code}",
        "confirmation_code": request.code,
    }
    assert len(request.code) == 20
    assert (request.kind, request.state, request.subject) == ("facebook_user", "waiting", {"user_id": ADA})


@pytest.mark.django_db
def test_the_same_wish_again_is_the_same_code_and_another_persons_is_not() -> None:
    form = {"signed_request": signed()}
    first = Client().post(ADDRESS, form).json()

    assert Client().post(ADDRESS, form).json() == first
    assert ask().json() == first
    assert ask(user_id="70002").json()["confirmation_code"] != first["confirmation_code"]
    assert DeletionRequest.objects.count() == 2


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"signed_request": "nonsense"},
        {"signed_request": signed(secret="somebody-elses")},
        {"signed_request": signed(algorithm="none")},
        {"signed_request": signed(user_id=None)},
        {"signed_request": signed(expires=1_763_703_600)},
        {"signed_request": "x" * 100_000},
    ],
)
@pytest.mark.django_db
def test_what_nobody_vouches_for_is_refused_in_words_and_leaves_no_row(form: dict[str, str]) -> None:
    answer = Client().post(ADDRESS, form)

    assert answer.status_code == 400
    assert answer.content.decode().strip().endswith(".")
    assert DeletionRequest.objects.count() == 0


@pytest.mark.django_db
def test_the_instagram_apps_secret_is_accepted(settings: Any) -> None:
    settings.INSTAGRAM_APP_SECRET = "insta-secret"

    assert ask(secret="insta-secret").status_code == 200


def test_nothing_is_asked_of_meta_in_the_request(connected_page: ConnectedPage, sandbox: Sandbox) -> None:
    before = len(sandbox.get("calls"))

    ask()

    assert len(sandbox.get("calls")) == before
    assert ConnectedPage.unscoped.get().state == "active"


@pytest.mark.django_db
def test_with_the_broker_away_the_wish_is_kept_and_the_sweep_finds_it(
    broker_away: None, django_capture_on_commit_callbacks: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        assert ask().status_code == 200
    request = DeletionRequest.objects.get()
    assert request.state == "waiting"

    monkeypatch.setattr(erase, "delay", erase)
    sweep_erasures()

    request.refresh_from_db()
    assert request.state == "done"


# --- The page ---------------------------------------------------------------------------------------------


def test_the_page_says_what_was_asked_when_and_what_came_of_it(connected_page: ConnectedPage) -> None:
    code = ask().json()["confirmation_code"]
    waiting = page_of(code)
    assert "Being worked on." in waiting
    assert "Not yet" in waiting

    request = forget()

    page = page_of(code)
    assert "Done. What we had is erased." in page
    assert f"{request.finished_at:%H:%M} UTC" in page
    assert "Our access to your Facebook account, in 1 store." in page
    assert "The connections of 2 Pages, Instagram accounts and catalogs that worked through it." in page
    assert "What belongs to the store: its Pages&#x27; names" in page
    assert "This page: its code, its dates and these counts." in page
    assert "another number, one for each shop" in page


def test_the_page_holds_no_personal_data_and_is_for_no_search_engine(connected_page: ConnectedPage) -> None:
    answer = Client().get(f"/data-deletion/{forget().code}")

    page = answer.content.decode()
    assert not [word for word in (ADA, "Ada", "Hazel") if word in page]
    assert '<meta name="robots" content="noindex, nofollow">' in page
    assert answer["X-Robots-Tag"] == "noindex, nofollow"
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.django_db
def test_a_person_of_whom_we_had_nothing_is_told_so() -> None:
    request = forget(user_id="12345")

    assert "Nothing: we had nothing of this person" in page_of(request.code)


@pytest.mark.django_db
def test_an_unknown_code_is_answered_with_what_to_do() -> None:
    answer = Client().get("/data-deletion/22222222222222222222")

    assert answer.status_code == 404
    assert "We know no request by this code" in answer.content.decode()


@pytest.mark.django_db
def test_the_page_works_years_later(connected_page: ConnectedPage) -> None:
    code = forget().code
    DeletionRequest.objects.update(
        requested_at=timezone.now() - timedelta(days=3000), finished_at=timezone.now() - timedelta(days=3000)
    )
    sweep_erasures()

    assert "Done. What we had is erased." in page_of(code)


@pytest.mark.django_db
def test_who_has_a_code_finds_the_page_from_the_instructions(client: Client) -> None:
    code = ask().json()["confirmation_code"]

    assert client.get("/data-deletion/").status_code == 200
    found = client.get("/data-deletion/", {"code": f"  {code.upper()} "})
    assert (found.status_code, found["Location"]) == (302, f"/data-deletion/{code}")
    for nonsense in ("../admin", "é", "٣"):
        wrong = client.get("/data-deletion/", {"code": nonsense})
        assert wrong.status_code == 422
        assert "A code is made of letters and digits only." in wrong.content.decode()


def test_a_wish_sent_by_the_pretend_meta_is_answered_as_meta_wants_it(
    transactional_db: None, connected_page: ConnectedPage, sandbox: Sandbox, live_server: Any
) -> None:
    sandbox.post("callbacks", {"data_deletion": live_server.url + ADDRESS, "deauthorize": ""})
    sandbox.post("remove-app", {"user_id": ADA})

    said = sandbox.post("data-deletion", {"user_id": ADA})

    request = DeletionRequest.objects.get()
    assert said["answer"] == "200 OK"
    assert (said["url"], said["confirmation_code"]) == (request.public_url, request.code)
