"""What Hazel Home sells."""

from __future__ import annotations

from pathlib import Path

from django.db import transaction

from catalog.models import Product
from catalog.pictures.keeping import keep_upload
from catalog.product_data import ProductData, VariantData
from catalog.services import create_product
from tenancy.models import User

PICTURES = Path(__file__).parent / "pictures"
LAMP_SKU, MUG_SKU, CUSHION_SKU, THROW_SKU = "LIN-OAK", "HEA-MUG", "FER-SAG", "HTH-OAT"

KINDS: dict[str, tuple[str, list[str]]] = {
    "lamp": ("Lighting", ["oak"]),
    "floor-lamp": ("Lighting", []),
    "throw": ("Textiles", ["wool", "gift"]),
    "cushion": ("Textiles", ["linen"]),
    "mug": ("Kitchen", ["gift"]),
    "candle": ("Lighting", ["gift"]),
}
"""Picture → category and tags. The others have none, as in any shop."""

_Shelf = tuple[str, str, str, tuple[tuple[str, str, int, int], ...]]

SHELF: tuple[_Shelf, ...] = (
    (
        "Linden table lamp",
        "A turned wooden foot, a paper shade, and a switch that you find in the dark.",
        "lamp",
        (("Oak", LAMP_SKU, 4800, 14), ("Walnut", "LIN-WAL", 5200, 6)),
    ),
    (
        "Wren floor lamp",
        "Slim steel, brushed by hand, with a shade that tilts to the page you are reading.",
        "floor-lamp",
        (("", "WRE-FLO", 12900, 4),),
    ),
    (
        "Heather wool throw",
        "Woven from undyed and plant-dyed wool, 140 × 200 cm. Warm enough for a late October evening.",
        "throw",
        (("Moss", "HTH-MOS", 6400, 9), ("Oat", THROW_SKU, 6400, 12), ("Rust", "HTH-RUS", 6400, 0)),
    ),
    (
        "Fern linen cushion",
        "Washed linen on both sides, a feather filling, and a hidden zip. 45 × 45 cm.",
        "cushion",
        (("Sage", CUSHION_SKU, 2800, 20), ("Clay", "FER-CLA", 2800, 3)),
    ),
    (
        "Hearth mug",
        "Stoneware, thrown in small batches, for the hand that wants a big cup. Holds 350 ml.",
        "mug",
        (("", MUG_SKU, 1250, 48),),
    ),
    (
        "Dusk candle",
        "Rapeseed wax with fig and cedar. Burns for about forty hours.",
        "candle",
        (("", "DUS-CAN", 1800, 30),),
    ),
    (
        "Brook vase",
        "Blown glass with a slight green tint, 24 cm tall. Holds one branch as well as a bunch.",
        "vase",
        (("", "BRO-VAS", 3400, 7),),
    ),
    (
        "Rush basket",
        "Plaited by hand from river rush. For bread, letters or toys.",
        "basket",
        (("Small", "RUS-SMA", 2400, 11), ("Large", "RUS-LAR", 3800, 5)),
    ),
    (
        "Quiet wall clock",
        "A sweeping hand that does not tick, in a frame of ash. 28 cm across.",
        "clock",
        (("", "QUI-CLO", 4500, 8),),
    ),
)


def fill_shelf(actor: User) -> None:
    """Make the products of the open store, unless it has some. All or none of them."""
    if Product.objects.exists():
        return
    goods = [_data(*shelf) for shelf in SHELF]
    with transaction.atomic():
        for data in goods:
            create_product(data, actor=actor)


def _data(
    title: str, description: str, picture: str, variants: tuple[tuple[str, str, int, int], ...]
) -> ProductData:
    rows = [
        VariantData(title=options, sku=sku, price_minor=price, on_hand=pieces)
        for options, sku, price, pieces in variants
    ]
    category, tags = KINDS.get(picture, ("", []))
    address = keep_upload((PICTURES / f"{picture}.png").read_bytes()).address
    return ProductData(
        title=title,
        description=description,
        brand="Hazel Home",
        category=category,
        tags=tags,
        image_urls=[address],
        image_alts={address: title},
        variants=rows,
    )
