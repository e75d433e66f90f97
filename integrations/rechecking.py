"""Looking again at what a person allows: after each consent, and daily.

A consent at Meta is one for all stores of this app: whoever unticks a Page while connecting one store takes
it from the others, too. So all accounts of the person are looked at.
"""

from __future__ import annotations

from contextlib import suppress

from django.db import transaction

from integrations.connections import arm_page
from integrations.facts import refresh_page
from integrations.graph.accounts import fetch_page_token
from integrations.graph.errors import Gone, GraphError, NotAllowed
from integrations.logins import LoginClient, record_entry
from integrations.models import AssetState, ConnectedPage, InstagramAccount, MetaAccount
from integrations.oauth.consent import Consent, describe, reread_consent
from integrations.pictures import keep_pictures
from integrations.runs import record_run
from tenancy.audit import record_audit

LIVING = (AssetState.CONNECTING, AssetState.ACTIVE, AssetState.NEEDS_RECONNECT)


def recheck(account: MetaAccount) -> None:
    """Read again what an account allows, and let its Pages follow. Calls Meta; raises GraphError."""
    with record_run(job="account.check", asset_id=account.meta_user_id) as run:
        consent = reread_consent(account.token)
        if not _keep(account, consent):
            return  # Connected anew or withdrawn while we asked: that counts, and is looked at by itself.
        keep_pictures(consent.pages)
        offered = {page.page_id for page in consent.pages}
        for page in account.pages.filter(state__in=LIVING):
            run.rows_done += 1
            if page.page_id in offered or _is_shared(account, page):
                _bring_up(page)
            else:
                lose_page(page)


def _keep(account: MetaAccount, consent: Consent) -> bool:
    """Write what Meta said, unless it was about a token that the account no longer has."""
    with transaction.atomic():
        now = MetaAccount.objects.select_for_update().filter(pk=account.pk).first()
        if now is None or now.token != account.token:
            return False
        before = set(now.granted_scopes)
        describe(now, consent)
        now.save()
        record_entry(now)
        _note_changes(now, before)
    return True


def _is_shared(account: MetaAccount, page: ConnectedPage) -> bool:
    """Ask for the Page itself: the lists of a portfolio may leave one out, or not have been read."""
    try:
        return bool(fetch_page_token(LoginClient(account), page.page_id))
    except (Gone, NotAllowed):
        return False


def lose_page(page: ConnectedPage) -> None:
    """Mark a Page that its person no longer shares with us; safe twice."""
    living = ConnectedPage.objects.filter(pk=page.pk, state__in=(AssetState.CONNECTING, AssetState.ACTIVE))
    words = f"{page.account} no longer lets StormCom use this Page."
    with transaction.atomic():
        if living.update(state=AssetState.NEEDS_RECONNECT, last_error=words, sealed_token=""):
            linked = InstagramAccount.objects.filter(page=page, state=AssetState.ACTIVE)
            linked.update(state=AssetState.NEEDS_RECONNECT)
            record_audit("page.access_lost", actor=None, target=page, name=page.name, by=str(page.account))


def _bring_up(page: ConnectedPage) -> None:
    """Bring back a Page that had lost its connection, or see whether what troubled it is over.

    When Meta refuses, the run says why, and the Page stays as it is.
    """
    with suppress(GraphError):
        if page.state == AssetState.NEEDS_RECONNECT:
            with record_run(job="page.connect", asset_id=page.page_id):
                armed = arm_page(page)
            if armed:
                record_audit("page.reconnected", actor=None, target=page, name=page.name)
        elif page.error_count:
            with record_run(job="page.refresh", asset_id=page.page_id):
                refresh_page(page)


def _note_changes(account: MetaAccount, before: set[str]) -> None:
    lost, gained = before - set(account.granted_scopes), set(account.granted_scopes) - before
    if lost or gained:
        words = {"lost": sorted(lost), "gained": sorted(gained)}
        record_audit("account.permissions_changed", actor=None, target=account, **words)
