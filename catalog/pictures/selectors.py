"""Reads of pictures for pages."""

from __future__ import annotations

from dataclasses import dataclass

from catalog.models import Picture, Product, ProductImport
from catalog.pictures.addresses import digest_of
from catalog.pictures.words import HARMLESS, sentence_of


@dataclass(frozen=True)
class ShownImage:
    """A picture of a product as a page shows it; `sentence` says what is wrong with it."""

    picture: Picture
    alt: str
    sentence: str
    tone: str


def list_images(product: Product) -> list[ShownImage]:
    """Return the pictures of a product in their order; 1 query."""
    shown = product.images.filter(removed_at=None).select_related("picture").order_by("position", "pk")
    return [
        ShownImage(
            picture=image.picture,
            alt=image.alt,
            sentence=sentence_of(image.picture),
            tone="warning" if image.picture.finding in HARMLESS else "danger",
        )
        for image in shown
    ]


@dataclass(frozen=True)
class FileFinding:
    """What is wrong with a picture, and where a file names it."""

    row: int
    column: str
    address: str
    sentence: str


@dataclass(frozen=True)
class FileLooks:
    """How far the pictures of a file are looked at, and what was found."""

    total: int
    left: int
    findings: list[FileFinding]

    @property
    def done(self) -> int:
        return self.total - self.left


def look_into(row: ProductImport) -> FileLooks:
    """Return what was found in the pictures that a file names; 1 query."""
    named = [(number, column, address) for number, column, address in row.pictures]
    pictures = Picture.objects.filter(digest__in={digest_of(address) for _row, _column, address in named})
    known = {picture.address: picture for picture in pictures}
    findings = [
        FileFinding(number, column, address, sentence)
        for number, column, address in named
        if address in known and (sentence := sentence_of(known[address]))
    ]
    left = sum(1 for picture in known.values() if picture.checked_at is None)
    return FileLooks(len(known), left, findings)
