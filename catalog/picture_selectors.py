"""Reads of pictures for pages."""

from __future__ import annotations

from dataclasses import dataclass

from catalog.models import Picture, Product
from catalog.picture_words import HARMLESS, sentence_of


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
