"""Events of Pages that are no longer connected: after some of them, Meta is asked once more to stop.

It happens when the call that should have ended the subscription was lost or refused, or when somebody made a
subscription by other means. An Instagram account that hangs on a Page and is still connected is spared: what
Meta sends for it comes by the Page's subscription.
"""

from __future__ import annotations

from integrations.graph import accounts
from integrations.logins import LoginClient
from integrations.models import ConnectedPage
from integrations.subscriptions import is_needed
from tenancy.audit import record_audit

STRAYS_UNTIL_LEAVING = 10
"""Some come for a while after each disconnecting; so many mean that Meta was not told, or did not listen."""


def leave_stray_page(page: ConnectedPage) -> None:
    """Have Meta stop sending a Page's events, unless somebody needs them. Calls Meta; safe twice."""
    if page.token and not is_needed(page.page_id):
        accounts.unsubscribe_page(LoginClient(page), page.page_id)
        record_audit("page.unsubscribed", actor=None, target=page, name=page.name, events=page.stray_events)
