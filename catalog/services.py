"""A person's own writes about products, and the word that lets a catalog go. Others: `linking`."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from catalog.linking.placing import place_products
from catalog.models import Catalog, Choice, Product, Reason, Status, Variant
from catalog.pictures.keeping import note_images
from catalog.preflight import check, sum_up
from catalog.product_data import ProductData, VariantData
from catalog.push.marking import mark_waiting, nudge
from catalog.push.runs import cancel_run, want_run
from catalog.stock import ledger
from tenancy.audit import record_audit
from tenancy.models import User


def create_product(data: ProductData, *, actor: User | None) -> Product:
    """Make a product with its variants and their opening stock; every connected catalog will show it."""
    with transaction.atomic():
        product: Product = Product.objects.create(**data.product_fields())
        note_images([product], alts=data.image_alts)
        for row in data.variants:
            _create_variant(product, row, actor=actor)
        note_summary(product)
        record_audit("product.created", actor=actor, target=product, title=product.title)
        place_products([product.pk])
    return product


def update_product(product: Product, data: ProductData, *, actor: User | None) -> Product:
    """Change a product and its variants, and add new ones. Stock is changed by movements, never here."""
    with transaction.atomic():
        locked: Product = Product.objects.select_for_update(no_key=True).get(pk=product.pk)
        fields = data.product_fields()
        for name, value in fields.items():
            setattr(locked, name, value)
        # Named one by one: to write its key, too, would lock out a look that adds an item for it.
        locked.save(update_fields=[*fields, "updated_at"])
        note_images([locked], alts=data.image_alts)
        variants = _lock_variants(locked)
        for row in data.variants:
            if row.pk is None:
                _create_variant(locked, row, actor=actor)
            else:
                _update_variant(variants[row.pk], row)
        note_summary(locked)
        record_audit("product.changed", actor=actor, target=locked, title=locked.title)
        place_products([locked.pk])
    return locked


def note_summary(product: Product) -> None:
    """Write down what the list needs of a product: how ready it is, what its variants are called."""
    fill_summary(product, list(product.variants.select_related("product", "store")))
    product.save(update_fields=SUMMARY)


def fill_summary(product: Product, variants: list[Variant]) -> None:
    """Put into a product what the list needs of it; the caller saves it. Variants need product and store."""
    product.readiness, product.causes = sum_up(check(product, variants))
    product.variant_words = " ".join(_words_of(variants))


SUMMARY = ["readiness", "causes", "picture_causes", "variant_words"]
"""The fields that `fill_summary` and, before it, `note_images` fill."""


def _words_of(variants: list[Variant]) -> dict[str, None]:
    """Return each word once: a product has up to a hundred variants of the same few."""
    texts = (text for one in variants for text in (one.title, one.sku, one.gtin, one.mpn, one.retailer_id))
    return dict.fromkeys(word for text in texts for word in text.split())


def _create_variant(product: Product, row: VariantData, *, actor: User | None) -> Variant:
    variant = Variant(product=product, **row.variant_fields())
    variant.sale_edge_at = variant.find_sale_edge(timezone.now())
    variant.save()
    if row.on_hand:
        ledger.give_back([(variant, row.on_hand)], reason=Reason.OPENING, reference="opening", actor=actor)
    return variant


def _lock_variants(product: Product) -> dict[int, Variant]:
    """Lock a product's variants in the order of their ids, as orders do."""
    rows = Variant.objects.select_for_update(no_key=True).filter(product=product).order_by("pk")
    return {variant.pk: variant for variant in rows}


def _update_variant(variant: Variant, row: VariantData) -> None:
    values = row.variant_fields()
    for name, value in values.items():
        setattr(variant, name, value)
    variant.sale_edge_at = variant.find_sale_edge(timezone.now())
    variant.save(update_fields=[*values, "sale_edge_at", "updated_at"])


def archive_product(product: Product, *, actor: User | None) -> None:
    """Take a product off sale and out of every catalog; its history stays."""
    _set_status(product, Status.ARCHIVED, action="product.archived", actor=actor)


def restore_product(product: Product, *, actor: User | None, status: Status = Status.ACTIVE) -> None:
    """Put an archived product on sale again, or back among the drafts."""
    _set_status(product, status, action="product.restored", actor=actor)


def _set_status(product: Product, status: Status, *, action: str, actor: User | None) -> None:
    with transaction.atomic():
        locked: Product = Product.objects.select_for_update(no_key=True).get(pk=product.pk)
        if locked.status == status:
            return
        locked.status = status
        locked.save(update_fields=["status", "updated_at"])
        record_audit(action, actor=actor, target=locked, title=locked.title)
        place_products([locked.pk])


def send_now(product: Product) -> int:
    """Have a product compared and sent again, also after a refusal; return how many items that is."""
    return mark_waiting(list(product.variants.values_list("pk", flat=True)), anew=True)


def let_go(catalog: Catalog, *, actor: User | None) -> None:
    """Send what waits in a catalog from now on, once it is chosen what it shows. Safe twice."""
    with transaction.atomic():
        held = Catalog.objects.filter(pk=catalog.pk, is_held=True).exclude(choice=Choice.UNDECIDED)
        if held.update(is_held=False):
            record_audit("catalog.let_go", actor=actor, target=catalog, name=catalog.name)
            want_run(catalog)
        nudge(catalog.pk)


def hold_back(catalog: Catalog, *, actor: User | None) -> None:
    """Send nothing more to a catalog; what has left is still asked about, what has not keeps. Safe twice."""
    with transaction.atomic():
        if Catalog.objects.filter(pk=catalog.pk, is_held=False).update(is_held=True):
            record_audit("catalog.held_back", actor=actor, target=catalog, name=catalog.name)
            cancel_run(catalog)
