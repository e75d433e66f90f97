"""What each channel shows of the stock of each variant, against what there is now."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import BooleanField, Case, F, IntegerField, Q, QuerySet, Value, When
from django.db.models.functions import Greatest

from catalog.models.pushing import CatalogItem
from tenancy.owned import StoreManager, UnscopedManager

IS_SHOWN = Q(delete_wanted=False) & ~Q(state=CatalogItem.State.REMOVED)
_AVAILABLE = Greatest(
    F("variant__on_hand") - F("variant__reserved") - F("variant__safety_stock"),
    Value(0),
    output_field=IntegerField(),
)


def _with_stock(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Add what there is now, and whether Meta has confirmed anything else."""
    is_same = Q(confirmed_quantity=F("available"), confirmed_quantity__isnull=False)
    differs = Case(When(IS_SHOWN & ~is_same, then=True), default=False, output_field=BooleanField())
    found: QuerySet[Any] = rows.annotate(available=_AVAILABLE).annotate(differs=differs)
    return found


class SnapshotManager(StoreManager["InventorySnapshot"]):
    def get_queryset(self) -> Any:
        return _with_stock(super().get_queryset())


class UnscopedSnapshotManager(UnscopedManager["InventorySnapshot"]):
    def get_queryset(self) -> Any:
        return _with_stock(super().get_queryset())


class InventorySnapshot(CatalogItem):
    """The stock of one variant in one channel: a catalog, which serves Facebook and Instagram.

    Read from the variant's item itself, so there is no second truth. `sent_quantity` is what our last call
    said, `confirmed_quantity` what Meta has confirmed, `available` what there is now; `differs` when buyers
    may see another number than that.
    """

    available: int
    differs: bool

    objects: ClassVar[SnapshotManager] = SnapshotManager()
    unscoped: ClassVar[UnscopedSnapshotManager] = UnscopedSnapshotManager()

    class Meta:
        proxy = True

    @property
    def last_sync_at(self) -> Any:
        """When Meta last said what became of it."""
        return self.answered_at

    @property
    def last_error(self) -> str:
        """Why Meta does not have it, in a merchant's words."""
        return self.error

    @property
    def is_shown(self) -> bool:
        """Say whether buyers are meant to see it there; a removed item has no stock."""
        return not self.delete_wanted and self.state != self.State.REMOVED
