"""What owners are told when Facebook no longer lets us in, and before it will not: once each.

The same facts stand as a banner on every page of the store (`login_notices`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from math import ceil

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation

from integrations.login_notices import end_of, reason_of
from integrations.models import AssetState, ConnectedPage, MetaAccount
from tenancy.models import Membership
from tenancy.roles import Role

WARNING_DAYS = (2, 7, 14)
Owner = MetaAccount | ConnectedPage


def tell_of_end(owner: Owner) -> None:
    """Write to the owners that a login ended, unless it came back or they know. The open store's."""
    if not claim_telling(owner):
        return
    pages = _pages_of(owner)
    context = {"owner": owner, "pages": pages, "reason": reason_of(owner.auth_subcode)}
    _send_to_owners(owner, "login_ended", context)


def claim_telling(owner: Owner) -> bool:
    """Take the right to write about this incident; False when somebody has it, or it is over."""
    untold = type(owner).objects.filter(pk=owner.pk, broken_since__isnull=False, owners_told_at=None)
    return bool(untold.update(owners_told_at=timezone.now()))


def tell_of_expiry(account: MetaAccount, *, now: datetime) -> None:
    """Write to the owners that an account's access ends in 14, 7 or 2 days, once for each."""
    ends_at = end_of(account)
    days = ceil((ends_at - now) / timedelta(days=1)) if ends_at else 0
    step = next((step for step in WARNING_DAYS if 0 < days <= step), None)
    if ends_at is None or step is None or account.broken_since:
        return
    name = f"{ends_at:%Y-%m-%d}/{step}"
    unwarned = MetaAccount.objects.filter(pk=account.pk).exclude(expiry_warning=name)
    if unwarned.update(expiry_warning=name):
        context = {"owner": account, "pages": _pages_of(account), "days": days, "ends_at": ends_at}
        _send_to_owners(account, "login_expires", context)


def _pages_of(owner: Owner) -> list[str]:
    if isinstance(owner, ConnectedPage):
        return [owner.name]
    used = ConnectedPage.objects.filter(account=owner).exclude(state=AssetState.DISCONNECTED)
    return list(used.values_list("name", flat=True))


def _send_to_owners(owner: Owner, template: str, facts: Mapping[str, object]) -> None:
    store = owner.store
    people = Membership.objects.filter(store=store, role=Role.OWNER, user__is_active=True)
    url = settings.APP_BASE_URL + reverse("integrations:index", kwargs={"store": store.slug})
    context = {**facts, "store": store, "url": url}
    with translation.override(settings.LANGUAGE_CODE), timezone.override(store.timezone):
        subject = render_to_string(f"integrations/mail/{template}_subject.txt", context)
        text = render_to_string(f"integrations/mail/{template}.txt", context)
    for email in people.values_list("user__email", flat=True):
        send_mail(" ".join(subject.split()), text, None, [email])
