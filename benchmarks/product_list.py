"""What the pages of the catalog cost at a hundred thousand variants, against the same pages at one thousand.

    .venv/bin/python -m benchmarks.product_list [--rounds 20] [--only "search,choose"]

Two stores in one private PostgreSQL, asked in turn by a signed-in manager, the whole of Django included. A
figure is the median of the rounds: milliseconds of the page, and its queries. What is above the aim is asked
for once more, in case the machine was disturbed; what stays above it is named, and the benchmark fails. What
a worker counts for pages is counted before, and how long that takes is printed.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from dataclasses import dataclass
from typing import Any, cast

from benchmarks.house import running_house
from benchmarks.large_shop import EVERYWHERE, VARIANTS_OF_A_PRODUCT, fill_shop, tidy

SMALL, LARGE = 1_000, 100_000
AIM = 1.3
PAGES = {
    "the list": "catalog/",
    "a page in its middle": "catalog/?older={middle}~{middle}",
    "its last page": "catalog/?newer=0~0",
    "drafts": "catalog/?show=draft",
    "archived": "catalog/?show=archived",
    "running low": "catalog/?show=low",
    "running low, last page": "catalog/?show=low&newer=0~0",
    "refused by Meta": "catalog/?show=refused",
    "refused by Meta, last page": "catalog/?show=refused&newer=0~0",
    "rejected in review": "catalog/?show=rejected",
    "rejected in review, last page": "catalog/?show=rejected&newer=0~0",
    "not ready": "catalog/?show=blocked",
    "can be better": "catalog/?show=warning",
    "search, a word of an eighth": "catalog/?q=linen",
    "search, a word of all": f"catalog/?q={EVERYWHERE}",
    "search, two words": f"catalog/?q=oak+{EVERYWHERE}",
    "search, one SKU": "catalog/?q={sku}",
    "search, nothing found": "catalog/?q=zeppelin",
    "search, one word unknown": f"catalog/?q={EVERYWHERE}+zeppelin",
    "a tag of a tenth": "catalog/?tag=tag-3",
    "a category of a seventh": "catalog/?category=rug",
    "a tag, running low": "catalog/?show=low&tag=tag-5",
    "a product": "catalog/{product}/",
    "a product's form": "catalog/{product}/edit/",
    "a product as a buyer sees it": "/shop/shop-{size}/g{store}x3",
    "stock of a variant": "catalog/variants/{variant}/ledger/",
    "imports": "catalog/import/",
    "catalogs": "catalog/meta/",
    "what is sent": "catalog/meta/{sent}/push/",
    "what would be sent": "catalog/meta/{held}/push/",
    "choosing": "catalog/meta/{unchosen}/choose/",
    "what a choice changes": "catalog/meta/{sent}/choose/",
    "what is different at Meta": "catalog/meta/{sent}/compare/",
    "items at Meta": "catalog/meta/{sent}/items/",
    "items that Meta refused": "catalog/meta/{sent}/items/?show=refused",
    "items in review": "catalog/meta/{sent}/items/?show=reviewing",
    "items rejected in review": "catalog/meta/{sent}/items/?show=rejected",
    "items rejected, last page": "catalog/meta/{sent}/items/?show=rejected&newer=0~0",
    "items that a call took": "catalog/meta/{sent}/items/?batch={call}&show=taken",
    "items that a call left": "catalog/meta/{sent}/items/?batch={call}&show=left",
    "what Meta advises": "catalog/meta/{sent}/advice/",
    "importing from Meta": "catalog/meta/{sent}/import/",
    "product sets": "catalog/meta/{sent}/sets/",
    "disconnecting": "catalog/meta/{sent}/disconnect/",
    "home": "",
    "health": "health/",
}

SAID = {"what a choice changes": {"step": "look", "choice": "tags", "tags": ["tag-3", "tag-5"]}}
"""The pages that are asked for with a form → what it says."""


@dataclass(frozen=True)
class Figure:
    """What a page costs in the small store and in the large one."""

    milliseconds: tuple[float, float]
    queries: tuple[int, int]

    @property
    def ratio(self) -> float:
        return self.milliseconds[1] / self.milliseconds[0]

    @property
    def is_within_aim(self) -> bool:
        return self.ratio <= AIM and self.queries[1] <= self.queries[0] * AIM


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--only", default="", help="words of which a page's name has one, with commas")
    options = parser.parse_args()
    words = options.only.split(",")
    with running_house():
        for size in (SMALL, LARGE):
            fill_shop(size)
        tidy()
        above = _measure([name for name in PAGES if any(one in name for one in words)], rounds=options.rounds)
    if above:
        sys.exit(f"Above {AIM}: {', '.join(above)}")


def _measure(names: list[str], *, rounds: int) -> list[str]:
    """Print what each page costs, and return those that cost too much more in the large store."""
    client, places = _client(), {size: _places(size) for size in (SMALL, LARGE)}
    _count(client, places[LARGE])
    print(f"{'':30}{SMALL:>9,}{LARGE:>9,} variants: ms of a page (queries), ratio (aim: at most {AIM})")
    above = []
    for name in names:
        addresses = [_address(PAGES[name], places[size]) for size in (SMALL, LARGE)]
        figure = _measure_page(client, addresses, SAID.get(name), rounds=rounds)
        if not figure.is_within_aim:
            figure = _measure_page(client, addresses, SAID.get(name), rounds=2 * rounds)
        (small, large), queries = figure.milliseconds, figure.queries
        mark = "" if figure.is_within_aim else "   ABOVE"
        print(f"{name:30}{small:9.1f}{large:9.1f}   {queries}   {figure.ratio:.2f}{mark}", flush=True)
        if mark:
            above.append(name)
    return above


def _count(client: Any, places: dict[str, object]) -> None:
    """Have the large store's pages ask for what they do not count, and count it as a worker does."""
    from catalog.counting.counts import count_next
    from tenancy.scope import open_store

    for name in ("what would be sent", "what a choice changes"):
        _ask(client, _address(PAGES[name], places), SAID.get(name))
    with open_store(cast("int", places["store"])):
        for catalog in ("held", "sent"):
            started = time.perf_counter()
            if count_next(cast("int", places[catalog])):
                print(f"counted for the page of “{catalog}”: {time.perf_counter() - started:.2f} s")


