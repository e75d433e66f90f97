"""What people are told of a request for a Page: the owners there that it is made, who made it how it ended.

Each e-mail goes out once; in the worst case, when a worker dies right after sending, twice.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from django.conf import settings
from django.core.mail import send_mail
from django.db.models import Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from integrations.models import PageTransfer
from tenancy.audit import record_audit
from tenancy.models import Membership
from tenancy.roles import Role
from tenancy.scope import open_store

LATE = timedelta(minutes=1)
OLD_NEWS = timedelta(days=2)
"""An answer that could not be sent for so long stands on the page anyway."""

State = PageTransfer.State
ENDED = (State.DONE, State.REFUSED, State.EXPIRED, State.FAILED)


def announce(pk: int) -> None:
    """Write to the owners of the store that has the Page, and into its trail."""
    asked = _find(pk, Q(announced_at=None, state=State.WAITING))
    if asked is None:
        return
    owners = Membership.objects.filter(store=asked.from_store, role=Role.OWNER, user__is_active=True)
    path = reverse("integrations:transfer", kwargs={"store": asked.from_store.slug, "transfer": asked.pk})
    _send("transfer", asked, path=path, to=owners.values_list("user__email", flat=True))
    with open_store(asked.from_store_id):
        record_audit("transfer.received", actor=None, name=asked.page_name, from_store=asked.store.name)
    PageTransfer.unscoped.filter(pk=pk).update(announced_at=timezone.now())


def tell_end(pk: int) -> None:
    """Write to the person who asked for a Page how that ended, as long as they belong to the store."""
    asked = _find(pk, Q(end_told_at=None, state__in=ENDED))
    if asked is None:
        return
    people = Membership.objects.filter(store=asked.store, user=asked.asked_by, user__is_active=True)
    path = reverse("integrations:index", kwargs={"store": asked.store.slug})
    _send("transfer_end", asked, path=path, to=people.values_list("user__email", flat=True))
    PageTransfer.unscoped.filter(pk=pk).update(end_told_at=timezone.now())


def unannounced() -> list[int]:
    """Return the requests of all stores whose first e-mail is late."""
    rows = PageTransfer.unscoped.filter(state=State.WAITING, announced_at=None)
    return list(rows.filter(asked_at__lt=timezone.now() - LATE).values_list("pk", flat=True))


def untold_ends() -> list[int]:
    """Return the ended requests of all stores of which nobody was told."""
    now = timezone.now()
    rows = PageTransfer.unscoped.filter(state__in=ENDED, end_told_at=None, decided_at__gt=now - OLD_NEWS)
    return list(rows.values_list("pk", flat=True))


def _find(pk: int, untold: Q) -> PageTransfer | None:
    rows = PageTransfer.unscoped.select_related("store", "from_store", "asked_by")
    return rows.filter(untold, pk=pk).first()


def _send(template: str, asked: PageTransfer, *, path: str, to: Iterable[str]) -> None:
    context = {"transfer": asked, "url": f"{settings.APP_BASE_URL}{path}"}
    subject = render_to_string(f"integrations/mail/{template}_subject.txt", context)
    text = render_to_string(f"integrations/mail/{template}.txt", context)
    for email in to:
        send_mail(" ".join(subject.split()), text, None, [email])
