"""Telling Sentry about faults of ours, when SENTRY_DSN is set."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sentry_sdk

from integrations.webhooks.masking import masked_value

if TYPE_CHECKING:
    from sentry_sdk.types import Event, Hint


def start_reporting(dsn: str) -> None:
    """Report errors with their stack, and nothing of a person: no bodies, no variables, no user."""
    sentry_sdk.init(
        dsn=dsn,
        include_local_variables=False,
        max_request_body_size="never",
        before_send=_without_secrets,
    )


def _without_secrets(event: Event, hint: Hint) -> Event:
    """Mask what came along: a report tells the last calls to Meta, with the token in their addresses."""
    masked: Event = masked_value(event)
    return masked
