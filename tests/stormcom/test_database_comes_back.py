from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.db.backends.postgresql.base import DatabaseWrapper


class Line:
    """A way to PostgreSQL that can be cut, and mended at the same port."""

    def __init__(self, server: tuple[str, int]) -> None:
        self.server = server
        self.door = socket.create_server(("127.0.0.1", 0))
        self.port = self.door.getsockname()[1]
        self.ends: list[socket.socket] = []
        self._listen()

    def _listen(self) -> None:
        threading.Thread(target=self._serve, args=(self.door,), daemon=True).start()

    def _serve(self, door: socket.socket) -> None:
        with suppress(OSError):
            while True:
                near, _address = door.accept()
                far = self._call()
                self.ends += [near, far]
                for one, other in ((near, far), (far, near)):
                    threading.Thread(target=_pass_on, args=(one, other), daemon=True).start()

    def _call(self) -> socket.socket:
        host, port = self.server
        if not host.startswith("/"):
            return socket.create_connection((host, port))
        far = socket.socket(socket.AF_UNIX)
        far.connect(str(Path(host) / f".s.PGSQL.{port}"))
        return far

    def cut(self) -> None:
        for one in (self.door, *self.ends):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def mend(self) -> None:
        self.door = socket.create_server(("127.0.0.1", self.port))
        self._listen()


def _pass_on(one: socket.socket, other: socket.socket) -> None:
    with suppress(OSError):
        while data := one.recv(65536):
            other.sendall(data)
    with suppress(OSError):
        other.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def line(db: None) -> Iterator[Line]:
    params: dict[str, Any] = connection.get_connection_params()
    line = Line((params.get("host") or "127.0.0.1", int(params.get("port") or 5432)))
    yield line
    line.cut()


@pytest.fixture
def database(line: Line) -> Iterator[DatabaseWrapper]:
    """Our database, reached by the line, with the pool that the settings describe."""
    given = connection.settings_dict
    pool = given["OPTIONS"]["pool"] | {"timeout": 4}
    reached = given | {"HOST": "127.0.0.1", "PORT": line.port, "OPTIONS": given["OPTIONS"] | {"pool": pool}}
    database = DatabaseWrapper(reached, alias="by_line")
    yield database
    database.close()
    database.close_pool()


def test_a_database_that_was_away_is_found_as_soon_as_it_is_back(
    line: Line, database: DatabaseWrapper
) -> None:
    database.ensure_connection()
    database.close()
    line.cut()
    for _twice in range(2):
        with pytest.raises(OperationalError):
            database.ensure_connection()
    line.mend()
    with database.cursor() as cursor:
        cursor.execute("SELECT 1")
        assert cursor.fetchone() == (1,)