def _ask(client: Any, address: str, said: dict[str, Any] | None) -> Any:
    return client.get(address) if said is None else client.post(address, said)


def _measure_page(client: Any, addresses: list[str], said: dict[str, Any] | None, *, rounds: int) -> Figure:
    """Ask for one page of both stores, in turn."""
    few, many = (_count_queries(client, address, said) for address in addresses)
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        for address, taken in zip(addresses, times, strict=True):
            started = time.perf_counter()
            _ask(client, address, said)
            taken.append((time.perf_counter() - started) * 1000)
    return Figure((statistics.median(times[0]), statistics.median(times[1])), (few, many))


def _count_queries(client: Any, address: str, said: dict[str, Any] | None) -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    _ask(client, address, said)  # the first time warms up
    with CaptureQueriesContext(connection) as captured:
        answer = _ask(client, address, said)
    if answer.status_code != 200:
        raise RuntimeError(f"{address} answered {answer.status_code}")
    return len(captured)


def _address(page: str, places: dict[str, object]) -> str:
    path = page.format(**places)
    return path if path.startswith("/") else f"/s/shop-{places['size']}/{path}"


def _places(size: int) -> dict[str, object]:
    """Return what the addresses of a store's pages name."""
    from catalog.models import Catalog, Product, PushBatch, Variant
    from tenancy.models import Store

    store = Store.objects.get(slug=f"shop-{size}")
    first = Product.unscoped.filter(store=store).order_by("pk")[0].pk
    place = size // VARIANTS_OF_A_PRODUCT // 2
    return {
        **dict(Catalog.unscoped.filter(store=store).values_list("name", "pk")),
        "size": size,
        "store": store.pk,
        "call": PushBatch.unscoped.filter(store=store).latest("pk").pk,
        "middle": first + place,
        "product": first + 2,
        "sku": f"Small-{place + 2}",
        "variant": Variant.unscoped.filter(store=store).order_by("pk")[0].pk,
    }


def _client() -> Any:
    """Return a browser in which a manager of both stores is signed in."""
    from django.test import Client

    from tenancy.models import Membership, Store, User

    user = User.objects.create_user("bench@shop.example", "hazel-and-maple-42")
    for store in Store.objects.all():
        Membership.objects.create(store=store, user=user, role="manager")
    client = Client(headers={"host": "localhost"})
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


if __name__ == "__main__":
    main()
