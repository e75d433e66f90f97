"""Sixty-four buyers, ten pieces: what is sold, what the ledger says, and what the exactness costs.

    .venv/bin/python -m benchmarks.stock_race [--rounds 200]

Each round, 64 buyers on four connections race for the last ten pieces of one variant, and each also takes one
of another that there is plenty of; half of them name the two in the opposite order. The bare cost is the same
race in plain SQL on four connections, one conditional UPDATE for each variant and the ledger's rows, with
nobody told at Meta. Rounds alternate. Exits with 1 when a round sold anything but ten, when a ledger differs
from what is on hand, or when PostgreSQL counted a deadlock.
"""

from __future__ import annotations

import argparse
import itertools
import statistics
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import psycopg

from benchmarks.house import House, running_house

BUYERS, PIECES, PLENTY, CONNECTIONS = 64, 10, 1_000_000, 4
BARE_TABLES = """
CREATE TABLE bare_variant (id int PRIMARY KEY, on_hand int NOT NULL CHECK (on_hand >= 0));
CREATE TABLE bare_movement (
    id bigserial PRIMARY KEY, variant int NOT NULL, delta int NOT NULL, reference text NOT NULL,
    UNIQUE (variant, reference)
);
INSERT INTO bare_variant VALUES (1, 0), (2, 10000000);
"""

Buy = Callable[[int], bool]
"""Takes the number of a buyer; says whether the pieces are theirs. Raises what should not happen."""


@dataclass
class Figures:
    seconds: list[float] = field(default_factory=list)
    sold: list[int] = field(default_factory=list)
    errors: list[Exception] = field(default_factory=list)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=200)
    options = parser.parse_args()
    with (
        running_house() as house,
        ThreadPoolExecutor(CONNECTIONS) as ours,
        ThreadPoolExecutor(CONNECTIONS) as bare,
    ):
        shelf, plain = Shelf(), BareShelf(house)
        figures, bare_figures = Figures(), Figures()
        for number in range(options.rounds + 1):
            for pool, kind, found in ((ours, shelf, figures), (bare, plain, bare_figures)):
                kind.refill()
                _race(pool, kind.buy, found if number else Figures())  # the first round warms up
        books = shelf.find_differences()
        deadlocks = _count_deadlocks(house)
        for pool, kind in ((ours, shelf), (bare, plain)):
            _close(pool, kind.close)
    sys.exit(_print(figures, bare_figures, books=books, deadlocks=deadlocks))


class Shelf:
    """StormCom's own stock: one variant that is short, one that is not, both shown in a catalog."""

    def __init__(self) -> None:
        from catalog.models import Catalog, CatalogItem, Product, Variant
        from integrations.models import MetaAccount
        from tenancy.models import Store
        from tenancy.scope import open_store

        self._numbers = itertools.count()
        self.store = Store.objects.create(name="Race", slug="race", currency="EUR")
        with open_store(self.store.pk):
            account = MetaAccount.objects.create(meta_user_id="7")
            catalog = Catalog.objects.create(account=account, catalog_id="8", name="Race", state="active")
            product = Product.objects.create(title="Lamp")
            self.short, self.plenty = (
                Variant.objects.create(product=product, title=title, price_minor=1000)
                for title in ("Small", "Large")
            )
            CatalogItem.objects.bulk_create(
                CatalogItem(variant=variant, catalog=catalog) for variant in (self.short, self.plenty)
            )
            self._add(self.plenty, PLENTY)

    def refill(self) -> None:
        from tenancy.scope import open_store

        with open_store(self.store.pk):
            self.short.refresh_from_db()
            self._add(self.short, PIECES - self.short.on_hand)

    def _add(self, variant: Any, pieces: int) -> None:
        from catalog.models import Reason
        from catalog.stock import ledger

        if pieces:
            ledger.adjust(variant, pieces, reason=Reason.DELIVERED, actor=None)

    def buy(self, buyer: int) -> bool:
        from catalog.models import Reason
        from catalog.stock import ledger
        from tenancy.scope import open_store

        lines = [(self.short, 1), (self.plenty, 1)]
        with open_store(self.store.pk):
            try:
                ledger.take(
                    lines[:: -1 if buyer % 2 else 1],
                    reason=Reason.ORDER,
                    reference=f"order:{next(self._numbers)}",
                )
            except ledger.OutOfStock:
                return False
        return True

    def find_differences(self) -> list[str]:
        """Name each variant whose ledger does not add up to what is on hand."""
        from django.db.models import Sum

        from catalog.models import StockMovement, Variant
        from tenancy.scope import open_store

        with open_store(self.store.pk):
            sums = dict(StockMovement.objects.order_by().values_list("variant").annotate(n=Sum("delta")))
            return [
                f"{one.title}: {one.on_hand} on hand, {sums.get(one.pk, 0)} in the ledger"
                for one in Variant.objects.all()
                if one.on_hand != sums.get(one.pk, 0)
            ]

    def close(self) -> None:
        from django.db import connection

        connection.close()


