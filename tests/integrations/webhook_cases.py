"""What every door of the webhook address must do; each door's test class adds how to knock."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from integrations.models import WebhookDelivery
from integrations.webhooks import intake
from integrations.webhooks.quota import WINDOW_SECONDS, Quota
from tests.conftest import signed

MESSAGE: dict[str, Any] = {
    "object": "page",
    "entry": [
        {
            "id": "100200300400501",
            "time": 1763700000123,
            "messaging": [
                {
                    "sender": {"id": "5001"},
                    "recipient": {"id": "100200300400501"},
                    "timestamp": 1763700000123,
                    "message": {"mid": "m_door", "text": "hello"},
                }
            ],
        }
    ],
}
BODY = json.dumps(MESSAGE, separators=(",", ":")).encode()

ODD_BODIES = {
    "not JSON": b"hello",
    "empty": b"",
    "invalid UTF-8": b'{"object": "page", "x": "\xff\xfe"}',
    "JSON array": b"[1, 2]",
    "JSON number": b"7",
    "deep nesting": b"[" * 100_000 + b"]" * 100_000,
    "NUL byte": b'{"object":"page\x00"}',
    "escaped NUL": b'{"object":"","entry":[{"id":"\\u0000","messaging":[{"message":{"text":"\\u0000"}}]}]}',
    "lone surrogate": b'{"object":"page","entry":[{"id":"1","messaging":[{"message":{"text":"\\ud800"}}]}]}',
    "no ids": b'{"object":"page","entry":[{"messaging":[{"message":{"text":"x"}}]}]}',
    "numeric ids": b'{"object":"page","entry":[{"id":2,"messaging":[{"sender":{"id":5},"read":{"mid":9}}]}]}',
    "unknown object": b'{"object":"moon","entry":[{"id":"1","changes":[{"field":"phase"}]}]}',
    "huge number": b'{"object":"page","entry":[{"id":"1","time":1e400,"messaging":[{"message":{}}]}]}',
    "huge integer": b'{"object":"page","entry":[{"id":"1","time":'
    + b"9" * 400
    + b',"messaging":[{"x":1}]}]}',
}


@dataclass(frozen=True)
class Answer:
    status: int
    text: str
    headers: Mapping[str, str] = field(default_factory=dict, compare=False)


class WebhookCases:
    """The abstract suite. A subclass gives `post` and `get`."""

    path = "/webhooks/facebook"

    def post(self, body: bytes, headers: dict[str, str], path: str | None = None) -> Answer:
        raise NotImplementedError

    def get(self, query: dict[str, str]) -> Answer:
        raise NotImplementedError

    def post_signed(self, body: bytes, path: str | None = None) -> Answer:
        return self.post(body, {"X-Hub-Signature-256": signed(body)}, path)

    def test_a_signed_body_is_kept_byte_for_byte(self) -> None:
        assert self.post_signed(BODY).status == 200
        delivery = WebhookDelivery.objects.get()
        assert (bytes(delivery.body), delivery.signed_by) == (BODY, "facebook")

    def test_the_older_address_is_the_same_door(self) -> None:
        assert self.post_signed(BODY, path="/api/webhooks/facebook").status == 200
        assert WebhookDelivery.objects.count() == 1

    @pytest.mark.parametrize(
        "headers",
        [
            {},
            {"X-Hub-Signature-256": ""},
            {"X-Hub-Signature-256": "sha256="},
            {"X-Hub-Signature-256": signed(BODY, "another secret")},
            {"X-Hub-Signature-256": signed(BODY + b" ")},
            {"X-Hub-Signature-256": signed(BODY).upper()},
            {"X-Hub-Signature-256": signed(BODY).removeprefix("sha256=")},
            {"X-Hub-Signature-256": "sha256=é"},
            {"X-Hub-Signature": "sha1=0000000000000000000000000000000000000000"},
        ],
    )
    def test_a_body_that_is_not_signed_by_meta_is_refused_without_a_row(
        self, headers: dict[str, str]
    ) -> None:
        assert self.post(BODY, headers).status == 403
        assert WebhookDelivery.objects.count() == 0

    def test_without_any_app_secret_everything_is_refused(self, settings: Any) -> None:
        settings.FACEBOOK_APP_SECRET = ""
        assert self.post(BODY, {"X-Hub-Signature-256": signed(BODY, "")}).status == 403
        assert WebhookDelivery.objects.count() == 0

    def test_the_instagram_apps_secret_is_accepted_too(self, settings: Any) -> None:
        settings.INSTAGRAM_APP_SECRET = "instagram-secret"
        answer = self.post(BODY, {"X-Hub-Signature-256": signed(BODY, "instagram-secret")})
        assert answer.status == 200
        assert WebhookDelivery.objects.get().signed_by == "instagram"

    def test_sha1_counts_only_where_it_is_allowed_and_alone(self, settings: Any) -> None:
        sha1 = "sha1=" + hmac.new(b"sandbox-app-secret", BODY, hashlib.sha1).hexdigest()
        assert self.post(BODY, {"X-Hub-Signature": sha1}).status == 403
        settings.WEBHOOK_ALLOW_SHA1 = True
        assert self.post(BODY, {"X-Hub-Signature": sha1, "X-Hub-Signature-256": "sha256=0"}).status == 403
        assert self.post(BODY, {"X-Hub-Signature": sha1}).status == 200
        assert WebhookDelivery.objects.count() == 1

    def test_a_body_over_the_limit_is_refused_with_413(self, settings: Any) -> None:
        settings.WEBHOOK_BODY_LIMIT = 1000
        assert self.post_signed(b"x" * 1001).status == 413
        assert self.post_signed(b"x" * 1000).status == 200
        assert WebhookDelivery.objects.count() == 1

    def test_above_the_quota_of_an_asset_the_answer_is_429_and_says_when_to_come_back(
        self, settings: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(intake, "quota", Quota())
        settings.WEBHOOK_QUOTA_PER_ASSET = 2
        others = BODY.replace(b"100200300400501", b"100200300400502")
        assert [self.post_signed(BODY).status for _ in range(4)] == [200, 200, 429, 429]
        answer = self.post_signed(BODY)
        assert 1 <= int(answer.headers["retry-after"]) <= WINDOW_SECONDS + 1
        assert "again" in answer.text
        assert self.post_signed(others).status == 200
        assert WebhookDelivery.objects.count() == 3

    def test_above_the_quota_of_all_assets_the_answer_is_429(
        self, settings: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(intake, "quota", Quota())
        settings.WEBHOOK_QUOTA_OVERALL = 1
        others = BODY.replace(b"100200300400501", b"100200300400502")
        assert [self.post_signed(body).status for body in (BODY, others)] == [200, 429]

    def test_unsigned_bodies_use_up_no_quota(self, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(intake, "quota", Quota())
        settings.WEBHOOK_QUOTA_PER_ASSET = 1
        assert self.post(BODY, {}).status == 403
        assert self.post_signed(BODY).status == 200

    @pytest.mark.parametrize("body", ODD_BODIES.values(), ids=ODD_BODIES.keys())
    def test_anything_signed_is_kept_and_answered_200(self, body: bytes) -> None:
        assert self.post_signed(body).status == 200
        assert bytes(WebhookDelivery.objects.get().body) == body

    def test_the_handshake_echoes_the_challenge_as_plain_text(self) -> None:
        query = {
            "hub.mode": "subscribe",
            "hub.challenge": "<90210>",
            "hub.verify_token": "sandbox-verify-token",
        }
        assert self.get(query) == Answer(200, "<90210>")

    @pytest.mark.parametrize(
        "change",
        [
            {"hub.verify_token": "wrong"},
            {"hub.verify_token": ""},
            {"hub.mode": "unsubscribe"},
            {"hub.mode": ""},
        ],
    )
    def test_a_handshake_with_another_token_or_mode_is_refused(self, change: dict[str, str]) -> None:
        query = {"hub.mode": "subscribe", "hub.challenge": "1", "hub.verify_token": "sandbox-verify-token"}
        answer = self.get(query | change)
        assert answer.status == 403
        assert answer.text != "1"

    @pytest.mark.parametrize("nothing", ["", ",", " , "])
    def test_without_a_verify_token_of_ours_no_handshake_fits(self, nothing: str, settings: Any) -> None:
        settings.FACEBOOK_VERIFY_TOKEN = nothing
        for given in ("", ",", " "):
            query = {"hub.mode": "subscribe", "hub.challenge": "1", "hub.verify_token": given}
            assert self.get(query).status == 403

    def test_the_new_and_the_old_verify_token_are_accepted_together(self, settings: Any) -> None:
        settings.FACEBOOK_VERIFY_TOKEN = "new-one, old-one"
        query = {"hub.mode": "subscribe", "hub.challenge": "1"}
        given = ("new-one", "old-one", "new-one, old-one", "another")
        answers = [self.get(query | {"hub.verify_token": token}).status for token in given]
        assert answers == [200, 200, 403, 403]
