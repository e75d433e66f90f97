"""Asks to be forgotten as Meta does for a person, and does what the task does."""

from __future__ import annotations

from typing import Any

from django.test import Client

from operations.models import DeletionRequest
from operations.tasks import erase
from tests.integrations.signing import signed

ADDRESS = "/api/integrations/facebook/data-deletion"
ADA = "70001"


def ask(**over: Any) -> Any:
    return Client(enforce_csrf_checks=True).post(ADDRESS, {"signed_request": signed(**over)})


def page_of(code: str) -> str:
    answer = Client().get(f"/data-deletion/{code}")
    assert answer.status_code == 200
    return answer.content.decode()


def forget(**over: Any) -> DeletionRequest:
    code = ask(**over).json()["confirmation_code"]
    erase(DeletionRequest.objects.get(code=code).pk)
    return DeletionRequest.objects.get(code=code)
