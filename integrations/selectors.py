"""Reads for the integrations page."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from integrations.connections import Asset, taken_elsewhere
from integrations.models import AssetState, ConnectedPage, InstagramAccount, MetaAccount
from integrations.permissions import can_connect
from integrations.pictures import picture_urls
from integrations.report import Line, Report, gaps_of_page, report_account
from integrations.standing import kind_word, page_of
from tenancy.models import AuditEntry, Store

FACTS: dict[str, str | Promise] = {
    "about": _lazy("About"),
    "username": _lazy("Short name"),
    "website": _lazy("Website"),
    "link": _lazy("On Facebook"),
    "phone": _lazy("Phone"),
    "emails": _lazy("E-mail"),
    "location": _lazy("Address"),
    "fan_count": _lazy("Likes"),
    "followers_count": _lazy("Followers"),
    "verification_status": _lazy("Verified by Meta"),
}
"""What Meta tells about an asset, in Meta's names, with words for people."""
VERIFIED = {
    "not_verified": _lazy("No"),
    "blue_verified": _lazy("Yes, with the blue tick"),
    "gray_verified": _lazy("Yes, with the grey tick"),
}
NAME_CHANGES = ("page.renamed", "instagram.renamed")


@dataclass(frozen=True, kw_only=True)
class AssetView:
    """What the page of an asset shows beside its row; `since` are its earlier names, newest first."""

    kind: str
    id: int
    page: ConnectedPage
    picture: str
    facts: list[tuple[str | Promise, str | Promise]]
    gaps: list[Line]
    linked: list[InstagramAccount]
    names: list[AuditEntry]


def describe_asset(asset: Asset, store: Store) -> AssetView:
    """Gather what the page of an asset shows; 3 queries, 4 for a Page."""
    page = page_of(asset)
    changes = AuditEntry.objects.filter(action__in=NAME_CHANGES, target_id=str(asset.pk))
    names = changes.filter(target_type=asset._meta.label).order_by("-id")[:20]
    linked = list(page.instagram_accounts.all()) if asset is page else []
    facts = [(words, _fact(name, asset)) for name, words in FACTS.items() if asset.details.get(name)]
    return AssetView(
        kind=kind_word(asset),
        id=asset.pk,
        page=page,
        picture=picture_urls([asset.meta_id], store).get(asset.meta_id, ""),
        facts=facts,
        gaps=gaps_of_page(page) if asset.state != AssetState.DISCONNECTED else [],
        linked=linked,
        names=list(names),
    )


def _fact(name: str, asset: Asset) -> str | Promise:
    value = str(asset.details[name])
    if name == "verification_status":
        return VERIFIED.get(value, value)
    return number_format(int(value), force_grouping=True) if value.isdecimal() and "count" in name else value


def living_instagram(asset: Asset) -> list[InstagramAccount]:
    """Return the Instagram accounts that go with a Page unless they are kept; none for one itself."""
    if isinstance(asset, InstagramAccount):
        return []
    return list(asset.instagram_accounts.exclude(state=AssetState.DISCONNECTED))


def ids_of(pages: list[ConnectedPage]) -> list[str]:
    """Return Meta's ids of Pages and of their Instagram accounts, which were read with them."""
    instagram = [one.instagram_id for page in pages for one in page.instagram_accounts.all()]
    return [page.page_id for page in pages] + instagram


def ids_offered(account: MetaAccount) -> list[str]:
    return [page["page_id"] for page in account.available_pages]


@dataclass(frozen=True)
class OfferedPage:
    """One line of the picker; `reason` says why it cannot be ticked, '' when it can.

    `wanted` lines start ticked: the Page to reconnect, and the only one that there is to choose.
    """

    page_id: str
    name: str
    category: str
    instagram_username: str
    reason: str
    wanted: bool
    elsewhere: bool


def list_pages() -> list[ConnectedPage]:
    """Return the store's Pages with their Instagram accounts and the person behind them; 2 queries."""
    return list(ConnectedPage.objects.select_related("account").prefetch_related("instagram_accounts"))


def list_offered(account: MetaAccount) -> tuple[list[OfferedPage], set[str]]:
    """Return the picker's lines, and the ids that are connected elsewhere; 2 queries."""
    ids = [page["page_id"] for page in account.available_pages]
    taken = taken_elsewhere(ids, store_id=account.store_id)
    states = dict(ConnectedPage.objects.filter(page_id__in=ids).values_list("page_id", "state"))
    lines = [_offer(page, taken=taken, state=states.get(page["page_id"])) for page in account.available_pages]
    free = [line for line in lines if not line.reason]
    return [replace(line, wanted=True) if free == [line] else line for line in lines], taken


def _offer(page: dict[str, Any], *, taken: set[str], state: str | None) -> OfferedPage:
    reason = ""
    if state == AssetState.ACTIVE:
        reason = _("Already connected here.")
    elif page["page_id"] in taken:
        reason = _("Already connected to another store.")
    elif not can_connect(page["tasks"]):
        reason = _("You have no right to answer messages for this Page. Ask its owner for it.")
    return OfferedPage(
        page_id=page["page_id"],
        name=page["name"],
        category=page["category"],
        instagram_username=page["instagram_username"],
        reason=reason,
        wanted=state == AssetState.NEEDS_RECONNECT and not reason,
        elsewhere=page["page_id"] in taken and can_connect(page["tasks"]),
    )


def limited_accounts() -> QuerySet[MetaAccount]:
    """Return the open store's accounts that speak for a working Page without all the permissions we need."""
    working = ConnectedPage.objects.filter(account=OuterRef("pk"), state=AssetState.ACTIVE)
    return MetaAccount.objects.filter(Exists(working), broken_since=None).exclude(missing_scopes=[])


def list_reports(accounts: list[MetaAccount], pages: list[ConnectedPage]) -> list[Report]:
    """Return what each account allows, for those of which something is missing; no query."""
    reports = [report_account(account, pages) for account in accounts]
    return [report for report in reports if report.gaps]
