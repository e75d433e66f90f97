"""What it costs to push a catalog of a hundred thousand variants whole, and then a hundred changes in it.

    .venv/bin/python -m benchmarks.pushing [--large 100000] [--rounds 15]

Meta is a process that takes every batch and has it finished at the first question. Two figures. The full
push: items a second against building the same JSON and posting it without any database, and the memory of
this process above its start. A hundred changes: milliseconds and queries in the large catalog against the
same in one of a thousand, in turn, from the edit to the confirmed answer.
"""

from __future__ import annotations

import argparse
import itertools
import json
import multiprocessing
import os
import statistics
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from benchmarks.house import running_house

SMALL, CHANGES, SLICE = 1_000, 100, 2_000
BASE_URL = "http://localhost:8000"
DESCRIPTION = "A thing for the house. " * 20


class TakingAll(BaseHTTPRequestHandler):
    """Takes each batch without looking into it."""

    protocol_version = "HTTP/1.1"
    numbers = itertools.count(1)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self._answer({"handles": [f"h{next(self.numbers)}"], "validation_status": []})

    def do_GET(self) -> None:
        self._answer({"data": [{"status": "finished", "errors_total_count": 0}]})

    def _answer(self, content: dict[str, Any]) -> None:
        body = json.dumps(content).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--large", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    server = ThreadingHTTPServer(("127.0.0.1", 0), TakingAll)
    process = multiprocessing.Process(target=server.serve_forever, daemon=True)
    process.start()
    os.environ |= {"APP_BASE_URL": BASE_URL, "GRAPH_API_URL": f"http://127.0.0.1:{server.server_port}"}
    try:
        with running_house():
            catalogs = [_fill(size) for size in (SMALL, options.large)]
            for catalog in catalogs:
                _measure_full(catalog)
            _tidy()
            _measure_changes(catalogs, rounds=options.rounds)
    finally:
        process.terminate()


def _fill(size: int) -> Any:
    """Make a store of so many products, a slice at a time, that all wait for their first push."""
    from catalog.models import Catalog
    from integrations.models import MetaAccount
    from tenancy.models import Store
    from tenancy.scope import open_store

    store = Store.objects.create(name=f"Shop {size}", slug=f"shop-{size}", currency="EUR")
    with open_store(store.pk):
        account = MetaAccount(meta_user_id=str(size), store_id=store.pk)
        account.seal_token("a-token-of-the-benchmark")
        account.save()
        catalog = Catalog(account=account, store_id=store.pk, catalog_id=str(size), name=store.name)
        catalog.state = "active"
        catalog.save()
        for start in range(0, size, SLICE):
            _fill_slice(catalog, range(start, min(size, start + SLICE)))
    _tidy()
    return catalog


def _fill_slice(catalog: Any, numbers: range) -> None:
    from catalog.models import CatalogItem, Product, Variant

    products = Product.objects.bulk_create(_product(n) for n in numbers)
    variants = Variant.objects.bulk_create(
        Variant(product=one, sku=one.title, price_minor=1000, on_hand=5) for one in products
    )
    CatalogItem.objects.bulk_create(CatalogItem(variant=one, catalog=catalog) for one in variants)


def _product(number: int) -> Any:
    from catalog.models import Product

    picture = f"https://pictures.shop.example/{number}.jpg"
    return Product(title=f"Item {number}", description=DESCRIPTION, image_urls=[picture])


