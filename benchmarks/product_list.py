"""What the product list costs at a hundred thousand variants, against the same pages at one thousand.

    .venv/bin/python -m benchmarks.product_list [--rounds 40]

Two stores in one private PostgreSQL, asked in turn by a signed-in manager, the whole of Django included. A
figure is the median of the rounds: milliseconds of the page, and its queries.
"""

from __future__ import annotations

import argparse
import statistics
import time
from typing import Any

from benchmarks.house import running_house

SMALL, LARGE = 1_000, 100_000
VARIANTS_OF_A_PRODUCT = 2
WORDS = ("linen", "oak", "wool", "brass", "cotton", "stone", "glass", "cork")
KINDS = ("cushion", "lamp", "rug", "vase", "stool", "blanket", "bowl")
PAGES = {
    "the list": "",
    "a page in its middle": "older={middle}~{middle}",
    "drafts": "show=draft",
    "refused by Meta": "show=refused",
    "not ready": "show=blocked",
    "search, a word of an eighth": "q=linen",
    "search, two words": "q=oak+lamp",
    "search, one SKU": "q={sku}",
    "search, nothing found": "q=zeppelin",
    "a tag of a tenth": "tag=tag-3",
    "a category of a seventh": "category=rug",
}

Figures = dict[str, dict[int, tuple[float, int]]]
"""Page → variants of the store → (milliseconds, queries)."""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=40)
    options = parser.parse_args()
    with running_house():
        for size in (SMALL, LARGE):
            _fill_store(size)
        _tidy()
        _print(_measure(rounds=options.rounds))


def _fill_store(size: int) -> None:
    """Make a store with `size` variants, all in one catalog; every fiftieth product is a draft."""
    from catalog.models import Catalog, CatalogItem, Product, Variant
    from integrations.models import MetaAccount
    from tenancy.models import Store
    from tenancy.scope import open_store

    store = Store.objects.create(name=f"Shop {size}", slug=f"shop-{size}", currency="EUR")
    with open_store(store.pk):
        account = MetaAccount.objects.create(meta_user_id=str(size))
        catalog = Catalog(account=account, store_id=store.pk, catalog_id=str(size), name=store.name)
        catalog.state = "active"
        catalog.save()
        numbers = range(size // VARIANTS_OF_A_PRODUCT)
        products = Product.objects.bulk_create((_product(number) for number in numbers), batch_size=2000)
        variants = Variant.objects.bulk_create(
            (
                Variant(product=product, title=title, sku=f"{title}-{number}", price_minor=1000, on_hand=5)
                for number, product in enumerate(products)
                for title in ("Small", "Large")
            ),
            batch_size=2000,
        )
        CatalogItem.objects.bulk_create(
            (CatalogItem(variant=one, catalog=catalog, state="live") for one in variants), batch_size=2000
        )


def _product(number: int) -> Any:
    from catalog.models import Product

    word, kind = WORDS[number % len(WORDS)], KINDS[number % len(KINDS)]
    return Product(
        title=f"{word.title()} {kind} {number}",
        brand=f"Maker {number % 50}",
        category=kind,
        tags=[f"tag-{number % 10}"],
        variant_words=f"Small Small-{number} Large Large-{number}",
        status="draft" if number % 50 == 0 else "active",
    )


def _tidy() -> None:
    """Let PostgreSQL know its tables, as autovacuum does in time."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _measure(*, rounds: int) -> Figures:
    from django.test import Client

    client = Client(headers={"host": "localhost"})
    client.force_login(_manager(), backend="django.contrib.auth.backends.ModelBackend")
    return {name: _measure_page(client, query, rounds=rounds) for name, query in PAGES.items()}


def _measure_page(client: Any, query: str, *, rounds: int) -> dict[int, tuple[float, int]]:
    """Ask for one page of both stores, in turn."""
    addresses = {size: f"/s/shop-{size}/catalog/?{_filled(query, size)}" for size in (SMALL, LARGE)}
    queries = {size: _count_queries(client, address) for size, address in addresses.items()}
    times: dict[int, list[float]] = {size: [] for size in addresses}
    for _ in range(rounds):
        for size, address in addresses.items():
            started = time.perf_counter()
            client.get(address)
            times[size].append((time.perf_counter() - started) * 1000)
    return {size: (statistics.median(times[size]), queries[size]) for size in addresses}


def _count_queries(client: Any, address: str) -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client.get(address)  # the first time warms up
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(address)
    if answer.status_code != 200:
        raise RuntimeError(f"{address} answered {answer.status_code}")
    return len(captured)


def _filled(query: str, size: int) -> str:
    from catalog.models import Product

    pks = Product.unscoped.filter(store__slug=f"shop-{size}").order_by("pk").values_list("pk", flat=True)
    place = size // VARIANTS_OF_A_PRODUCT // 2
    return query.format(middle=pks[place], sku=f"Small-{place}")


def _manager() -> Any:
    from tenancy.models import Membership, Store, User

    user = User.objects.create_user("bench@shop.example", "hazel-and-maple-42")
    for store in Store.objects.all():
        Membership.objects.create(store=store, user=user, role="manager")
    return user


def _print(figures: Figures) -> None:
    print(f"{'':30}{SMALL:>9,}{LARGE:>9,} variants: ms of a page (queries), ratio (aim: at most 1.3)")
    for name, of_size in figures.items():
        (small, few), (large, many) = of_size[SMALL], of_size[LARGE]
        print(f"{name:30}{small:9.1f}{large:9.1f}   ({few}, {many})   {large / small:.2f}")


if __name__ == "__main__":
    main()
