"""What the home page says: is anything waiting for me, what is left to set up, and how the week went."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.models import Catalog
from catalog.product_selectors import ProductCounts, product_counts
from integrations.models import AssetState
from leads.selectors import LeadCounts, lead_counts
from messaging.selectors import InboxCounts, inbox_counts
from operations.assets import Asset, list_assets
from operations.checklist import Step, list_steps
from operations.problems import Problem, find_asset_problems, find_product_notes
from operations.week import Week, last_week
from orders.selectors import OrderCounts, order_counts
from tenancy.models import Store
from ui.counting import MOST, count_words


@dataclass(frozen=True, kw_only=True)
class Stat:
    """A number with the address of its rows: the parameters of components/stat.html."""

    label: str
    value: str
    hint: str
    url: str


@dataclass(frozen=True, kw_only=True)
class Home:
    """All that the page shows. `steps` is empty once all of them are done."""

    sentence: str
    steps: list[Step]
    steps_done: int
    stats: list[Stat]
    week: Week
    problems: list[Problem]
    is_new: bool


@dataclass(frozen=True, kw_only=True)
class _Counts:
    inbox: InboxCounts
    orders: OrderCounts
    leads: LeadCounts
    products: ProductCounts

    @property
    def waiting(self) -> int:
        return self.inbox.waiting + self.orders.new + self.leads.new + self.products.refused


def look_around(store: Store, *, for_manager: bool) -> Home:
    """Look at the open store; 15 queries, whatever the rows. Only a manager can set a store up."""
    counts = _Counts(
        inbox=inbox_counts(), orders=order_counts(), leads=lead_counts(), products=product_counts()
    )
    assets = [row.asset for row in list_assets(store)]
    steps = list_steps(store)
    done = sum(step.done for step in steps)
    return Home(
        sentence=_say(counts.waiting, is_new=not assets),
        steps=steps if for_manager and done < len(steps) else [],
        steps_done=done,
        stats=_stats(store, counts),
        week=last_week(store),
        problems=[
            *find_asset_problems(store, [asset for asset in assets if not _has_banner(asset)]),
            *find_product_notes(store),
        ],
        is_new=not assets,
    )


def _has_banner(asset: Asset) -> bool:
    """Say whether the banner of every page tells of it already (`integrations.login_notices`)."""
    return not isinstance(asset, Catalog) and asset.state == AssetState.NEEDS_RECONNECT


def _say(waiting: int, *, is_new: bool) -> str:
    if is_new:
        return _("Connect your Page, and your shop comes alive here.")
    if not waiting:
        return _("Nothing is waiting for you.")
    if waiting > MOST:
        return _("More than %(count)s things are waiting for you.") % {"count": MOST}
    words = ngettext("%(count)s thing is waiting for you.", "%(count)s things are waiting for you.", waiting)
    return words % {"count": waiting}


def _stats(store: Store, counts: _Counts) -> list[Stat]:
    def stat(label: str, value: int, view: str, query: str, hint: str, hinted: int) -> Stat:
        url = reverse(view, kwargs={"store": store.slug}) + query
        return Stat(
            label=label,
            value=count_words(value),
            hint=hint % {"count": count_words(hinted)} if hinted else "",
            url=url,
        )

    inbox, orders, leads, products = counts.inbox, counts.orders, counts.leads, counts.products
    new, refused = "?status=new", "?show=refused"
    late, odd = _("%(count)s not sent"), _("%(count)s to look at")
    lost, mute = _("%(count)s not fetched"), _("%(count)s without an answer")
    return [
        stat(_("Waiting for an answer"), inbox.waiting, "messaging:inbox", "", late, inbox.failed),
        stat(_("New orders"), orders.new, "orders:list", new, odd, orders.attention),
        stat(_("New leads"), leads.new, "leads:list", new, lost, leads.failed),
        stat(_("Refused by Meta"), products.refused, "catalog:products", refused, mute, products.unanswered),
    ]
