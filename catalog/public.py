"""A product as a buyer sees it: where Meta's "view on website" leads. No login, no personal data."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from catalog.models import Product, Status
from tenancy.models import Store
from tenancy.scope import open_store


def show_product(request: HttpRequest, shop: str, product: str) -> HttpResponse:
    """Show what is on sale of a product; an archived one is gone, and says so with 404."""
    owner = get_object_or_404(Store, slug=shop)
    with open_store(owner.pk):
        found: Product = get_object_or_404(Product.objects, item_group_id=product, status=Status.ACTIVE)
        variants = list(found.variants.filter(status=Status.ACTIVE))
        context = {
            "shop": owner,
            "product": found,
            "variants": variants,
            "chosen": request.GET.get("variant", ""),
        }
        return render(request, "catalog/shop_product.html", context)
