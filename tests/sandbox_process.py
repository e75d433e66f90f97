"""A sandbox of one's own, as a real process on a free port."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import requests

START_SECONDS = 15


@dataclass(frozen=True)
class Sandbox:
    """Handles of the control API; see docs/sandbox.md."""

    url: str

    def post(self, path: str, body: dict[str, Any] | None = None) -> Any:
        answer = requests.post(f"{self.url}/_sandbox/{path}", json=body or {}, timeout=10)
        answer.raise_for_status()
        return answer.json()

    def get(self, path: str) -> Any:
        answer = requests.get(f"{self.url}/_sandbox/{path}", timeout=10)
        answer.raise_for_status()
        return answer.json()

    def fault(self, name: str, **options: Any) -> None:
        self.post("faults", {"name": name, "on": True, **options})


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running_sandbox() -> Iterator[Sandbox]:
    port = free_port()
    sandbox = Sandbox(f"http://127.0.0.1:{port}")
    process = subprocess.Popen([sys.executable, "-m", "sandbox", "--port", str(port)])
    try:
        _wait(sandbox, process)
        yield sandbox
    finally:
        process.terminate()
        process.wait(timeout=10)


def _wait(sandbox: Sandbox, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            sandbox.get("health")
        except requests.RequestException:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"The sandbox did not start within {START_SECONDS} s.")
