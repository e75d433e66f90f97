"""The whole of StormCom as a newcomer has it: `manage.py demo` on free ports, with its own state folder."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.sandbox_process import Sandbox, free_port

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 240.0
"""On an idle machine it takes ten; on a cold one with two busy cores, minutes."""
STOP_SECONDS = 30.0


@dataclass(frozen=True)
class Stack:
    """Where the two sides are, and the environment in which a command works on the same state."""

    url: str
    sandbox: Sandbox
    environment: dict[str, str]

    def store(self, path: str = "") -> str:
        """Return an address of the demo store."""
        return f"{self.url}/s/hazel-home/{path}"

    def world(self) -> dict[str, Any]:
        world: dict[str, Any] = self.sandbox.get("world")
        return world


@contextmanager
def running_stack() -> Iterator[Stack]:
    """Start the demo from nothing, wait until its store lives, and stop it in the end.

    RUNNING_DEMO=http://127.0.0.1:8000,http://127.0.0.1:8001 lends one that runs already.
    """
    if running := os.environ.get("RUNNING_DEMO"):
        url, sandbox_url = running.split(",")
        yield Stack(url, Sandbox(sandbox_url), dict(os.environ))
        return
    with tempfile.TemporaryDirectory(prefix="stormcom-e2e-", ignore_cleanup_errors=True) as folder:
        port, sandbox_port = free_port(), free_port()
        environment = _environment(Path(folder) / "state", port, sandbox_port)
        log = Path(folder) / "demo.log"
        with log.open("wb") as out:
            process = subprocess.Popen(
                [sys.executable, "manage.py", "demo"],
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
            )
        try:
            _wait(process, log)
            sandbox = Sandbox(f"http://127.0.0.1:{sandbox_port}")
            yield Stack(f"http://127.0.0.1:{port}", sandbox, environment)
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(timeout=STOP_SECONDS)


def _environment(state_dir: Path, port: int, sandbox_port: int) -> dict[str, str]:
    """Ours, but for what would lead the demo to another database, broker, mail server or Meta."""
    ours = {"STATE_DIR": str(state_dir), "PORT": str(port), "SANDBOX_PORT": str(sandbox_port), "DEBUG": "1"}
    # Empty, not left out: a developer's .env fills in what is left out.
    elsewhere = ("DATABASE_URL", "CELERY_BROKER_URL", "REDIS_URL", "EMAIL_URL", "SENTRY_DSN")
    addresses = ("APP_BASE_URL", "GRAPH_API_URL", "FACEBOOK_DIALOG_URL", "DEMO_FRESH")
    kept = {name: value for name, value in os.environ.items() if name not in addresses}
    return kept | dict.fromkeys(elsewhere, "") | {"META_MODE": "sandbox"} | ours


def _wait(process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while b"Ready after" not in log.read_bytes():
        if process.poll() is not None or time.monotonic() > end:
            raise RuntimeError("The demo did not start:\n" + log.read_text(errors="replace")[-4000:])
        time.sleep(0.2)
