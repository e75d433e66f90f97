"""Needed against granted: who lacks which permission, for which Page, and what does not work without it.

Reads what the last look at Meta left on the rows; asks neither Meta nor the database.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from integrations.models import AssetState, ConnectedPage, MetaAccount
from integrations.permissions import NEEDED, scope_covers

SYSTEM_USER = "SYSTEM_USER"


@dataclass(frozen=True, kw_only=True)
class Line:
    """One needed permission. `status` is granted, partly, declined, expired or missing.

    `left_out` names the connected Pages and accounts that a granted permission does not cover.
    """

    permission: str
    purpose: str | Promise
    status: str
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Report:
    """All needed permissions of one account, in our order."""

    account: MetaAccount
    lines: list[Line]

    @property
    def gaps(self) -> list[Line]:
        return [line for line in self.lines if line.status != "granted"]


def report_account(account: MetaAccount, pages: Iterable[ConnectedPage]) -> Report:
    """Compare what we need with what a person allows; `pages` come with their Instagram accounts."""
    assets = list(_assets_of(account, pages))
    lines = [_line(account, permission, purpose, assets) for permission, purpose in NEEDED.items()]
    return Report(account=account, lines=lines)


def allows(account: MetaAccount, permission: str, asset_id: str) -> bool:
    """Say whether a person's last known permissions let us do this for a Page or Instagram account."""
    return permission not in account.missing_scopes and scope_covers(
        account.scope_targets, permission, asset_id
    )


def gaps_of_page(page: ConnectedPage) -> list[Line]:
    """Return the needed permissions that do not cover this Page or its Instagram accounts."""
    return report_account(page.account, [page]).gaps


def explain_no_pages(account: MetaAccount) -> list[str]:
    """Say why Meta offered no Page, the likeliest reason first, each with what to do."""
    return list(_reasons_for_none(account))


def _assets_of(account: MetaAccount, pages: Iterable[ConnectedPage]) -> Iterator[tuple[str, str, str]]:
    """Yield (prefix of the permissions about it, id, name) of what is connected through this account."""
    for page in pages:
        if page.account_id != account.pk:
            continue
        if page.state != AssetState.DISCONNECTED:
            yield "pages_", page.page_id, page.name
        for instagram in page.instagram_accounts.all():
            if instagram.state != AssetState.DISCONNECTED:
                yield "instagram_", instagram.instagram_id, f"@{instagram.username}"


def _line(
    account: MetaAccount, permission: str, purpose: str | Promise, assets: list[tuple[str, str, str]]
) -> Line:
    if permission not in account.granted_scopes:
        status = account.refused_scopes.get(permission, "missing")
        return Line(permission=permission, purpose=purpose, status=status)
    kind = "pages_" if permission == "leads_retrieval" else permission
    left_out = tuple(
        name
        for prefix, asset_id, name in assets
        if kind.startswith(prefix) and not scope_covers(account.scope_targets, permission, asset_id)
    )
    status = "partly" if left_out else "granted"
    return Line(permission=permission, purpose=purpose, status=status, left_out=left_out)


def _reasons_for_none(account: MetaAccount) -> Iterator[str]:
    granted = account.granted_scopes
    if account.token_kind == SYSTEM_USER:
        yield _("The business portfolio gave StormCom no Page. Connect again and choose your Pages there.")
        return
    if "pages_show_list" not in granted:
        yield _("The box that lets us see which Pages you manage was left out. Connect again and tick it.")
    elif account.scope_targets.get("pages_show_list") == []:
        yield _("No Page was ticked. Connect again, choose “Edit settings” at Facebook, and tick your Page.")
    else:
        yield _("%(name)s has no Page. Connect again, as the person who runs the Page on Facebook.") % {
            "name": account.name
        }
    if "business_management" not in granted:
        yield _("If the Page belongs to a business portfolio, leave the box about your business ticked, too.")
    else:
        yield _("If the Page belongs to a business portfolio, its owner has to give you access to it there.")
