"""Run the whole of StormCom on this machine: `make demo`.

Stands at the roof, not in operations: it starts the private servers, which belong to this house's top floor.
"""

from __future__ import annotations

import fcntl
import os
import signal
import socket
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from operations.demo.console import Console
from operations.demo.readiness import NotReadyError, answers, check_ports, wait_until, worker_answers
from operations.demo.scenes import SceneError
from operations.demo.seed import seed
from operations.demo.sign_ins import SignIn
from operations.demo.supervisor import ChildDiedError, Supervisor
from operations.outbox import is_outbox_open
from stormcom import embedded
from stormcom.embedded_strays import die_with_parent
from stormcom.timetable import TIMETABLE

_WORKER = f"demo@{socket.gethostname()}"


class Command(BaseCommand):
    help = "Run web, worker, timetable and sandbox with a living demo store, until Ctrl-C."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        console = Console()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, _interrupt)
        try:
            _run(console)
        except KeyboardInterrupt:
            console.say("Stopped. Run it again to go on where it was.")
        except BrokenPipeError:
            # Our reader has gone; Python would complain about it once more while it ends.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        except (NotReadyError, ChildDiedError, SceneError, embedded.EmbeddedError) as error:
            console.complain(str(error))
            sys.exit(1)


def _run(console: Console) -> None:
    began = float(os.environ["STARTED_AT"])  # `make demo`'s own start, where that ran us
    state_dir = Path(settings.STATE_DIR)
    check_ports(_ports())
    if os.environ.get("DEMO_FRESH") == "1":
        _start_over(state_dir)
    console.title("StormCom demo")
    console.took("Python and its packages", time.time() - began)
    with ExitStack() as stack:
        stack.enter_context(_only_demo(state_dir))
        supervisor = Supervisor(
            console=console, folder=settings.BASE_DIR, prepare_child=die_with_parent(signal.SIGTERM)
        )
        stack.callback(supervisor.stop)  # should the servers not start
        if settings.SANDBOX:
            # It needs nothing to start with, and loads its packages while PostgreSQL starts.
            supervisor.start("sandbox", _sandbox(state_dir))
        with console.step("private PostgreSQL and broker"):
            stack.enter_context(
                embedded.running(
                    state_dir, postgres=settings.EMBEDDED_DATABASE, broker=settings.EMBEDDED_BROKER
                )
            )
        stack.callback(_stop, supervisor, console)  # before the servers go
        sign_ins = _start(supervisor, console, state_dir)
        _welcome(console, sign_ins, seconds=time.time() - began)
        supervisor.wait()


def _start(supervisor: Supervisor, console: Console, state_dir: Path) -> Iterable[SignIn]:
    """Bring up what needs the servers, in order, and return the demo's sign-ins."""
    with console.step("tables"):
        _migrate()
    # Not before: a visitor would find no tables.
    supervisor.start("web", _web(), is_routine=_is_health_check)
    supervisor.start("worker", _worker(), is_routine=_is_routine_task)
    supervisor.start("timetable", _timetable(state_dir), is_routine=_is_routine_task)
    supervisor.follow()
    if settings.SANDBOX:
        with console.step(f"sandbox (pretend Meta) on port {settings.SANDBOX_PORT}"):
            health = answers(f"{settings.SANDBOX_URL}/_sandbox/health")
            wait_until("sandbox", health, check=supervisor.check)
    with console.step(f"web on port {settings.PORT}"):
        health = answers(f"http://127.0.0.1:{settings.PORT}/readyz")
        wait_until("web process", health, check=supervisor.check)
    with console.step("worker and timetable"):
        wait_until("worker", worker_answers(_WORKER), check=supervisor.check)
    with console.step("demo store"):
        return seed(say=lambda words: console.say(f"    {words} …"))


