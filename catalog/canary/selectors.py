"""Reads for the pages: how fast stock reaches each catalog, and where that is above the promise."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from catalog.canary.measuring import LOST_AFTER, MEASURED, PROMISE
from catalog.models import Canary, Catalog, StockLag

Outcome = StockLag.Outcome


@dataclass(frozen=True, kw_only=True)
class CatalogLag:
    """What is known of one catalog. `seconds` is the newest measurement, None when it was never seen.

    `open_seconds` is how long a change is on its way by now that should be there already, else None.
    """

    catalog: Catalog
    at: datetime | None
    seconds: float | None
    seconds_here: float | None
    is_lost: bool
    is_refused: bool
    open_seconds: float | None

    @property
    def is_late(self) -> bool:
        is_slow = self.seconds is not None and self.seconds > PROMISE.total_seconds()
        return self.is_lost or is_slow or self.open_seconds is not None

    @property
    def words(self) -> str:
        """Say in one sentence how long the newest change of stock took to Meta."""
        promise = int(PROMISE.total_seconds())
        if self.open_seconds is not None:
            words = _("A change of stock has been on its way for %(seconds)s s. We promise %(promise)s s.")
            return words % {"seconds": seconds_text(self.open_seconds), "promise": promise}
        if self.is_refused:
            return _("Meta refuses the hidden item by which we measure, so we cannot say how fast it is.")
        if self.is_lost:
            words = _("A change of stock was not seen at Meta within %(minutes)s minutes.")
            return words % {"minutes": int(LOST_AFTER.total_seconds()) // 60}
        if self.seconds is None:
            return _("Not measured yet.")
        words = _(
            "A change of stock reached Facebook and Instagram after %(seconds)s s. We promise %(promise)s s."
        )
        return words % {"seconds": seconds_text(self.seconds), "promise": promise}


def seconds_text(seconds: float) -> str:
    return number_format(seconds, decimal_pos=1 if seconds < 10 else 0)


def list_lags() -> dict[int, CatalogLag]:
    """Return the newest measurement of each catalog that is measured now, by its key; 2 queries."""
    of_canary = StockLag.objects.filter(canary=OuterRef("pk")).order_by("-id").values("pk")
    over = of_canary.filter(outcome__in=[Outcome.SHOWN, Outcome.LOST, Outcome.REFUSED])[:1]
    known = Canary.objects.filter(catalog__in=_measured()).select_related("catalog")
    canaries = list(known.annotate(over=Subquery(over), overdue=Subquery(of_canary.filter(_overdue())[:1])))
    lags = StockLag.objects.in_bulk([pk for one in canaries for pk in (one.over, one.overdue) if pk])
    return {
        one.catalog_id: _describe(one.catalog, lags.get(one.over), lags.get(one.overdue)) for one in canaries
    }


def _describe(catalog: Catalog, over: StockLag | None, overdue: StockLag | None) -> CatalogLag:
    waited = (timezone.now() - overdue.changed_at).total_seconds() if overdue else None
    newest = overdue or over
    return CatalogLag(
        catalog=catalog,
        at=over.ended_at if over else None,
        seconds=over.seconds if over else None,
        seconds_here=newest.seconds_here if newest else None,
        is_lost=over is not None and over.outcome == Outcome.LOST,
        is_refused=over is not None and over.outcome == Outcome.REFUSED,
        open_seconds=waited,
    )


def late_catalogs() -> Exists:
    """Return the condition that stock reaches some catalog of the open store late."""
    overdue = StockLag.objects.filter(_overdue(), canary=OuterRef("pk"))
    late = Canary.objects.filter(Q(is_late=True) | Exists(overdue), catalog__in=_measured())
    return Exists(late)


def _measured() -> QuerySet[Catalog]:
    return Catalog.objects.filter(MEASURED, not_before__lte=timezone.now())


def _overdue() -> Q:
    return Q(ended_at=None, changed_at__lt=timezone.now() - PROMISE)
