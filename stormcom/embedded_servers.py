"""How the private PostgreSQL and broker are started, seen to be ready, and stopped.

Runs inside the keeper (`stormcom.embedded_keeper`): one thread, standard library only.
"""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import time
from abc import ABC, abstractmethod
from pathlib import Path
from typing import IO

from stormcom.embedded_account import Account, account_for, home_for, programs_for
from stormcom.embedded_strays import clear_strays, die_with_parent

_START_SECONDS = 90.0
"""After a crash PostgreSQL replays its log first, and the broker reads its file."""
_STOP_SECONDS = 20.0
_LOG_BYTES = 1_000_000
"""A server's log that is longer is begun anew at the next start."""
_TAIL_LINES = 8


class ServerError(Exception):
    """Why a server is not there: a sentence for a person."""


class Server(ABC):
    """One private server, a child of the keeper."""

    title: str
    stop_signal: signal.Signals

    def __init__(self, state_dir: Path, private_dir: Path, program: str | None) -> None:
        self.state_dir = state_dir
        self.private_dir = private_dir
        self.program = program
        self.account = Account()
        self.log = state_dir / "log" / f"{type(self).__name__.lower()}.log"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start and wait until it answers; raises ServerError."""
        try:
            self._start()
        except OSError as error:
            self.stop()
            raise ServerError(self._why(f"{error.strerror or error}: {error.filename or ''}")) from error
        except ServerError:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop, by force if it does not within its time."""
        if self.process is None:
            return
        if self.is_alive():
            self.process.send_signal(self.stop_signal)
        try:
            self.process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None

    def is_alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    @abstractmethod
    def _start(self) -> None: ...

    @abstractmethod
    def _answers(self) -> bool: ...

    def _launch(self, command: list[str], *, folder: Path) -> None:
        with self._open_log() as log:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=folder,
                env=self.account.environment,
                user=self.account.uid,
                group=self.account.gid,
                extra_groups=self.account.groups,
                # Safe here: the keeper has one thread.
                preexec_fn=die_with_parent(self.stop_signal),
            )
        end = time.monotonic() + _START_SECONDS
        while not self._answers():
            if not self.is_alive() or time.monotonic() > end:
                raise ServerError(self._why(self._last_words()))
            time.sleep(0.01)

    def _open_log(self) -> IO[bytes]:
        is_long = self.log.exists() and self.log.stat().st_size > _LOG_BYTES
        return self.log.open("wb" if is_long else "ab")

    def _last_words(self) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-_TAIL_LINES:])

    def _why(self, text: str) -> str:
        """Say in one line why it did not start, whatever words the system had for it."""
        if "No space left on device" in text or "Disk quota exceeded" in text:
            return f"{self.title} did not start: the disk that holds {self.state_dir} is full."
        if "Permission denied" in text or "Read-only file system" in text:
            return f"{self.title} did not start: it has no right to {self.state_dir}. ({_one_line(text)})"
        return f"{self.title} did not start. Last words in {self.log}: {_one_line(text)}"


