"""What the inbox holds of one Page or Instagram account: in words, and how to erase it."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import ngettext

from integrations.connections import Asset
from messaging.models import Contact, Conversation, Message


def describe(asset_ids: Sequence[str]) -> list[str]:
    conversations = Conversation.objects.filter(asset_id__in=asset_ids).count()
    messages = Message.objects.filter(conversation__asset_id__in=asset_ids).count()
    if not conversations:
        return []
    talks = ngettext("%(count)s conversation", "%(count)s conversations", conversations)
    words = ngettext("with %(count)s message", "with %(count)s messages", messages)
    return [f"{talks % {'count': conversations}} {words % {'count': messages}}"]


def erase(asset: Asset, *, limit: int) -> int:
    """Erase the next messages, then conversations, then people of the asset; return how many rows."""
    for rows in (
        Message.objects.filter(conversation__asset_id=asset.meta_id),
        Conversation.objects.filter(asset_id=asset.meta_id),
        Contact.objects.filter(asset_id=asset.meta_id),
    ):
        keys = list(rows.values_list("pk", flat=True)[:limit])
        if keys:
            rows.model.objects.filter(pk__in=keys).delete()
            return len(keys)
    return 0
