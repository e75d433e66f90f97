"""What becomes of Meta's events when things break: a bounded run of faults, with figures.

    .venv/bin/python -m benchmarks.webhook_chaos [--events 10000] [--kills 50]

1. The broker is away for the whole time of the posts: all answered 200, all handled once it is back.
2. A worker process is killed (SIGKILL) in the middle of its work, again and again: each event has its
   effect once.
3. PostgreSQL stops and comes back: 503 meanwhile, and the sender's next try lands each body once.
4. The same events three times, shuffled, from eight senders at once: the rows of one clean delivery.

Each fault works on shops of its own, and in the end every shop must look exactly like its twin, which got the
same events once, in order, with nothing broken. Exits with 1 when one does not.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import psycopg

from benchmarks.conversations import make_bodies
from benchmarks.house import House, Sender, make_shops, running_house, wait_until

NOWHERE = "redis+socket:///nonexistent/broker.sock"
FAULTS = {"broker": "1", "killed": "2", "postgres": "3", "shuffled": "4"}
CLEAN = "9"
PAGES_OF_A_FAULT = 20

_DIGEST = """
    SELECT count(*), md5(string_agg(line, E'\\n' ORDER BY line)) FROM (
        SELECT concat_ws('|', right(c.asset_id, 4), p.person_id, m.mid, m.direction, m.kind, m.state, m.text,
            m.happened_at, m.deleted_at IS NULL, c.unread_count, c.last_message_at, c.waiting_since,
            c.snippet)
        FROM messaging_message m JOIN messaging_conversation c ON c.id = m.conversation_id
        JOIN messaging_contact p ON p.id = c.contact_id WHERE c.asset_id LIKE %s
    ) AS lines (line)
"""
_OPEN = """
    SELECT (SELECT count(*) FROM integrations_webhookdelivery WHERE state = 'received')
    + (SELECT count(*) FROM integrations_webhookevent WHERE state = 'waiting')
"""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--events", type=int, default=10_000, help="of the shuffled fault; the others get a fifth"
    )
    parser.add_argument("--kills", type=int, default=50)
    options = parser.parse_args()
    some = options.events // 5
    with running_house() as house:
        make_shops([page for digit in (*FAULTS.values(), CLEAN) for page in _pages(digit)])
        lose_the_broker(house, some)
        kill_workers(house, some, kills=options.kills)
        restart_postgres(house, some)
        shuffle(house, options.events)
        same = [_compare(house, fault, some if fault != "shuffled" else options.events) for fault in FAULTS]
    sys.exit(0 if all(same) else 1)


def lose_the_broker(house: House, events: int) -> None:
    with house.web(CELERY_BROKER_URL=NOWHERE):
        answers = Counter(_post_all(house, make_bodies(_pages(FAULTS["broker"]), events)))
    print(f"broker away: {events} events, answers {dict(answers)}, waiting {_open_rows(house)}")
    with house.worker(processes=2):
        print(f"  handled {_drained(house):.1f} s after the broker was back")


def kill_workers(house: House, events: int, *, kills: int) -> None:
    with house.web(), house.worker(processes=2) as worker:
        bodies = make_bodies(_pages(FAULTS["killed"]), events)
        posting = threading.Thread(target=lambda: _post_all(house, bodies, pause=0.005))
        posting.start()
        killed = 0
        while killed < kills:
            time.sleep(random.uniform(0.1, 0.4))
            killed += _kill_a_child(worker)
            _nudge()
        posting.join()
        print(f"worker killed {killed} times over {events} events; drained after {_drained(house):.1f} s")
    with psycopg.connect(house.conninfo) as connection:
        tries = connection.execute(
            "SELECT max(attempts), count(*) FILTER (WHERE attempts > 1) FROM"
            " integrations_webhookevent WHERE mailbox LIKE %s",
            [FAULTS["killed"] + "%"],
        ).fetchone()
    print(f"  most attempts of one event and events tried more than once: {tries}")


def restart_postgres(house: House, events: int) -> None:
    with house.web():
        bodies = make_bodies(_pages(FAULTS["postgres"]), events)
        stopping = threading.Timer(0.3, _stop_postgres, [house.state])
        stopping.start()
        answers: Counter[int] = Counter()
        left = bodies
        while left:
            statuses = _post_all(house, left)
            answers.update(statuses)
            left = [body for body, status in zip(left, statuses, strict=True) if status != 200]
            time.sleep(0.1)
        stopping.join()
        print(f"PostgreSQL restarted: {events} events, answers {dict(answers)}")
        with house.worker(processes=2):
            _drained(house)


def shuffle(house: House, events: int) -> None:
    bodies = make_bodies(_pages(FAULTS["shuffled"]), events)
    deck = bodies * 3
    random.shuffle(deck)
    with house.web(), house.worker(processes=2):
        started = time.monotonic()
        hands = [deck[n::8] for n in range(8)]
        senders = [threading.Thread(target=_post_all, args=[house, hand]) for hand in hands]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join()
        posted = time.monotonic() - started
        print(
            f"shuffled: {events} events three times in {len(deck)} posts, {posted:.1f} s; "
            f"drained {_drained(house):.1f} s later"
        )


def _compare(house: House, fault: str, events: int) -> bool:
    """Give the twins the same events, once and in order, and hold the shops against them."""
    with house.web(), house.worker(processes=2):
        _post_all(house, make_bodies(_pages(CLEAN), events))
        _drained(house)
    with psycopg.connect(house.conninfo) as connection:
        ours, twins = (
            connection.execute(_DIGEST, [digit + "%"]).fetchone() for digit in (FAULTS[fault], CLEAN)
        )
    print(f"{fault:9} {ours} {'equals' if ours == twins else 'DIFFERS FROM'} a clean delivery {twins}")
    return ours == twins


def _pages(digit: str) -> list[str]:
    return [f"{digit}0010010{number:04}" for number in range(PAGES_OF_A_FAULT)]


def _post_all(house: House, bodies: Iterable[bytes], *, pause: float = 0) -> list[int]:
    sender, answers = Sender(house.port), []
    for body in bodies:
        answers.append(sender.post(body))
        time.sleep(pause)
    return answers


def _drained(house: House) -> float:
    """Wait until nothing is left to do, sweeping as the timetable does; return the seconds it took."""
    started = time.monotonic()

    def done() -> bool:
        _nudge()
        time.sleep(0.2)
        return _open_rows(house) == 0

    wait_until("an empty inbox", done, seconds=1800)
    return time.monotonic() - started


def _nudge() -> None:
    from integrations.webhooks.tasks import nudge_inbox

    nudge_inbox()


def _open_rows(house: House) -> int:
    with psycopg.connect(house.conninfo) as connection:
        row = connection.execute(_OPEN).fetchone()
    return int(row[0]) if row else 0


def _kill_a_child(worker: subprocess.Popen[bytes]) -> int:
    """Kill one process of the worker's pool, whatever it is at; the parent starts another."""
    children = Path(f"/proc/{worker.pid}/task/{worker.pid}/children").read_text().split()
    if not children:
        return 0
    os.kill(int(random.choice(children)), signal.SIGKILL)
    return 1


def _stop_postgres(state: Path) -> None:
    """Stop the private server as an administrator would; its keeper starts it again."""
    pid = int((state / "postgres" / "postmaster.pid").read_text().split()[0])
    os.kill(pid, signal.SIGINT)


if __name__ == "__main__":
    main()