class Postgres(Server):
    """PostgreSQL on a unix socket, with role and database `stormcom`."""

    title = "The private PostgreSQL"
    stop_signal = signal.SIGINT
    """Its fast stop: open connections are closed, everything is written."""

    def _start(self) -> None:
        if self.program is None:
            raise ServerError("There is no private PostgreSQL for this machine. Set DATABASE_URL.")
        self.account = account_for(self.state_dir / "postgres")
        self.data = home_for("postgres", state_dir=self.state_dir, account=self.account)
        self.programs = programs_for(Path(self.program), account=self.account) / "bin"
        clear_strays(self.data, stop_signal=self.stop_signal)
        self._clear_locks()
        if not (self.data / "PG_VERSION").exists():
            self._make_cluster()
        self._check_version()
        options = ["-D", str(self.data), "-k", str(self.socket_dir), "-h", "", "-c", "jit=off"]
        self._launch([str(self.programs / "postgres"), *options], folder=self.data)

    @property
    def socket_dir(self) -> Path:
        return self.private_dir / "postgres"

    def _clear_locks(self) -> None:
        """Remove what a killed PostgreSQL left: no process works in this folder, and we hold its lock."""
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        if self.socket_dir.exists():
            shutil.rmtree(self.socket_dir)
        self.socket_dir.mkdir(mode=0o700)
        self.account.take(self.socket_dir)

    def _make_cluster(self) -> None:
        """Make the data beside its place first: what was broken off half-way is never taken for whole."""
        draft = self.data.with_name(f"{self.data.name}.new")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        self.account.take(draft)
        options = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync", "--no-instructions"]
        locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        done = self._run("initdb", "-D", str(draft), *options, *locale)
        if done.returncode:
            raise ServerError(self._why(done.stdout + done.stderr))
        if self.data.exists():
            self.data.rmdir()
        draft.rename(self.data)

    def _check_version(self) -> None:
        ours = self._run("postgres", "--version").stdout.split()[-1].split(".")[0]
        theirs = (self.data / "PG_VERSION").read_text().strip()
        if ours != theirs:
            raise ServerError(
                f"{self.data} is of PostgreSQL {theirs}, not {ours}. Start over with DEMO_FRESH=1."
            )

    def _answers(self) -> bool:
        """Ask over a real connection for our role and database; make what is missing."""
        found = self._sql(
            "SELECT (SELECT count(*) FROM pg_roles WHERE rolname = 'stormcom'),"
            " (SELECT count(*) FROM pg_database WHERE datname = 'stormcom')"
        )
        if found.returncode:
            return False
        roles, databases = found.stdout.strip().split("|")
        if roles == "0":
            self._sql("CREATE ROLE stormcom LOGIN CREATEDB NOSUPERUSER NOBYPASSRLS").check_returncode()
        if databases == "0":
            self._sql("CREATE DATABASE stormcom OWNER stormcom").check_returncode()
        return True

    def _sql(self, statement: str) -> subprocess.CompletedProcess[str]:
        place = ["-h", str(self.socket_dir), "-U", "postgres", "-d", "postgres"]
        return self._run("psql", "-XAtwq", *place, "-c", statement)

    def _run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(self.programs / program), *arguments],
            check=False,
            capture_output=True,
            text=True,
            timeout=_START_SECONDS,
            cwd="/",
            env=self.account.environment,
            user=self.account.uid,
            group=self.account.gid,
            extra_groups=self.account.groups,
        )


class Valkey(Server):
    """Broker and cache on a unix socket, with its append-only file."""

    title = "The private broker"
    stop_signal = signal.SIGTERM

    def _start(self) -> None:
        if self.program is None:
            raise ServerError(
                "There is no private broker for this machine. Install valkey-server or redis-server, or set"
                " CELERY_BROKER_URL to one of yours."
            )
        data = self.state_dir / "valkey"
        data.mkdir(mode=0o700, exist_ok=True)
        clear_strays(data, stop_signal=self.stop_signal)
        self.socket.unlink(missing_ok=True)
        options = ["--port", "0", "--unixsocket", str(self.socket), "--unixsocketperm", "700"]
        durable = ["--appendonly", "yes", "--save", "", "--daemonize", "no"]
        self._launch([self.program, *options, *durable], folder=data)

    @property
    def socket(self) -> Path:
        return self.private_dir / "valkey.sock"

    def _answers(self) -> bool:
        """True once it answers a ping; while it reads its file it says LOADING."""
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
                connection.settimeout(5.0)
                connection.connect(str(self.socket))
                connection.sendall(b"PING\r\n")
                return connection.recv(64).startswith(b"+PONG")
        except OSError:
            return False


def _one_line(text: str) -> str:
    return " | ".join(line.strip() for line in text.splitlines() if line.strip())
