"""The one e-mail that tells owners what runs low."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse

from catalog.owner_mail import write_to_owners
from catalog.stock.low_stock import claim_untold, forget_told
from tenancy.models import Store
from tenancy.scope import get_open_store_id


def tell_of_low_stock() -> None:
    """Write to the open store's owners what has run low, once a day at most. Safe twice.

    What could not be sent counts as untold again, so that the sweep comes back to it.
    """
    low = claim_untold()
    if low is None:
        return
    store = Store.objects.get(pk=get_open_store_id())
    url = settings.APP_BASE_URL + reverse("catalog:products", kwargs={"store": store.slug}) + "?show=low"
    context = {
        "url": url,
        "count": len(low.claimed),
        "variants": low.named,
        "more": len(low.claimed) - len(low.named),
    }
    try:
        write_to_owners(store, "low_stock", context)
    except Exception:
        forget_told(low.claimed)
        raise
