"""When the demo's processes can be used, and whether their ports are free."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable

import requests
from celery import current_app

_READY_SECONDS = 180.0
"""A fresh machine compiles every module once, and a small one runs four processes on one core."""


class NotReadyError(Exception):
    """What is in the way of the demo: a sentence for a person."""


def check_ports(ports: dict[str, int]) -> None:
    """Raise NotReadyError for a port that cannot be listened on; `ports` by their variable's name."""
    if len(set(ports.values())) < len(ports):
        raise NotReadyError(f"{' and '.join(ports)} must be two ports.")
    for variable, port in ports.items():
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError as error:
                raise NotReadyError(
                    f"Port {port} cannot be used ({error.strerror}). Stop what runs there, or choose another:"
                    f" {variable}={port + 100} make demo"
                ) from error


def wait_until(what: str, is_ready: Callable[[], bool], *, check: Callable[[], None]) -> None:
    """Wait for `is_ready`; `check` raises when waiting has become useless."""
    end = time.monotonic() + _READY_SECONDS
    while not is_ready():
        check()
        if time.monotonic() > end:
            raise NotReadyError(f"The {what} was not ready within {_READY_SECONDS:.0f} seconds.")
        time.sleep(0.05)


def answers(url: str) -> Callable[[], bool]:
    """True while a GET is answered 200."""

    def is_ready() -> bool:
        try:
            return requests.get(url, timeout=5).status_code == 200
        except requests.RequestException:
            return False

    return is_ready


def worker_answers(name: str) -> Callable[[], bool]:
    """True while the Celery worker of that name answers a ping."""

    def is_ready() -> bool:
        return bool(current_app.control.ping(destination=[name], timeout=0.3))

    return is_ready
