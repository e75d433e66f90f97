"""Reads for the integrations page."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext as _

from integrations.connections import taken_elsewhere
from integrations.models import AssetState, ConnectedPage, MetaAccount
from integrations.permissions import can_connect
from integrations.report import Report, report_account


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
    )


def list_reports(accounts: list[MetaAccount], pages: list[ConnectedPage]) -> list[Report]:
    """Return what each account allows, for those of which something is missing; no query."""
    reports = [report_account(account, pages) for account in accounts]
    return [report for report in reports if report.gaps]
