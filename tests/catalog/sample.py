"""Small makers of products and catalogs, and the worker's steps by hand."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from django.db import connection
from django.db.models import Sum
from django.utils import timezone

from catalog import services
from catalog.linking import looking
from catalog.linking import services as linking
from catalog.models import Catalog, CatalogItem, Product, PushBatch, StockMovement, Variant
from catalog.product_data import ProductData, VariantData
from catalog.push import tasks
from integrations.models import MetaAccount
from tenancy.models import Store
from tenancy.scope import open_store
from tests.sandbox_process import Sandbox

HAZEL_CATALOG = "800100"
PICTURE = "https://pictures.hazelhome.example/cushion.jpg"


def make_product(*, price_minor: int = 1250, on_hand: int = 5, sku: str = "", **over: Any) -> Product:
    """Make a product in the open store; one variant unless `variants` says otherwise."""
    values = {"title": "Linen cushion", "image_urls": [PICTURE]} | over
    values.setdefault("variants", (VariantData(price_minor=price_minor, on_hand=on_hand, sku=sku),))
    return services.create_product(ProductData(**values), actor=None)


def make_variant(**over: Any) -> Variant:
    return make_product(**over).variants.select_related("product", "store").get()


def link(account: MetaAccount) -> Catalog:
    """Connect Hazel Home's catalog of the sandbox to the open store, and look through its products."""
    catalog = linking.link_catalog(account, catalog_id=HAZEL_CATALOG, name="Hazel Home", actor=None)
    looking.look_through(catalog.pk)
    catalog.refresh_from_db()
    return catalog


def item_of(variant: Variant) -> CatalogItem:
    return CatalogItem.objects.get(variant=variant)


def push(catalog: Catalog) -> PushBatch | None:
    """Do what the worker does for one nudge; return the batch it made, if any."""
    with open_store(catalog.store_id):
        last = PushBatch.objects.order_by("-pk").first()
    tasks.push_catalog(catalog.store_id, catalog.pk)
    with open_store(catalog.store_id):
        newest = PushBatch.objects.order_by("-pk").first()
    return newest if newest != last else None


def finish(batch: PushBatch, *, seconds: float = 10) -> PushBatch:
    """Ask for the result, as the worker does, until the batch is over."""
    end = time.monotonic() + seconds
    with open_store(batch.store_id):
        while time.monotonic() < end:
            PushBatch.objects.filter(pk=batch.pk).update(not_before=timezone.now())
            tasks.poll_batch(batch.store_id, batch.pk)
            batch.refresh_from_db()
            if batch.state != PushBatch.State.SENT:
                return batch
            time.sleep(0.1)
    raise AssertionError("The sandbox did not finish the batch.")


def ledger_sum(variant: Variant) -> int:
    total: int | None = StockMovement.objects.filter(variant=variant).aggregate(n=Sum("delta"))["n"]
    return total or 0


def sent_batches(sandbox: Sandbox) -> int:
    """Count the batches that reached Meta."""
    return sum(call["path"].endswith("/items_batch") for call in sandbox.get("calls"))


def remote_items(sandbox: Sandbox) -> dict[str, dict[str, Any]]:
    """Return what Meta has, by retailer_id."""
    return {row["retailer_id"]: row["data"] for row in sandbox.get("world")["products"]}


def race(store: Store, jobs: list[Callable[[], None]]) -> list[Exception | None]:
    """Run the jobs at the same moment, each with its own connection; return what each raised."""
    barrier = Barrier(len(jobs))

    def run(job: Callable[[], None]) -> Exception | None:
        try:
            with open_store(store.pk):
                barrier.wait(timeout=10)
                job()
        except Exception as error:
            return error
        finally:
            connection.close()
        return None

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(run, jobs))
