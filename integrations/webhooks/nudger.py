"""Telling the workers that something came in, from a thread of its own: no answer waits for the broker."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

PAUSE_SECONDS = 0.02
FLOOD_PAUSE_SECONDS = 0.25
"""A nudge costs half a millisecond and, beside a busy event loop, ten times that in fights for the GIL."""
FLOOD_BODIES = 20
"""So many bodies within one pause are a flood: the workers are at it anyway, and few nudges are enough."""


class Nudger:
    """Calls `nudge` at once for the first body, and once for all that come within the pause after it.

    Safe from any thread and after a fork: the thread starts with the first body.
    """

    def __init__(self, nudge: Callable[[], None]) -> None:
        self._nudge = nudge
        self._wanted = threading.Event()
        self._bodies = 0
        self._thread: threading.Thread | None = None

    def send(self) -> None:
        """Have the workers nudged soon; returns at once."""
        self._bodies += 1
        self._wanted.set()
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._run, name="nudger", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        while True:
            self._wanted.wait()
            self._wanted.clear()
            bodies, self._bodies = self._bodies, 0
            self._nudge()
            time.sleep(FLOOD_PAUSE_SECONDS if bodies >= FLOOD_BODIES else PAUSE_SECONDS)
