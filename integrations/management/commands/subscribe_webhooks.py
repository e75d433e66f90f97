"""Tell Meta where to send what happens: once per app, and after a change of address or verify token."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from integrations.graph.errors import GraphError
from integrations.subscriptions import subscribe_webhooks


class Command(BaseCommand):
    help = (
        "Have Meta send its webhooks to APP_BASE_URL; Meta verifies the address, so the web server must run."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            for object_ in subscribe_webhooks():
                self.stdout.write(f"Meta sends {object_} events here now.")
        except GraphError as error:
            raise CommandError(f"Meta refused: {error}") from None
