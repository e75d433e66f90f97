"""The link of an invitation, and the e-mail that carries it.

The link is signed with SECRET_KEY, so nothing of it is kept: withdrawing is deleting the row.
"""

from __future__ import annotations

from datetime import timedelta

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.mail import send_mail
from django.core.signing import BadSignature, Signer
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from tenancy.models import Invitation, User

_signer = Signer(salt="tenancy.invitation")


def sign(invitation: Invitation) -> str:
    """Return what makes the invitation's link a secret."""
    return _signer.sign(str(invitation.pk))


def path(invitation: Invitation) -> str:
    return reverse("tenancy:invitation", args=[sign(invitation)])


def find_invitation_owner(token: str) -> Invitation | None:
    """Return the invitation of a link, whatever its state; None for a made-up or withdrawn one."""
    try:
        invitation_id = int(_signer.unsign(token))
    except (BadSignature, ValueError):
        return None
    return Invitation.unscoped.select_related("store", "invited_by").filter(pk=invitation_id).first()


def waiting_for(user: User) -> list[Invitation]:
    """Return the open invitations to any address that the user has proven to be theirs."""
    proven = EmailAddress.objects.filter(user=user, verified=True).values_list("email", flat=True)
    addresses = [email.lower() for email in proven]
    now = timezone.now()
    open_ones = Invitation.unscoped.filter(accepted_at__isnull=True, expires_at__gt=now)
    return list(open_ones.filter(email__in=addresses).select_related("store"))


def is_for(invitation: Invitation, user: User) -> bool:
    """Say whether the invited address is one of the user's."""
    if invitation.email == user.email.lower():
        return True
    return bool(
        EmailAddress.objects.filter(user=user, verified=True, email__iexact=invitation.email).exists()
    )


def unsent() -> QuerySet[Invitation]:
    """Return the open invitations of all stores whose e-mail is a minute late."""
    now = timezone.now()
    return Invitation.unscoped.filter(
        sent_at__isnull=True,
        accepted_at__isnull=True,
        expires_at__gt=now,
        created_at__lt=now - timedelta(minutes=1),
    )


def send(invitation: Invitation) -> None:
    """Send the e-mail, then say so on the row."""
    context = {"invitation": invitation, "url": settings.APP_BASE_URL + path(invitation)}
    subject = render_to_string("tenancy/mail/invitation_subject.txt", context)
    text = render_to_string("tenancy/mail/invitation.txt", context)
    send_mail(" ".join(subject.split()), text, None, [invitation.email])
    invitation.sent_at = timezone.now()
    invitation.save(update_fields=["sent_at"])
