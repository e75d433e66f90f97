"""What we write to buyers."""

from __future__ import annotations

from email.utils import formataddr, parseaddr

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from orders.models import OrderEmail, OrderLine
from tenancy.models import Store


def write_confirmation(email: OrderEmail) -> EmailMultiAlternatives:
    """Write the confirmation of an order as it is now. The open store's; the order comes with its store."""
    order = email.order
    context = {
        "order": order,
        "store": order.store,
        "lines": list(OrderLine.objects.filter(order=order)),
        "address": address_lines(order.shipping_address),
    }
    with translation.override(settings.LANGUAGE_CODE), timezone.override(order.store.timezone):
        message = EmailMultiAlternatives(
            subject=_("Your order %(number)s at %(store)s")
            % {"number": order, "store": _one_line(order.store.name)},
            body=render_to_string("mail/order_confirmation.txt", context),
            from_email=_sender(order.store),
            to=[order.buyer_email],
            headers={
                "Message-ID": f"<order-email-{email.pk}@{_domain()}>",
                "Auto-Submitted": "auto-generated",
            },
        )
        message.attach_alternative(render_to_string("mail/order_confirmation.html", context), "text/html")
    return message


def address_lines(address: dict[str, str]) -> list[str]:
    """Return an address as it stands on an envelope."""
    town = " ".join(filter(None, [address.get("city"), address.get("state"), address.get("postal_code")]))
    parts = [address.get(key, "") for key in ("name", "street1", "street2")]
    return [part for part in [*parts, town, address.get("country", "")] if part]


def _sender(store: Store) -> str:
    """The store's name before the platform's address: mail servers check the address."""
    return formataddr((_one_line(store.name), parseaddr(settings.DEFAULT_FROM_EMAIL)[1]))


def _domain() -> str:
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]


def _one_line(text: str) -> str:
    return " ".join(text.split())
