"""Telling Sentry about faults of ours, when SENTRY_DSN is set."""

from __future__ import annotations

import sentry_sdk


def start_reporting(dsn: str) -> None:
    """Report errors with their stack, and nothing of a person: no bodies, no variables, no user."""
    sentry_sdk.init(
        dsn=dsn,
        include_local_variables=False,
        max_request_body_size="never",
    )
