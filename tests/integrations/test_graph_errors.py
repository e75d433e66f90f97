"""Each documented answer of Meta means one error with one remedy; graph_answers.json has a sample of each."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from integrations.graph import codes, errors
from integrations.graph.answers import read_object
from operations.faults import judge

SAMPLES: list[dict[str, Any]] = json.loads(Path(__file__).with_name("graph_answers.json").read_text())
sampled = pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample["name"])


def read(sample: dict[str, Any]) -> errors.GraphError:
    with pytest.raises(errors.GraphError) as caught:
        read_object("GET", sample["status"], sample["headers"], json.dumps(sample["body"]))
    return caught.value


@sampled
def test_each_sample_has_its_remedy(sample: dict[str, Any]) -> None:
    error = read(sample)
    assert type(error).__name__ == sample["kind"]
    assert isinstance(error, errors.SlowDown) == (error.seconds > 0)


@sampled
def test_the_words_of_each_sample_say_whose_fault_it_is(sample: dict[str, Any]) -> None:
    fault = judge(str(read(sample)))
    assert str(fault.whose).endswith(".")
    assert str(fault.remedy).endswith(".")


def test_every_line_of_the_table_has_a_sample() -> None:
    found = {(error.code, error.subcode) for error in map(read, SAMPLES)}
    numbers = {code for pair in found for code in pair}
    assert set(codes.BY_SUBCODE) <= found
    assert {*codes.BY_CODE, *codes.BY_EITHER} <= numbers
    assert {(190, subcode) for subcode in codes.AUTH_SUBCODES} <= found
    assert {4, 17, 32, 341, 613, 80001, 80002, 80005, 80006, 80009, 80014} <= numbers


def test_a_token_that_meta_repeats_is_not_in_the_words() -> None:
    body = {"error": {"code": 190, "message": "Malformed access token EAABsbCS1iHgBAKZA0"}}
    with pytest.raises(errors.Reconnect) as caught:
        read_object("GET", 400, {}, json.dumps(body))
    assert str(caught.value) == "Malformed access token ••• (190)"


@pytest.mark.parametrize(
    "body",
    [
        rb'{"name": "Ha\u0000zel \ud83d", "\u0000id": [{"about": "\ud83d\ude00"}]}',
        b'{"name": "Ha\\u0000zel \xed\xa0\xbd", "\\u0000id": [{"about": "\xf0\x9f\x98\x80"}]}',
    ],
)
def test_what_postgresql_cannot_hold_is_taken_out_of_an_answer(body: bytes) -> None:
    found = read_object("GET", 200, {}, body)
    assert found == {"name": "Hazel \ufffd", "id": [{"about": "\U0001f600"}]}


def test_a_limit_lasts_as_long_as_meta_says_or_five_minutes() -> None:
    seconds = {sample["name"]: read(sample).seconds for sample in SAMPLES}
    assert (seconds["bucket 80014"], seconds["custom limit"]) == (7 * 60, 300)


def test_a_refusal_names_the_fields_that_meta_blames() -> None:
    fields = {sample["name"]: read(sample).blamed_fields for sample in SAMPLES}
    assert fields["invalid parameter"] == ["price", "data.title"]
    assert fields["duplicate retailer id"] == ["retailer_id"]
    assert fields["policy"] == []


def test_the_trace_comes_from_the_body_and_else_from_the_header() -> None:
    headers = {"x-fb-trace-id": "FromTheHeader"}
    for body, trace in ((SAMPLES[0]["body"], "AbCdEf12345"), ({"error": {"code": 1}}, "FromTheHeader")):
        with pytest.raises(errors.RetryLater) as caught:
            read_object("GET", 500, headers, json.dumps(body))
        assert caught.value.trace == trace


@pytest.mark.parametrize(
    ("method", "status", "body", "kind"),
    [
        ("GET", 200, "Service Unavailable", errors.RetryLater),
        ("GET", 200, "<!doctype html>", errors.RetryLater),
        ("GET", 200, '{"data": [{"id": "1"', errors.RetryLater),
        ("GET", 200, "", errors.RetryLater),
        ("GET", 200, "[1]", errors.RetryLater),
        ("GET", 200, "[" * 100_000, errors.RetryLater),
        ("GET", 503, "<html>", errors.RetryLater),
        ("GET", 500, "{}", errors.RetryLater),
        # Done perhaps: a message must not be sent a second time.
        ("POST", 200, '{"message_id": "m_', errors.NoAnswer),
        ("POST", 504, "<html>", errors.NoAnswer),
        ("GET", 429, "Too many", errors.SlowDown),
        ("GET", 400, "<html>", errors.UnknownAnswer),
        ("GET", 404, "{}", errors.UnknownAnswer),
        ("GET", 302, "", errors.UnknownAnswer),
    ],
)
def test_an_answer_that_is_no_graph_answer_is_classified(
    method: str, status: int, body: str, kind: type[errors.GraphError]
) -> None:
    with pytest.raises(errors.GraphError) as caught:
        read_object(method, status, {}, body)
    assert type(caught.value) is kind


def test_a_number_that_no_column_holds_is_no_code() -> None:
    assert codes.classify({"code": 2**40, "error_subcode": -1, "message": "ab"}).args == ("ab",)
    assert type(codes.classify({"code": 2**40})) is errors.UnknownAnswer
