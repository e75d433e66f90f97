"""The store's collections, its tags and categories: counted for jobs, kept for pages."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction
from django.db.models import Count, F, Func

from catalog.models import Collection, Product, ProductSet, Status

MOST = 200
"""The largest collections; more would be words on single products rather than collections."""

Kind = ProductSet.Kind
Word = tuple[str, str]
"""Kind and name."""


def count_collections() -> dict[Word, int]:
    """Count the products on sale of each collection; 2 queries, which read all products: for jobs."""
    active = Product.objects.filter(status=Status.ACTIVE)
    tags = active.annotate(word=Func(F("tags"), function="unnest"))
    words = tags.values_list("word").annotate(n=Count("pk")).order_by()
    names = active.exclude(category="").values_list("category").annotate(n=Count("pk")).order_by()
    return {(Kind.CATEGORY.value, name): n for name, n in names} | {
        (Kind.TAG.value, word): n for word, n in words if word
    }


def find_largest(counts: Mapping[Word, int]) -> list[Word]:
    """Return the largest collections, those first."""
    return sorted(counts, key=lambda word: (-counts[word], word))[:MOST]


def list_collections() -> list[Word]:
    """Return the largest collections as they are kept; 1 query whatever the products."""
    rows = Collection.objects.order_by("-product_count", "kind", "name").values_list("kind", "name")
    return list(dict.fromkeys(rows[:MOST]))


def count_anew() -> None:
    """Bring the kept collections in line with the products. Safe twice and beside itself.

    A word that comes back in the same moment may go with the others; the next time brings it back.
    """
    counts = count_collections()
    kept: dict[Word, Collection] = {}
    gone, changed = [], []
    for row in Collection.objects.order_by("pk"):
        n = counts.get((row.kind, row.name), 0)
        if not n or (row.kind, row.name) in kept:
            gone.append(row.pk)
            continue
        kept[row.kind, row.name] = row
        if row.product_count != n:
            row.product_count = n
            changed.append(row)
    missing = [
        Collection(kind=kind, name=name, product_count=n)
        for (kind, name), n in counts.items()
        if (kind, name) not in kept
    ]
    with transaction.atomic():
        Collection.objects.filter(pk__in=gone).delete()
        Collection.objects.bulk_update(changed, ["product_count"], batch_size=1000)
        Collection.objects.bulk_create(missing, batch_size=1000)
