"""E-mails of the catalog to the owners of a store."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.utils import timezone, translation

from tenancy.models import Membership, Store
from tenancy.roles import Role


def write_to_owners(store: Store, letter: str, context: Mapping[str, Any]) -> None:
    """Send the e-mail of this name to each owner. Raises the mail server's OSError when nobody got it."""
    values = {**context, "store": store}
    with translation.override(settings.LANGUAGE_CODE), timezone.override(store.timezone):
        subject = " ".join(render_to_string(f"catalog/mail/{letter}_subject.txt", values).split())
        text = render_to_string(f"catalog/mail/{letter}.txt", values)
    people = Membership.objects.filter(store=store, role=Role.OWNER, user__is_active=True)
    sent, trouble = 0, None
    for email in people.values_list("user__email", flat=True):
        try:
            sent += send_mail(subject, text, None, [email])
        except OSError as error:
            trouble = error
    if trouble is not None and not sent:
        raise trouble
