"""The one e-mail that tells owners what runs low."""

from __future__ import annotations

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation

from catalog.low_stock import claim_untold
from tenancy.models import Membership, Store
from tenancy.roles import Role
from tenancy.scope import get_open_store_id

NAMED = 20


def tell_of_low_stock() -> None:
    """Write to the open store's owners what has run low, once a day at most. Safe twice."""
    variants = claim_untold()
    if not variants:
        return
    store = Store.objects.get(pk=get_open_store_id())
    url = settings.APP_BASE_URL + reverse("catalog:products", kwargs={"store": store.slug}) + "?show=low"
    context = {
        "store": store,
        "url": url,
        "count": len(variants),
        "variants": variants[:NAMED],
        "more": len(variants) - NAMED,
    }
    with translation.override(settings.LANGUAGE_CODE), timezone.override(store.timezone):
        subject = render_to_string("catalog/mail/low_stock_subject.txt", context)
        text = render_to_string("catalog/mail/low_stock.txt", context)
    people = Membership.objects.filter(store=store, role=Role.OWNER, user__is_active=True)
    for email in people.values_list("user__email", flat=True):
        send_mail(" ".join(subject.split()), text, None, [email])
