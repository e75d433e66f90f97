from __future__ import annotations

from collections.abc import Iterator

import pytest
import sentry_sdk

from stormcom.reporting import start_reporting

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


def test_nothing_is_reported_without_an_address() -> None:
    assert not sentry_sdk.get_client().is_active()
