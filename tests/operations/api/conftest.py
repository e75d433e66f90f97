"""Asking the JSON API, and holding each answer against the OpenAPI document."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import jsonschema
import pytest
from django.test import Client

from operations.api.description import describe
from tenancy.api_tokens import create_token
from tenancy.models import Membership, Store, User
from tenancy.scope import open_store

BASE = "/api/integrations/facebook"


class Api:
    """Asks as one program or person would; every answer has to be what the document says."""

    def __init__(self, client: Client, **headers: str) -> None:
        self.client, self.headers = client, headers

    def get(self, path: str, **params: str | int) -> Any:
        return self._checked("get", path, self.client.get(f"{BASE}{path}", params, headers=self.headers))

    def post(self, path: str, body: object = None) -> Any:
        data = "" if body is None else json.dumps(body)
        response = self.client.post(
            f"{BASE}{path}", data=data, content_type="application/json", headers=self.headers
        )
        return self._checked("post", path, response)

    def _checked(self, method: str, path: str, response: Any) -> Any:
        check_answer(method, path, response)
        return response


def check_answer(method: str, path: str, response: Any) -> None:
    """Raise unless the document names this status of this operation, and its body fits."""
    document = describe()
    template = re.sub(r"/runs/\d+$", "/runs/{run_id}", f"{BASE}{path.partition('?')[0]}")
    answer = document["paths"][template][method]["responses"][str(response.status_code)]
    ((kind, content),) = answer["content"].items()
    assert response.headers["Content-Type"].partition(";")[0] == kind
    schema = {**content["schema"], "components": document["components"]}
    jsonschema.Draft202012Validator(schema).validate(response.json())


@pytest.fixture
def key_of(store: Store) -> Callable[..., str]:
    """Make a key of somebody's for the store; by default with every scope."""

    def make(user: User, *scopes: str, name: str = "Warehouse") -> str:
        membership = Membership.objects.select_related("user").get(user=user)
        with open_store(membership.store_id):
            wanted = scopes or ("read", "sync", "connect")
            return create_token(name=name, scopes=wanted, expires_at=None, by=membership)[1]

    return make


@pytest.fixture
def api(key_of: Callable[..., str], manager: User, clean_cache: None) -> Api:
    """The API with a manager's key that allows everything."""
    return Api(Client(), Authorization=f"Bearer {key_of(manager)}")


@pytest.fixture
def api_of(client_of: Callable[[User], Client], clean_cache: None) -> Callable[[User], Api]:
    """The API with a person's session, for Hazel Home."""

    def make(user: User, store: str = "hazel-home") -> Api:
        return Api(client_of(user), **{"X-Store": store})

    return make
