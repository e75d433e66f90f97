"""A whole StormCom for benchmarks and faults: private servers, tables, shops, web and worker processes.

Everything lives in a temporary folder and ends with the block. Processes are StormCom's own, started as in
production; the pretend Meta is left out, so that what is measured is ours.
"""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.signing import signed
from stormcom import embedded

PATH = "/webhooks/facebook"


@dataclass(frozen=True)
class House:
    state: Path
    port: int
    conninfo: str

    @contextmanager
    def web(self, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
        command = [sys.executable, "-m", "uvicorn", "stormcom.asgi:application", "--port", str(self.port)]
        with _process([*command, "--no-access-log", "--log-level", "warning"], environment) as process:
            wait_until("web", lambda: self.post(b"not for us", sign=False) == 403)
            yield process

    @contextmanager
    def worker(
        self, *, queues: str = "webhooks", processes: int = 1, **environment: str
    ) -> Iterator[subprocess.Popen[bytes]]:
        command = [sys.executable, "-m", "celery", "-A", "stormcom", "worker", "-Q", queues]
        pool = ["-P", "prefork", "-c", str(processes), "--without-gossip", "--without-mingle", "-l", "ERROR"]
        with _process([*command, *pool], environment) as process:
            yield process

    def post(self, body: bytes, *, sign: bool = True) -> int:
        """Post one body on a connection of its own; return the status, 0 when nobody answered."""
        return Sender(self.port).post(body, sign=sign)


class Sender:
    """Posts signed bodies over one kept connection, as Meta does."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)

    def post(self, body: bytes, *, sign: bool = True) -> int:
        headers = {"X-Hub-Signature-256": signed(body)} if sign else {}
        try:
            self._connection.request("POST", PATH, body, headers)
            answer = self._connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException):
            self._connection.close()
            return 0
        return answer.status


@contextmanager
def running_house() -> Iterator[House]:
    """Start the private servers, set Django up on them in this process, and migrate."""
    with tempfile.TemporaryDirectory(prefix="stormcom-bench-", ignore_cleanup_errors=True) as folder:
        state = Path(folder)
        state.chmod(0o755)
        port = _free_port()
        os.environ |= {"STATE_DIR": folder, "DEBUG": "0", "LOG_LEVEL": "ERROR", "PORT": str(port)}
        with embedded.running(state) as sockets:
            _set_up_django()
            yield House(state, port, f"host={sockets.postgres_dir} dbname=stormcom user=stormcom")


def make_shops(page_ids: Sequence[str]) -> None:
    """Make one store for each Page id, with the Page connected."""
    from integrations.models import ConnectedPage, MetaAccount
    from tenancy.models import Store
    from tenancy.scope import open_store

    for page_id in page_ids:
        store = Store.objects.create(name=f"Shop {page_id}", slug=f"shop-{page_id}", currency="EUR")
        with open_store(store.pk):
            account = MetaAccount.objects.create(meta_user_id=f"7{page_id}")
            page = ConnectedPage(account=account, store_id=store.pk, page_id=page_id, name=store.name)
            page.state = "active"
            page.save()


def wait_until(what: str, is_so: Callable[[], bool], *, seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > end:
            raise RuntimeError(f"Waited {seconds:.0f} s for: {what}")
        time.sleep(0.02)


def percentile(values: Sequence[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def _set_up_django() -> None:
    import django
    from django.core.management import call_command

    os.environ["DJANGO_SETTINGS_MODULE"] = "stormcom.settings"
    django.setup()
    call_command("migrate", verbosity=0)


@contextmanager
def _process(command: list[str], environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    with (Path(os.environ["STATE_DIR"]) / "processes.log").open("ab") as log:
        process = subprocess.Popen(
            command, env=os.environ | environment, stdout=log, stderr=log, start_new_session=True
        )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
