"""What Meta would make of a product, before anything is sent: each finding with the field to fix. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from catalog.items import MOST_IMAGES, TITLE_LENGTH, description_of, keeps_sale, title_of
from catalog.models import Product, Readiness, Status, Variant
from catalog.pictures.words import HARMLESS, SENTENCES
from catalog.texts import plain
from integrations.graph.catalogs import price_text
from tenancy.currencies import CURRENCIES
from ui.currency import to_major

TAKEN_CURRENCIES = frozenset(code for code, _name in CURRENCIES)


@dataclass(frozen=True)
class Cause:
    """One thing that Meta refuses or takes badly; `field` is the one of the product form to fix."""

    label: object
    sentence: object
    field: str
    blocks: bool = False


CAUSES: dict[str, Cause] = {
    "currency": Cause(
        gettext_lazy("Currency"),
        gettext_lazy("Meta does not take prices in this store's currency. Choose another one in Settings."),
        "currency",
        blocks=True,
    ),
    "no_image": Cause(
        gettext_lazy("No picture"),
        gettext_lazy("Meta shows no product without a picture. Add one of at least 500 × 500."),
        "image_urls",
        blocks=True,
    ),
    "no_title": Cause(
        gettext_lazy("No title"),
        gettext_lazy("Nothing is left of the title without its markup. Write it in plain words."),
        "title",
        blocks=True,
    ),
    "no_price": Cause(
        gettext_lazy("No price"),
        gettext_lazy("Meta shows no product with a price of zero. Enter a price."),
        "price",
        blocks=True,
    ),
    "no_variant": Cause(
        gettext_lazy("Nothing for sale"),
        gettext_lazy("None of its variants is for sale. Put at least one on sale."),
        "variants",
        blocks=True,
    ),
    "title_cut": Cause(
        gettext_lazy("Title too long"),
        gettext_lazy(
            "With its options the title is longer than 200 characters, so Meta gets the first part."
        ),
        "title",
    ),
    "title_shouted": Cause(
        gettext_lazy("Title in capitals"),
        gettext_lazy("Meta does not like titles in capitals, so it gets this one in small letters."),
        "title",
    ),
    "markup": Cause(
        pgettext_lazy("cause", "Markup in the text"),
        gettext_lazy("Meta takes plain text only, so it gets the text without its HTML."),
        "description",
    ),
    "no_description": Cause(
        gettext_lazy("No description"),
        gettext_lazy("Buyers read the title twice, because there is no description."),
        "description",
    ),
    "description_cut": Cause(
        gettext_lazy("Description too long"),
        gettext_lazy("The description is longer than 5,000 characters, so Meta gets the first part."),
        "description",
    ),
    "too_many_images": Cause(
        gettext_lazy("Too many pictures"),
        gettext_lazy("Meta takes 21 pictures of a product: the others are left out."),
        "image_urls",
    ),
    "sale_rounded_away": Cause(
        gettext_lazy("No sale at Meta"),
        gettext_lazy(
            "Meta takes this currency in whole units only. In these the sale price is the price, or nothing, "
            "so Meta shows no sale."
        ),
        "sale_price",
    ),
    "price_rounded": Cause(
        gettext_lazy("Price rounded"),
        gettext_lazy("Meta takes this currency in whole units only, so buyers see a rounded price."),
        "price",
    ),
}

CAUSES |= {
    f"image_{finding}": Cause(finding.label, sentence, "image_urls", blocks=finding not in HARMLESS)
    for finding, sentence in SENTENCES.items()
} | {
    "image_gone_bad": Cause(
        gettext_lazy("Main picture has changed"),
        gettext_lazy(
            "Meta still shows the main picture it fetched before, but would refuse what is there now."
        ),
        "image_urls",
    ),
    "image_other": Cause(
        gettext_lazy("One of the other pictures"),
        gettext_lazy("Meta may leave it out. What is wrong with it stands beside the picture."),
        "image_urls",
    ),
}
"""What looking at the main picture found, and what there is to say of the others."""


PLACES = {"variants": "options", "price": "variants-0-price", "sale_price": "variants-0-sale_price"}
"""A cause's field → what the product form calls it, where that is another name."""


@dataclass(frozen=True)
class Finding:
    code: str
    variant: Variant | None = None

    @property
    def cause(self) -> Cause:
        return CAUSES[self.code]

    @property
    def anchor(self) -> str:
        """The id of the field in the product form where it is put right."""
        return f"id_{PLACES.get(self.cause.field, self.cause.field)}_field"

    @property
    def words(self) -> str:
        if self.variant is None or not self.variant.title:
            return str(self.cause.sentence)
        return _("%(variant)s: %(sentence)s") % {
            "variant": self.variant.title,
            "sentence": self.cause.sentence,
        }


def check(product: Product, variants: Iterable[Variant]) -> list[Finding]:
    """Return what is wrong with a product; what blocks it comes first. Needs `store` of all."""
    for_sale = [variant for variant in variants if variant.status == Status.ACTIVE]
    found = [Finding(code) for code in _of_product(product, for_sale)]
    found += [Finding(code, variant) for variant in for_sale for code in _of_variant(variant)]
    return sorted(found, key=lambda finding: not finding.cause.blocks)


def sum_up(findings: Iterable[Finding]) -> tuple[Readiness, list[str]]:
    """Return what a product keeps of its findings: how ready it is, and the causes."""
    codes = list(dict.fromkeys(finding.code for finding in findings))
    if find_blocking(codes):
        return Readiness.BLOCKED, codes
    return (Readiness.WARNING if codes else Readiness.READY), codes


def find_blocking(causes: Iterable[str]) -> str | None:
    """Return the first of a product's causes for which it is not sent at all."""
    return next((code for code in causes if CAUSES[code].blocks), None)


def _of_product(product: Product, for_sale: list[Variant]) -> Iterator[str]:
    if product.store.currency not in TAKEN_CURRENCIES:
        yield "currency"
    if not product.image_urls:
        yield "no_image"
    yield from product.picture_causes
    if len(product.image_urls) > MOST_IMAGES:
        yield "too_many_images"
    if not for_sale:
        yield "no_variant"
        return
    text = description_of(for_sale[0])
    title = title_of(for_sale[0])
    if not plain(product.title, TITLE_LENGTH).text:
        yield "no_title"
    if title.was_shouted:
        yield "title_shouted"
    if text.had_markup or title.had_markup:
        yield "markup"
    if text.was_cut:
        yield "description_cut"
    if not text.text:
        yield "no_description"


def _of_variant(variant: Variant) -> Iterator[str]:
    if title_of(variant).was_cut:
        yield "title_cut"
    if not Decimal(price_text(variant.price_minor, variant.currency).split()[0]) > 0:
        yield "no_price"  # also where nothing is left of it in whole units
        return
    sale = variant.sale_price_minor
    if sale is not None and not keeps_sale(variant):
        yield "sale_rounded_away"
        sale = None
    shown = [minor for minor in (variant.price_minor, sale) if minor is not None]
    if any(_is_rounded(minor, variant.currency) for minor in shown):
        yield "price_rounded"


def _is_rounded(minor: int, currency: str) -> bool:
    return price_text(minor, currency).split()[0] not in {
        f"{to_major(minor, currency):f}",
        f"{to_major(minor, currency).normalize():f}",
    }
