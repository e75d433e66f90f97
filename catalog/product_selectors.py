"""Reads for the list of products: what it shows, finds and filters, however many there are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from django.contrib.postgres.search import SearchQuery
from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.models import MOST_TRIES, Catalog, CatalogItem, Product, Readiness, RemoteItem, Status, Variant
from catalog.pictures.addresses import THUMBNAIL, is_own, sized
from catalog.standings import KIND, REFUSED, REJECTED, UNANSWERED, Standing, summarise, with_review
from integrations.models import AssetState
from ui.counting import count_up_to_most
from ui.paging import cursor_page

PAGE_ROWS = 30
MOST_WORDS = 6
FEW = 200
"""Matches of a search that are gathered before they are put in order."""
OFF_SALE = (Status.DRAFT, Status.ARCHIVED)
UNREADY = (Readiness.BLOCKED, Readiness.WARNING)
GIVEN_UP = Q(attempts__gte=MOST_TRIES)
FAILURES = {REFUSED: ~GIVEN_UP, UNANSWERED: GIVEN_UP}
"""What failed of products that are ready → its items, among those that failed."""

State = CatalogItem.State


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which products to list.

    `show` is "" (on sale), one of FAILURES, REJECTED, "low", a status or a readiness.
    """

    show: str = ""
    search: str = ""
    tag: str = ""
    category: str = ""


@dataclass(frozen=True)
class ProductRow:
    """One line of the product list. `price_minor` is the lowest of its variants, None without any.

    `low_words` say which of them run low, '' for none.
    """

    pk: int
    title: str
    thumbnail: str
    sku: str
    variant_count: int
    price_minor: int | None
    on_hand: int
    low_words: str
    is_archived: bool
    is_draft: bool
    standing: Standing | None


@dataclass(frozen=True)
class ProductPage:
    rows: list[ProductRow]
    previous_url: str
    next_url: str


def list_products(wanted: Wanted, *, params: Mapping[str, str]) -> ProductPage:
    """Return one page of products, newest first; 3 queries whatever the rows, 1 more for a search."""
    found = matching(wanted)
    found = _gathered(found) if wanted.search else found
    page = cursor_page(found, by="id", params=params, size=PAGE_ROWS)
    pks = [product.pk for product in page.rows]
    facts, standings = _variant_facts(pks), _standings(pks)
    return ProductPage(
        rows=[_product_row(one, facts.get(one.pk), standings.get(one.pk)) for one in page.rows],
        previous_url=page.previous_url,
        next_url=page.next_url,
    )


def matching(wanted: Wanted) -> QuerySet[Product]:
    """Return all products of a list, in no order."""
    show = wanted.show
    products: QuerySet[Product] = Product.objects.filter(status=show if show in OFF_SALE else Status.ACTIVE)
    if show in FAILURES:
        failed = _kept_up().filter(FAILURES[show], product=OuterRef("pk"), state=State.FAILED)
        products = products.exclude(readiness=Readiness.BLOCKED).filter(Exists(failed))
    elif show == REJECTED:
        products = products.filter(Exists(_rejected().filter(variant__product=OuterRef("pk"))))
    elif show == "low":
        low = Variant.objects.filter(product=OuterRef("pk"), low_since__isnull=False)
        products = products.filter(Exists(low))
    elif show in UNREADY:
        products = products.filter(readiness=show)
    if wanted.tag:
        products = products.filter(tags__contains=[wanted.tag])
    if wanted.category:
        products = products.filter(category=wanted.category)
    for word in wanted.search.split()[:MOST_WORDS]:
        products = products.filter(search=_beginning(word))
    return products


def _rejected() -> QuerySet[RemoteItem]:
    known = Catalog.objects.exclude(state=AssetState.DISCONNECTED)
    return RemoteItem.objects.filter(
        catalog__in=known, review_status=RemoteItem.Review.REJECTED, variant__isnull=False
    )


def has_rejected() -> bool:
    """Say whether Meta's review rejected anything; 1 query. How many products that is takes all of them."""
    return _rejected().exists()


