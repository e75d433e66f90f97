"""Turns what the pages show into what the JSON API answers: the same selectors, other clothes."""

from __future__ import annotations

from collections import Counter

from django.conf import settings
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone

from integrations.models import AssetState, ConnectedPage, InstagramAccount, SyncRun
from integrations.permissions import fields_to_ask
from integrations.report import gaps_of_page
from operations.api import schemas
from operations.api.problems import Problem as Refusal
from operations.assets import Asset
from operations.health import Health, check_health
from operations.problems import Problem, find_asset_problems
from tenancy.models import Store

PAGE_SIZE = 50
LARGEST_PAGE = 100


def read_status(store: Store) -> schemas.StatusOut:
    """Say what the health page says of the open store."""
    health = check_health(store)
    return schemas.StatusOut(
        store=store.slug,
        status=_severity(health.tone),
        sentence=health.sentence,
        problems=[_problem(one) for one in health.problems],
        assets=_assets(health),
        events=schemas.EventsOut(
            waiting=health.events.waiting,
            oldest_waiting_at=health.events.waiting_since,
            parked=health.events.parked,
            done_last_24_hours=health.events.done,
            ignored_last_24_hours=health.events.ignored,
        ),
        budgets=[
            schemas.BudgetOut(
                bucket=one.bucket,
                used_percent=one.percent,
                left_percent=max(0, 100 - one.percent),
                blocked_until=one.blocked_until,
            )
            for one in health.budgets
        ],
        broker_reachable=health.broker.reachable,
        checked_at=timezone.now(),
    )


def read_pages(store: Store, *, cursor: str, limit: int) -> schemas.PagesOut:
    """Return the open store's Pages and their Instagram accounts, as they were connected; 2 queries."""
    gone = AssetState.DISCONNECTED
    living = InstagramAccount.objects.filter(page=OuterRef("pk")).exclude(state=gone)
    pages = ConnectedPage.objects.filter(~Q(state=gone) | Q(Exists(living)), pk__gt=_read_cursor(cursor))
    pages = pages.select_related("account").prefetch_related("instagram_accounts").order_by("pk")
    found = list(pages[: limit + 1])
    rows, more = found[:limit], len(found) > limit
    return schemas.PagesOut(
        pages=[_page(store, row) for row in rows], next_cursor=str(rows[-1].pk) if more else None
    )


def describe_run(run: SyncRun) -> schemas.RunOut:
    """Describe a run of the open store."""
    return schemas.RunOut(
        id=run.pk,
        url=settings.APP_BASE_URL + reverse("api:run", kwargs={"run_id": run.pk}),
        job=run.job,
        asset_id=run.asset_id,
        state=SyncRun.State(run.state),
        rows_total=run.rows_total,
        rows_done=run.rows_done,
        rows_failed=run.rows_failed,
        error=run.error,
        started_at=None if run.state == SyncRun.State.WAITING else run.started_at,
        finished_at=run.finished_at,
    )


def _read_cursor(cursor: str) -> int:
    if not cursor:
        return 0
    if not (cursor.isascii() and cursor.isdecimal() and len(cursor) <= 18):
        raise Refusal("invalid", errors={"cursor": ["Take it from `next_cursor` of the page before."]})
    return int(cursor)


def _page(store: Store, page: ConnectedPage) -> schemas.PageOut:
    wanted = fields_to_ask(page.account.granted_scopes)
    here = page.state != AssetState.DISCONNECTED
    return schemas.PageOut(
        page_id=page.page_id,
        name=page.name,
        category=page.category,
        state=AssetState(page.state),
        problem=_problem_of(store, page),
        account_id=page.account.meta_user_id,
        permission_gaps=[
            schemas.GapOut(permission=gap.permission, status=gap.status, purpose=str(gap.purpose))
            for gap in gaps_of_page(page)
        ],
        subscription=schemas.SubscriptionOut(
            fields=page.subscribed_fields,
            missing=[name for name in wanted if here and name not in page.subscribed_fields],
        ),
        connected_at=page.connected_at,
        last_event_at=page.last_event_at,
        last_synced_at=page.last_synced_at,
        instagram_accounts=[
            _instagram(store, one)
            for one in page.instagram_accounts.all()
            if one.state != AssetState.DISCONNECTED
        ],
    )


def _instagram(store: Store, account: InstagramAccount) -> schemas.InstagramOut:
    return schemas.InstagramOut(
        instagram_id=account.instagram_id,
        username=account.username,
        name=account.name,
        state=AssetState(account.state),
        problem=_problem_of(store, account),
        connected_at=account.connected_at,
        last_event_at=account.last_event_at,
    )


def _problem_of(store: Store, asset: Asset) -> schemas.ProblemOut | None:
    found = find_asset_problems(store, [asset])
    return _problem(found[0]) if found else None


def _problem(problem: Problem) -> schemas.ProblemOut:
    return schemas.ProblemOut(
        severity=_severity(problem.tone),
        title=problem.title,
        text=problem.text,
        url=settings.APP_BASE_URL + problem.url if problem.url else "",
    )


def _severity(tone: str) -> schemas.Severity:
    return "danger" if tone == "danger" else "warning" if tone == "warning" else "ok"


def _assets(health: Health) -> schemas.AssetsOut:
    states = Counter(row.asset.state for row in health.assets)
    return schemas.AssetsOut(connected=states.total(), needs_reconnect=states[AssetState.NEEDS_RECONNECT])
