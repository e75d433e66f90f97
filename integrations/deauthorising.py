"""A person took away our access at Facebook: forget their tokens, in every store.

Their Pages stay where they are, need somebody who connects them again, and keep what Meta still sends.
Database only: the tokens are dead at Meta, so nothing could be asked there with them.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from integrations.models import AssetState, ConnectedPage, InstagramAccount, MetaAccount, MetaAsset
from tenancy.audit import record_audit
from tenancy.scope import open_store

CLOCKS_APART = timedelta(minutes=1)
"""How far Meta's clock may be from ours."""
LIVING = (AssetState.CONNECTING, AssetState.ACTIVE, AssetState.NEEDS_RECONNECT)


def find_accounts(meta_user_id: str) -> list[tuple[int, int]]:
    """Return (store, account) of every store in which this Facebook user connected something."""
    rows = MetaAccount.unscoped.filter(meta_user_id=meta_user_id).order_by("pk")
    return list(rows.values_list("store_id", "pk"))


def deauthorise(meta_user_id: str, *, asked_at: datetime) -> int:
    """Cut off every connection that this person made before `asked_at`; return how many there were.

    Safe twice and late: one that was made again since the person removed the app is left alone.
    """
    count = 0
    for store_id, account_pk in find_accounts(meta_user_id):
        with open_store(store_id), transaction.atomic():
            account = MetaAccount.objects.select_for_update().get(pk=account_pk)
            if account.connected_at <= asked_at + CLOCKS_APART:
                count += cut_off(account, _removed_words(), state=AssetState.NEEDS_RECONNECT)
    return count


def cut_off(account: MetaAccount, why: str, *, state: AssetState) -> bool:
    """Drop a locked account's tokens and put its assets into a state; False when that was done before."""
    if not account.sealed_token and not _living(account, besides=state):
        return False
    names = [page.name for page in account.pages.all()]
    for assets in assets_of(account):
        _put(assets, why, state=state)
    # Without access nobody can tell Meta to stop, and a sweep that tries would never end.
    ConnectedPage.objects.filter(account=account).update(subscribed_fields=[])
    account.seal_token("")
    account.granted_scopes, account.missing_scopes, account.refused_scopes = [], [], {}
    account.scope_targets, account.available_pages = {}, []
    account.expires_at = account.data_access_expires_at = None
    account.save()
    record_audit("account.access_withdrawn", actor=None, target=account, pages=names)
    return True


def assets_of(account: MetaAccount) -> Iterator[QuerySet[MetaAsset]]:
    """Yield what speaks through the account's access, kind by kind: also kinds of floors above this one."""
    for relation in MetaAccount._meta.related_objects:
        kind = relation.related_model
        if isinstance(kind, type) and issubclass(kind, MetaAsset):
            yield kind.objects.filter(**{relation.field.name: account})
    yield InstagramAccount.objects.filter(page__account=account)


def _living(account: MetaAccount, *, besides: AssetState) -> bool:
    return any(
        assets.filter(state__in=LIVING).exclude(state=besides).exists() for assets in assets_of(account)
    )


def _put(assets: QuerySet[MetaAsset], why: str, *, state: AssetState) -> None:
    """Drop the assets' tokens; those at work get the state and the reason, paused ones stay paused."""
    assets.update(sealed_token="")
    living = assets.filter(state__in=LIVING)
    living.update(state=state, last_error=why, last_error_at=timezone.now())


def _removed_words() -> str:
    return _(
        "The person who connected this removed StormCom at Facebook. "
        "Somebody has to connect it again. (190/458)"
    )
