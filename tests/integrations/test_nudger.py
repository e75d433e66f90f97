from __future__ import annotations

import threading
import time

import pytest

from integrations.webhooks import nudger
from integrations.webhooks.nudger import Nudger


def wait_for(nudges: list[float], count: int) -> None:
    end = time.monotonic() + 5
    while len(nudges) < count and time.monotonic() < end:
        time.sleep(0.005)


def test_the_first_body_nudges_at_once_and_the_ones_behind_it_share_a_nudge() -> None:
    nudges: list[float] = []
    first = threading.Event()

    def nudge() -> None:
        nudges.append(time.monotonic())
        first.set()

    subject = Nudger(nudge)
    subject.send()
    assert first.wait(5)
    for _ in range(nudger.FLOOD_BODIES - 1):
        subject.send()
    wait_for(nudges, 2)
    time.sleep(nudger.PAUSE_SECONDS * 3)
    assert len(nudges) == 2
    assert nudges[1] - nudges[0] >= nudger.PAUSE_SECONDS


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_nudge_that_fails_stops_no_later_one() -> None:
    nudges: list[float] = []
    failed = threading.Event()

    def nudge() -> None:
        nudges.append(time.monotonic())
        if len(nudges) == 1:
            failed.set()
            raise OSError

    subject = Nudger(nudge)
    subject.send()
    assert failed.wait(5)
    subject._thread.join(5)  # type: ignore[union-attr]
    subject.send()
    wait_for(nudges, 2)
    assert len(nudges) == 2
