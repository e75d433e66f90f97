"""What the demo writes to the terminal: its steps with their seconds, then one log of all processes."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

_COLOURS = {"sandbox": 35, "web": 36, "worker": 32, "timetable": 33}
_DIM, _BOLD, _RED = 2, 1, 31


class Console:
    """One writer for all threads; colour only on a terminal, and not with NO_COLOR."""

    def __init__(self, out: TextIO | None = None) -> None:
        self.out = out or sys.stdout
        self.colour = self.out.isatty() and not os.environ.get("NO_COLOR")
        self._lock = threading.Lock()

    def say(self, text: str = "", *, style: int | None = None) -> None:
        """Write a line; a reader that has gone (`make demo | head`) raises BrokenPipeError."""
        with self._lock:
            self.out.write(self._paint(text, style) + "\n")
            self.out.flush()

    def complain(self, text: str) -> None:
        self.say(text, style=_RED)

    def log(self, name: str, line: str) -> None:
        """Write a line of a process behind the process's name."""
        self.say(f"{self._paint(f'{name:<9} │', _COLOURS.get(name))} {line}")

    @contextmanager
    def step(self, text: str) -> Iterator[None]:
        """Write what was done and its seconds, after it is done."""
        began = time.monotonic()
        yield
        self.took(text, time.monotonic() - began)

    def took(self, text: str, seconds: float) -> None:
        self.say(f"  {text:<58} {seconds:>5.1f} s", style=_DIM)

    def title(self, text: str) -> None:
        self.say(text, style=_BOLD)

    def _paint(self, text: str, style: int | None) -> str:
        return f"\033[{style}m{text}\033[0m" if self.colour and style and text else text
