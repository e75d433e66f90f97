"""From POST to a message in the inbox: how long a buyer's words take to be there for the shop.

    .venv/bin/python -m benchmarks.webhook_latency [--seconds 20]

One web process, one worker with two processes, on one machine. A message is there when the row that the inbox
page reads can be read by another connection. Prints p50 and p99 with an idle system (one message, then a
pause) and at 50 messages a second, and the bare cost of storing and reading such a row.
"""

from __future__ import annotations

import argparse
import json
import threading
import time

import psycopg

from benchmarks.house import House, Sender, make_shops, percentile, running_house, wait_until

PAGES = [f"10010010010{number:02}" for number in range(10)]
PER_SECOND = 50
IDLE_MESSAGES = 60


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=int, default=20)
    options = parser.parse_args()
    with running_house() as house:
        make_shops(PAGES)
        with house.web(), house.worker(processes=2):
            wait_until("worker", lambda: bool(_measure(house, [f"warm-{time.time()}"], pause=0)))
            idle = _measure(house, [f"idle-{n}" for n in range(IDLE_MESSAGES)], pause=0.2)
            busy = _measure(
                house,
                [f"busy-{n}" for n in range(PER_SECOND * options.seconds)],
                pause=1 / PER_SECOND,
            )
    for name, waits in (("idle", idle), (f"{PER_SECOND} a second", busy)):
        milliseconds = [wait * 1000 for wait in waits]
        p50, p99 = percentile(milliseconds, 0.5), percentile(milliseconds, 0.99)
        print(f"POST to inbox, {name:12}  p50 {p50:7.1f} ms   p99 {p99:7.1f} ms   of {len(waits)} messages")


def _measure(house: House, mids: list[str], *, pause: float) -> list[float]:
    """Post one message each `pause` seconds and return the seconds until each could be read."""
    sent: dict[str, float] = {}
    seen: dict[str, float] = {}
    watcher = threading.Thread(target=_watch, args=(house, set(mids), seen))
    watcher.start()
    sender, due = Sender(house.port), time.monotonic()
    for number, mid in enumerate(mids):
        time.sleep(max(0.0, due - time.monotonic()))
        due += pause
        sent[mid] = time.monotonic()
        if sender.post(message_body(PAGES[number % len(PAGES)], person=f"5{number % 40}", mid=mid)) != 200:
            raise RuntimeError("The door did not take a body.")
    watcher.join()
    return [seen[mid] - sent[mid] for mid in mids]


def _watch(house: House, wanted: set[str], seen: dict[str, float]) -> None:
    newest, end = 0, time.monotonic() + 120
    with psycopg.connect(house.conninfo, autocommit=True) as connection:
        while wanted - seen.keys() and time.monotonic() < end:
            # Rows of several workers may become visible out of order: look a little back.
            rows = connection.execute(
                "SELECT id, mid FROM messaging_message WHERE id > %s", [max(0, newest - 100)]
            ).fetchall()
            now = time.monotonic()
            for pk, mid in rows:
                newest = max(newest, pk)
                seen.setdefault(mid, now)
            time.sleep(0.001)


def message_body(page_id: str, *, person: str, mid: str) -> bytes:
    message = {
        "sender": {"id": person},
        "recipient": {"id": page_id},
        "timestamp": int(time.time() * 1000),
        "message": {"mid": mid, "text": "Do you have this in blue?"},
    }
    entry = {"id": page_id, "time": message["timestamp"], "messaging": [message]}
    return json.dumps({"object": "page", "entry": [entry]}, separators=(",", ":")).encode()


if __name__ == "__main__":
    main()
