"""What owners are told when items do not get through to Meta although nothing is wrong with them."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.core.mail import send_mail
from django.db.models import Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation

from catalog.models import MOST_TRIES, Catalog, CatalogItem
from tenancy.models import Membership
from tenancy.roles import Role

QUIET = timedelta(days=1)
"""How long people are not told again of the same catalog."""
NAMED = 5
GIVEN_UP = Q(state=CatalogItem.State.FAILED, attempts__gte=MOST_TRIES)


def tell_of_given_up(catalog_pk: int) -> None:
    """Write to the owners what did not get through and why, once a day at most. The open store's."""
    now = timezone.now()
    items = CatalogItem.objects.filter(GIVEN_UP, catalog=catalog_pk)
    untold = Catalog.objects.filter(Q(told_at=None) | Q(told_at__lt=now - QUIET), pk=catalog_pk)
    if not items.exists() or not untold.update(told_at=now):
        return
    catalog = Catalog.objects.select_related("store").get(pk=catalog_pk)
    store = catalog.store
    named = list(items.select_related("variant__product").order_by("pk")[:NAMED])
    count = items.count()
    url = settings.APP_BASE_URL + reverse("catalog:products", kwargs={"store": store.slug}) + "?show=refused"
    context = {
        "catalog": catalog,
        "store": store,
        "url": url,
        "count": count,
        "titles": [str(item.variant) for item in named],
        "more": count - len(named),
        "reason": named[0].error,
    }
    with translation.override(settings.LANGUAGE_CODE), timezone.override(store.timezone):
        subject = render_to_string("catalog/mail/given_up_subject.txt", context)
        text = render_to_string("catalog/mail/given_up.txt", context)
    people = Membership.objects.filter(store=store, role=Role.OWNER, user__is_active=True)
    for email in people.values_list("user__email", flat=True):
        send_mail(" ".join(subject.split()), text, None, [email])
