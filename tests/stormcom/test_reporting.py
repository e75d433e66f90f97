from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import sentry_sdk
import structlog
from sentry_sdk.envelope import Envelope

from integrations.graph.client import GraphClient
from integrations.graph.errors import GraphError
from stormcom.reporting import start_reporting
from tests.sandbox_process import Sandbox

DSN = "http://key@127.0.0.1:9/1"


@pytest.fixture
def reporting() -> Iterator[None]:
    start_reporting(DSN)
    yield
    sentry_sdk.get_client().close()
    sentry_sdk.get_global_scope().set_client(None)


@pytest.mark.usefixtures("reporting")
def test_a_report_carries_nothing_of_a_person() -> None:
    options = sentry_sdk.get_client().options
    assert options["dsn"] == DSN
    assert not options["send_default_pii"]
    assert options["include_local_variables"] is False
    assert options["max_request_body_size"] == "never"


@pytest.mark.django_db
@pytest.mark.usefixtures("reporting")
def test_a_report_carries_no_secret(sandbox: Sandbox) -> None:
    sent: list[Envelope] = []
    transport = sentry_sdk.get_client().transport
    assert transport is not None
    transport.capture_envelope = sent.append  # type: ignore[method-assign, assignment]
    with pytest.raises(GraphError):
        GraphClient("EAASECRETsecretSECRET").get("me", fields="id")
    structlog.get_logger("app").warning("refused", params={"client_secret": "SECRETsecret"})
    sentry_sdk.capture_exception(ValueError("/invitations/SECRETsecret/ and code=SECRETsecret"))

    report: Any
    (report,) = [item.payload.json for envelope in sent for item in envelope.items]
    written = json.dumps(report, default=str)
    assert report["exception"]["values"][0]["value"] == "/invitations/•••/ and code=•••"
    assert "fields=id&access_token=•••" in json.dumps(report["breadcrumbs"], ensure_ascii=False, default=str)
    assert "SECRET" not in written


def test_nothing_is_reported_without_an_address() -> None:
    assert not sentry_sdk.get_client().is_active()
