"""A product as a buyer sees it: where Meta's "view on website" leads. No login, no personal data."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

from csp.decorators import csp_update
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from catalog.items import description_of, page_link
from catalog.models import Product, Status, Variant
from catalog.pictures.addresses import absolute
from catalog.pictures.selectors import ShownImage, list_images
from catalog.pictures.words import HARMLESS
from catalog.structured_data import describe_product
from integrations.models import AssetState, ConnectedPage, InstagramAccount
from tenancy.models import Store
from tenancy.scope import open_store

SECONDS_KEPT = 60
"""How long somebody between us and the buyer may keep a page: a sold out product is said soon."""
HOST = re.compile(r"[A-Za-z0-9.-]+(:[0-9]+)?")
_IN_A_SCRIPT = {ord("<"): "\\u003c", ord(">"): "\\u003e", ord("&"): "\\u0026"}


@dataclass(frozen=True)
class Choice:
    """One variant as a buyer can choose it; `before_minor` is the price that a sale replaces."""

    variant: Variant
    price_minor: int
    before_minor: int | None
    is_chosen: bool


@dataclass(frozen=True)
class Chat:
    """Where a buyer can write to the shop; `icon` and `words` are those of the link."""

    url: str
    icon: str
    words: str


@require_safe
@cache_control(public=True, max_age=SECONDS_KEPT)
def show_product(request: HttpRequest, shop: str, product: str) -> HttpResponse:
    """Show what is on sale of a product; one that is not says so with 404. 6 queries.

    One that is hidden while nothing is left keeps its address, since it comes back; search engines are told
    not to show it meanwhile.
    """
    owner = get_object_or_404(Store, slug=shop)
    with open_store(owner.pk):
        found: Product = get_object_or_404(Product.objects, item_group_id=product, status=Status.ACTIVE)
        variants = list(found.variants.filter(status=Status.ACTIVE))
        images = [one for one in list_images(found) if one.picture.finding in HARMLESS]
        chats = _list_chats(found)
    for variant in variants:
        variant.product, variant.store = found, owner
    is_hidden = bool(variants) and all(variant.is_hidden for variant in variants)
    variants = [variant for variant in variants if not variant.is_hidden]
    choices = _choices(variants, request.GET.get("variant", ""))
    chosen = next((choice for choice in choices if choice.is_chosen), None)
    if chosen:
        images.sort(key=lambda one: one.picture.address != chosen.variant.image_url)
    context = {
        "shop": owner,
        "product": found,
        "description": description_of(variants[0]).text if variants else "",
        "choices": choices,
        "is_hidden": is_hidden,
        "chosen": chosen,
        "structured_data": _structured_data(found, variants),
        "address": page_link(found, shop=owner.slug, base_url=settings.APP_BASE_URL),
        "images": images,
        "chats": chats,
        "main_image": absolute(images[0].picture.address, base_url=settings.APP_BASE_URL) if images else "",
    }
    response = render(request, "catalog/shop_product.html", context)
    # Only here may a page load from another host, and only from where this product's pictures are.
    allow: Any = csp_update({"img-src": _hosts_of(images)})
    answer: HttpResponse = allow(lambda _request: response)(request)
    return answer


def _hosts_of(images: list[ShownImage]) -> list[str]:
    """Return the hosts that keep the pictures, as the content security policy names them."""
    elsewhere = (urlsplit(image.picture.address) for image in images if not image.picture.is_own)
    return sorted({f"{one.scheme}://{one.netloc}" for one in elsewhere if HOST.fullmatch(one.netloc)})


def _list_chats(product: Product) -> list[Chat]:
    """Return the links to the shop's chats; the word in each tells the shop in its inbox what it is about."""
    word = slugify(product.title)[:60] or "product"
    pages = ConnectedPage.objects.filter(state=AssetState.ACTIVE)
    accounts = InstagramAccount.objects.filter(state=AssetState.ACTIVE).exclude(username="")
    messenger = [
        Chat(
            f"https://m.me/{page.page_id}?ref={word}",
            "chat-bubble-left-right",
            _("Ask or order in Messenger"),
        )
        for page in pages.order_by("pk")[:1]
    ]
    instagram = [
        Chat(f"https://ig.me/m/{quote(one.username)}?ref={word}", "camera", _("Ask or order on Instagram"))
        for one in accounts.order_by("pk")[:1]
    ]
    return messenger + instagram


def _choices(variants: list[Variant], chosen: str) -> list[Choice]:
    """Return the variants; the one that the address names is chosen, or the only one."""
    now = timezone.now()
    return [
        Choice(
            variant=variant,
            price_minor=variant.price_at(now),
            before_minor=variant.price_minor if variant.is_on_sale(now) else None,
            is_chosen=variant.retailer_id == chosen or len(variants) == 1,
        )
        for variant in variants
    ]


def _structured_data(product: Product, variants: list[Variant]) -> SafeString:
    """Return JSON that cannot end the script element it stands in."""
    said = describe_product(product, variants, base_url=settings.APP_BASE_URL, now=timezone.now())
    return mark_safe(json.dumps(said, ensure_ascii=False).translate(_IN_A_SCRIPT))  # noqa: S308
