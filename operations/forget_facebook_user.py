"""Forgetting a Facebook user who connected Pages, or who signs in with Facebook.

They are known by their app-scoped id. What belongs to the stores stays with the stores, without them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import suppress

from allauth.socialaccount.models import SocialAccount
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from catalog.models import CatalogCreation, CatalogSearch
from integrations.deauthorising import CLOCKS_APART, assets_of, cut_off, find_accounts
from integrations.graph.accounts import unsubscribe_page
from integrations.graph.errors import GraphError
from integrations.graph.records import GraphCall
from integrations.logins import LoginClient
from integrations.models import AssetState, ConnectedPage, MetaAccount, SyncRun
from integrations.subscriptions import is_needed
from operations.erasure import Outcome, Step
from operations.models import DeletionRequest
from tenancy.audit import record_audit
from tenancy.models import User
from tenancy.scope import open_store


def _accounts(request: DeletionRequest, *, lock: bool = True) -> Iterator[MetaAccount]:
    """Yield the person's accounts, each with its store open; not those connected since they asked."""
    asked_at = request.requested_at + CLOCKS_APART
    for store_id, account_pk in find_accounts(request.subject["user_id"]):
        with open_store(store_id):
            rows = MetaAccount.objects.select_for_update() if lock else MetaAccount.objects.all()
            account = rows.filter(pk=account_pk, connected_at__lte=asked_at).first()
            if account:
                yield account


def _leave_pages(request: DeletionRequest) -> None:
    """Tell Meta to stop sending, where that still can be told. Calls Meta."""
    for account in _accounts(request, lock=False):
        for page in ConnectedPage.objects.filter(account=account).exclude(subscribed_fields=[]):
            if page.token and not is_needed(page.page_id, besides=account):
                with suppress(GraphError):  # dead already: then Meta has stopped by itself
                    unsubscribe_page(LoginClient(page), page.page_id)


def _end_access(request: DeletionRequest) -> Outcome:
    outcome = Outcome()
    for account in _accounts(request):
        count = sum(assets.exclude(state=AssetState.DISCONNECTED).count() for assets in assets_of(account))
        if cut_off(account, _asked_words(), state=AssetState.DISCONNECTED):
            outcome.erased += Counter(access=1, connections=count)
            outcome.kept.append("of_the_store")
    return outcome


def _forget_profile(request: DeletionRequest) -> Outcome:
    """Blank the account; its row stays, because the store's Pages and catalogs hang on it."""
    outcome = Outcome()
    for account in _accounts(request):
        SyncRun.objects.filter(asset_id=account.meta_user_id).delete()
        GraphCall.objects.filter(asset_id=account.meta_user_id).delete()
        CatalogSearch.objects.filter(account=account).delete()
        CatalogCreation.objects.filter(account=account).delete()
        account.meta_user_id, account.name = f"erased-{account.pk}", ""
        account.save()
        record_audit("account.erased", actor=None, target=account)
        outcome.erased["profile"] += 1
        outcome.kept.append("audit")
    return outcome


def _sign_ins(request: DeletionRequest) -> QuerySet[SocialAccount]:
    rows: QuerySet[SocialAccount] = SocialAccount.objects.filter(
        provider="facebook",
        uid=request.subject["user_id"],
        date_joined__lte=request.requested_at + CLOCKS_APART,
    )
    return rows


def _forget_sign_in(request: DeletionRequest) -> Outcome:
    """Forget the sign-in with Facebook, and the person where nothing but that one was there."""
    outcome = Outcome()
    for user in User.objects.filter(pk__in=_sign_ins(request).values("user")):
        outcome.erased["sign_in"] += _sign_ins(request).filter(user=user).delete()[0]
        if user.has_usable_password() or user.is_staff or user.memberships.exists():
            outcome.kept.append("own_account")
        else:
            user.delete()
            outcome.erased["account"] += 1
    return outcome


def _asked_words() -> str:
    return _(
        "The person who connected this asked Facebook to have their data deleted. Connect it again. (190/458)"
    )


STEPS = (
    Step(name="access", prepare=_leave_pages, erase=_end_access),
    Step(name="profile", erase=_forget_profile),
    Step(name="sign_in", erase=_forget_sign_in),
)
