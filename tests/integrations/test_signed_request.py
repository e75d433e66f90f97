from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.oauth.signed_request import BadSignedRequest, SignedRequest, read_signed_request
from integrations.webhooks.signature import AppSecrets
from tests.integrations.signing import APP_SECRET, encode, facts, sign, signed

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
BOTH = AppSecrets(facebook=APP_SECRET, instagram="insta-secret")


def read(text: str, *, secrets: AppSecrets = BOTH) -> SignedRequest:
    return read_signed_request(text, secrets=secrets, now=NOW)


def at(moment: datetime) -> int:
    return int(moment.timestamp())


def made(**over: Any) -> str:
    return signed(**({"issued_at": at(NOW), "expires": at(NOW) + 3600} | over))


def refusal(text: str, *, secrets: AppSecrets = BOTH) -> str:
    with pytest.raises(BadSignedRequest) as refused:
        read(text, secrets=secrets)
    return str(refused.value)


def test_a_request_of_meta_names_the_person_the_time_and_the_secret() -> None:
    assert read(made()) == SignedRequest(user_id="70001", issued_at=NOW, signed_by="facebook")


def test_the_instagram_secret_fits_too() -> None:
    assert read(made(secret="insta-secret")).signed_by == "instagram"


def test_the_example_of_the_documentation_is_read_byte_for_byte() -> None:
    """Signed by hand with `openssl dgst -sha256 -hmac secret`, not by code of ours."""
    signature = "0m-atw1uw66HxJ7Ez37e5Fozu6R-4faGjd_Pof-WKck"
    payload = "eyJhbGdvcml0aG0iOiJITUFDLVNIQTI1NiIsInVzZXJfaWQiOiI3MDAwMSJ9"
    assert read(f"{signature}.{payload}", secrets=AppSecrets(facebook="secret")).user_id == "70001"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "The form has no signed_request."),
        ("x" * 5000, "The signed_request is longer than any of Meta's."),
        ("abcd", "The signed_request must have two parts with a dot between them."),
        ("a.b.c", "The signed_request must have two parts with a dot between them."),
        ("a+/=.abcd", "The signed_request is not base64url without padding."),
        (".abcd", "The signed_request is not base64url without padding."),
        ("abcde.abcd", "The signed_request is not base64url without padding."),
        ("ab\x00d.abcd", "The signed_request is not base64url without padding."),
        (
            "YWJjZA.YWJjZA",
            "The signature does not fit: this signed_request was not made for this app.",
        ),
    ],
)
def test_what_is_no_signed_request_is_refused_in_words(text: str, words: str) -> None:
    assert refusal(text) == words


@pytest.mark.parametrize(
    ("payload", "words"),
    [
        (b"not json", "The signed_request holds no JSON."),
        (b"\xff\xfe\xfd", "The signed_request holds no JSON."),
        (b"[" * 2900, "The signed_request holds no JSON."),
        (b'["70001"]', "The signed_request holds JSON, but not an object."),
        (b"null", "The signed_request holds JSON, but not an object."),
    ],
)
def test_a_well_signed_payload_that_is_no_object_is_refused(payload: bytes, words: str) -> None:
    assert refusal(sign(payload)) == words


@pytest.mark.parametrize("algorithm", [None, "", "none", "HMAC-SHA1", "RS256", 256, ["HMAC-SHA256"]])
def test_another_algorithm_is_refused_however_well_it_is_signed(algorithm: Any) -> None:
    assert refusal(made(algorithm=algorithm)) == "The signed_request must use the algorithm HMAC-SHA256."


@pytest.mark.parametrize(
    "user_id", [None, "", 70001, True, ["70001"], {"id": "70001"}, "7\x000", "7" * 65, "a b"]
)
def test_a_request_about_nobody_is_refused(user_id: Any) -> None:
    text = sign(json.dumps(facts() | {"user_id": user_id, "expires": 0, "issued_at": at(NOW)}).encode())

    assert refusal(text) == "The signed_request names no user_id, so it is about nobody."


@pytest.mark.parametrize("expires", [at(NOW), at(NOW) - 1, 1])
def test_an_expired_request_is_refused(expires: int) -> None:
    assert refusal(made(expires=expires)) == "The signed_request has expired. Send a new one."


@pytest.mark.parametrize("expires", [None, 0, at(NOW) + 1])
def test_one_that_never_expires_or_not_yet_is_taken(expires: int | None) -> None:
    assert read(made(expires=expires)).user_id == "70001"


@pytest.mark.parametrize("value", ["1763700000", True, -1, 1e400, [], 10**30])
@pytest.mark.parametrize("name", ["expires", "issued_at"])
def test_a_time_that_is_none_is_refused(name: str, value: Any) -> None:
    assert refusal(made(**{name: value})) == f"The {name} of the signed_request is no time."


@pytest.mark.parametrize("issued_at", [None, at(NOW + timedelta(days=400))])
def test_without_a_time_or_from_the_future_it_counts_as_of_now(issued_at: int | None) -> None:
    assert read(made(issued_at=issued_at)).issued_at == NOW


def test_without_any_secret_of_ours_nothing_fits() -> None:
    empty = AppSecrets(facebook="", instagram="")
    assert refusal(made(secret=""), secrets=empty).startswith("The signature does not fit")


def test_a_payload_swapped_under_a_good_signature_is_refused() -> None:
    signature = made().partition(".")[0]
    assert refusal(f"{signature}.{encode(b'{}')}").startswith("The signature does not fit")


@given(st.text(max_size=400) | st.binary(max_size=300).map(sign))
def test_whatever_else_is_sent_is_refused_in_a_sentence(text: str) -> None:
    assert refusal(text).endswith(".")
