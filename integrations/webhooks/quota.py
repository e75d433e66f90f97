"""How many bodies a web process takes, for one asset and in all; far above what Meta sends.

Counted after the signature, so nobody but Meta can use a quota up; counted per process, in fixed windows.
"""

from __future__ import annotations

import re
import time
from collections import Counter

WINDOW_SECONDS = 600

_ASSET_ID = re.compile(rb'"entry"\s*:\s*\[\s*\{[^{}\[\]]*?"id"\s*:\s*"?([^",}\s]{1,64})')
"""The first entry's id: one POST is about one asset, and parsing JSON would cost more than storing it."""


class Quota:
    """Counts bodies by asset within the present window."""

    def __init__(self) -> None:
        self._window = 0
        self._counts: Counter[bytes] = Counter()
        self._all = 0

    def find_wait(self, body: bytes, *, per_asset: int, overall: int) -> int:
        """Count the body; return 0, or the seconds until the window ends when a quota is used up."""
        now = time.time()
        window = int(now // WINDOW_SECONDS)
        if window != self._window:
            self._window, self._all = window, 0
            self._counts.clear()
        self._all += 1
        found = _ASSET_ID.search(body)
        asset = found[1] if found else b""
        self._counts[asset] += 1
        if self._all <= overall and self._counts[asset] <= per_asset:
            return 0
        return int((window + 1) * WINDOW_SECONDS - now) + 1
