"""Which pictures products show: files that come in, rows behind addresses, what they mean for Meta."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from django.utils import timezone

from catalog.models import CatalogItem, Picture, Product, ProductImage
from catalog.pictures import files, storage
from catalog.pictures.addresses import digest_of, is_own
from catalog.pictures.words import HARMLESS, say
from tenancy.scope import get_open_store_id

Finding = Picture.Finding


class PictureRefused(Exception):
    """A file cannot be a picture of a product; the message says why, and what to do."""


def keep_upload(content: bytes) -> Picture:
    """Keep a file of a merchant as a picture of the open store. Raises PictureRefused. Safe twice.

    The row comes before the file: a file without a row is collected. Which products show it is said later.
    """
    facts = files.inspect(content)
    if facts.finding not in files.FITTING:
        raise PictureRefused(say(facts.finding, facts.width, facts.height))
    remade = files.remake(content)
    address = storage.address_for(remade, store_id=get_open_store_id())
    values = {
        "address": address,
        "finding": Finding.NARROW if facts.finding == Finding.NARROW else Finding.NONE,
        "width": remade.width,
        "height": remade.height,
        "byte_count": len(remade.whole),
        "checked_at": timezone.now(),
        "not_before": None,
        "created_at": timezone.now(),
    }
    picture: Picture
    picture, _made = Picture.objects.update_or_create(digest=digest_of(address), defaults=values)
    storage.keep(remade, address=address)
    return picture


def find_missing(addresses: Iterable[str]) -> set[str]:
    """Return those that look like files of ours and are none of the open store; at most 1 query."""
    wanted = {one for one in addresses if is_own(one)}
    if not wanted:
        return set()
    there = Picture.objects.filter(digest__in=set(map(digest_of, wanted)), address__in=wanted)
    return wanted - set(there.values_list("address", flat=True))


def note_images(products: Sequence[Product], *, alts: Mapping[str, str] | None = None) -> None:
    """Have rows stand behind the `image_urls` of products, and fill `picture_causes`; the caller saves that.

    `alts` says in words what an address shows; without it, what was said before stays. 4 queries, and those
    of the rows that change, whatever the number of products. Call it in the transaction that changes them.
    """
    pictures = know_pictures({one for product in products for one in product.image_urls})
    uses = ProductImage.objects.filter(product__in=[product.pk for product in products])
    known = {(use.product_id, use.picture_id): use for use in uses}
    new: list[ProductImage] = []
    changed: list[ProductImage] = []
    for product in products:
        for position, address in enumerate(product.image_urls):
            picture = pictures[address]
            use = known.pop((product.pk, picture.pk), None) or ProductImage(product=product, picture=picture)
            before = (use.position, use.alt, use.removed_at)
            use.position, use.removed_at = position, None
            use.alt = use.alt if alts is None else alts.get(address, "")[:200]
            if use.pk is None:
                new.append(use)
            elif before != (use.position, use.alt, use.removed_at):
                changed.append(use)
    ProductImage.objects.bulk_create(new)
    ProductImage.objects.bulk_update(changed, ["position", "alt", "removed_at"])
    gone = [use.pk for use in known.values() if use.removed_at is None]
    ProductImage.objects.filter(pk__in=gone).update(removed_at=timezone.now())
    fill_causes(products, pictures)


def know_pictures(addresses: set[str]) -> dict[str, Picture]:
    """Return the rows of addresses; those that were unknown are made, and wait to be looked at."""
    if not addresses:
        return {}
    digests = {digest_of(address): address for address in addresses}
    rows = Picture.objects.filter(digest__in=digests)
    found = {digests[row.digest]: row for row in rows}
    missing = [Picture(address=one, digest=digest_of(one)) for one in sorted(addresses - set(found))]
    if missing:
        Picture.objects.bulk_create(missing, ignore_conflicts=True)
        found = {digests[row.digest]: row for row in rows.all()}
    return found


def fill_causes(products: Iterable[Product], pictures: Mapping[str, Picture]) -> None:
    """Put into products what their pictures mean for the pre-flight check."""
    products = list(products)
    bad = [one for one in products if any(pictures[url].finding for url in one.image_urls)]
    shown = _shown_at_meta(bad)
    for product in products:
        findings = [Finding(pictures[url].finding) for url in product.image_urls]
        product.picture_causes = _causes(findings, is_shown=product.pk in shown)


def _causes(findings: Sequence[Finding], *, is_shown: bool) -> list[str]:
    """Return the causes. What Meta shows already goes on being sent, lest its price and stock grow old."""
    main, others = findings[:1], findings[1:]
    found = []
    for finding in main:
        if finding in HARMLESS:
            found += [f"image_{finding}"] if finding else []
        else:
            found.append("image_gone_bad" if is_shown else f"image_{finding}")
    return found + (["image_other"] if any(others) else [])


def _shown_at_meta(products: Iterable[Product]) -> set[int]:
    pks = [product.pk for product in products]
    items = CatalogItem.objects.filter(variant__product__in=pks).exclude(confirmed_fingerprint="")
    return set(items.values_list("variant__product", flat=True)) if pks else set()