def _tidy() -> None:
    """Let PostgreSQL know its tables, as autovacuum does in time."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _measure_full(catalog: Any) -> None:
    from tenancy.scope import open_store

    size = int(catalog.catalog_id)
    with open_store(catalog.store_id):
        bare = _push_bare(catalog, size)
        before = _megabytes()
        started = time.perf_counter()
        most = _push_all(catalog)
        seconds = time.perf_counter() - started
        if _count_live(catalog) != size:
            raise RuntimeError("Not every item is live.")
    print(
        f"full push of {size:,}: {size / seconds:,.0f} items/s, bare {size / bare:,.0f} items/s: "
        f"{bare / seconds:.2f} of it (aim: at least 0.5); {most - before:.0f} MB above its start (aim: 150)",
        flush=True,
    )


def _push_all(catalog: Any) -> float:
    """Push until nothing waits, as the workers do; return the most megabytes used after any batch."""
    from catalog.push.batches import push_next

    most, more = 0.0, True
    while more:
        pushed = push_next(catalog.pk, stock_only=False)
        most, more = max(most, _megabytes()), pushed.more
        if pushed.batch_pk is not None:
            _finish(pushed.batch_pk)
    return most


def _finish(batch_pk: int) -> None:
    """Ask for the result at once, as after Meta's own message."""
    from django.utils import timezone

    from catalog.models import PushBatch
    from catalog.push.batches import poll

    PushBatch.objects.filter(pk=batch_pk).update(not_before=timezone.now())
    polled = poll(batch_pk)
    if polled is None or polled.again_seconds is not None:
        raise RuntimeError("The batch did not finish.")


def _push_bare(catalog: Any, size: int) -> float:
    """Return the seconds that building the same rows, posting and asking take without a database."""
    from django.utils import timezone

    from catalog.items import build_row
    from catalog.models import Variant
    from integrations.graph import catalogs
    from integrations.graph.client import GraphClient

    client = GraphClient(catalog.account.token)
    started = time.perf_counter()
    for first in range(0, size, catalogs.ROWS_PER_BATCH):
        now, rows = timezone.now(), []
        for number in range(first, min(size, first + catalogs.ROWS_PER_BATCH)):
            variant = Variant(product=_product(number), store=catalog.store, price_minor=1000, on_hand=5)
            rows.append(build_row(variant, base_url=BASE_URL, now=now, delete=False).request)
        receipt = catalogs.send_batch(client, catalog.catalog_id, requests=rows)
        catalogs.check_batch(client, catalog.catalog_id, handle=receipt.handle)
    return time.perf_counter() - started


def _count_live(catalog: Any) -> int:
    from catalog.models import CatalogItem

    return int(CatalogItem.objects.filter(catalog=catalog, state="live").count())


def _measure_changes(catalogs: list[Any], *, rounds: int) -> None:
    times: dict[int, list[float]] = {catalog.pk: [] for catalog in catalogs}
    queries = {catalog.pk: _change(catalog, price_minor=2000)[1] for catalog in catalogs}  # warms up, too
    for number in range(rounds):
        for catalog in catalogs:
            seconds, _queries = _change(catalog, price_minor=2001 + number)
            times[catalog.pk].append(seconds * 1000)
    small, large = (statistics.median(times[catalog.pk]) for catalog in catalogs)
    few, many = (queries[catalog.pk] for catalog in catalogs)
    print(
        f"{CHANGES} changes: {small:.0f} ms and {few} queries in a catalog of {SMALL:,}, {large:.0f} ms and "
        f"{many} in one of {int(catalogs[1].catalog_id):,}: ratio {large / small:.2f} of time, "
        f"{many / few:.2f} of queries (aim: at most 1.2)"
    )


def _change(catalog: Any, *, price_minor: int) -> tuple[float, int]:
    """Change a hundred variants, push and confirm them; return the seconds and the queries."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from catalog.models import PushBatch, Variant
    from catalog.push.batches import push_next
    from catalog.push.marking import mark_waiting
    from tenancy.scope import open_store

    with open_store(catalog.store_id), CaptureQueriesContext(connection) as captured:
        pks = list(Variant.objects.order_by("pk").values_list("pk", flat=True)[:CHANGES])
        started = time.perf_counter()
        Variant.objects.filter(pk__in=pks).update(price_minor=price_minor)
        mark_waiting(pks)
        pushed = push_next(catalog.pk, stock_only=False)
        if pushed.batch_pk is None:
            raise RuntimeError("Nothing was sent.")
        _finish(pushed.batch_pk)
        seconds = time.perf_counter() - started
        if PushBatch.objects.get(pk=pushed.batch_pk).live_count != CHANGES:
            raise RuntimeError("Not every change is live.")
    return seconds, len(captured)


def _megabytes() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1024**2


if __name__ == "__main__":
    main()
