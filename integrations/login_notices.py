"""What every page of a store says while Facebook does not let us in, or soon will not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from django.db.models import QuerySet
from django.db.models.functions import Least
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext

from integrations.models import AssetState, ConnectedPage, MetaAccount

WARN_BEFORE = timedelta(days=14)
COMING_BACK = timedelta(minutes=2)
"""How long after a consent the Pages may take to come back before the merchant is asked for it again."""

_REASONS: dict[int, Promise] = {
    458: _lazy("StormCom was removed from the Facebook account."),
    459: _lazy("Facebook wants the person to confirm who they are: sign in at facebook.com first."),
    460: _lazy("The password of the Facebook account was changed."),
    463: _lazy("The permission that was given at Facebook has run out."),
    464: _lazy("Facebook wants the person to confirm their account: sign in at facebook.com first."),
    492: _lazy("The person who connected it no longer has a role on the Page."),
}
_NO_REASON = _lazy("Facebook has ended the connection.")


@dataclass(frozen=True, kw_only=True)
class Notice:
    """A banner: what happened, and why with what to do; `can_wait` when that is nothing."""

    tone: str
    title: str
    text: str
    can_wait: bool = False


def reason_of(subcode: int) -> str:
    """Say in a sentence why Facebook no longer lets us in."""
    return str(_REASONS.get(subcode, _NO_REASON))


def end_of(account: MetaAccount) -> datetime | None:
    """Return when an account's access ends: its token's, or the right to read data, whichever is first."""
    return min(filter(None, [account.expires_at, account.data_access_expires_at]), default=None)


def expiring(accounts: QuerySet[MetaAccount], *, now: datetime) -> QuerySet[MetaAccount]:
    """Return those of the accounts whose access ends soon, and has not ended."""
    ends_at = Least("expires_at", "data_access_expires_at")  # PostgreSQL leaves out what is null
    return accounts.annotate(_ends_at=ends_at).filter(
        _ends_at__gt=now, _ends_at__lte=now + WARN_BEFORE, broken_since=None
    )


def list_notices() -> list[Notice]:
    """Return the open store's banners, none while all is well; 2 queries."""
    now = timezone.now()
    accounts = list(MetaAccount.objects.order_by("pk"))
    lost = ConnectedPage.objects.filter(state=AssetState.NEEDS_RECONNECT).select_related("account")
    pages = list(lost.order_by("name"))
    ended = [account for account in accounts if account.broken_since]
    if pages and not ended and all(_comes_back(page, now=now) for page in pages):
        return [_returning(pages)]
    if pages or ended:
        subcode = next((each.auth_subcode for each in [*ended, *pages] if each.auth_subcode), 0)
        # To connect again is the remedy of what ends soon, too.
        return [_ended([page.name for page in pages] or [str(each) for each in ended], subcode)]
    soon = [(each, at) for each in accounts if (at := _soon(each, now=now))]
    return [_ends(account, at, now=now) for account, at in soon]


def _comes_back(page: ConnectedPage, *, now: datetime) -> bool:
    """Say whether its person has just let us in again: it follows, unless they left it out (no token)."""
    let_in_at = page.account.connected_at
    ended_before = page.broken_since is None or page.broken_since < let_in_at
    return bool(page.sealed_token) and ended_before and let_in_at > now - COMING_BACK


def _returning(pages: list[ConnectedPage]) -> Notice:
    title = _("Facebook lets us in again. %(names)s will be back in a moment.")
    return Notice(
        tone="info",
        title=title % {"names": get_text_list([page.name for page in pages], _("and"))},
        text=_("You need do nothing."),
        can_wait=True,
    )


def _ended(names: list[str], subcode: int) -> Notice:
    title = _("Facebook no longer lets us in to %(names)s.")
    consequence = _("New messages still arrive here, but nothing can be sent until it is connected again.")
    return Notice(
        tone="danger",
        title=title % {"names": get_text_list(names, _("and"))},
        text=f"{reason_of(subcode)} {consequence}",
    )


def _ends(account: MetaAccount, at: datetime, *, now: datetime) -> Notice:
    days = ceil((at - now) / timedelta(days=1))
    title = ngettext(
        "What %(name)s allowed at Facebook ends in %(days)s day.",
        "What %(name)s allowed at Facebook ends in %(days)s days.",
        days,
    )
    return Notice(
        tone="warning",
        title=title % {"name": account, "days": days},
        text=_("Connect again before then, and nothing is interrupted. It takes a minute."),
    )


def _soon(account: MetaAccount, *, now: datetime) -> datetime | None:
    at = end_of(account)
    return at if at and now < at <= now + WARN_BEFORE else None
