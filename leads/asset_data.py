"""What the leads hold of one Page: in words, and how to erase it. People in the store's own list stay."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import ngettext

from integrations.connections import Asset
from leads.models import LeadForm, MetaLead


def describe(asset_ids: Sequence[str]) -> list[str]:
    count = MetaLead.objects.filter(page__page_id__in=asset_ids).count()
    if not count:
        return []
    words = ngettext(
        "what Facebook sent of %(count)s lead; the person stays in your list",
        "what Facebook sent of %(count)s leads; the people stay in your list",
        count,
    )
    return [words % {"count": count}]


def erase(asset: Asset, *, limit: int) -> int:
    """Erase the next answers, then forms of the asset; return how many rows."""
    for rows in (
        MetaLead.objects.filter(page__page_id=asset.meta_id),
        LeadForm.objects.filter(page__page_id=asset.meta_id),
    ):
        keys = list(rows.values_list("pk", flat=True)[:limit])
        if keys:
            rows.model.objects.filter(pk__in=keys).delete()
            return len(keys)
    return 0
