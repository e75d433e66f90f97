"""The process that owns the private servers: starts them for its first user, stops them after its last.

A user is a connection to `keeper.sock`. It sends one line (which servers it needs), gets one line (ready, or
why not), and is a user until it closes. Standard library only; `stormcom.embedded` starts it.
"""

from __future__ import annotations

import fcntl
import json
import os
import selectors
import signal
import socket
import sys
import time
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Any

from stormcom.embedded_servers import Postgres, Server, ServerError, Valkey

_LOCK_SECONDS = 20.0
"""How long to wait for a keeper that is stopping; PostgreSQL may have much to write."""
_LONELY_SECONDS = 10.0
"""A keeper to whom nobody came by then has lost its user before it could answer."""


class Keeper:
    """The servers of one state folder, and who uses them."""

    def __init__(self, *, door: socket.socket, servers: dict[str, Server]) -> None:
        self.door = door
        self.servers = servers
        self.wanted: set[str] = set()
        self.users: set[socket.socket] = set()
        self.last_user: socket.socket | None = None
        self.lonely_at = time.monotonic() + _LONELY_SECONDS
        self.selector = selectors.DefaultSelector()
        self.selector.register(door, selectors.EVENT_READ)

    def serve(self) -> None:
        """Serve users until the last one has left."""
        while self.users or time.monotonic() < self.lonely_at:
            for key, _ in self.selector.select(timeout=1.0):
                if key.fileobj is self.door:
                    self._welcome()
                elif isinstance(key.fileobj, socket.socket) and self._has_left(key.fileobj):
                    return
            self._revive()

    def stop(self) -> None:
        """Stop the servers, the newest first."""
        for server in reversed(self.servers.values()):
            server.stop()

    def _welcome(self) -> None:
        user, _ = self.door.accept()
        user.settimeout(5.0)
        try:
            wanted = json.loads(user.makefile("rb").readline() or b"{}")
            answer = {"pid": os.getpid(), **self._start(wanted)}
            user.sendall(json.dumps(answer).encode() + b"\n")
        except (OSError, ValueError):
            user.close()
            return
        self.users.add(user)
        self.selector.register(user, selectors.EVENT_READ)

    def _start(self, wanted: dict[str, Any]) -> dict[str, str]:
        for name, server in self.servers.items():
            if wanted.get(name) and not server.is_alive():
                try:
                    server.start()
                except ServerError as error:
                    return {"error": str(error)}
                self.wanted.add(name)
        return {}

    def _has_left(self, user: socket.socket) -> bool:
        """Take in what a user sent; True when it closed and was the last one.

        The last one's connection stays open: it learns from its end that the servers have stopped.
        """
        with suppress(OSError):
            if user.recv(64):
                return False
        self.selector.unregister(user)
        self.users.discard(user)
        if self.users:
            user.close()
            return False
        with suppress(OSError):
            user.sendall(b"stopping\n")
        self.last_user = user
        return True

    def _revive(self) -> None:
        """Start a server again that somebody killed under its users."""
        for name in self.wanted:
            if not self.servers[name].is_alive():
                sys.stderr.write(f"{self.servers[name].title} had died and is started again.\n")
                self.servers[name].start()


def main(plan_text: str) -> None:
    """Be the keeper of one state folder; the last line of stderr says why it could not be."""
    plan = json.loads(plan_text)
    state_dir, private_dir = Path(plan["state_dir"]), Path(plan["private_dir"])
    signal.signal(signal.SIGTERM, _leave)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with (state_dir / "lock").open("a") as lock:
        _take(lock.fileno(), state_dir)
        keeper = Keeper(
            door=_open_door(private_dir / "keeper.sock"),
            servers={
                "postgres": Postgres(state_dir, private_dir, plan["postgres"]),
                "broker": Valkey(state_dir, private_dir, plan["valkey"]),
            },
        )
        try:
            keeper.serve()
        except ServerError as error:
            sys.exit(str(error))
        finally:
            # Closed first: who comes from now on starts the next keeper, which waits for our lock.
            keeper.door.close()
            keeper.stop()


def _take(lock: int, state_dir: Path) -> None:
    parent = os.getppid()
    end = time.monotonic() + _LOCK_SECONDS
    while True:
        try:
            return fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if os.getppid() != parent:
                sys.exit("Whoever asked for the private servers has gone.")
            if time.monotonic() > end:
                sys.exit(f"Another user of this machine is running StormCom from {state_dir}.")
            time.sleep(0.02)


def _open_door(path: Path) -> socket.socket:
    path.unlink(missing_ok=True)
    door = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    door.bind(str(path))
    path.chmod(0o600)
    door.listen(64)
    return door


def _leave(number: int, frame: FrameType | None) -> None:
    raise SystemExit(0)
