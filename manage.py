#!/usr/bin/env python
"""Run a management command, with the private servers when none are configured."""

from __future__ import annotations

import os
import sys
import time
from contextlib import AbstractContextManager, nullcontext

_WITHOUT_SERVERS = frozenset(
    {
        "check",
        "collectstatic",
        "compilemessages",
        "demo",  # Starts them itself.
        "diffsettings",
        "findstatic",
        "help",
        "makemessages",
        "startapp",
        "version",
    }
)


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stormcom.settings")
    if "demo" in sys.argv[1:2]:
        os.environ.setdefault("STARTED_AT", str(time.time()))
    from django.core.management import execute_from_command_line

    from stormcom.embedded import EmbeddedError

    try:
        with _servers(sys.argv[1:]):
            execute_from_command_line(sys.argv)
    except EmbeddedError as error:
        sys.exit(str(error))


def _servers(arguments: list[str]) -> AbstractContextManager[object]:
    """Start what the command needs and the environment does not name."""
    from django.conf import settings

    from stormcom import embedded

    command = next((argument for argument in arguments if not argument.startswith("-")), "help")
    if command in _WITHOUT_SERVERS or {"--help", "-h", "--version"} & set(arguments):
        return nullcontext()
    return embedded.running(
        settings.STATE_DIR, postgres=settings.EMBEDDED_DATABASE, broker=settings.EMBEDDED_BROKER
    )


if __name__ == "__main__":
    main()
