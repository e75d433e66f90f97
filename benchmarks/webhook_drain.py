"""How many events one worker process handles a second, against the bare cost of the same SQL.

    .venv/bin/python -m benchmarks.webhook_drain [--events 1000] [--stored 10000 1000000] [--said 1000]

One worker drains messages of buyers, single-threaded, in this process. All SQL that it sends is recorded,
and sent again by a bare psycopg connection to a copy of the database as it was before, with the same commits:
what PostgreSQL and its driver alone need. Both are measured with few and with many events stored, and in the
end with so many answered messages in each conversation: the cost must not grow. Prints events per second, CPU
of this process per event, and the ratios.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

import psycopg

from benchmarks.house import House, make_shops, running_house
from benchmarks.webhook_latency import message_body

PAGES = [f"10010010010{number:02}" for number in range(10)]
COMMIT, ROLLBACK = "COMMIT", "ROLLBACK"
Log = list[tuple[str, Any]]


@dataclass(frozen=True)
class Figures:
    per_second: float
    cpu_us: float
    bare_per_second: float


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--events", type=int, default=1000)
    parser.add_argument("--stored", type=int, nargs="+", default=[10_000, 1_000_000])
    parser.add_argument("--said", type=int, default=1000)
    options = parser.parse_args()
    with running_house() as house:
        make_shops(PAGES)
        _deliver("warm", 100)
        _drain()
        figures = {}
        for stored in options.stored:
            _store(stored)
            figures[f"{stored:,}"] = _measure(house, f"at-{stored}", options.events)
        _say(options.said)
        figures["and long talks"] = _measure(house, "said", options.events)
    _print(figures)


def _measure(house: House, tag: str, events: int) -> Figures:
    _deliver(tag, events)
    copy = _copy_database(house)
    with _recorded() as log:
        cpu, wall = time.process_time(), time.perf_counter()
        _drain()
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    bare = _send_again(house.conninfo.replace("dbname=stormcom", f"dbname={copy}"), log)
    return Figures(events / wall, cpu / events * 1e6, events / bare)


def _deliver(tag: str, events: int) -> None:
    from integrations.models import WebhookDelivery

    now = tag + str(time.time())
    bodies = (
        message_body(PAGES[n % len(PAGES)], person=f"5{n % 200}", mid=f"{now}-{n}") for n in range(events)
    )
    WebhookDelivery.objects.bulk_create(WebhookDelivery(body=body, signed_by="facebook") for body in bodies)


def _drain() -> None:
    from integrations.webhooks.tasks import work_inbox

    work_inbox()


def _store(count: int) -> None:
    """Have so many settled events in the tables, as after months of work."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "WITH bodies AS (INSERT INTO integrations_webhookdelivery (body, signed_by, state)"
            " SELECT 'x', 'facebook', 'unpacked' FROM generate_series(1, %s) RETURNING id, received_at)"
            " INSERT INTO integrations_webhookevent (delivery_id, mailbox, kind, object, channel, asset_id,"
            " dedupe_key, item, received_at, state, reason, traceback, attempts, settled_at)"
            " SELECT id, '1001001001000', 'message', 'page', 'messaging', '1001001001000', md5(id::text),"
            " '{}', received_at, 'done', '', '', 1, received_at FROM bodies",
            [count],
        )
        cursor.execute("ANALYZE")


def _say(count: int) -> None:
    """Have so many more messages in each conversation, all of them answered."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO messaging_message (store_id, conversation_id, mid, direction, kind, state, text,"
            " payload, cart, reply_to_mid, app_id, error, error_code, error_detail, happened_at, received_at,"
            " not_before, edit_number, attempts, is_awaited, revision)"
            " SELECT store_id, id, 'said-' || n, 'in', 'text', 'received', 'Hello', '', '{}', '', '', '', '',"
            " '', last_message_at - n * interval '1 minute', now(), now(), 0, 0, false, 1"
            " FROM messaging_conversation, generate_series(1, %s) n",
            [count],
        )
        cursor.execute(
            "UPDATE messaging_conversation SET (done_message_id, seen_message_id) ="
            " (SELECT max(id), max(id) FROM messaging_message)"
        )
        cursor.execute("ANALYZE")


def _copy_database(house: House) -> str:
    """Copy the database; nobody may be connected meanwhile."""
    from django.db import connections

    connections["default"].close()
    connections["default"].close_pool()  # type: ignore[attr-defined]  # of the PostgreSQL backend
    name = f"copy_{time.time_ns()}"
    with psycopg.connect(
        house.conninfo.replace("dbname=stormcom", "dbname=postgres"), autocommit=True
    ) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE stormcom")
    return name


@contextmanager
def _recorded() -> Iterator[Log]:
    from django.db import connection

    log: Log = []
    connection.ensure_connection()

    def record(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        log.append((sql, params))
        if not connection.in_atomic_block:
            log.append((COMMIT, None))
        return execute(sql, params, many, context)

    def noted(name: str, end: Callable[[], None]) -> Callable[[], None]:
        def note() -> None:
            log.append((name, None))
            end()

        return note

    endings: dict[str, Any] = {
        "commit": noted(COMMIT, connection.commit),
        "rollback": noted(ROLLBACK, connection.rollback),
    }
    with patch.multiple(connection, **endings), connection.execute_wrapper(record):
        yield log


def _send_again(conninfo: str, log: Log) -> float:
    """Send the recorded statements with a bare connection; return the seconds it took."""
    with psycopg.connect(conninfo, cursor_factory=psycopg.ClientCursor) as connection:
        cursor = connection.cursor()
        started = time.perf_counter()
        for sql, params in log:
            if sql == COMMIT:
                connection.commit()
            elif sql == ROLLBACK:
                connection.rollback()
            else:
                cursor.execute(sql, params)
                if cursor.description:
                    cursor.fetchall()
        connection.commit()
        return time.perf_counter() - started


def _print(figures: dict[str, Figures]) -> None:
    print(f"{'stored events':>14} {'events/s':>9} {'CPU us':>7} {'bare SQL/s':>11} {'worker / bare':>14}")
    for stored, row in figures.items():
        ratio = row.per_second / row.bare_per_second
        rates = f"{row.per_second:>9.0f} {row.cpu_us:>7.0f} {row.bare_per_second:>11.0f}"
        print(f"{stored:>14} {rates} {ratio:>14.2f}")
    first, *others = figures
    for other in others:
        grown = figures[first].per_second / figures[other].per_second
        print(f"cost of an event, {other} / {first}: {grown:.2f}")


if __name__ == "__main__":
    main()
