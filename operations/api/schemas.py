"""What goes in and out of the JSON API. Names are Meta's for Meta's things; times are ISO 8601 in UTC."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from ninja import Field, Schema
from pydantic import ConfigDict, StringConstraints

from integrations.models import AssetState, SyncRun

MetaId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]{1,64}$")]
Severity = Literal["ok", "warning", "danger"]


class Wanted(Schema):
    """A body: what it does not know, it refuses."""

    model_config = ConfigDict(extra="forbid")


class ConnectIn(Wanted):
    display: Literal["page", "popup"] = Field(default="page", description="How Meta shows its dialog.")
    next: str = Field(
        default="", max_length=500, description="A path of ours to go to when Pages are chosen."
    )
    account_id: MetaId | None = Field(
        default=None, description="Asks this Facebook user again for what they left out."
    )


class ConnectOut(Schema):
    dialog_url: str = Field(
        description="Where the person has to go, in the browser in which they are signed in here."
    )
    user: str = Field(description="The person's e-mail address: nobody else can finish it.")
    expires_at: datetime = Field(description="Until when the dialog can be finished; it counts once.")


class CatalogSyncIn(Wanted):
    catalog_id: MetaId | None = Field(default=None, description="One of them, by Meta's id.")


class LeadsSyncIn(Wanted):
    page_id: MetaId | None = Field(default=None, description="One of them, by Meta's id.")


class RunOut(Schema):
    id: int
    url: str = Field(description="Where to ask how it goes.")
    job: str = Field(description="`catalog.linking.refresh`, `leads.sync`, …")
    asset_id: str = Field(description="Meta's id of the catalog or Page.")
    state: SyncRun.State
    rows_total: int | None = Field(
        description="What was to be done when it began, and what has joined it since; null when unknown."
    )
    rows_done: int
    rows_failed: int
    error: str = Field(description="Why it failed, mostly in Meta's words; else empty.")
    started_at: datetime | None
    finished_at: datetime | None


class RunsOut(Schema):
    runs: list[RunOut]


class ProblemOut(Schema):
    severity: Severity
    title: str
    text: str = Field(description="Whose fault it is, and what to do.")
    url: str = Field(description="The page where to do it; empty when there is nothing to do.")


class GapOut(Schema):
    permission: str = Field(description="In Meta's words.")
    status: str = Field(description="`partly`, `declined`, `expired` or `missing`.")
    purpose: str = Field(description="What does not work without it.")


class SubscriptionOut(Schema):
    fields: list[str] = Field(description="What Meta sends of the Page.")
    missing: list[str] = Field(description="What it should send and does not.")


class InstagramOut(Schema):
    instagram_id: str
    username: str
    name: str
    state: AssetState
    problem: ProblemOut | None
    connected_at: datetime
    last_event_at: datetime | None


class PageOut(Schema):
    page_id: str
    name: str
    category: str
    state: AssetState
    problem: ProblemOut | None
    account_id: str = Field(description="The Facebook user through whom the Page is connected.")
    permission_gaps: list[GapOut]
    subscription: SubscriptionOut
    connected_at: datetime
    last_event_at: datetime | None = Field(description="When Meta last sent something, to the minute.")
    last_synced_at: datetime | None
    instagram_accounts: list[InstagramOut]


class PagesOut(Schema):
    pages: list[PageOut]
    next_cursor: str | None = Field(description="Give it as `cursor` for the next page; null at the end.")


class EventsOut(Schema):
    waiting: int
    oldest_waiting_at: datetime | None
    parked: int = Field(description="Messages of Meta that need a person.")
    done_last_24_hours: int
    ignored_last_24_hours: int


class BudgetOut(Schema):
    bucket: str = Field(description="Meta's name of what is counted: `messenger`, `pages`, `app`, …")
    used_percent: int
    left_percent: int
    blocked_until: datetime | None


class AssetsOut(Schema):
    connected: int
    needs_reconnect: int


class StatusOut(Schema):
    store: str
    status: Severity = Field(description="The worst of the problems; `ok` without any.")
    sentence: str
    problems: list[ProblemOut]
    assets: AssetsOut
    events: EventsOut
    budgets: list[BudgetOut] = Field(description="Of Meta's limits, what it said within the last hour.")
    broker_reachable: bool
    checked_at: datetime
