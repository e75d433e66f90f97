"""Lay out the tests' environment before Django reads its settings, and lend them the private servers.

Loaded by `-p tests.environment` (pyproject.toml), which is earlier than any conftest. With pytest-xdist the
controller starts PostgreSQL, where each worker has a database of its own. What a broker keeps (queues, limits
by row number, words to open pages) has no such walls: each worker starts its own.
"""

from __future__ import annotations

import os
from contextlib import ExitStack
from pathlib import Path

import pytest

from stormcom import embedded

_ROOT = Path(__file__).resolve().parent.parent
_SERVERS = pytest.StashKey[ExitStack]()

os.environ.setdefault("STATE_DIR", str(_ROOT / ".local" / "tests"))
os.environ["DJANGO_SETTINGS_MODULE"] = "stormcom.settings"
# A developer's own .env is for the demo: what would point a test at the world outside is set here, and wins.
os.environ["META_MODE"] = "sandbox"
os.environ["EMAIL_URL"] = ""
os.environ["SENTRY_DSN"] = ""


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Start the servers, so that settings, conftests and fixtures find them."""
    if early_config.known_args_namespace.version:
        return
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    state_dir = Path(os.environ["STATE_DIR"], *filter(None, [worker]))
    has_postgres = bool(worker or os.environ.get("DATABASE_URL"))
    has_broker = bool(os.environ.get("CELERY_BROKER_URL"))
    servers = ExitStack()
    early_config.stash[_SERVERS] = servers
    try:
        ours = servers.enter_context(
            embedded.running(state_dir, postgres=not has_postgres, broker=not has_broker)
        )
    except embedded.EmbeddedError as error:
        raise pytest.UsageError(str(error)) from error
    if worker and not has_broker:
        os.environ["CELERY_BROKER_URL"] = f"redis+socket://{ours.redis_path}?virtual_host=0"
        os.environ["REDIS_URL"] = f"unix://{ours.redis_path}?db=1"
    # Else WhiteNoise warns in every test that it is not there.
    Path(os.environ["STATE_DIR"], "static").mkdir(parents=True, exist_ok=True)


def pytest_unconfigure(config: pytest.Config) -> None:
    if _SERVERS in config.stash:
        config.stash[_SERVERS].close()