class BareShelf:
    """The same in plain SQL, one connection for each thread."""

    def __init__(self, house: House) -> None:
        self._conninfo, self._numbers, self._local = house.conninfo, itertools.count(), threading.local()
        self._own().execute(BARE_TABLES)

    def _own(self) -> psycopg.Connection[Any]:
        if not hasattr(self._local, "connection"):
            self._local.connection = psycopg.connect(self._conninfo, autocommit=True)
        connection: psycopg.Connection[Any] = self._local.connection
        return connection

    def refill(self) -> None:
        self._own().execute("UPDATE bare_variant SET on_hand = %s WHERE id = 1", [PIECES])

    def buy(self, buyer: int) -> bool:
        connection, reference = self._own(), f"order:{next(self._numbers)}"
        with connection.transaction():
            for variant in (1, 2):  # in one order: plain SQL would lock itself out otherwise
                taken = connection.execute(
                    "UPDATE bare_variant SET on_hand = on_hand - 1 WHERE id = %s AND on_hand >= 1", [variant]
                )
                if not taken.rowcount:
                    return False
                connection.execute(
                    "INSERT INTO bare_movement (variant, delta, reference) VALUES (%s, -1, %s)",
                    [variant, reference],
                )
        return True

    def close(self) -> None:
        self._own().close()


def _race(pool: ThreadPoolExecutor, buy: Buy, figures: Figures) -> None:
    """Let all the buyers in at once and count what they got."""
    started = time.perf_counter()
    waiting = [pool.submit(buy, buyer) for buyer in range(BUYERS)]
    errors = [error for one in waiting if isinstance(error := one.exception(), Exception)]
    figures.seconds.append(time.perf_counter() - started)
    figures.errors += errors
    figures.sold.append(sum(one.result() for one in waiting if one.exception() is None))


def _count_deadlocks(house: House) -> int:
    time.sleep(1.5)  # servers report what they counted after a second
    with psycopg.connect(house.conninfo) as connection:
        row = connection.execute(
            "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
        ).fetchone()
    return int(row[0]) if row else 0


def _close(pool: ThreadPoolExecutor, close: Callable[[], None]) -> None:
    """Close the connection of each thread, and this thread's own."""
    together = threading.Barrier(CONNECTIONS)

    def once() -> None:
        together.wait(timeout=10)
        close()

    for closed in [pool.submit(once) for _ in range(CONNECTIONS)]:
        closed.result()
    close()


def _print(figures: Figures, bare: Figures, *, books: list[str], deadlocks: int) -> int:
    """Print what came of it; return what this process ends with."""
    wrong = [sold for sold in figures.sold if sold != PIECES]
    ours_ms, bare_ms = (statistics.median(one.seconds) * 1000 for one in (figures, bare))
    print(
        f"{len(figures.sold)} rounds, {BUYERS} buyers on {CONNECTIONS} connections for {PIECES} pieces: "
        f"{len(figures.sold) - len(wrong)} rounds sold {PIECES}, {len(figures.errors)} errors, "
        f"{deadlocks} deadlocks, ledger {'; '.join(books) or 'equal'}"
    )
    print(f"a round: ours {ours_ms:.1f} ms, plain SQL {bare_ms:.1f} ms, ratio {ours_ms / bare_ms:.2f}")
    for error in figures.errors[:3]:
        print(f"  {type(error).__name__}: {error}")
    return 1 if wrong or books or figures.errors or deadlocks else 0


if __name__ == "__main__":
    main()
