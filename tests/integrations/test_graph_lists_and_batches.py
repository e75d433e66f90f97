from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs

import pytest
import responses

from integrations.graph import errors
from integrations.graph.client import GraphClient, Operation
from integrations.models import ConnectedPage, GraphCall
from tests.sandbox_process import Sandbox

BASE = "http://graph.test"
NEXT = "https://elsewhere.example/v26.0/me/accounts?access_token=EAAB-secret"


@pytest.fixture
def graph(settings: Any, db: None) -> Iterator[Any]:
    """Answers that the sandbox cannot be made to give."""
    settings.GRAPH_API_URL = BASE
    with responses.RequestsMock() as mock:
        yield mock


def answer_pages(graph: Any, *pages: dict[str, Any]) -> None:
    for page in pages:
        graph.get(f"{BASE}/v26.0/me/accounts", json=page)


def walked() -> list[str]:
    return [row["id"] for row in GraphClient("t").walk("me/accounts")]


def test_walking_goes_on_over_an_empty_page_and_ends_without_next(graph: Any) -> None:
    answer_pages(
        graph,
        {"data": [{"id": "1"}], "paging": {"cursors": {"after": "a"}, "next": NEXT}},
        {"data": [], "paging": {"cursors": {"after": "b"}, "next": NEXT}},
        {"data": [{"id": "2"}], "paging": {"cursors": {"after": "c"}}},
    )
    assert walked() == ["1", "2"]
    assert [call.request.params.get("after") for call in graph.calls] == [None, "a", "b"]
    assert {call.request.url.split("/v26.0")[0] for call in graph.calls} == {BASE}


def test_a_list_without_cursors_goes_on_where_next_says_and_never_to_its_host(graph: Any) -> None:
    answer_pages(
        graph,
        {"data": [{"id": "1"}], "paging": {"next": f"{NEXT}&until=17&__paging_token=x&limit=1"}},
        {"data": [{"id": "2"}]},
    )
    assert walked() == ["1", "2"]
    second = graph.calls[1].request
    assert second.url.startswith(f"{BASE}/v26.0/me/accounts?")
    assert (second.params["until"], second.params["__paging_token"]) == ("17", "x")
    assert second.params["access_token"] == "t"


@pytest.mark.parametrize(
    "paging",
    [
        {"cursors": {"after": "a"}, "next": NEXT},
        {"next": f"{NEXT}&after=a"},
    ],
)
def test_a_list_that_goes_round_in_circles_is_left(paging: dict[str, Any], graph: Any) -> None:
    answer_pages(graph, *[{"data": [{"id": "1"}], "paging": paging}] * 2)
    with pytest.raises(errors.UnknownAnswer, match="circles") as caught:
        walked()
    assert "EAAB" not in str(caught.value)


@pytest.mark.parametrize("page", [{"data": "no"}, {"data": [], "paging": {"next": NEXT}}])
def test_a_page_that_makes_no_sense_is_an_unknown_answer(page: dict[str, Any], graph: Any) -> None:
    answer_pages(graph, page)
    with pytest.raises(errors.UnknownAnswer):
        walked()


def test_a_batch_keeps_the_order_and_gives_errors_as_values(connected_page: ConnectedPage) -> None:
    page_id = connected_page.page_id
    operations = [
        Operation(path=page_id, params={"fields": "id"}),
        Operation(path="999", params={"fields": "id"}),
        Operation(path=f"{page_id}/subscribed_apps"),
    ]
    first, second, third = GraphClient(connected_page.token).batch(operations)
    assert first == {"id": page_id}
    assert isinstance(second, errors.Gone)
    assert isinstance(third, dict)
    assert third["data"][0]["id"] == "1000000000000001"


def test_sixty_operations_are_two_calls_in_order(graph: Any) -> None:
    def answer(request: Any) -> tuple[int, dict[str, str], str]:
        asked = json.loads(parse_qs(request.body)["batch"][0])
        parts = [{"code": 200, "body": json.dumps({"id": each["relative_url"]})} for each in asked]
        return 200, {}, json.dumps(parts)

    graph.add_callback(responses.POST, f"{BASE}/v26.0/", answer)
    found = GraphClient("t").batch([Operation(path=str(number)) for number in range(60)])
    assert found == [{"id": str(number)} for number in range(60)]
    assert len(graph.calls) == 2
    assert all("appsecret_proof" in call.request.body for call in graph.calls)


def test_an_operation_that_meta_did_not_finish_is_asked_once_more(
    connected_page: ConnectedPage, sandbox: Sandbox
) -> None:
    page_id = connected_page.page_id
    operations = [Operation(path=page_id, params={"fields": "id"}) for _ in range(2)]
    sandbox.fault("unfinished_batch", times=1)
    client = GraphClient(connected_page.token)
    assert client.batch(operations) == [{"id": page_id}, {"id": page_id}]
    sandbox.fault("unfinished_batch")
    assert [type(each) for each in client.batch(operations)] == [errors.NoAnswer] * 2


def test_a_batch_that_fails_as_a_whole_is_the_error_of_each(
    connected_page: ConnectedPage, sandbox: Sandbox
) -> None:
    sandbox.fault("odd_answer", form="html", edge="")
    found = GraphClient(connected_page.token).batch([Operation(path="1"), Operation(path="2")])
    assert [type(each) for each in found] == [errors.NoAnswer] * 2


def test_each_operation_leaves_a_row_beside_the_batch(connected_page: ConnectedPage) -> None:
    GraphCall.objects.all().delete()
    GraphClient(connected_page.token).batch(
        [Operation(path=connected_page.page_id), Operation(path="999", method="DELETE")]
    )
    rows = GraphCall.objects.order_by("pk").values_list("method", "path", "kind", "http_status")
    assert list(rows) == [
        ("POST", "/", "", 200),
        ("GET", "/{id}", "", 200),
        ("DELETE", "/{id}", "Gone", 400),
    ]


def test_a_full_bucket_is_the_answer_of_its_operations_alone(
    sandbox: Sandbox, connected_page: ConnectedPage
) -> None:
    client = GraphClient(connected_page.token)
    sandbox.fault("usage", bucket="messenger", percent=99)
    client.get(f"{connected_page.page_id}/conversations")
    held, free = client.batch(
        [Operation(path=f"{connected_page.page_id}/conversations"), Operation(path=connected_page.page_id)]
    )
    assert isinstance(held, errors.RateLimited)
    assert isinstance(free, dict)
