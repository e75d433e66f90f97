"""What Facebook and Instagram show of a variant's stock, in words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from catalog.models import InventorySnapshot, Variant
from catalog.standings import with_review
from integrations.models import AssetState
from ui.wording import number_text

State = InventorySnapshot.State


@dataclass(frozen=True)
class StockLine:
    """One sentence about one channel; `at` is the time it ends with, if any: `at_words` says what of."""

    words: str
    differs: bool
    at_words: str
    at: datetime | None


def list_snapshots(variants: Iterable[Variant]) -> list[InventorySnapshot]:
    """Return how variants and their stock stand in each connected catalog; 1 query."""
    snapshots = InventorySnapshot.objects.filter(variant__in=list(variants))
    rows = with_review(snapshots).select_related("catalog")
    return list(rows.exclude(catalog__state=AssetState.DISCONNECTED).order_by("catalog__name", "pk"))


def describe_stock(snapshot: InventorySnapshot) -> StockLine | None:
    """Say what buyers see and what there is; None for an item that is not in the catalog."""
    if not snapshot.is_shown:
        return None
    shown, now = snapshot.confirmed_quantity, number_text(snapshot.available)
    if not snapshot.differs:
        words = _("Facebook and Instagram show %(now)s, as you have.") % {"now": now}
        return StockLine(words, False, _("Confirmed"), snapshot.answered_at)
    if shown is None:
        words = _("Facebook and Instagram show none yet, you have %(now)s.") % {"now": now}
    else:
        words = _("Facebook and Instagram show %(shown)s, you have %(now)s.") % {
            "shown": number_text(shown),
            "now": now,
        }
    return StockLine(f"{words} {_explain(snapshot)}".strip(), True, *_moment(snapshot))


def _explain(snapshot: InventorySnapshot) -> str:
    if snapshot.state == State.FAILED:
        return _("Meta did not take the change.")
    if snapshot.catalog.is_held:
        return _("Nothing is sent until you go on sending.")
    if snapshot.catalog.state == AssetState.NEEDS_RECONNECT:
        return _("Connect Facebook again, and it is sent.")
    return _("The change is on its way.") if snapshot.state != State.SENT else ""


def _moment(snapshot: InventorySnapshot) -> tuple[str, datetime | None]:
    if snapshot.state == State.SENT:
        return _("Sent"), snapshot.sent_at
    return (_("Changed"), snapshot.waiting_since) if snapshot.waiting_since else ("", None)
