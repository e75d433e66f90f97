"""Pausing, resuming and disconnecting a Page or an Instagram account: what a person may do to one.

A Page and its Instagram account stand apart, but share one subscription at Meta: it ends with the last one.
"""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from integrations.connections import Asset, PageTaken
from integrations.graph import accounts
from integrations.logins import LoginClient
from integrations.models import AssetState, ConnectedPage, InstagramAccount
from integrations.runs import end_waiting
from integrations.subscriptions import is_needed
from tenancy.audit import record_audit
from tenancy.models import User

PAUSABLE = (AssetState.ACTIVE, AssetState.NEEDS_RECONNECT)


class NotPossible(Exception):
    """The asset does not stand so that this can be done to it, often because somebody was faster."""


def kind_word(asset: Asset) -> str:
    """Return what an asset is in the trail: `page` or `instagram`."""
    return "page" if isinstance(asset, ConnectedPage) else "instagram"


def pause(asset: Asset, *, actor: User) -> None:
    """Stop working on what Meta sends of an asset; what comes is noted for the end of the pause."""
    _move(asset, PAUSABLE, AssetState.DISABLED)
    _record(asset, "paused", actor)


def resume(asset: Asset, *, actor: User) -> None:
    """Work with a paused asset again. Raises NotPossible for one that is not paused."""
    living = page_of(asset).token != ""
    _move(asset, (AssetState.DISABLED,), AssetState.ACTIVE if living else AssetState.NEEDS_RECONNECT)
    _record(asset, "resumed", actor)


def reconnect_instagram(instagram: InstagramAccount, *, actor: User) -> None:
    """Bring back a disconnected Instagram account through its Page, which must be connected.

    Raises NotPossible without such a Page, PageTaken when another store has the account.
    """
    if instagram.page.state != AssetState.ACTIVE or instagram.erase_requested_at:
        raise NotPossible
    try:
        with transaction.atomic():
            _move(instagram, (AssetState.DISCONNECTED,), AssetState.ACTIVE)
            _record(instagram, "connected", actor)
    except IntegrityError:
        raise PageTaken from None


def disconnect(asset: Asset, *, actor: User | None, keep_instagram: bool = False) -> None:
    """Stop working with an asset; its history stays. A Page takes its Instagram accounts along or not.

    `leave_page` tells Meta afterwards. Safe twice.
    """
    with transaction.atomic():
        going: list[Asset] = [asset]
        if isinstance(asset, ConnectedPage) and not keep_instagram:
            going += asset.instagram_accounts.exclude(state=AssetState.DISCONNECTED)
        for one in going:
            if _moved(one, [state for state in AssetState if state != AssetState.DISCONNECTED]):
                _record(one, "disconnected", actor)
        end_waiting([one.meta_id for one in going], words=_("It was disconnected before this began."))


def page_of(asset: Asset) -> ConnectedPage:
    return asset if isinstance(asset, ConnectedPage) else asset.page


def disarm_page(page: ConnectedPage) -> None:
    """Have Meta stop sending a Page's events, unless somebody still needs them. Calls Meta; safe twice."""
    if not is_needed(page.page_id):
        accounts.unsubscribe_page(LoginClient(page), page.page_id)
    elif page.instagram_accounts.exclude(state=AssetState.DISCONNECTED).exists():
        return  # Ours: what Meta sends for the Instagram account comes by the Page.
    page.subscribed_fields = []
    page.save(update_fields=["subscribed_fields"])


def _move(asset: Asset, states: tuple[AssetState, ...], state: AssetState) -> None:
    if not _moved(asset, list(states), state):
        raise NotPossible


def _moved(asset: Asset, states: list[AssetState], state: AssetState = AssetState.DISCONNECTED) -> bool:
    values = {"connected_at": timezone.now()} if AssetState.DISCONNECTED in states else {}
    rows = type(asset).objects.filter(pk=asset.pk, state__in=states)
    if not rows.update(state=state, **values):
        return False
    asset.state = state
    return True


def _record(asset: Asset, what: str, actor: User | None) -> None:
    record_audit(f"{kind_word(asset)}.{what}", actor=actor, target=asset, name=asset.name)
