from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from tenancy.models import Store, User


@pytest.mark.parametrize(
    "address",
    [
        "/s/hazel-home/integrations/pictures/a%00b/",
        "/auth/facebook/connect?store=a%00b",
        "/s/hazel-home/health/events/?kind=%00",
        "/nowhere%00",
    ],
)
def test_an_address_with_a_nul_in_it_is_answered_400_in_words(
    client_of: Callable[[User], Client], store: Store, owner: User, address: str
) -> None:
    answer = client_of(owner).get(address)
    assert answer.status_code == 400
    assert "This address is not complete" in answer.content.decode()
    assert "default-src 'none'" in answer["Content-Security-Policy"]


def test_the_api_answers_it_with_a_problem(client: Client) -> None:
    answer = client.get("/api/integrations/facebook/status?store=a%00b", headers={"Accept": "text/html"})
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