def _gathered(found: QuerySet[Product]) -> QuerySet[Product]:
    """Return the same products by their keys where those are few.

    Asked for the newest matches of a rare word, PostgreSQL walks through all products from the newest on: it
    takes any beginning of a word for a common one. Asked for a few matches in any order, it asks the index.
    """
    pks = list(found.order_by().values_list("pk", flat=True)[: FEW + 1])
    return found if len(pks) > FEW else Product.objects.filter(pk__in=pks)


def _beginning(word: str) -> SearchQuery:
    """Return the question for a word with this beginning.

    PostgreSQL knows how common a whole word is, but not a beginning. Asked for either, it sees that a common
    word is common, and that its newest products are found soon by looking at the newest.
    """
    quoted = "'" + word.replace("\\", "\\\\").replace("'", "''") + "'"
    return SearchQuery(f"{quoted} | {quoted}:*", search_type="raw", config="simple")


def count_matching(show: str) -> int:
    """Count the products of a tab, no further than is cheap; 1 query."""
    return count_up_to_most(matching(Wanted(show=show)))


@dataclass(frozen=True)
class ProductCounts:
    """What of the products needs a person; each stops just above `ui.counting.MOST`."""

    refused: int
    unanswered: int


def product_counts() -> ProductCounts:
    """Count what the home page shows; 2 queries."""
    return ProductCounts(refused=count_matching(REFUSED), unanswered=count_matching(UNANSWERED))


@dataclass(frozen=True)
class _Facts:
    count: int
    price_minor: int | None
    on_hand: int
    low: int
    sku: str


def _variant_facts(product_pks: list[int]) -> dict[int, _Facts]:
    rows = (
        Variant.objects.filter(product__in=product_pks, status=Status.ACTIVE)
        .values("product")
        .order_by("product")
    )
    facts = rows.annotate(
        n=Count("pk"),
        lowest=Min("price_minor"),
        pieces=Coalesce(Sum("on_hand"), 0),
        low=Count("low_since"),
        first_sku=Min("sku"),
    )
    return {
        row["product"]: _Facts(
            row["n"], row["lowest"], row["pieces"], row["low"], row["first_sku"] if row["n"] == 1 else ""
        )
        for row in facts
    }


def _kept_up() -> QuerySet[CatalogItem]:
    """Return the items of catalogs that are connected; what became of the others nobody knows."""
    return CatalogItem.objects.exclude(catalog__state=AssetState.DISCONNECTED)


def _standings(product_pks: list[int]) -> dict[int, Standing]:
    rows = _kept_up().filter(product__in=product_pks).exclude(state=State.REMOVED)
    counted = with_review(rows).values_list("product", KIND).annotate(n=Count("pk")).order_by()
    by_product: dict[int, dict[str, int]] = defaultdict(dict)
    for product_pk, kind, n in counted:
        by_product[product_pk][kind] = n
    return {pk: summarise(counts) for pk, counts in by_product.items()}


def _thumbnail(product: Product) -> str:
    """Return the address of the main picture's small copy; '' when the picture is not ours."""
    main = next(iter(product.image_urls), "")
    return sized(main, THUMBNAIL) if is_own(main) else ""


def _say_low(facts: _Facts) -> str:
    """Say how many of a product's variants run low: of the pieces beside it the others may have many."""
    if not facts.low:
        return ""
    if facts.count == 1:
        return _("Low")
    words = ngettext("%(n)s of %(total)s low", "%(n)s of %(total)s low", facts.low)
    return words % {"n": facts.low, "total": facts.count}


def _product_row(product: Product, facts: _Facts | None, standing: Standing | None) -> ProductRow:
    return ProductRow(
        pk=product.pk,
        title=product.title,
        thumbnail=_thumbnail(product),
        sku=facts.sku if facts else "",
        variant_count=facts.count if facts else 0,
        price_minor=facts.price_minor if facts else None,
        on_hand=facts.on_hand if facts else 0,
        low_words=_say_low(facts) if facts else "",
        is_archived=product.status == Status.ARCHIVED,
        is_draft=product.status == Status.DRAFT,
        standing=standing,
    )
