"""Say by the exit code whether the web process of this container can work; its health check.

Standard library only: a probe runs every few seconds and must cost next to nothing.
"""

from __future__ import annotations

import os
import sys
import urllib.request
from urllib.parse import urlsplit


def is_ready() -> bool:
    """Ask the page that asks the database, under a host name that ALLOWED_HOSTS has."""
    host = urlsplit(os.environ.get("APP_BASE_URL", "http://127.0.0.1")).hostname or "127.0.0.1"
    request = urllib.request.Request("http://127.0.0.1:8000/readyz", headers={"Host": host})
    with urllib.request.urlopen(request, timeout=4) as answer:  # noqa: S310  (our own address)
        return bool(answer.status == 200)


if __name__ == "__main__":
    try:
        sys.exit(not is_ready())
    except OSError as error:
        sys.exit(str(error))
