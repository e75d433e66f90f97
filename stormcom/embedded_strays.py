"""Server processes that outlived their keeper: how not to make them, how to find and stop them.

A pid in a file proves nothing, the kernel may have given it to somebody else since. A process of ours is
known by its program and its folder.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

_PROGRAMS = ("postgres", "valkey-server", "redis-server")
_STOP_SECONDS = 15.0
_PR_SET_PDEATHSIG = 1


def die_with_parent(stop_signal: signal.Signals) -> Callable[[], None] | None:
    """Return what a child runs before its program, so that a killed parent takes it along; Linux only.

    Runs after the change of user, which would undo it.
    """
    if sys.platform != "linux":
        return None
    prctl, parent = ctypes.CDLL(None).prctl, os.getpid()

    def ask_kernel() -> None:
        prctl(_PR_SET_PDEATHSIG, int(stop_signal), 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    return ask_kernel


def clear_strays(folder: Path, *, stop_signal: signal.Signals) -> None:
    """Stop every server process that works in a folder, by force if it does not go."""
    for number in (stop_signal, signal.SIGKILL):
        end = time.monotonic() + _STOP_SECONDS
        for pid in find_strays(folder):
            with suppress(ProcessLookupError):
                os.kill(pid, number)
        while find_strays(folder):
            if time.monotonic() > end:
                break
            time.sleep(0.02)
        else:
            return


def find_strays(folder: Path) -> list[int]:
    """Find the server processes that work in a folder."""
    return _find_in_proc(folder) if Path("/proc/self/cwd").exists() else _find_by_ps(folder)


def _find_in_proc(folder: Path) -> list[int]:
    found = []
    for process in Path("/proc").iterdir():
        if not process.name.isdigit():
            continue
        # Gone since, or another user's.
        with suppress(OSError):
            program = (process / "comm").read_text().strip()
            if program in _PROGRAMS and (process / "cwd").readlink() == folder:
                found.append(int(process.name))
    return found


def _find_by_ps(folder: Path) -> list[int]:
    listing = subprocess.run(
        ["/bin/ps", "-axo", "pid=,command="], check=True, capture_output=True, text=True
    ).stdout
    processes = (line.split(maxsplit=1) for line in listing.splitlines())
    return [int(pid) for pid, command in processes if str(folder) in command and _is_server(command)]


def _is_server(command: str) -> bool:
    return any(program in command for program in _PROGRAMS)
