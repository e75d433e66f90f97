"""Order e-mails: once, found again, tried again, and given up with a reason."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from smtplib import SMTPRecipientsRefused, SMTPServerDisconnected

import time_machine
from django.conf import LazySettings
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.core.mail.backends.locmem import EmailBackend
from django.utils import timezone

from orders.models import OrderEmail, OrderEvent
from orders.outbox import claim_email
from orders.tasks import send_order_email, sweep_orders
from tenancy.models import Store
from tests.catalog.sample import make_product
from tests.orders.sample import make_order, send_waiting, the_order

MAIL = "tests.orders.test_confirmations"


class DownBackend(EmailBackend):
    """A mail server that hangs up."""

    def send_messages(self, messages: object) -> int:
        raise SMTPServerDisconnected("bye")


class RefusingBackend(EmailBackend):
    """A mail server that knows nobody."""

    def send_messages(self, messages: object) -> int:
        raise SMTPRecipientsRefused({"tom@buyers.example": (550, b"no such user")})


class BrokenBackend(EmailBackend):
    """A fault of ours while an e-mail is made."""

    def send_messages(self, messages: object) -> int:
        raise OverflowError("date value out of range")


def the_email() -> OrderEmail:
    email: OrderEmail = OrderEmail.objects.get()
    return email


def test_the_confirmation_is_sent_once(shop: Store, mailoutbox: list[EmailMessage]) -> None:
    make_order(buyer_email="tom@buyers.example")
    email = the_email()
    for _ in range(3):
        send_order_email(shop.pk, email.pk)
    assert len(mailoutbox) == 1
    assert the_email().state == "sent"


def test_a_claimed_mail_is_left_alone_until_the_lease_ends(
    shop: Store, mailoutbox: list[EmailMessage]
) -> None:
    make_order(buyer_email="tom@buyers.example")
    assert claim_email(the_email().pk) is not None
    send_waiting(shop)
    assert mailoutbox == []
    with time_machine.travel(timezone.now() + timedelta(minutes=3)):
        send_waiting(shop)
    assert len(mailoutbox) == 1
    assert the_email().attempts == 2


def test_the_sweep_finds_a_mail_whose_task_was_lost(
    shop: Store, mailoutbox: list[EmailMessage], tasks_at_once: None
) -> None:
    make_order(buyer_email="tom@buyers.example")
    sweep_orders()
    sweep_orders()
    assert len(mailoutbox) == 1


def test_a_mail_server_that_is_down_is_tried_again_and_given_up_in_the_end(
    shop: Store, settings: LazySettings
) -> None:
    settings.EMAIL_BACKEND = f"{MAIL}.DownBackend"
    make_order(buyer_email="tom@buyers.example")
    send_waiting(shop)
    email = the_email()
    assert (email.state, email.attempts) == ("waiting", 1)
    assert timedelta(0) < email.not_before - timezone.now() <= timedelta(seconds=5)
    with time_machine.travel(timezone.now()) as clock:
        for _ in range(10):
            clock.shift(timedelta(days=1))
            send_waiting(shop)
    email = the_email()
    assert (email.state, email.attempts) == ("failed", 8)
    assert OrderEvent.objects.get(kind="email_failed").details == {"reason": email.reason}


def test_a_fault_of_ours_is_given_up_with_a_reason_too(shop: Store, settings: LazySettings) -> None:
    settings.EMAIL_BACKEND = f"{MAIL}.BrokenBackend"
    make_order(buyer_email="tom@buyers.example")
    with time_machine.travel(timezone.now()) as clock:
        for _ in range(8):
            send_waiting(shop)
            clock.shift(timedelta(days=1))
    email = the_email()
    words = "The e-mail could not be written. This is a fault of ours."
    assert (email.state, email.reason) == ("failed", words)


def test_a_refused_address_is_given_up_at_once(shop: Store, settings: LazySettings) -> None:
    settings.EMAIL_BACKEND = f"{MAIL}.RefusingBackend"
    make_order(buyer_email="tom@buyers.example")
    send_waiting(shop)
    assert (the_email().state, the_email().reason) == (
        "failed",
        "The buyer's mail server refuses this address.",
    )


def test_a_cancelled_order_is_not_confirmed(shop: Store, mailoutbox: list[EmailMessage]) -> None:
    order = make_order(buyer_email="tom@buyers.example")
    type(order).objects.update(status="cancelled")
    send_waiting(shop)
    assert mailoutbox == []
    assert the_email().state == "dropped"


def test_the_mail_says_what_was_ordered_in_the_stores_money_and_day(
    shop: Store, mailoutbox: list[EmailMultiAlternatives]
) -> None:
    shop.name, shop.currency, shop.timezone = "Hazel <b>&\nHome", "JPY", "Asia/Tokyo"
    shop.save()
    product = make_product(title="Lamp & <shade>", price_minor=1500, on_hand=3)
    make_order(
        (product.variants.get(), 2),
        currency="JPY",
        buyer_email="tom@buyers.example",
        placed_at=datetime(2026, 11, 20, 20, tzinfo=UTC),
        shipping_address={"name": "Tom", "city": "Leeds", "postal_code": "LS1", "country": "GB"},
    )
    send_waiting(shop)
    mail = mailoutbox[0]
    html = str(mail.alternatives[0][0])
    assert mail.subject == "Your order #1001 at Hazel <b>& Home"
    assert mail.from_email == '"Hazel <b>& Home" <no-reply@stormcom.example>'
    assert "2 × Lamp & <shade>: ¥3,000" in mail.body
    assert "21 November 2026" in mail.body
    assert "Tom\nLeeds LS1\nGB" in mail.body
    assert "2 × Lamp &amp; &lt;shade&gt;" in html
    assert mail.extra_headers["Message-ID"] == f"<order-email-{the_email().pk}@stormcom.example>"
    assert the_order().buyer_name == "Tom Okafor"
