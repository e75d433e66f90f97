"""Run the demo's processes side by side: one merged log, one end for all of them."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings

from operations.demo.console import Console

_TERM_SECONDS = 7.0
"""Then by force: with the private servers' own end after it, all is over within 10 seconds."""
_LAST_LINES = 20


class ChildDiedError(Exception):
    """A process ended by itself; the text says which and its last lines."""


@dataclass
class Child:
    """One process of the demo, leader of a group of its own."""

    name: str
    process: subprocess.Popen[str]
    is_routine: Callable[[str], bool]
    last_lines: deque[str] = field(default_factory=lambda: deque(maxlen=_LAST_LINES))
    reader: threading.Thread | None = None

    def signal(self, number: signal.Signals) -> None:
        """Signal the process and all it started."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)


class Supervisor:
    """Starts processes, shows what they write, and sees to it that none is left."""

    def __init__(
        self, *, console: Console, folder: Path, prepare_child: Callable[[], None] | None = None
    ) -> None:
        self.console = console
        self.folder = folder
        self.prepare_child = prepare_child
        self.children: list[Child] = []

    def start(
        self, name: str, command: list[str], *, is_routine: Callable[[str], bool] = lambda line: False
    ) -> None:
        """Start a process; its routine lines are not shown."""
        environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
        # The pretend Meta has to know where the app is that it calls back.
        environment["APP_BASE_URL"] = settings.APP_BASE_URL
        # Their output is a pipe: whether the reader of it wants colour is known only here.
        environment.pop("FORCE_COLOR", None)
        environment.update({"FORCE_COLOR": "1"} if self.console.colour else {"NO_COLOR": "1"})
        process = subprocess.Popen(
            command,
            cwd=self.folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            # Ctrl-C in the terminal reaches us alone; we end them in order.
            start_new_session=True,
            preexec_fn=self.prepare_child,
        )
        self.children.append(Child(name, process, is_routine))

    def follow(self) -> None:
        """Show from now on what the processes write.

        Called after the last start: threads and `preexec_fn` do not go together.
        """
        for child in self.children:
            child.reader = threading.Thread(target=self._read, args=(child,), daemon=True)
            child.reader.start()

    def check(self) -> None:
        """Raise ChildDiedError when one has ended."""
        for child in self.children:
            code = child.process.poll()
            if code is not None:
                if child.reader:
                    child.reader.join(1.0)
                lines = "\n".join(f"    {line}" for line in child.last_lines)
                how = f"exit code {code}" if code >= 0 else f"signal {-code}"
                raise ChildDiedError(
                    f"The {child.name} process ended by itself ({how}). Its last lines:\n{lines}"
                )

    def wait(self) -> None:
        """Stay until a process ends; raises ChildDiedError, or KeyboardInterrupt from a signal."""
        while True:
            self.check()
            time.sleep(0.2)

    def stop(self) -> None:
        """End all processes, by force those that do not go; safe twice."""
        for child in self.children:
            child.signal(signal.SIGTERM)
        end = time.monotonic() + _TERM_SECONDS
        for child in self.children:
            with suppress(subprocess.TimeoutExpired):
                child.process.wait(max(0.0, end - time.monotonic()))
            # Also after a good end: what it started may still be there.
            child.signal(signal.SIGKILL)
            child.process.wait()
        for child in self.children:
            if child.reader:
                child.reader.join(1.0)

    def _read(self, child: Child) -> None:
        for line in child.process.stdout or ():
            child.last_lines.append(line.rstrip())
            if line.strip() and not child.is_routine(line):
                # Nobody reads any more: the main thread learns it from its own writing or from a signal.
                with suppress(BrokenPipeError):
                    self.console.log(child.name, line.rstrip())
