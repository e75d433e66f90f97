"""Sales that begin or end: what happens at that moment, without anybody editing anything."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from catalog.models import Variant
from catalog.push.marking import mark_waiting

SLICE = 500


def follow() -> int:
    """Have a slice of the variants whose sale begins or ends sent again; return how many. Safe twice."""
    now = timezone.now()
    with transaction.atomic():
        due = Variant.objects.filter(sale_edge_at__lte=now).order_by("pk")
        found = list(due.select_for_update(no_key=True, of=("self",))[:SLICE])
        for variant in found:
            variant.sale_edge_at = variant.find_sale_edge(now)
        Variant.objects.bulk_update(found, ["sale_edge_at"])
        mark_waiting([variant.pk for variant in found])
    return len(found)
