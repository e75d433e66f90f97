"""`make demo`, as a newcomer runs it: up, refused twice, told to stop, gone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
import requests
from django.conf import settings

from stormcom import embedded
from stormcom.embedded_strays import find_strays
from tests.sandbox_process import free_port

READY_SECONDS = 400
"""On an idle machine it takes ten; two busy cores with other tests on them need minutes."""


@pytest.fixture
def environment(tmp_path: Path) -> Iterator[dict[str, str]]:
    """A machine where nothing is configured, with state and ports of its own."""
    state_dir = tmp_path / "state"
    ours = {"PORT": str(free_port()), "SANDBOX_PORT": str(free_port()), "STATE_DIR": str(state_dir)}
    configured = {"DATABASE_URL", "CELERY_BROKER_URL", "REDIS_URL", "APP_BASE_URL"}
    yield {name: value for name, value in os.environ.items() if name not in configured} | ours
    embedded.forget(state_dir)


def start_demo(environment: dict[str, str]) -> subprocess.Popen[str]:
    command = [sys.executable, "manage.py", "demo"]
    out = subprocess.PIPE
    return subprocess.Popen(
        command, cwd=settings.BASE_DIR, env=environment, stdout=out, stderr=subprocess.STDOUT, text=True
    )


def read_until(demo: subprocess.Popen[str], text: str) -> str:
    assert demo.stdout is not None
    seen = ""
    end = time.monotonic() + READY_SECONDS
    for line in demo.stdout:
        seen += line
        if text in line:
            return seen
        assert time.monotonic() < end, seen
    raise AssertionError(f"The demo ended before it said {text!r}:\n{seen}")


@contextmanager
def impatient_visitor(url: str) -> Iterator[set[int]]:
    """Ask for a page again and again; the answers so far, without those of a door that is not open yet."""
    answers: set[int] = set()
    is_over = threading.Event()

    def ask() -> None:
        while not is_over.wait(0.2):
            with suppress(requests.ConnectionError):
                answers.add(requests.get(url, timeout=10).status_code)

    visitor = threading.Thread(target=ask)
    visitor.start()
    try:
        yield answers
    finally:
        is_over.set()
        visitor.join()


def find_processes(state_dir: Path) -> list[str]:
    """Every process that was started with this state folder in its environment."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if f"STATE_DIR={state_dir}".encode() in (process / "environ").read_bytes().split(b"\0"):
                found.append((process / "comm").read_text().strip())
        except OSError:  # Gone since, or another user's.
            continue
    return found


def test_the_demo_comes_up_shows_both_sides_and_leaves_nothing_behind(environment: dict[str, str]) -> None:
    state_dir = Path(environment["STATE_DIR"])
    demo = start_demo(environment)
    try:
        web, sandbox = (f"http://127.0.0.1:{environment[name]}" for name in ("PORT", "SANDBOX_PORT"))
        with impatient_visitor(f"{web}/accounts/login/") as answers:
            seen = read_until(demo, "Ctrl-C stops it")
        assert answers == {200}
        assert web in seen
        assert sandbox in seen
        assert "Sign in as ada@hazelhome.example" in seen
        assert requests.get(f"{web}/readyz", timeout=10).json()["ready"] is True
        assert requests.get(f"{web}/", timeout=10).status_code == 200
        assert requests.get(f"{sandbox}/_sandbox/health", timeout=10).status_code == 200

        second = start_demo(environment)
        words, _ = second.communicate(timeout=60)
        assert second.returncode == 1
        assert f"Port {environment['PORT']} cannot be used" in words

        third = start_demo(environment | {"PORT": str(free_port()), "SANDBOX_PORT": str(free_port())})
        words, _ = third.communicate(timeout=60)
        assert third.returncode == 1
        assert f"The demo is already running from {state_dir}." in words
    finally:
        demo.send_signal(signal.SIGTERM)
        words, _ = demo.communicate(timeout=60)
    assert demo.returncode == 0, words
    assert words.endswith("Stopped. Run it again to go on where it was.\n")
    assert find_processes(state_dir) == []
    assert find_strays((state_dir / "postgres").resolve()) == []
    assert find_strays((state_dir / "valkey").resolve()) == []


def test_a_killed_demo_leaves_nothing_behind(environment: dict[str, str]) -> None:
    state_dir = Path(environment["STATE_DIR"])
    demo = start_demo(environment)
    read_until(demo, "sandbox (pretend Meta)")
    demo.kill()
    demo.communicate()
    end = time.monotonic() + 15
    while find_processes(state_dir) or find_strays((state_dir / "postgres").resolve()):
        assert time.monotonic() < end, find_processes(state_dir)
        time.sleep(0.1)


def test_starting_over_is_refused_for_a_database_that_is_not_ours(environment: dict[str, str]) -> None:
    foreign = {
        "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/theirs",
        "DEMO_FRESH": "1",
        "META_MODE": "sandbox",
    }
    secrets = {"SECRET_KEY": "x" * 50, "FERNET_KEYS": "y" * 50}
    demo = start_demo(environment | foreign | secrets)
    words, _ = demo.communicate(timeout=60)
    assert demo.returncode == 1
    assert "DEMO_FRESH=1 deletes only the private database" in words
