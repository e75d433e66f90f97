"""How the JSON API answers: problems as problems, limits, and the document that describes it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import jsonschema
import pytest
import time_machine
from django.conf import LazySettings
from django.core.cache import cache
from django.test import Client
from redis import ConnectionError as RedisDown

from operations.api import limits, reads
from operations.api.description import describe
from operations.api.problems import KINDS
from tenancy.models import Store, StoreApiToken, User
from tests.operations.api.conftest import BASE, Api

STATUS = f"{BASE}/status"


@pytest.fixture
def same_minute(db: None) -> Iterator[None]:
    """Stop the clock in the middle of this minute: it may turn while a test counts by it."""
    now = time.time()
    with time_machine.travel(now - now % limits.WINDOW_SECONDS + limits.WINDOW_SECONDS / 2, tick=False):
        yield


def problem(response: Any) -> dict[str, Any]:
    """Return the body of an answer that is a problem, and nothing else."""
    assert response.headers["Content-Type"] == "application/problem+json"
    body: dict[str, Any] = response.json()
    jsonschema.validate(body, describe()["components"]["schemas"]["Problem"])
    assert body["status"] == response.status_code
    return body


@pytest.mark.parametrize(
    ("method", "path", "status", "kind"),
    [
        ("get", "/api/", 404, "not-found"),
        ("get", "/api/nothing/here", 404, "not-found"),
        ("get", f"{STATUS}/", 404, "not-found"),
        ("get", f"{BASE}/runs/x", 404, "not-found"),
        ("delete", STATUS, 405, "method-not-allowed"),
        ("get", f"{BASE}/connect", 405, "method-not-allowed"),
        ("get", STATUS, 401, "not-signed-in"),
    ],
)
def test_a_refusal_is_a_problem_whoever_refuses(
    client: Client, method: str, path: str, status: int, kind: str
) -> None:
    response = getattr(client, method)(path)

    assert response.status_code == status
    assert problem(response)["type"] == f"http://127.0.0.1:8000/api/docs#{kind}"
    assert problem(response)["title"] == KINDS[kind].title
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in response["Content-Security-Policy"]


def test_a_method_that_is_missing_names_those_that_are_there(client: Client) -> None:
    assert client.get(f"{BASE}/connect").headers["Allow"] == "POST"


def test_what_is_for_meta_and_for_people_under_the_same_roof_speaks_as_before(
    client: Client, db: None
) -> None:
    for path in ("/api/webhooks/facebook", f"{BASE}/oauth/callback", f"{BASE}/deauthorize"):
        response = client.get(path)
        assert response.status_code >= 400
        assert "json" not in response.headers.get("Content-Type", "")


@pytest.mark.parametrize("header", ["Bearer", "Bearer nothing", "Basic abc", "Token stc_" + "a" * 43, "x"])
def test_a_header_that_is_no_key_is_refused_and_names_the_way(client: Client, header: str, db: None) -> None:
    response = client.get(STATUS, headers={"Authorization": header})

    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"].startswith("Bearer")
    problem(response)


def test_a_wrong_key_is_not_mended_by_a_session(client_of: Callable[[User], Client], owner: User) -> None:
    client = client_of(owner)
    wrong = {"Authorization": "Bearer stc_" + "a" * 43, "X-Store": "hazel-home"}
    assert client.get(STATUS, headers={"X-Store": "hazel-home"}).status_code == 200
    assert client.get(STATUS, headers=wrong).status_code == 401


def test_a_session_has_to_name_its_store(client_of: Callable[[User], Client], owner: User) -> None:
    response = client_of(owner).get(STATUS)

    assert response.status_code == 422
    assert list(problem(response)["errors"]) == ["store"]
    assert client_of(owner).get(STATUS, {"store": "hazel-home"}).status_code == 200
    assert client_of(owner).get(STATUS, {"store": "\x00"}).status_code == 400


@pytest.mark.parametrize("body", ["{", "[", "nothing", b"\xff"])
def test_a_body_that_is_no_json_is_a_problem(api: Api, body: str | bytes) -> None:
    response = api.client.post(
        f"{BASE}/leads/sync", data=body, content_type="application/json", headers=api.headers
    )
    assert response.status_code == 400
    assert problem(response)["type"].endswith("#malformed")


def test_a_body_that_is_too_large_is_a_problem_and_no_fault(
    api: Api, caplog: pytest.LogCaptureFixture, settings: LazySettings
) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    response = api.post("/leads/sync", {"page_id": "7" * 101})

    assert response.status_code == 413
    assert problem(response)["type"].endswith("#too-large")
    assert "The API failed" not in caplog.text


@pytest.mark.parametrize(
    ("path", "body", "errors"),
    [
        ("/leads/sync", {"pageid": "7"}, {"pageid": ["There is no such field."]}),
        ("/leads/sync", {"page_id": 7}, {"page_id": ["Give text, in quotes."]}),
        ("/leads/sync", {"page_id": "a b"}, {"page_id": ["Give an id as Meta writes it, without spaces."]}),
        ("/leads/sync", ["7"], {"body": ["Send a JSON object."]}),
    ],
)
def test_what_does_not_fit_is_said_in_words_of_the_api(
    api: Api, path: str, body: object, errors: dict[str, list[str]]
) -> None:
    assert problem(api.post(path, body))["errors"] == errors


def test_a_fault_of_ours_says_nothing_of_it_and_is_logged(
    api: Api, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*args: object) -> None:
        raise RuntimeError("the inside")

    monkeypatch.setattr(reads, "read_status", fail)
    response = api.get("/status")

    assert response.status_code == 500
    assert "inside" not in json.dumps(problem(response))
    assert "the inside" in caplog.text


def test_a_key_stands_in_no_log(
    client: Client, caplog: pytest.LogCaptureFixture, key_of: Callable[..., str], manager: User
) -> None:
    secret = key_of(manager)
    for kind in ("Bearer", "Token", "Basic", ""):
        client.get(STATUS, headers={"Authorization": f"{kind} {secret}".strip()})
    assert secret[4:] not in caplog.text
    assert secret not in caplog.text


def test_the_limits_are_told_and_kept(same_minute: None, api: Api, settings: LazySettings) -> None:
    settings.API_REQUESTS_PER_MINUTE = 3
    remaining = []
    for _time in range(3):
        response = api.get("/pages")
        remaining.append(response.headers["RateLimit-Remaining"])
        assert (response.status_code, response.headers["RateLimit-Limit"]) == (200, "3")
    refused = api.get("/pages")

    assert remaining == ["2", "1", "0"]
    assert refused.status_code == 429
    assert refused.headers["Retry-After"] == refused.headers["RateLimit-Reset"] == "30"
    assert refused.headers["RateLimit-Remaining"] == "0"
    problem(refused)


def test_each_key_has_a_limit_of_its_own(
    same_minute: None, api: Api, settings: LazySettings, key_of: Callable[..., str], owner: User
) -> None:
    settings.API_REQUESTS_PER_MINUTE = 1
    assert api.get("/pages").status_code == 200
    assert api.get("/pages").status_code == 429
    other = Api(api.client, Authorization=f"Bearer {key_of(owner, name='Other')}")
    assert other.get("/pages").status_code == 200


def test_all_keys_of_a_store_share_its_limit_and_strangers_use_none_of_it(
    same_minute: None,
    api: Api,
    settings: LazySettings,
    key_of: Callable[..., str],
    owner: User,
    stranger: User,
    api_of: Callable[[User], Api],
) -> None:
    settings.API_REQUESTS_PER_MINUTE_AND_STORE = 2
    other = Api(api.client, Authorization=f"Bearer {key_of(owner, name='Other')}")
    for _time in range(3):
        assert api_of(stranger).get("/pages").status_code == 404

    assert api.get("/pages").headers["RateLimit-Remaining"] == "1"
    last = other.get("/pages").headers
    assert (last["RateLimit-Limit"], last["RateLimit-Remaining"]) == ("2", "0")
    assert [api.get("/pages").status_code, other.get("/pages").status_code] == [429, 429]
    assert api_of(owner).get("/pages").status_code == 429


def test_guessing_keys_is_bounded_by_the_address(
    same_minute: None, client: Client, settings: LazySettings, clean_cache: None
) -> None:
    settings.API_REQUESTS_PER_MINUTE_AND_ADDRESS = 2
    statuses = [
        client.get(STATUS, headers={"Authorization": f"Bearer stc_{number}"}).status_code
        for number in range(3)
    ]
    assert statuses == [401, 401, 429]


def test_without_a_cache_everybody_passes(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*args: object, **kwargs: object) -> None:
        raise RedisDown

    monkeypatch.setattr(cache, "add", away)
    response = api.get("/pages")

    assert response.status_code == 200
    assert "RateLimit-Limit" not in response.headers


def test_a_key_that_is_used_says_when(api: Api, store: Store) -> None:
    assert StoreApiToken.unscoped.get().last_used_at is None
    api.get("/pages")
    assert StoreApiToken.unscoped.get().last_used_at is not None


def test_a_page_of_ours_may_change_things_with_its_csrf_token(owner: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(owner, backend="django.contrib.auth.backends.ModelBackend")
    client.get("/s/hazel-home/settings/api/")
    headers = {"X-Store": "hazel-home", "X-CSRFToken": client.cookies["csrftoken"].value}
    response = client.post(f"{BASE}/leads/sync", content_type="application/json", headers=headers)

    assert response.status_code == 409


def test_the_document_is_for_everybody_and_stands_on_the_page(client: Client) -> None:
    document = client.get("/api/openapi.json").json()
    page = client.get("/api/docs")

    assert document["openapi"] == "3.1.0"
    assert set(document["paths"]) == {
        f"{BASE}/{name}"
        for name in ("status", "pages", "runs/{run_id}", "catalog/sync", "leads/sync", "connect")
    }
    words = page.content.decode()
    assert page.status_code == 200
    assert all(path in words for path in document["paths"])
    assert all(f'id="{kind}"' in words for kind in KINDS)
    assert '<script src="http' not in words


def test_the_document_promises_only_what_an_operation_answers() -> None:
    paths = describe()["paths"]
    refusals = {
        path.removeprefix(f"{BASE}/"): {int(status) for status in answer["responses"] if int(status) >= 400}
        for path, methods in paths.items()
        for answer in methods.values()
    }
    any_operation = {400, 401, 403, 404, 422, 429, 500}
    assert refusals == {
        "status": any_operation,
        "pages": any_operation,
        "runs/{run_id}": any_operation,
        "catalog/sync": any_operation | {409, 413},
        "leads/sync": any_operation | {409, 413},
        "connect": any_operation | {413, 503},
    }


def test_every_schema_of_the_document_is_one() -> None:
    for schema in describe()["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)


def test_the_next_minute_counts_anew(same_minute: None, api: Api, settings: LazySettings) -> None:
    settings.API_REQUESTS_PER_MINUTE = 1
    assert [api.get("/pages").status_code for _time in range(2)] == [200, 429]
    with time_machine.travel(time.time() + 30, tick=False):
        assert [api.get("/pages").status_code for _time in range(2)] == [200, 429]


def test_the_cache_holds_counts_for_two_windows_at_most(same_minute: None, api: Api) -> None:
    api.get("/pages")
    token, window = StoreApiToken.unscoped.get(), int(time.time()) // limits.WINDOW_SECONDS
    kept = cache.make_key(f"api:key:{token.pk}:{window}")
    server: Any = cache

    assert cache.get(f"api:key:{token.pk}:{window}") == 1
    assert 60 < server._cache.get_client(kept).ttl(kept) <= 2 * limits.WINDOW_SECONDS
