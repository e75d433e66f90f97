"""A shop of any size in a moment: its rows are made by PostgreSQL itself, one statement for each table.

Besides its products it has what years leave behind in three catalogs: one that is sent, with refused items,
reviews, advice and findings; one that is held, in which all waits; and one for which nothing is chosen yet.
"""

from __future__ import annotations

from typing import Any

VARIANTS_OF_A_PRODUCT = 2
WORDS = ("linen", "oak", "wool", "brass", "cotton", "stone", "glass", "cork")
KINDS = ("cushion", "lamp", "rug", "vase", "stool", "blanket", "bowl")
EVERYWHERE = "handmade"
"""A word that every product has."""


def fill_shop(size: int) -> None:
    """Make a store with `size` variants. Of ten products one is a draft, one archived, one not ready, one can
    be better, one runs low and one was refused by Meta, so that each list has a page even in a small shop.
    """
    from tenancy.models import Store
    from tenancy.scope import open_store

    store = Store.objects.create(name=f"Shop {size}", slug=f"shop-{size}", currency="EUR")
    with open_store(store.pk):
        sent, held, _unchosen = _make_catalogs(store, size)
        first_product = _fill_products(store, size // VARIANTS_OF_A_PRODUCT)
        first_variant = _fill_variants(store, size, first_product)
        _fill_items(store, size, first_variant, sent=sent, held=held)
        _fill_what_meta_says(store, size, first_variant, sent)
        _fill_history(store, size, first_product, first_variant, sent)
        _fill_call(sent)


def tidy() -> None:
    """Let PostgreSQL know its tables, as autovacuum does in time."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _make_catalogs(store: Any, size: int) -> tuple[Any, Any, Any]:
    from catalog.models import Catalog, Choice
    from integrations.models import MetaAccount

    account = MetaAccount(meta_user_id=str(size), store_id=store.pk)
    account.seal_token("a-token-of-the-benchmark")
    account.save()

    def make(name: str, **values: Any) -> Any:
        catalog = Catalog(account=account, store_id=store.pk, catalog_id=f"{name}-{size}", name=name)
        for field, value in {"state": "active", **values}.items():
            setattr(catalog, field, value)
        catalog.save()
        return catalog

    return (
        make("sent"),
        make("held", is_held=True),
        make("unchosen", is_held=True, choice=Choice.UNDECIDED),
    )


def _fill_products(store: Any, count: int) -> int:
    from catalog.models import Product

    words, kinds = _array(WORDS), _array(KINDS)
    return _insert(
        Product,
        store,
        count,
        title=f"initcap({words}[n % 8 + 1] || ' ' || {kinds}[n % 7 + 1]) || ' ' || n",
        description="repeat('A thing for the house. ', 20)",
        brand=f"'Maker ' || n % 50 || ' {EVERYWHERE}'",
        category=f"{kinds}[n % 7 + 1]",
        tags="array['tag-' || n % 10]",
        image_urls="array['https://pictures.example/' || n || '.jpg']",
        variant_words="'Small Small-' || n || ' Large Large-' || n",
        status="CASE n % 10 WHEN 0 THEN 'draft' WHEN 1 THEN 'archived' ELSE 'active' END",
        readiness="CASE n % 10 WHEN 8 THEN 'blocked' WHEN 3 THEN 'warning' ELSE 'ready' END",
        causes="CASE n % 10 WHEN 8 THEN array['no_price'] WHEN 3 THEN array['no_description'] "
        "ELSE array[]::varchar[] END",
        item_group_id=f"'g{store.pk}x' || n",
    )


def _fill_variants(store: Any, size: int, first_product: int) -> int:
    """Sell out of every 25th product, and let every tenth run low."""
    from catalog.models import Variant

    product = f"(n - 1) / {VARIANTS_OF_A_PRODUCT}"
    name = "CASE n % 2 WHEN 1 THEN 'Small' ELSE 'Large' END"
    return _insert(
        Variant,
        store,
        size,
        product_id=f"{first_product} + {product}",
        title=name,
        sku=f"({name}) || '-' || {product} + 1",
        retailer_id=f"'v{store.pk}x' || n",
        price_minor="1000",
        on_hand=f"CASE WHEN {product} % 25 = 4 THEN 0 ELSE 5 END",
        low_stock_at=f"CASE WHEN {product} % 10 = 5 THEN 5 END",
    )


def _fill_items(store: Any, size: int, first_variant: int, *, sent: Any, held: Any) -> None:
    """Have one catalog live, apart from what Meta refused and what is not ready, and all of another wait."""
    from catalog.models import CatalogItem

    variant = f"{first_variant} + n - 1"
    refused = f"(n - 1) / {VARIANTS_OF_A_PRODUCT} % 10 IN (6, 7)"
    _insert(
        CatalogItem,
        store,
        size,
        variant_id=variant,
        catalog_id=str(sent.pk),
        state=f"CASE WHEN {refused} THEN 'failed' ELSE 'live' END",
        error=f"CASE WHEN {refused} THEN 'Enter a price.' ELSE '' END",
        waiting_since="NULL",
        sent_fingerprint="'sent'",
        confirmed_fingerprint="'sent'",
        confirmed_quantity="5",
        sent_at="now() - interval '1 day'",
        answered_at="now() - interval '1 day'",
    )
    _insert(CatalogItem, store, size, variant_id=variant, catalog_id=str(held.pk))


def _fill_what_meta_says(store: Any, size: int, first_variant: int, sent: Any) -> None:
    """Have Meta know each item and a tenth as many strange ones, and find fault with a tenth of ours."""
    from catalog.models import CatalogDiagnostic, CatalogFinding, Comparison, RemoteItem

    tenth = size // 10
    _insert(Comparison, store, 3, catalog_id=str(sent.pk), state="'done'", finished_at="now()")
    _insert(
        RemoteItem,
        store,
        size,
        catalog_id=str(sent.pk),
        variant_id=f"{first_variant} + n - 1",
        retailer_id=f"'v{store.pk}x' || n",
        review_status="CASE n % 10 WHEN 1 THEN 'pending' WHEN 2 THEN 'rejected' ELSE 'approved' END",
        severity="CASE n % 10 WHEN 2 THEN 'must_fix' WHEN 3 THEN 'opportunity' ELSE '' END",
    )
    _insert(
        RemoteItem,
        store,
        tenth,
        catalog_id=str(sent.pk),
        retailer_id="'strange-' || n",
        title="'Strange ' || n",
        facts="""'{"values": {"availability": "in stock"}}'::jsonb""",
        obstacle="CASE n % 2 WHEN 1 THEN 'price' ELSE '' END",
    )
    for kind in ("missing", "different", "orphaned"):
        _insert(
            CatalogFinding,
            store,
            tenth,
            catalog_id=str(sent.pk),
            kind=f"'{kind}'",
            retailer_id=f"'{kind}-' || n",
            variant_id="NULL" if kind == "orphaned" else f"{first_variant} + n - 1",
        )
    _insert(
        CatalogDiagnostic,
        store,
        5,
        catalog_id=str(sent.pk),
        severity="'must_fix'",
        kind="'kind-' || n",
        title="'Kind ' || n",
        item_count="n",
    )


def _fill_history(store: Any, size: int, first_product: int, first_variant: int, sent: Any) -> None:
    """Leave what comes with the years: pictures, movements of stock, calls, runs, switches and imports."""
    from catalog.models import CatalogSwitch, ProductImport

    products = size // VARIANTS_OF_A_PRODUCT
    _fill_pictures(store, products, first_product)
    _insert(
        CatalogSwitch,
        store,
        products // 10,
        catalog_id=str(sent.pk),
        product_id=f"{first_product} + n * 10 - 1",
        is_shown="true",
    )
    _fill_stock(store, size, first_variant)
    _fill_runs(store, size // 100, sent)
    _insert(ProductImport, store, max(1, size // 1000), file_name="'rugs.csv'", state="'done'")


def _fill_pictures(store: Any, products: int, first_product: int) -> None:
    from catalog.models import Picture, ProductImage

    first_picture = _insert(
        Picture,
        store,
        products,
        address="'https://pictures.example/' || n || '.jpg'",
        digest="md5(n::text)",
        checked_at="now()",
        not_before="now() + interval '3 days'",
    )
    _insert(
        ProductImage,
        store,
        products,
        product_id=f"{first_product} + n - 1",
        picture_id=f"{first_picture} + n - 1",
    )


def _fill_stock(store: Any, size: int, first_variant: int) -> None:
    """Give each variant its opening stock, and the first one a long history and many holds."""
    from catalog.models import Reservation, StockMovement

    pieces = {"delta": "5", "on_hand_after": "5", "reason": "'counted'"}
    _insert(StockMovement, store, size, variant_id=f"{first_variant} + n - 1", **pieces)
    _insert(StockMovement, store, size // 10, variant_id=str(first_variant), **pieces)
    _insert(
        Reservation,
        store,
        size // 100,
        variant_id=str(first_variant),
        quantity="1",
        reference="'hand:' || n",
        expires_at="now() + interval '1 day'",
    )


def _fill_runs(store: Any, count: int, sent: Any) -> None:
    from catalog.models import PushBatch
    from integrations.models import SyncRun

    _insert(
        PushBatch,
        store,
        count,
        catalog_id=str(sent.pk),
        handle="'handle-' || n",
        state="'finished'",
        row_count="100",
        not_before="now()",
        finished_at="now()",
    )
    for job in ("catalog.push", "catalog.advice", "catalog.review"):
        _insert(
            SyncRun,
            store,
            count,
            job=f"'{job}'",
            asset_id=f"'{sent.catalog_id}'",
            state="'done'",
            finished_at="now()",
        )


def _fill_call(sent: Any) -> None:
    """Have the newest call have carried as much as a call can, half of it kept back."""
    from catalog.models import CatalogItem, PushBatch
    from integrations.graph.catalogs import ROWS_PER_BATCH

    items = CatalogItem.objects.filter(catalog=sent).order_by("pk").values_list("pk", flat=True)
    pks = list(items[:ROWS_PER_BATCH])
    half = len(pks) // 2
    newest = PushBatch.objects.filter(catalog=sent).latest("pk")
    PushBatch.objects.filter(pk=newest.pk).update(
        row_count=len(pks), live_count=half, taken_items=pks[:half], left_items=pks[half:]
    )


def _array(words: tuple[str, ...]) -> str:
    return "(array[" + ", ".join(f"'{word}'" for word in words) + "])"


def _insert(model: Any, store: Any, count: int, **expressions: str) -> int:
    """Insert so many rows and return the id of the first. `n` counts from 1 in an expression; the columns
    that are not named have the model's own values for a new row.
    """
    from django.db import connection
    from django.db.models import GeneratedField

    values: dict[str, str] = {}
    params: list[Any] = []
    for field in model._meta.concrete_fields:
        if field.primary_key or isinstance(field, GeneratedField):
            continue
        if field.column in expressions:
            values[field.column] = expressions[field.column].replace("%", "%%")
        elif field.column == "store_id":
            values[field.column] = str(store.pk)
        elif getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False):
            values[field.column] = "now()"
        else:
            values[field.column] = f"%s::{field.db_type(connection)}"
            params.append(field.get_db_prep_save(field.get_default(), connection))
    columns, select = ", ".join(values), ", ".join(values.values())
    if unknown := expressions.keys() - values.keys():
        raise RuntimeError(f"{model.__name__} has no {', '.join(unknown)}.")
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {model._meta.db_table} ({columns}) SELECT {select} "
            f"FROM generate_series(1, {count}) AS n ORDER BY n",
            params,
        )
        # Or the rows that refer to these would be checked as if there were none.
        cursor.execute(f"ANALYZE {model._meta.db_table}")
    found: int = model.unscoped.filter(store_id=store.pk).order_by("-pk")[count - 1 : count].get().pk
    return found
