"""Tokens, people, Pages and subscriptions. Source: fact sheet sections 6, 7 and 9.1, Graph API v26.0."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.conf import settings

from integrations.graph.client import GraphClient, Json, app_client
from integrations.webhooks.intake import verify_tokens

PAGE_FIELDS = "id,name,category,tasks,instagram_business_account{id,username}"


@dataclass(frozen=True, kw_only=True)
class TokenFacts:
    """What `debug_token` says. `expires_at` None means that the token does not expire by time."""

    is_valid: bool
    user_id: str
    scopes: tuple[str, ...]
    expires_at: datetime | None
    data_access_expires_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class PageFacts:
    """A Page that a person may connect. `instagram_id` is '' without a linked professional account."""

    page_id: str
    name: str
    category: str
    tasks: tuple[str, ...]
    instagram_id: str
    instagram_username: str


def exchange_code(code: str, *, redirect_uri: str, timeout: tuple[float, float]) -> str:
    """Return the user token for the code of a finished login dialog. `redirect_uri` as in the dialog."""
    answer = GraphClient("", timeout=timeout).get(
        "oauth/access_token",
        client_id=settings.FACEBOOK_APP_ID,
        client_secret=settings.FACEBOOK_APP_SECRET,
        redirect_uri=redirect_uri,
        code=code,
    )
    return str(answer["access_token"])


def extend_token(token: str, *, timeout: tuple[float, float]) -> str:
    """Return the long-lived (about 60 days) form of a user token."""
    answer = GraphClient("", timeout=timeout).get(
        "oauth/access_token",
        grant_type="fb_exchange_token",
        client_id=settings.FACEBOOK_APP_ID,
        client_secret=settings.FACEBOOK_APP_SECRET,
        fb_exchange_token=token,
    )
    return str(answer["access_token"])


def inspect_token(token: str, *, timeout: tuple[float, float]) -> TokenFacts:
    data = app_client(timeout=timeout).get("debug_token", input_token=token).get("data") or {}
    return TokenFacts(
        is_valid=data.get("is_valid") is True,
        user_id=str(data.get("user_id", "")),
        scopes=tuple(data.get("scopes") or ()),
        expires_at=_moment(data.get("expires_at")),
        data_access_expires_at=_moment(data.get("data_access_expires_at")),
    )


def fetch_person_name(client: GraphClient) -> str:
    return str(client.get("me", fields="id,name").get("name", ""))


def list_pages(client: GraphClient) -> list[PageFacts]:
    """Return the Pages that the user of this token ticked in the dialog."""
    return [_read_page(row) for row in client.walk("me/accounts", fields=PAGE_FIELDS)]


def fetch_page(client: GraphClient, page_id: str) -> PageFacts:
    """Return a Page's facts; `tasks` stays empty, Meta lists them on `me/accounts` only."""
    fields = "id,name,category,instagram_business_account{id,username}"
    return _read_page(client.get(page_id, fields=fields))


def fetch_page_token(client: GraphClient, page_id: str) -> str:
    """Return the Page's own token for the user's; '' when Meta leaves it out for lack of rights."""
    return str(client.get(page_id, fields="access_token").get("access_token", ""))


def subscribe_page(client: GraphClient, page_id: str, *, fields: Iterable[str]) -> None:
    """Have Meta send these fields of a Page; replaces what was subscribed before."""
    client.post(f"{page_id}/subscribed_apps", subscribed_fields=",".join(fields))


def unsubscribe_page(client: GraphClient, page_id: str) -> None:
    client.delete(f"{page_id}/subscribed_apps")


def subscribe_app(*, object_: str, fields: Iterable[str], callback_url: str) -> None:
    """Tell Meta where to send one object's webhooks; Meta verifies the address during the call."""
    app_client().post(
        f"{settings.FACEBOOK_APP_ID}/subscriptions",
        object=object_,
        callback_url=callback_url,
        fields=",".join(fields),
        verify_token=next(iter(verify_tokens()), ""),
        include_values=True,
    )


def _read_page(row: Json) -> PageFacts:
    instagram: dict[str, Any] = row.get("instagram_business_account") or {}
    return PageFacts(
        page_id=str(row["id"]),
        name=str(row.get("name", "")),
        category=str(row.get("category", "")),
        tasks=tuple(row.get("tasks") or ()),
        instagram_id=str(instagram.get("id", "")),
        instagram_username=str(instagram.get("username", "")),
    )


def _moment(seconds: Any) -> datetime | None:
    return datetime.fromtimestamp(int(seconds), UTC) if seconds else None
