"""Asking Meta for a customer's name, after their message is stored; nothing waits for the answer.

Meta often withholds names (a feature that it approves app by app), so an empty answer is usual: the contact
keeps its neutral name, and we ask again a few times.
"""

from __future__ import annotations

from datetime import timedelta

from django.db.models import QuerySet
from django.utils import timezone

from integrations.graph.errors import GraphError, Reconnect
from integrations.graph.messages import Profile, fetch_profile
from integrations.logins import LoginClient
from integrations.models import AssetState, ConnectedPage
from integrations.runs import record_failure
from messaging.models import Contact

LADDER = (timedelta(minutes=5), timedelta(hours=6), timedelta(days=1), timedelta(days=7))
"""Waits after an answer without a name; then we stop asking."""
CLAIM = timedelta(minutes=2)
"""Within it a second worker leaves the contact alone."""


def refresh_profile(contact_id: int) -> None:
    """Fetch a contact's name if it is due. Safe twice: the due time is moved before Meta is called."""
    if not claim_contact(contact_id):
        return
    contact = Contact.objects.get(pk=contact_id)
    page = _find_page(contact)
    profile, wait = Profile(), timedelta()
    if page is not None:
        try:
            profile = fetch_profile(LoginClient(page), contact.person_id, on_instagram=contact.on_instagram)
        except GraphError as error:
            wait = timedelta(seconds=error.seconds)
            if isinstance(error, Reconnect):
                record_failure(page.page_id, error)
    _note(contact, profile, wait=wait)


def claim_contact(contact_id: int) -> bool:
    due: QuerySet[Contact] = Contact.objects.filter(pk=contact_id, profile_due_at__lte=timezone.now())
    return due.update(profile_due_at=timezone.now() + CLAIM) == 1


def _find_page(contact: Contact) -> ConnectedPage | None:
    conversation = contact.conversations.select_related("page").first()
    page: ConnectedPage | None = conversation.page if conversation else None
    return page if page and page.state == AssetState.ACTIVE else None


def _note(contact: Contact, profile: Profile, *, wait: timedelta) -> None:
    contact.profile_attempts += 1
    contact.profile_due_at = None
    if not (profile.name or profile.username) and contact.profile_attempts <= len(LADDER):
        contact.profile_due_at = timezone.now() + max(LADDER[contact.profile_attempts - 1], wait)
    contact.name = profile.name[:200] or contact.name
    contact.username = profile.username[:200] or contact.username
    contact.picture_url = profile.picture_url or contact.picture_url
    contact.save(update_fields=["name", "username", "picture_url", "profile_attempts", "profile_due_at"])
