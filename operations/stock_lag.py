"""What to say when stock reaches Meta late: where, whose fault, what to do."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext as _

from catalog.canary.measuring import PROMISE
from catalog.canary.selectors import CatalogLag, seconds_text
from operations.problems import Problem
from tenancy.models import Store


def find_lag_problems(store: Store, lags: Iterable[CatalogLag]) -> list[Problem]:
    """Return one problem for each catalog that stock reaches late."""
    return [_describe(store, lag) for lag in lags if lag.is_late]


def _describe(store: Store, lag: CatalogLag) -> Problem:
    here = lag.seconds_here
    if here is not None and here <= PROMISE.total_seconds():
        whose = _("We sent it after %(seconds)s s; the rest is on Meta's side.") % {
            "seconds": seconds_text(here)
        }
    else:
        whose = _("This is our fault: it waited here. Nothing is lost.")
    title = _("Stock reaches %(catalog)s late.") % {"catalog": lag.catalog.name}
    remedy = _("You need not do anything, but until it is better you may sell what is gone.")
    return Problem(
        tone="warning",
        title=title,
        text=f"{lag.words} {whose} {remedy}",
        url=reverse("catalog:catalogs", kwargs={"store": store.slug}),
        action=_("See the catalog"),
    )
