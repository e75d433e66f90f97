"""The private servers: started once, shared, never left behind, never lost."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg
import pytest

from stormcom import embedded
from stormcom.embedded import EmbeddedError, Sockets
from stormcom.embedded_strays import find_strays

OTHER_USER = """
import sys, time
from pathlib import Path
from stormcom import embedded
with embedded.running(Path(sys.argv[1]), postgres=sys.argv[2] == "all"):
    print("ready", flush=True)
    sys.stdin.read()
"""
"""A second process that needs the servers until its input is closed."""


@pytest.fixture
def state_dir(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "state"
    yield folder
    embedded.forget(folder)


@pytest.fixture
def other_user(state_dir: Path) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    users = []

    def start(servers: str = "broker") -> subprocess.Popen[bytes]:
        command = [sys.executable, "-c", OTHER_USER, str(state_dir), servers]
        user = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        users.append(user)
        assert user.stdout is not None
        assert user.stdout.readline() == b"ready\n"
        return user

    yield start
    for user in users:
        user.communicate()


def ask(where: Sockets, question: str) -> Any:
    with psycopg.connect(host=str(where.postgres_dir), user="stormcom", dbname="stormcom") as connection:
        row = connection.execute(question).fetchone()
    return row[0] if row else None


def ping(where: Sockets, words: bytes = b"PING") -> bytes:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(where.redis_path))
        connection.sendall(words + b"\r\n")
        return connection.recv(1024)


def wait_for(what: Callable[[], bool], *, seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def server_pids(state_dir: Path) -> list[int]:
    folders = [(state_dir / name).resolve() for name in ("postgres", "valkey")]
    return [pid for folder in folders for pid in find_strays(folder)]


def keeper_pid(state_dir: Path) -> int:
    """Ask the system: the parent of the private broker."""
    (pid,) = find_strays((state_dir / "valkey").resolve())
    found = subprocess.run(["ps", "-o", "ppid=", "-p", str(pid)], capture_output=True, text=True, check=True)
    return int(found.stdout)


def test_the_database_is_durable_and_its_role_obeys_row_level_security(state_dir: Path) -> None:
    with embedded.running(state_dir, broker=False) as where:
        role = "SELECT array[rolcanlogin, rolcreatedb, rolsuper, rolbypassrls] FROM pg_roles"
        rights = ask(where, f"{role} WHERE rolname = current_user")
        assert rights == [True, True, False, False]
        assert ask(where, "SHOW fsync") == "on"
        assert ask(where, "SHOW synchronous_commit") == "on"
        assert ask(where, "SHOW jit") == "off"
        assert ask(where, "SHOW listen_addresses") == ""
        assert ask(where, "SHOW server_encoding") == "UTF8"
        assert ask(where, "SELECT datlocale FROM pg_database WHERE datname = 'stormcom'") == "C.UTF-8"
        assert (
            ask(where, "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'stormcom'")
            == "stormcom"
        )
    assert server_pids(state_dir) == []


def test_what_was_committed_is_there_after_a_crash_of_everything(
    state_dir: Path, other_user: Callable[..., subprocess.Popen[bytes]]
) -> None:
    user = other_user("all")
    where = embedded.sockets(state_dir)
    with psycopg.connect(host=str(where.postgres_dir), user="stormcom", dbname="stormcom") as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    assert ping(where, b"SET kept 42") == b"+OK\r\n"
    time.sleep(1.1)  # The append-only file is forced to disk every second.
    for pid in (user.pid, keeper_pid(state_dir), *server_pids(state_dir)):
        os.kill(pid, signal.SIGKILL)
    with embedded.running(state_dir) as where:
        assert ask(where, "SELECT answer FROM kept") == 42
        assert ping(where, b"GET kept") == b"$2\r\n42\r\n"


def test_a_killed_user_takes_its_servers_along(
    state_dir: Path, other_user: Callable[..., subprocess.Popen[bytes]]
) -> None:
    user = other_user()
    assert len(server_pids(state_dir)) == 1
    user.kill()
    wait_for(lambda: server_pids(state_dir) == [])


def test_a_killed_keeper_leaves_the_servers_to_the_next_one(state_dir: Path) -> None:
    with embedded.running(state_dir, postgres=False):
        (first,) = server_pids(state_dir)
        os.kill(keeper_pid(state_dir), signal.SIGKILL)
        with embedded.running(state_dir, postgres=False) as where:
            assert ping(where) == b"+PONG\r\n"
            (second,) = server_pids(state_dir)
    assert second != first


def test_a_server_that_outlived_its_keeper_is_stopped_before_the_next_one_starts(state_dir: Path) -> None:
    with embedded.running(state_dir, postgres=False):
        (first,) = server_pids(state_dir)
    program = embedded._find_valkey()
    assert program is not None
    stray = subprocess.Popen(
        [program, "--port", "0", "--unixsocket", str(state_dir / "elsewhere")],
        cwd=state_dir / "valkey",
        stdout=subprocess.DEVNULL,
    )
    wait_for(lambda: server_pids(state_dir) == [stray.pid])
    with embedded.running(state_dir, postgres=False):
        assert stray.wait() is not None
        (second,) = server_pids(state_dir)
    assert second not in {first, stray.pid}


def test_the_first_user_may_leave_while_the_second_goes_on(
    state_dir: Path, other_user: Callable[..., subprocess.Popen[bytes]]
) -> None:
    first = other_user()
    pids = server_pids(state_dir)
    with embedded.running(state_dir, postgres=False) as where:
        first.communicate()
        time.sleep(0.2)
        assert server_pids(state_dir) == pids
        assert ping(where) == b"+PONG\r\n"
    assert server_pids(state_dir) == []


def test_users_that_start_at_the_same_moment_share_one_server(state_dir: Path) -> None:
    command = [sys.executable, "-c", OTHER_USER, str(state_dir), "broker"]
    users = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) for _ in range(4)]
    for user in users:
        assert user.stdout is not None
        assert user.stdout.readline() == b"ready\n"
    assert len(server_pids(state_dir)) == 1
    for user in users:
        user.communicate()
    assert [user.returncode for user in users] == [0, 0, 0, 0]
    assert server_pids(state_dir) == []


def test_a_server_that_dies_under_its_users_is_started_again(state_dir: Path) -> None:
    with embedded.running(state_dir, postgres=False) as where:
        (pid,) = server_pids(state_dir)
        os.kill(pid, signal.SIGKILL)
        wait_for(lambda: server_pids(state_dir) not in ([], [pid]))
        with embedded.running(state_dir, postgres=False):
            assert ping(where) == b"+PONG\r\n"


def test_stale_pid_files_and_sockets_stop_nobody(state_dir: Path) -> None:
    with embedded.running(state_dir) as where:
        pass
    # Pid 1 is always alive, and never a database of ours.
    pid_file = (state_dir / "postgres").resolve() / "postmaster.pid"
    pid_file.write_text(f"1\n{pid_file.parent}\n1700000000\n5432\n{where.postgres_dir}\n\n0 0\nready\n")
    (where.postgres_dir / ".s.PGSQL.5432.lock").write_text("1\n")
    where.redis_path.unlink(missing_ok=True)
    for path in (where.redis_path, where.postgres_dir / ".s.PGSQL.5432"):
        with socket.socket(socket.AF_UNIX) as stale:
            stale.bind(str(path))
    with embedded.running(state_dir) as where:
        assert ask(where, "SELECT 1") == 1
        assert ping(where) == b"+PONG\r\n"


def test_any_folder_will_do_however_long_its_path(tmp_path: Path) -> None:
    state_dir = tmp_path / "with spaces, 'quotes' & ünïcode" / ("long" * 40)
    with embedded.running(state_dir) as where:
        assert len(str(where.postgres_dir / ".s.PGSQL.5432")) < 100
        assert ask(where, "SELECT 1") == 1
        assert ping(where) == b"+PONG\r\n"
    embedded.forget(state_dir)


def test_asking_where_the_servers_are_makes_nothing(state_dir: Path) -> None:
    where = embedded.sockets(state_dir)
    assert where == embedded.sockets(state_dir)
    assert where != embedded.sockets(state_dir.with_name("another"))
    assert not state_dir.exists()
    assert not where.postgres_dir.parent.exists()


def test_with_both_servers_configured_elsewhere_nothing_starts(state_dir: Path) -> None:
    with embedded.running(state_dir, postgres=False, broker=False):
        assert not state_dir.exists()


def test_only_the_owner_may_come_near_the_sockets(state_dir: Path) -> None:
    with embedded.running(state_dir, postgres=False) as where:
        folder = where.redis_path.parent
        assert folder.stat().st_uid == os.getuid()
        assert folder.stat().st_mode & 0o066 == 0
        assert where.redis_path.stat().st_mode & 0o077 == 0
        for name in ("mail", "log"):
            assert (state_dir / name).stat().st_mode & 0o077 == 0, name


def test_a_folder_laid_in_our_place_is_refused(state_dir: Path, tmp_path: Path) -> None:
    folder = embedded.sockets(state_dir).redis_path.parent
    folder.parent.mkdir(mode=0o700, exist_ok=True)
    folder.symlink_to(tmp_path)
    try:
        with pytest.raises(EmbeddedError, match="belongs to somebody else"), embedded.running(state_dir):
            pytest.fail("it started")
    finally:
        folder.unlink()
    assert list(tmp_path.glob("*.sock")) == []


def test_a_state_folder_that_cannot_be_made_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    expected = "file cannot be used: Not a directory|file/state cannot be used: Not a directory"
    with pytest.raises(EmbeddedError, match=expected), embedded.running(tmp_path / "file" / "state"):
        pytest.fail("it started")


def test_a_server_that_cannot_start_says_its_last_words(state_dir: Path) -> None:
    (state_dir / "valkey").mkdir(parents=True)
    (state_dir / "valkey" / "appendonlydir").write_text("in the way")
    with (
        pytest.raises(EmbeddedError, match=r"The private broker did not start\. Last words in .*valkey\.log"),
        embedded.running(state_dir, postgres=False),
    ):
        pytest.fail("it started")
    assert server_pids(state_dir) == []


def test_data_of_another_postgresql_is_not_touched(state_dir: Path) -> None:
    with embedded.running(state_dir, broker=False):
        pass
    version = (state_dir / "postgres").resolve() / "PG_VERSION"
    version.write_text("16\n")
    with (
        pytest.raises(EmbeddedError, match=r"is of PostgreSQL 16, not 18\. Start over with DEMO_FRESH=1\."),
        embedded.running(state_dir, broker=False),
    ):
        pytest.fail("it started")
    assert version.read_text() == "16\n"


def test_what_is_in_use_is_not_forgotten(state_dir: Path) -> None:
    with embedded.running(state_dir, postgres=False) as where:
        with pytest.raises(EmbeddedError, match="StormCom is running from"):
            embedded.forget(state_dir)
        assert ping(where) == b"+PONG\r\n"


def test_forgetting_deletes_our_data_and_nothing_else(state_dir: Path) -> None:
    with embedded.running(state_dir) as where:
        ping(where, b"SET kept 42")
        data = (state_dir / "postgres").resolve()
    (state_dir / "notes.txt").write_text("of the owner")
    embedded.forget(state_dir)
    assert not data.exists()
    assert not (state_dir / "postgres").is_symlink()
    assert (state_dir / "notes.txt").read_text() == "of the owner"
    with embedded.running(state_dir, postgres=False) as where:
        assert ping(where, b"GET kept") == b"$-1\r\n"


def test_a_secret_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(lambda _: embedded.secret(tmp_path, "SECRET_KEY"), range(32)))
    (value,) = found
    assert len(value) >= 50
    assert embedded.secret(tmp_path, "FERNET_KEYS") != value
    kept = tmp_path / "secrets" / "SECRET_KEY"
    assert kept.read_text() == value
    assert kept.stat().st_mode & 0o077 == 0
    assert sorted(path.name for path in kept.parent.iterdir()) == ["FERNET_KEYS", "SECRET_KEY"]
