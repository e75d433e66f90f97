"""E-mails that wait to be sent: queued once, claimed by a conditional update, written at the last moment.

A worker that dies between sending and saying so sends again after the lease, with the same Message-ID, so
that mail programs show it once: a confirmation twice is better than none.
"""

from __future__ import annotations

from datetime import timedelta
from smtplib import SMTPException, SMTPRecipientsRefused

import structlog
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from integrations.webhooks.ladder import find_wait
from orders.emails import write_confirmation
from orders.models import Order, OrderEmail, OrderEvent, record_step
from tenancy.models import User

LEASE_SECONDS = 120
"""Above the longest time an SMTP server may take."""

State = OrderEmail.State
log = structlog.get_logger()


def queue_confirmation(order: Order) -> OrderEmail | None:
    """Queue the confirmation that goes out by itself; None when there is one, or nobody to send it to."""
    if order.is_cancelled or not order.buyer_email:
        return None
    email, created = OrderEmail.objects.get_or_create(
        order=order, kind=OrderEmail.Kind.CONFIRMATION, automatic=True
    )
    return email if created else None


def queue_again(order: Order, *, actor: User) -> OrderEmail:
    """Queue one more confirmation because a person asks for it."""
    return OrderEmail.objects.create(order=order, automatic=False, requested_by=actor)


def send(email_id: int) -> None:
    """Send one waiting e-mail. Safe twice, late, and beside another worker."""
    email = claim_email(email_id)
    if email is None:
        return
    if problem := _why_not(email.order):
        return _settle(email, State.DROPPED, reason=problem)
    try:
        write_confirmation(email).send()
    except SMTPRecipientsRefused:
        _settle(email, State.FAILED, reason=_("The buyer's mail server refuses this address."))
    except Exception as error:  # also a fault of ours: it climbs the ladder to an end that somebody sees
        _try_again(email, error)
    else:
        _settle(email, State.SENT)


def claim_email(email_id: int) -> OrderEmail | None:
    """Count an attempt and take the e-mail for a while; None when it is not due or not waiting any more."""
    now = timezone.now()
    due = OrderEmail.objects.filter(pk=email_id, state=State.WAITING, not_before__lte=now)
    lease = now + timedelta(seconds=LEASE_SECONDS)
    if not due.update(attempts=F("attempts") + 1, not_before=lease):
        return None
    return OrderEmail.objects.select_related("order__store").get(pk=email_id)


def _why_not(order: Order) -> str:
    if order.is_cancelled:
        return _("The order was cancelled before.")
    try:
        validate_email(order.buyer_email)
    except ValidationError:
        return _("The buyer's e-mail address cannot be used.")
    return ""


def _try_again(email: OrderEmail, error: Exception) -> None:
    log.warning("email_not_sent", email=email.pk, error=repr(error))
    wait = find_wait(attempts=email.attempts)
    if wait is None:
        return _settle(email, State.FAILED, reason=_give_up_words(error))
    OrderEmail.objects.filter(pk=email.pk, state=State.WAITING).update(not_before=timezone.now() + wait)


def _give_up_words(error: Exception) -> str:
    if isinstance(error, (SMTPException, OSError)):
        return _("The mail server could not be reached.")
    return _("The e-mail could not be written. This is a fault of ours.")


@transaction.atomic
def _settle(email: OrderEmail, state: OrderEmail.State, *, reason: str = "") -> None:
    sent_at = timezone.now() if state == State.SENT else None
    rows = OrderEmail.objects.filter(pk=email.pk, state=State.WAITING)
    if not rows.update(state=state, reason=reason, sent_at=sent_at):
        return
    if state == State.SENT:
        record_step(email.order, OrderEvent.Kind.EMAIL_SENT, actor=email.requested_by)
    else:
        record_step(email.order, OrderEvent.Kind.EMAIL_FAILED, actor=email.requested_by, reason=reason)
