"""Encrypt again what is sealed with an older key, after a new first one was put into FERNET_KEYS."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from integrations.rotation import rotate_keys


class Command(BaseCommand):
    help = (
        "Encrypt all tokens and second factors with the first of FERNET_KEYS. Safe beside a running "
        "StormCom, and safe twice; a run that was stopped goes on where it was."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.FERNET_KEYS:
            raise CommandError("FERNET_KEYS is not set.")
        unreadable: list[str] = []
        for tally in rotate_keys(settings.FERNET_KEYS):
            self.stdout.write(
                f"{tally.place}: {tally.resealed} encrypted again, {tally.current} were already, "
                f"{len(tally.unreadable)} cannot be opened."
            )
            unreadable += tally.unreadable
        for where in unreadable:
            self.stderr.write(f"No key opens {where}. It was left as it is.")
        if unreadable:
            raise CommandError(
                "Put the key that is missing back into FERNET_KEYS and run this again; else those people "
                "have to connect, or set up their second factor, once more."
            )
