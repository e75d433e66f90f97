"""The demo's processes: one log, one end, nobody left behind."""

from __future__ import annotations

import io
import os
import re
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from operations.demo import supervisor as supervising
from operations.demo.console import Console
from operations.demo.readiness import NotReadyError, check_ports, wait_until
from operations.demo.supervisor import ChildDiedError, Supervisor

SLEEPER = "import time; print('here', flush=True); time.sleep(60)"
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + SLEEPER
PARENT = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {STUBBORN!r}]).wait()"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def out() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def supervisor(out: io.StringIO, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Supervisor]:
    monkeypatch.setattr(supervising, "_TERM_SECONDS", 1.0)
    supervisor = Supervisor(console=Console(out), folder=tmp_path)
    yield supervisor
    supervisor.stop()


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def wait_for_text(out: io.StringIO, text: str) -> None:
    end = time.monotonic() + 15
    while text not in out.getvalue():
        assert time.monotonic() < end, out.getvalue()
        time.sleep(0.02)


def group_is_alive(pid: int) -> bool:
    try:
        os.killpg(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_the_lines_of_all_processes_come_behind_their_names(supervisor: Supervisor, out: io.StringIO) -> None:
    supervisor.start("web", python(SLEEPER))
    supervisor.start("worker", python(SLEEPER))
    supervisor.follow()
    wait_for_text(out, "web       │ here\n")
    wait_for_text(out, "worker    │ here\n")


def test_routine_lines_are_kept_but_not_shown(supervisor: Supervisor, out: io.StringIO) -> None:
    code = "print('tick'); print('news')"
    supervisor.start("timetable", python(code), is_routine=lambda line: "tick" in line)
    supervisor.follow()
    wait_for_text(out, "timetable │ news\n")
    assert "tick" not in out.getvalue()
    assert list(supervisor.children[0].last_lines) == ["tick", "news"]


def test_a_process_that_ends_by_itself_is_told_with_its_last_lines(
    supervisor: Supervisor, out: io.StringIO
) -> None:
    supervisor.start("worker", python("print('cannot go on'); raise SystemExit(3)"))
    supervisor.follow()
    with pytest.raises(ChildDiedError) as caught:
        supervisor.wait()
    assert str(caught.value) == (
        "The worker process ended by itself (exit code 3). Its last lines:\n    cannot go on"
    )


def test_stopping_leaves_no_process_however_stubborn(supervisor: Supervisor, out: io.StringIO) -> None:
    for name, code in {"web": SLEEPER, "worker": STUBBORN, "sandbox": PARENT}.items():
        supervisor.start(name, python(code))
    supervisor.follow()
    for name in ("web", "worker", "sandbox"):
        wait_for_text(out, f"{name:<9} │ here\n")
    began = time.monotonic()
    supervisor.stop()
    assert time.monotonic() - began < 5
    # What a child left is init's to bury, which may take it a moment.
    while any(group_is_alive(child.process.pid) for child in supervisor.children):
        assert time.monotonic() - began < 10
        time.sleep(0.02)


def test_colour_is_for_terminals_that_want_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    terminal, pipe, plain = Terminal(), io.StringIO(), Terminal()
    Console(terminal).log("web", "hello")
    Console(pipe).log("web", "hello")
    monkeypatch.setenv("NO_COLOR", "1")
    Console(plain).log("web", "hello")
    assert terminal.getvalue() == "\033[36mweb       │\033[0m hello\n"
    assert pipe.getvalue() == "web       │ hello\n"
    assert plain.getvalue() == "web       │ hello\n"


def test_each_step_shows_its_seconds(out: io.StringIO) -> None:
    with Console(out).step("tables"):
        pass
    assert re.fullmatch(r"  tables {50,}\d\.\d s\n", out.getvalue())


def test_a_busy_port_is_named_with_its_variable() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(
            NotReadyError, match=rf"Port {port} cannot be used .*: SANDBOX_PORT={port + 100} make"
        ):
            check_ports({"SANDBOX_PORT": port})
    check_ports({"SANDBOX_PORT": port})


def test_two_processes_cannot_share_a_port() -> None:
    with pytest.raises(NotReadyError, match="PORT and SANDBOX_PORT must be two ports"):
        check_ports({"PORT": 18000, "SANDBOX_PORT": 18000})


def test_waiting_ends_when_it_has_become_useless(supervisor: Supervisor) -> None:
    supervisor.start("web", python("raise SystemExit(1)"))
    with pytest.raises(ChildDiedError, match="The web process ended by itself"):
        wait_until("web process", lambda: False, check=supervisor.check)
