"""What Meta tells about a Page itself, rather than about the people who write to it."""

from __future__ import annotations

from integrations.models import ConnectedPage
from integrations.tasks import resync_page
from integrations.webhooks.events import FieldEvent


def receive_page_change(event: FieldEvent, page: ConnectedPage) -> None:
    """Have a Page read again of which Meta says that something changed.

    What the event says is not taken: its shape differs from field to field, and it may come late.
    """
    resync_page.delay_on_commit(page.store_id, page.pk)
