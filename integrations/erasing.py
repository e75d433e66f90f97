"""Erasing all data of a Page or Instagram account, in slices: asked for once, then carried to its end.

What goes and what stays is said before (`describe`), by the modules that hold it: the table of the roof.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from importlib import import_module
from typing import Protocol, cast

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from integrations.connections import Asset
from integrations.models import (
    AssetPicture,
    ConnectedPage,
    SyncRun,
    WebhookDelivery,
    WebhookEvent,
)
from integrations.standing import disconnect, kind_word
from tenancy.audit import record_audit
from tenancy.models import User

SLICE = 500


class AssetData(Protocol):
    """A module of the floors above that holds data of assets."""

    def describe(self, asset_ids: Sequence[str]) -> list[str]: ...

    def erase(self, asset: Asset, *, limit: int) -> int: ...


def describe(asset: Asset) -> list[str]:
    """Return what erasing will remove, in words."""
    ids = [one.meta_id for one in _with_linked(asset)]
    return [words for part in _parts() for words in part.describe(ids)]


def request_erasure(asset: Asset, *, actor: User) -> None:
    """Disconnect an asset and ask for its data to be erased; `erase` does it. Safe twice."""
    with transaction.atomic():
        disconnect(asset, actor=actor)
        for one in _with_linked(asset):
            asked = type(one).objects.filter(pk=one.pk, erase_requested_at=None)
            if asked.update(erase_requested_at=timezone.now()):
                record_audit(f"{kind_word(one)}.erasure_asked", actor=actor, target=one, name=one.name)


def erase(asset: Asset) -> None:
    """Erase an asset that was asked to be, slice after slice; killed anywhere, the next call goes on.

    A Page waits for its subscription to end, because afterwards nothing could end it.
    """
    if isinstance(asset, ConnectedPage):
        for linked in asset.instagram_accounts.filter(erase_requested_at__isnull=False):
            erase(linked)
    gone: Counter[str] = Counter()
    for part in _parts():
        gone[_name(part)] += _drain(partial(part.erase, asset, limit=SLICE))
    gone["events"] += _drain(partial(_erase_events, asset))
    if isinstance(asset, ConnectedPage) and (asset.subscribed_fields or asset.instagram_accounts.exists()):
        return
    with transaction.atomic():
        SyncRun.objects.filter(asset_id=asset.meta_id).delete()
        AssetPicture.objects.filter(asset_id=asset.meta_id).delete()
        record_audit(f"{kind_word(asset)}.erased", actor=None, target=asset, name=asset.name, **gone)
        asset.delete()


def _with_linked(asset: Asset) -> list[Asset]:
    linked = list(asset.instagram_accounts.all()) if isinstance(asset, ConnectedPage) else []
    return [asset, *linked]


def _parts() -> list[AssetData]:
    paths = import_string(f"{settings.PAGE_HOOKS}.ASSET_DATA")
    return [cast(AssetData, import_module(path)) for path in paths]


def _name(part: AssetData) -> str:
    return str(part.__name__).partition(".")[0]  # type: ignore[attr-defined]  # a module


def _drain(erase_slice: Callable[[], int]) -> int:
    total = 0
    while True:
        with transaction.atomic():
            count = erase_slice()
        total += count
        if not count:
            return total


def _erase_events(asset: Asset) -> int:
    """Erase what Meta sent about the asset, and the bodies of which nothing is left."""
    rows = WebhookEvent.objects.filter(store_id=asset.store_id, asset_id=asset.meta_id)
    slice_ = dict(rows.values_list("pk", "delivery_id")[:SLICE])
    WebhookEvent.objects.filter(pk__in=slice_).delete()
    bodies = WebhookDelivery.objects.filter(pk__in=set(slice_.values()), events=None)
    bodies.exclude(state=WebhookDelivery.State.RECEIVED).delete()
    return len(slice_)
