"""What comparing a catalog of a hundred thousand items at Meta with the store costs, against one thousand.

    .venv/bin/python -m benchmarks.comparing [--large 100000]

Meta is a process that makes its pages up as they are asked for: of each hundred items one has another price,
one is missing, and one more is only there. Figures: items a second; the share of it that reading and parsing
the same pages without a database takes; queries of one page; and memory of this process above its start.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import resource
import time
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from benchmarks.house import running_house

SMALL = 1_000
BASE_URL = "http://localhost:8000"


@dataclass(frozen=True)
class Figure:
    items: int
    seconds: float
    bare_seconds: float
    queries_of_a_page: int
    megabytes: float


class PretendCatalog(BaseHTTPRequestHandler):
    """A catalog whose id is its size."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        parts, query = urlsplit(self.path), parse_qs(urlsplit(self.path).query)
        size = int(parts.path.split("/")[2])
        answer: dict[str, Any] = {"id": str(size), "product_count": size}
        if parts.path.endswith("/products"):
            start, limit = int(query.get("after", ["0"])[0]), int(query["limit"][0])
            end = min(start + limit, size + size // 100)
            answer = {"data": [remote_item(n, size) for n in range(start, end) if not is_missing(n, size)]}
            if end < size + size // 100:
                answer["paging"] = {"cursors": {"after": str(end)}, "next": f"{BASE_URL}/?after={end}"}
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


def is_missing(number: int, size: int) -> bool:
    return number % 100 == 1 and number < size


def remote_item(number: int, size: int) -> dict[str, Any]:
    return {
        "id": str(number),
        "retailer_id": f"v{number:09d}",
        "retailer_product_group_id": f"g{number:09d}",
        "name": f"Item {number}",
        "description": "A thing for the house. " * 20,
        "availability": "in stock",
        "condition": "new",
        "price": "€9.00" if number % 100 == 0 else "€10.00",
        "currency": "EUR",
        "url": f"{BASE_URL}/shop/shop-{size}/g{number:09d}?variant=v{number:09d}",
        "brand": f"Shop {size}",
        "inventory": 5,
        "review_status": "approved",
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--large", type=int, default=100_000)
    options = parser.parse_args()
    server = ThreadingHTTPServer(("127.0.0.1", 0), PretendCatalog)
    process = multiprocessing.Process(target=server.serve_forever, daemon=True)
    process.start()
    os.environ |= {"APP_BASE_URL": BASE_URL, "GRAPH_API_URL": f"http://127.0.0.1:{server.server_port}"}
    try:
        with running_house():
            _print([_measure(size) for size in (SMALL, options.large)])
    finally:
        process.terminate()


def _measure(size: int) -> Figure:
    from catalog.models import Catalog
    from tenancy.models import Store
    from tenancy.scope import open_store

    store = Store.objects.create(name=f"Shop {size}", slug=f"shop-{size}", currency="EUR")
    with open_store(store.pk):
        _fill_elsewhere(store, size)
        catalog = Catalog.objects.select_related("account").get()
        before = _peak_megabytes()
        queries = _count_queries(catalog)
        started = time.perf_counter()
        found = _compare(catalog)
        seconds = time.perf_counter() - started
        megabytes = _peak_megabytes() - before
        hundredth = size // 100
        if found != {"missing": hundredth, "different": hundredth, "orphaned": hundredth}:
            raise RuntimeError(f"The comparison found {found}.")
        return Figure(size, seconds, _read_only(catalog), queries, megabytes)


def _fill_elsewhere(store: Any, size: int) -> None:
    """Fill the store in a process of its own, whose memory is not counted."""
    from django.db import connections

    connections.close_all()
    pid = os.fork()
    if pid == 0:
        _fill(store, size)
        os._exit(0)
    if os.waitpid(pid, 0)[1]:
        raise RuntimeError("The store could not be filled.")


def _fill(store: Any, size: int) -> None:
    from django.db import connection
    from django.utils import timezone

    from catalog.models import Catalog, CatalogItem, Product, Variant
    from integrations.models import MetaAccount

    account = MetaAccount(meta_user_id=str(size), store_id=store.pk)
    account.seal_token("a-token-of-the-benchmark")
    account.save()
    catalog = Catalog(account=account, store_id=store.pk, catalog_id=str(size), name=store.name)
    catalog.state = "active"
    catalog.save()
    products = Product.objects.bulk_create(
        (
            Product(title=f"Item {n}", description="A thing for the house. " * 20, item_group_id=f"g{n:09d}")
            for n in range(size)
        ),
        batch_size=2000,
    )
    variants = Variant.objects.bulk_create(
        (
            Variant(product=product, retailer_id=f"v{n:09d}", price_minor=1000, on_hand=5)
            for n, product in enumerate(products)
        ),
        batch_size=2000,
    )
    before = timezone.now()
    rows = (CatalogItem(variant=one, catalog=catalog, state="live", waiting_since=None) for one in variants)
    CatalogItem.objects.bulk_create(rows, batch_size=2000)
    CatalogItem.objects.update(sent_at=before)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _compare(catalog: Any) -> dict[str, int]:
    from catalog.comparing.mending import count_open
    from catalog.comparing.reconcile import start_comparison, take_step

    comparison = start_comparison(catalog)
    while comparison is not None and take_step(comparison.pk):
        pass
    return count_open(catalog)


def _count_queries(catalog: Any) -> int:
    """Count the queries of a page from the middle of a comparison that is stopped afterwards."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from catalog.comparing.reconcile import start_comparison, stop_comparison, take_step

    comparison = start_comparison(catalog)
    if comparison is None or not take_step(comparison.pk):
        raise RuntimeError("The comparison did not start.")
    with CaptureQueriesContext(connection) as captured:
        take_step(comparison.pk)
    stop_comparison(comparison)
    return sum("catalog_" in query["sql"] for query in captured)


def _read_only(catalog: Any) -> float:
    """Return how long reading and parsing the same pages takes, without a database."""
    from integrations.graph.catalog_items import fetch_items
    from integrations.graph.client import GraphClient

    client = GraphClient(catalog.account.token)
    place: dict[str, str] = {}
    started = time.perf_counter()
    while True:
        page = fetch_items(client, catalog.catalog_id, place=place)
        if page.place is None:
            return time.perf_counter() - started
        place = page.place


def _peak_megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _print(figures: list[Figure]) -> None:
    print("   items   seconds   items/s   of bare reading   queries of a page   MB above start")
    for one in figures:
        share, rate = one.bare_seconds / one.seconds, one.items / one.seconds
        print(
            f"{one.items:8,}{one.seconds:10.1f}{rate:10,.0f}{share:18.2f}{one.queries_of_a_page:20}"
            f"{one.megabytes:17.1f}"
        )


if __name__ == "__main__":
    main()
