"""What Meta tells about a Facebook user: which permissions they gave or took away."""

from __future__ import annotations

from integrations.models import MetaAccount
from integrations.tasks import recheck_person
from integrations.webhooks.events import FieldEvent


def find_person(meta_user_id: str) -> MetaAccount | None:
    """Return an account of this person, of whatever store: the router's question."""
    return MetaAccount.unscoped.filter(meta_user_id=meta_user_id).order_by("-pk").first()


def receive_permission_change(event: FieldEvent, account: MetaAccount) -> None:
    """Look again at all that the person shares with any store: what the event says may be late."""
    recheck_person.delay_on_commit(account.meta_user_id)
