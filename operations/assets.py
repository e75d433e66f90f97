"""How each connected Page, Instagram account and catalog stands, with the newest runs of its jobs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, cast

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from catalog.canary.selectors import CatalogLag
from catalog.models import Catalog
from integrations.models import AssetState, ConnectedPage, InstagramAccount, SyncRun
from operations.faults import Fault, judge
from tenancy.models import Store

RUNS_SHOWN = 5

_JOBS: dict[str, Promise] = {
    "page.connect": _lazy("Connecting the Page"),
    "page.disconnect": _lazy("Leaving the Page"),
    "page.refresh": _lazy("Checking the connection"),
    "page.subscription": _lazy("Checking that Meta tells us everything"),
    "catalog.refresh": _lazy("Checking the connection"),
    "catalog.push": _lazy("Sending products"),
    "catalog.compare": _lazy("Comparing the catalog with the store"),
    "catalog.sets": _lazy("Updating product sets"),
    "catalog.review": _lazy("Looking at Meta's reviews"),
    "catalog.advice": _lazy("Asking Meta for advice"),
    "catalog.import": _lazy("Making products of what Meta has"),
    "catalog.reap": _lazy("Taking items out of the catalog"),
    "leads.sync": _lazy("Looking for leads"),
}
"""What a job does, for a merchant; one without words here is shown by its name."""

Asset = ConnectedPage | InstagramAccount | Catalog

_TONES: dict[str, str] = {
    AssetState.CONNECTING: "info",
    AssetState.ACTIVE: "success",
    AssetState.NEEDS_RECONNECT: "danger",
    AssetState.DISABLED: "neutral",
}


_RUN_TONES: dict[str, str] = {
    SyncRun.State.WAITING: "neutral",
    SyncRun.State.RUNNING: "info",
    SyncRun.State.DONE: "success",
    SyncRun.State.FAILED: "danger",
    SyncRun.State.CANCELLED: "neutral",
}


@dataclass(frozen=True, kw_only=True)
class RunRow:
    """One run of a job, in words."""

    run: SyncRun
    words: str | Promise
    tone: str


@dataclass(frozen=True, kw_only=True)
class AssetHealth:
    """One card of the health page. `runs` are the newest, newest first; `fault` explains its last error.
    `lag` is how fast stock reaches a catalog.

    An Instagram account speaks through its Page: it is checked, and was last updated, with that one.
    """

    asset: Asset
    kind: str
    icon: str
    tone: str
    fault: Fault | None
    synced_at: datetime | None
    check_url: str
    runs: list[RunRow]
    lag: CatalogLag | None = None


def list_assets(store: Store, *, lags: Mapping[int, CatalogLag] | None = None) -> list[AssetHealth]:
    """Return what the open store has connected, each with its newest runs; 4 queries.

    `lags` are those of its catalogs, where somebody wants to see them.
    """
    assets: list[Asset] = [
        *_with_run_ids(ConnectedPage.objects.all(), "page_id"),
        *_with_run_ids(InstagramAccount.objects.select_related("page"), "page__page_id"),
        *_with_run_ids(Catalog.objects.all(), "catalog_id"),
    ]
    runs = SyncRun.objects.in_bulk([pk for asset in assets for pk in _run_ids(asset)])
    rows = [_describe(asset, store, [runs[pk] for pk in _run_ids(asset) if pk in runs]) for asset in assets]
    return [_with_lag(row, lags or {}) for row in rows]


def _with_lag(row: AssetHealth, lags: Mapping[int, CatalogLag]) -> AssetHealth:
    return replace(row, lag=lags.get(row.asset.pk)) if isinstance(row.asset, Catalog) else row


def _run_ids(asset: Asset) -> list[int]:
    return asset.run_ids  # type: ignore[union-attr,no-any-return]  # annotated by _with_run_ids


def _with_run_ids(assets: QuerySet[Any], id_column: str) -> QuerySet[Any]:
    """Annotate each asset with the ids of its newest runs, read from the index alone."""
    newest = SyncRun.objects.filter(asset_id=OuterRef(id_column)).order_by("-id").values("pk")[:RUNS_SHOWN]
    rows = assets.exclude(state=AssetState.DISCONNECTED).annotate(run_ids=ArraySubquery(newest))
    return cast("QuerySet[Any]", rows)


def _describe(asset: Asset, store: Store, runs: list[SyncRun]) -> AssetHealth:
    shaky = asset.state == AssetState.ACTIVE and asset.error_count > 0
    kind, icon = kind_of(asset)
    return AssetHealth(
        asset=asset,
        kind=kind,
        icon=icon,
        tone="warning" if shaky else _TONES[asset.state],
        fault=judge(asset.last_error) if asset.last_error else None,
        synced_at=(asset.page if isinstance(asset, InstagramAccount) else asset).last_synced_at,
        check_url=_check_url(asset, store),
        runs=[_describe_run(run) for run in runs],
    )


def _describe_run(run: SyncRun) -> RunRow:
    return RunRow(run=run, words=_JOBS.get(run.job, run.job), tone=_RUN_TONES[run.state])


def kind_of(asset: Asset) -> tuple[str, str]:
    """Return what an asset is, in words, and its icon."""
    if isinstance(asset, ConnectedPage):
        return _("Facebook Page"), "building-storefront"
    if isinstance(asset, InstagramAccount):
        return _("Instagram account"), "camera"
    return _("Catalog"), "tag"


def _check_url(asset: Asset, store: Store) -> str:
    """Return where "Check now" posts to."""
    if isinstance(asset, Catalog):
        return reverse("check_catalog", kwargs={"store": store.slug, "catalog": asset.pk})
    page = asset.pk if isinstance(asset, ConnectedPage) else asset.page_id
    return reverse("check_page", kwargs={"store": store.slug, "page": page})
