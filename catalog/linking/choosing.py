"""Which variants belong into a catalog: one rule, in SQL for many and in Python for one.

A variant belongs when it is for sale, and the first of these that says something says yes: its own switch,
its product's switch, what the catalog was chosen to show.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet

from catalog.models import Catalog, CatalogSwitch, Choice, Product, Status, Variant


@dataclass(frozen=True)
class Rule:
    """What a catalog was chosen to show, before what is said of single products."""

    choice: str
    words: tuple[str, ...] = ()

    @property
    def is_decided(self) -> bool:
        return self.choice != Choice.UNDECIDED

    @property
    def key(self) -> str:
        """Return it as one text, to see whether two are the same."""
        return json.dumps([self.choice, *self.words])

    def covers(self, product: Product) -> bool:
        match self.choice:
            case Choice.ALL:
                return True
            case Choice.TAGS:
                return not set(self.words).isdisjoint(product.tags)
            case Choice.CATEGORIES:
                return product.category in self.words
            case _:
                return False

    def as_q(self) -> Q:
        """Return `covers` for a queryset of variants."""
        match self.choice:
            case Choice.ALL:
                return Q(pk__isnull=False)
            case Choice.TAGS:
                return Q(product__tags__overlap=list(self.words))
            case Choice.CATEGORIES:
                return Q(product__category__in=self.words)
            case _:
                return Q(pk__isnull=True)


def rule_of(catalog: Catalog) -> Rule:
    """Return what a catalog shows now; one that is being left shows nothing any more."""
    if catalog.is_leaving:
        return Rule(Choice.UNDECIDED)
    return Rule(catalog.choice, tuple(catalog.choice_words))


def make_rule(choice: str, words: Iterable[str] = ()) -> Rule:
    """Return a rule whose words are each there once, in a fixed order."""
    return Rule(choice, tuple(sorted(set(words))))


def belonging(catalog: Catalog, rule: Rule | None = None) -> QuerySet[Variant]:
    """Return the variants that belong into a catalog, or would by another rule."""
    rule = rule or rule_of(catalog)
    if not rule.is_decided:
        return Variant.objects.none()
    switches = CatalogSwitch.objects.filter(catalog=catalog)
    own = switches.filter(variant=OuterRef("pk"))
    whole = switches.filter(product=OuterRef("product"), variant=None)
    of_product = Q(Exists(whole.filter(is_shown=True))) | (~Exists(whole) & rule.as_q())
    wanted = Q(Exists(own.filter(is_shown=True))) | (~Exists(own) & of_product)
    return Variant.objects.filter(wanted, status=Status.ACTIVE, product__status=Status.ACTIVE)


def belongs(variant: Variant, rule: Rule, *, own: bool | None, of_product: bool | None) -> bool:
    """Say the same of one variant; `own` and `of_product` are its switches, None where there is none."""
    if not rule.is_decided or not variant.is_for_sale:
        return False
    said = own if own is not None else of_product
    return said if said is not None else rule.covers(variant.product)
