"""What Meta tells about a Page and its Instagram account: name, picture, figures, how to be reached.

Read every hour, and at once when Meta says that something changed.
"""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction

from integrations.connections import find_instagram_owner
from integrations.graph import accounts
from integrations.graph.accounts import PageFacts
from integrations.logins import LoginClient
from integrations.models import AssetState, ConnectedPage, InstagramAccount
from integrations.pictures import keep_pictures
from tenancy.audit import record_audit


def refresh_page(page: ConnectedPage) -> None:
    """Read a Page's facts and those of its Instagram account again, and keep what changed. Calls Meta."""
    facts = accounts.fetch_page(LoginClient(page), page.page_id)
    with transaction.atomic():
        _keep_page(page, facts)
        if facts.instagram_id:
            _keep_instagram(page, facts)
    keep_pictures([facts])


def _keep_page(page: ConnectedPage, facts: PageFacts) -> None:
    if facts.name and facts.name != page.name:
        record_audit("page.renamed", actor=None, target=page, before=page.name, after=facts.name)
    if facts.category and facts.category != page.category:
        words = {"name": facts.name, "before": page.category, "after": facts.category}
        record_audit("page.category_changed", actor=None, target=page, **words)
    page.name, page.category = facts.name or page.name, facts.category or page.category
    page.details = facts.details
    page.save(update_fields=["name", "category", "details"])


def _keep_instagram(page: ConnectedPage, facts: PageFacts) -> None:
    row = InstagramAccount.objects.filter(instagram_id=facts.instagram_id).first()
    if row is None:
        _link_new(page, facts)
    else:
        _keep_username(row, facts)
    stale = page.instagram_accounts.filter(state=AssetState.ACTIVE).exclude(instagram_id=facts.instagram_id)
    for other in stale:
        words = f"Meta no longer links @{other.username} with {page.name}."
        InstagramAccount.objects.filter(pk=other.pk).update(
            state=AssetState.NEEDS_RECONNECT, last_error=words
        )
        record_audit("instagram.unlinked", actor=None, target=other, username=other.username)


def _keep_username(row: InstagramAccount, facts: PageFacts) -> None:
    if facts.instagram_username and facts.instagram_username != row.username:
        words = {"before": row.username, "after": facts.instagram_username}
        record_audit("instagram.renamed", actor=None, target=row, **words)
    row.username = facts.instagram_username or row.username
    row.name, row.details = facts.instagram_name or row.username, facts.instagram_details
    row.save(update_fields=["username", "name", "details"])


def _link_new(page: ConnectedPage, facts: PageFacts) -> None:
    """Take in an Instagram account that was linked to the Page after it was connected."""
    owner = find_instagram_owner(facts.instagram_id)
    if page.state != AssetState.ACTIVE or (owner and owner.state != AssetState.DISCONNECTED):
        return
    values: dict[str, Any] = {
        "page": page,
        "instagram_id": facts.instagram_id,
        "username": facts.instagram_username,
        "name": facts.instagram_name or facts.instagram_username,
        "details": facts.instagram_details,
        "state": AssetState.ACTIVE,
    }
    try:
        with transaction.atomic():
            row = InstagramAccount.objects.create(**values)
    except IntegrityError:  # another store was faster
        return
    record_audit("instagram.linked", actor=None, target=row, username=row.username, page=page.name)
