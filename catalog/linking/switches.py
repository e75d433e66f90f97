"""Reads of what is said of single products about the catalogs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from catalog.linking.choosing import belongs, rule_of
from catalog.models import Catalog, CatalogSwitch, Product, Variant
from ui.paging import cursor_page

ROWS = 30


@dataclass(frozen=True)
class SwitchLine:
    """What a catalog makes of a product, or of one variant; `said` is always, never or choice."""

    variant: Variant | None
    said: str
    is_shown: bool


@dataclass(frozen=True)
class CatalogSwitches:
    """A catalog with the line of the product first, then one for each variant when there are several."""

    catalog: Catalog
    lines: list[SwitchLine]


@dataclass(frozen=True)
class ExceptionPage:
    rows: list[CatalogSwitch]
    previous_url: str
    next_url: str


def list_switches(
    product: Product, variants: Sequence[Variant], catalogs: Iterable[Catalog]
) -> list[CatalogSwitches]:
    """Return what each catalog makes of a product and its variants; 1 query."""
    rows = CatalogSwitch.objects.filter(product=product)
    said = {(row.catalog_id, row.variant_id): row.is_shown for row in rows}
    return [_of_catalog(catalog, variants, said) for catalog in catalogs]


def _of_catalog(
    catalog: Catalog, variants: Sequence[Variant], said: Mapping[tuple[int, int | None], bool]
) -> CatalogSwitches:
    whole, rule = said.get((catalog.pk, None)), rule_of(catalog)
    lines = []
    for variant in variants:
        own = said.get((catalog.pk, variant.pk))
        is_shown = belongs(variant, rule, own=own, of_product=whole)
        lines.append(SwitchLine(variant, _word(own), is_shown))
    first = SwitchLine(None, _word(whole), any(line.is_shown for line in lines))
    return CatalogSwitches(catalog, [first, *(lines if len(lines) > 1 else [])])


def _word(is_shown: bool | None) -> str:
    return "choice" if is_shown is None else "always" if is_shown else "never"


def list_exceptions(catalog: Catalog, *, params: Mapping[str, str]) -> ExceptionPage:
    """Return one page of the products that a catalog always or never shows; 1 query."""
    rows = CatalogSwitch.objects.filter(catalog=catalog).select_related("product", "variant")
    page = cursor_page(rows, by="id", params=params, size=ROWS)
    return ExceptionPage(page.rows, page.previous_url, page.next_url)