def _migrate() -> None:
    """Bring the tables up to date; nothing to do is found out without all that `migrate` does after it."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        call_command("migrate", verbosity=0, interactive=False)


# --- The processes ------------------------------------------------------------------------------------------


def _sandbox(state_dir: Path) -> list[str]:
    state = str(state_dir / "sandbox.json")
    return [sys.executable, "-m", "sandbox", "--port", str(settings.SANDBOX_PORT), "--state", state]


def _web() -> list[str]:
    place = ["--host", "127.0.0.1", "--port", str(settings.PORT)]
    # A live page holds its connection open: without a limit the process would wait for the reader to leave.
    end = ["--timeout-graceful-shutdown", "3"]
    return [sys.executable, "-m", "uvicorn", "stormcom.asgi:application", *place, *end, "--no-server-header"]


def _worker() -> list[str]:
    queues = ["-Q", "webhooks,stock,default,bulk"]
    alone = ["--without-gossip", "--without-mingle"]
    # Threads: light, and the same on every system. Root is the usual user of a container.
    quiet = ["-W", "ignore:You're running the worker with superuser privileges"]
    return [
        *_celery(*quiet),
        "worker",
        "-n",
        _WORKER,
        "-P",
        "threads",
        "-c",
        "4",
        *queues,
        *alone,
        "-l",
        "INFO",
    ]


def _timetable(state_dir: Path) -> list[str]:
    schedule = state_dir / "demo" / "timetable"
    return [*_celery(), "beat", "-s", str(schedule), "-l", "WARNING"]


def _celery(*python_options: str) -> list[str]:
    # Celery runs Django's checks and throws their answers away; that costs each process half a second.
    os.environ["CELERY_SKIP_CHECKS"] = "1"
    return [sys.executable, *python_options, "-m", "celery", "--quiet", "-A", "stormcom"]


def _is_health_check(line: str) -> bool:
    return '"GET /readyz' in line or '"GET /healthz' in line


def _is_routine_task(line: str) -> bool:
    """That a task has begun, or that one of the timetable is done: every few seconds, and all is well."""
    if " received [celery" in line or "Sending due task" in line:
        return True
    return " succeeded in " in line and any(entry.task in line for entry in TIMETABLE)


# --- Its state ----------------------------------------------------------------------------------------------


def _ports() -> dict[str, int]:
    return {"PORT": settings.PORT} | ({"SANDBOX_PORT": settings.SANDBOX_PORT} if settings.SANDBOX else {})


@contextmanager
def _only_demo(state_dir: Path) -> Iterator[None]:
    """Refuse a second demo on the same state: two timetables, and two writers of the sandbox's file."""
    folder = state_dir / "demo"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / "lock").open("w")
    except OSError as error:
        raise NotReadyError(f"{folder} cannot be used: {error.strerror}. STATE_DIR moves it.") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise NotReadyError(f"The demo is already running from {state_dir}.") from error
        yield


def _start_over(state_dir: Path) -> NoReturn:
    """Forget everything, then begin as a new process: our settings hold secrets that are gone with it."""
    if not settings.EMBEDDED_DATABASE:
        raise NotReadyError(
            "DEMO_FRESH=1 deletes only the private database, and DATABASE_URL names one of yours."
        )
    embedded.forget(state_dir)
    os.environ["DEMO_FRESH"] = ""
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606  (the command we were started by)


# --- Its end ------------------------------------------------------------------------------------------------


def _welcome(console: Console, sign_ins: Iterable[SignIn], *, seconds: float) -> None:
    console.say()
    console.title(f"Ready after {seconds:.1f} s.")
    console.say(f"  StormCom, the merchant's side   {settings.APP_BASE_URL}")
    if settings.SANDBOX:
        console.say(f"  A pretend Meta, the other side  {settings.SANDBOX_URL}")
    for email, password, who in sign_ins:
        console.say(f"  Sign in as {email:<26} password {password:<16} {who}")
    if is_outbox_open():
        console.say(f"  E-mail is shown on              {settings.APP_BASE_URL}/outbox/")
    console.say("  Ctrl-C stops it; `DEMO_FRESH=1 make demo` starts over.")
    console.say()


def _stop(supervisor: Supervisor, console: Console) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    try:
        console.say("Stopping …")
    except BrokenPipeError:
        pass
    finally:
        supervisor.stop()


def _interrupt(number: int, frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt
