"""From the commit of a stock change to the call that carries it, at 20 changes a second over 50 stores.

    .venv/bin/python -m benchmarks.stock_lag [--seconds 20] [--variants 30000]

Two workers with one process each, one of them for bulk alone: one for `stock` and `default`, one
for `bulk`; Meta is a server that takes everything at once. First nothing else goes on, then one of the same
50 stores has a full push of all its variants for as long as the changes go on. A change has arrived with the
first call that holds its variant with at least so many pieces (each change adds one). Prints p50 and p99 of
both, of the stores beside the pushing one and of that store alone, and their ratios.
"""

from __future__ import annotations

import argparse
import os
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from benchmarks.house import percentile, running_house, wait_until
from benchmarks.null_catalogs import NullCatalogs, read_rows, running_catalogs

STORES, VARIANTS, PER_SECOND = 50, 10, 20
PIECES = 100
PICTURE = "https://pictures.bench.example/cushion.jpg"


@dataclass(frozen=True)
class Shop:
    """A store, its one catalog, and the variants whose stock changes."""

    store_pk: int
    catalog_pk: int
    variants: list[Any]


@dataclass(frozen=True)
class Change:
    """A change that holds: which variant, how many pieces it has then, and when it was committed."""

    shop: int
    retailer_id: str
    pieces: int
    committed: float


@dataclass
class Figures:
    lags: list[float] = field(default_factory=list)
    pushing_lags: list[float] = field(default_factory=list)
    calls: int = 0
    bulk_rows: int = 0


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--variants", type=int, default=30_000)
    options = parser.parse_args()
    changes = options.seconds * PER_SECOND
    with running_catalogs() as meta:
        os.environ["GRAPH_API_URL"] = meta.url
        with running_house() as house:
            shops = [_make_shop(number) for number in range(STORES)]
            _fill(shops[0], options.variants)
            with house.worker(queues="stock,default"), house.worker(queues="bulk"):
                _warm_up(meta, shops)
                idle = _measure(meta, shops, changes)
                first = len(meta.arrivals)
                with _full_push(shops[0]):
                    wait_until("the full push", lambda: any(map(_is_bulk, meta.arrivals[first:])))
                    busy = _measure(meta, shops, changes)
    _print(idle, busy)


def _make_shop(number: int) -> Shop:
    from catalog.models import Catalog
    from integrations.models import MetaAccount
    from tenancy.models import Store
    from tenancy.scope import open_store

    store = Store.objects.create(name=f"Shop {number}", slug=f"shop-{number}", currency="EUR")
    with open_store(store.pk):
        account = MetaAccount(meta_user_id=f"7{number}", store_id=store.pk)
        account.seal_token(f"EAAGbenchmark{number}")
        account.save()
        catalog = Catalog.objects.create(
            account=account, catalog_id=f"800{number:03}", name=store.name, state="active"
        )
        shop = Shop(store.pk, catalog.pk, [])
    shop.variants.extend(_fill(shop, VARIANTS))
    return shop


def _fill(shop: Shop, count: int) -> list[Any]:
    """Give a shop so many variants with their items, of which Meta has none yet."""
    from catalog.models import CatalogItem, Product, Variant
    from tenancy.scope import open_store

    with open_store(shop.store_pk):
        products = Product.objects.bulk_create(
            (
                Product(title=f"Linen cushion {n}", description="Linen. " * 40, image_urls=[PICTURE])
                for n in range(count)
            ),
            batch_size=2000,
        )
        variants: list[Any] = Variant.objects.bulk_create(
            (Variant(product=product, price_minor=1000, on_hand=PIECES) for product in products),
            batch_size=2000,
        )
        CatalogItem.objects.bulk_create(
            (CatalogItem(variant=one, catalog_id=shop.catalog_pk, waiting_since=None) for one in variants),
            batch_size=2000,
        )
    return variants


def _warm_up(meta: NullCatalogs, shops: Sequence[Shop]) -> None:
    """Have the worker of stock up, and call once for each shop."""
    sent = [_change(shops, number) for number in range(STORES)]
    wait_until("the worker of stock", lambda: len(_arrivals(meta.arrivals, sent)) == len(sent))
    _wait_until_quiet()


