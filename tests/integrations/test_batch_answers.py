"""Meta's answers about batches of items, also as no document describes them."""

from __future__ import annotations

from typing import Any, cast

import pytest

from integrations.graph.catalogs import check_batch, send_batch
from integrations.graph.client import GraphClient


class Answering:
    """A client that always gets the same answer."""

    def __init__(self, answer: dict[str, Any]) -> None:
        self.answer = answer

    def get(self, path: str, **params: Any) -> dict[str, Any]:
        return self.answer

    post = get


def client(answer: dict[str, Any]) -> GraphClient:
    return cast(GraphClient, Answering(answer))


def status(**over: Any) -> dict[str, Any]:
    return {"data": [{"handle": "h", "status": "finished"} | over]}


ONE = [{"line": 1, "id": "a", "message": "No price."}]


@pytest.mark.parametrize(
    ("answer", "refused", "is_complete"),
    [
        (status(), {}, True),
        (status(errors=ONE, errors_total_count=1), {"a": "No price."}, True),
        (status(errors=ONE, errors_total_count=1, ids_of_invalid_requests=["a"]), {"a": "No price."}, True),
        (status(errors=[*ONE, *ONE], errors_total_count=2), {"a": "No price. No price."}, True),
        (status(errors_total_count=2, ids_of_invalid_requests=["a", "b"]), {"a": "", "b": ""}, True),
        # The list of errors is cut, the list of ids is not.
        (
            status(errors=ONE, errors_total_count=3, ids_of_invalid_requests=["a", "b"]),
            {"a": "No price.", "b": ""},
            True,
        ),
        # More errors than names: those without one may be of any row.
        (
            status(errors=ONE, errors_total_count=3, ids_of_invalid_requests=["a"]),
            {"a": "No price."},
            False,
        ),
        (status(errors=ONE, errors_total_count="3"), {"a": "No price."}, False),
        (status(errors_total_count=1), {}, False),
        (status(errors=["Something went wrong."]), {}, False),
        (status(errors=[None, {"message": "No name."}]), {}, False),
        (status(errors={"a": 1}, ids_of_invalid_requests=5, errors_total_count=None), {}, True),
        (status(ids_of_invalid_requests=[None, "a"]), {"a": ""}, True),
    ],
)
def test_what_is_said_of_a_finished_batch(
    answer: dict[str, Any], refused: dict[str, str], is_complete: bool
) -> None:
    result = check_batch(client(answer), "1", handle="h")
    assert (result.is_known, result.is_finished) == (True, True)
    assert (result.refused, result.is_complete) == (refused, is_complete)


@pytest.mark.parametrize(
    "answer",
    [{}, {"data": []}, {"data": [None]}, {"data": "h"}, {"data": {"0": {}}}, {"data": [[]]}, {"data": 5}],
)
def test_an_answer_that_says_nothing_of_the_batch_is_no_end_of_it(answer: dict[str, Any]) -> None:
    result = check_batch(client(answer), "1", handle="h")
    assert (result.is_known, result.is_finished) == (False, False)


@pytest.mark.parametrize(
    ("handles", "handle"),
    [
        (["h", "i"], "h"),
        ("whole", "whole"),
        ([7], "7"),
        ([], ""),
        (None, ""),
        ([None], ""),
        ([{}], ""),
        ({}, ""),
    ],
)
def test_a_handle_is_one_that_can_be_asked_about(handles: Any, handle: str) -> None:
    assert send_batch(client({"handles": handles}), "1", requests=[]).handle == handle


@pytest.mark.parametrize(
    ("rows", "refused"),
    [
        (
            [{"retailer_id": "a", "errors": [{"message": "No."}, {"message": None}, "Never."]}],
            {"a": "No. Never."},
        ),
        ([{"retailer_id": "a", "errors": "No."}], {"a": "No."}),
        ([{"retailer_id": "a", "errors": [], "warnings": [{"message": "Hm."}]}], {}),
        ([None, "a", []], {}),
        ({"a": "No."}, {}),
    ],
)
def test_a_row_refused_at_the_door_is_told_from_noise(rows: Any, refused: dict[str, str]) -> None:
    answer = {"handles": ["h"], "validation_status": rows}
    assert send_batch(client(answer), "1", requests=[]).refused == refused