def _measure(meta: NullCatalogs, shops: Sequence[Shop], changes: int) -> Figures:
    first, due, sent = len(meta.arrivals), time.monotonic(), []
    for number in range(changes):
        time.sleep(max(0.0, due - time.monotonic()))
        due += 1 / PER_SECOND
        sent.append(_change(shops, number))
    during = list(meta.arrivals[first:])
    wait_until("the last call", lambda: len(_arrivals(meta.arrivals[first:], sent)) == len(sent))
    seen = _arrivals(meta.arrivals[first:], sent)
    figures = Figures(calls=len(during), bulk_rows=sum(n for n in map(_rows_of, during) if n > VARIANTS))
    for change, arrived in zip(sent, seen, strict=True):
        (figures.lags if change.shop else figures.pushing_lags).append(max(0.0, arrived - change.committed))
    return figures


def _rows_of(arrival: tuple[float, bytes]) -> int:
    return len(read_rows(arrival[1]))


def _is_bulk(arrival: tuple[float, bytes]) -> bool:
    return _rows_of(arrival) > VARIANTS


def _change(shops: Sequence[Shop], number: int) -> Change:
    """Add one piece to the next variant, each store in turn; the commit is over when this returns."""
    from catalog.models import Reason
    from catalog.stock import ledger
    from tenancy.scope import open_store

    place = number % STORES
    variant = shops[place].variants[number // STORES % VARIANTS]
    with open_store(shops[place].store_pk):
        ledger.adjust(variant, 1, reason=Reason.DELIVERED, actor=None)
        variant.on_hand += 1
    return Change(place, variant.retailer_id, variant.on_hand, time.monotonic())


def _arrivals(arrivals: Sequence[tuple[float, bytes]], sent: Sequence[Change]) -> list[float]:
    """Return when each change came that came, in their order."""
    came: dict[str, list[tuple[float, int]]] = {}
    for at, body in arrivals:
        for row in read_rows(body):
            data = row["data"]
            came.setdefault(data["id"], []).append((at, data.get("quantity_to_sell_on_facebook", 0)))
    first = (
        next((at for at, pieces in came.get(change.retailer_id, ()) if pieces >= change.pieces), None)
        for change in sent
    )
    return [at for at in first if at is not None]


def _wait_until_quiet() -> None:
    from catalog.models import PushBatch

    open_batches = PushBatch.unscoped.filter(state__in=["claimed", "sent"])
    wait_until("all batches to be settled", lambda: not open_batches.exists())


@contextmanager
def _full_push(shop: Shop) -> Iterator[None]:
    """Keep all of a shop's items on their way: when the last is sent, the first ones wait again."""
    over = threading.Event()
    pushing = threading.Thread(target=_keep_pushing, args=(shop, over))
    pushing.start()
    try:
        yield
    finally:
        over.set()
        pushing.join()


def _keep_pushing(shop: Shop, over: threading.Event) -> None:
    from django.db import connection
    from django.utils import timezone

    from catalog.models import CatalogItem
    from catalog.push.tasks import push_catalog
    from tenancy.scope import open_store

    with open_store(shop.store_pk):
        while not over.is_set():
            settled = CatalogItem.objects.filter(catalog=shop.catalog_pk, waiting_since=None, batch=None)
            waiting = CatalogItem.objects.filter(catalog=shop.catalog_pk, waiting_since__isnull=False)
            if not waiting.exists():
                settled.update(waiting_since=timezone.now(), confirmed_fingerprint="", sent_fingerprint="")
                push_catalog.delay(shop.store_pk, shop.catalog_pk)
            over.wait(0.5)
    connection.close()


def _print(idle: Figures, busy: Figures) -> None:
    print(
        f"during the full push {busy.bulk_rows:,} of its rows were sent, in {busy.calls} calls of all kinds"
    )
    rows = {
        "nothing else goes on": idle.lags + idle.pushing_lags,
        "during a full push": busy.lags + busy.pushing_lags,
        "  other stores": busy.lags,
        "  the pushing store": busy.pushing_lags,
    }
    base = [percentile(rows["nothing else goes on"], share) for share in (0.5, 0.99)]
    for name, lags in rows.items():
        p50, p99 = percentile(lags, 0.5), percentile(lags, 0.99)
        ratios = f"ratios {p50 / base[0]:.2f}, {p99 / base[1]:.2f}"
        print(f"{name:22} p50 {p50 * 1000:7.0f} ms   p99 {p99 * 1000:7.0f} ms   of {len(lags)}   {ratios}")
    print("aim during a full push: p50 at most 1000 ms, p99 at most 3000 ms")


if __name__ == "__main__":
    main()
