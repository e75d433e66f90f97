"""Tokens, people, Pages, subscriptions. Source: fact sheet sections 6, 7, 9.1 and 15.1, Graph API v26.0."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings

from integrations.graph.client import GraphClient, Json, app_client
from integrations.graph.errors import UnknownAnswer
from integrations.webhooks.intake import verify_tokens
from integrations.webhooks.shapes import clean, read_time

INSTAGRAM_FIELDS = "id,username,name,followers_count,profile_picture_url"
LISTED_FIELDS = f"id,name,category,picture{{url}},instagram_business_account{{{INSTAGRAM_FIELDS}}}"
NODE_FIELDS = (
    "about,emails,fan_count,followers_count,link,location,phone,username,verification_status,website,"
    + LISTED_FIELDS
)
SYSTEM_USER = "SYSTEM_USER"
MOST_IN_A_URL = 4000

Timeout = tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class TokenFacts:
    """What `debug_token` says. `expires_at` None means that the token does not expire by time.

    `targets` names the Pages and accounts that a scope covers; a scope that is not in it covers all.
    """

    is_valid: bool
    kind: str
    app_id: str
    user_id: str
    scopes: tuple[str, ...]
    targets: dict[str, tuple[str, ...]]
    expires_at: datetime | None
    data_access_expires_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class PageFacts:
    """A Page that a person may connect. `instagram_id` is '' without a linked professional account.

    `tasks` None means that Meta did not say: it lists them for a person's own Pages only. `details` and
    `instagram_details` are what Meta tells about each beyond that, under its names, without what is empty.
    """

    page_id: str
    name: str
    category: str
    tasks: tuple[str, ...] | None
    picture_url: str
    instagram_id: str
    instagram_username: str
    instagram_name: str
    instagram_picture_url: str
    details: dict[str, str]
    instagram_details: dict[str, str]


def exchange_code(code: str, *, redirect_uri: str, timeout: Timeout) -> str:
    """Return the token for the code of a finished login dialog. `redirect_uri` as in the dialog."""
    answer = GraphClient("", timeout=timeout).get(
        "oauth/access_token",
        client_id=settings.FACEBOOK_APP_ID,
        client_secret=settings.FACEBOOK_APP_SECRET,
        redirect_uri=redirect_uri,
        code=code,
    )
    return _needed(answer, "access_token")


def extend_token(token: str, *, timeout: Timeout) -> str:
    """Return the long-lived (about 60 days) form of a user token."""
    answer = GraphClient("", timeout=timeout).get(
        "oauth/access_token",
        grant_type="fb_exchange_token",
        client_id=settings.FACEBOOK_APP_ID,
        client_secret=settings.FACEBOOK_APP_SECRET,
        fb_exchange_token=token,
    )
    return _needed(answer, "access_token")


def inspect_token(token: str, *, timeout: Timeout) -> TokenFacts:
    data = _object(app_client(timeout=timeout).get("debug_token", input_token=token).get("data"))
    return TokenFacts(
        is_valid=data.get("is_valid") is True,
        kind=_text(data.get("type"), most=20),
        app_id=_text(data.get("app_id"), most=64),
        user_id=_text(data.get("user_id"), most=64),
        scopes=tuple(str(scope) for scope in _list(data.get("scopes"))),
        targets=dict(_read_targets(data.get("granular_scopes"))),
        expires_at=read_time(data.get("expires_at")),
        data_access_expires_at=read_time(data.get("data_access_expires_at")),
    )


def fetch_person(client: GraphClient, *, system_user: bool = False) -> tuple[str, str]:
    """Return the name behind a token, and the business that a system user works for, '' for a person."""
    answer = client.get("me", fields="id,name,client_business_id" if system_user else "id,name")
    return _text(answer.get("name")), _text(answer.get("client_business_id"))


def list_refused(client: GraphClient) -> dict[str, str]:
    """Return permission → `declined` or `expired` of the person behind this token."""
    rows = [_object(row) for row in client.walk("me/permissions")]
    status = {str(row.get("permission", "")): str(row.get("status", "")) for row in rows}
    return {name: word for name, word in status.items() if name and word in ("declined", "expired")}


def walk_own_pages(client: GraphClient) -> Iterator[PageFacts]:
    """Yield the Pages that the person behind this token ticked in the dialog."""
    return _walk_pages(client, "me/accounts", fields=f"tasks,{LISTED_FIELDS}")


def walk_assigned_pages(client: GraphClient) -> Iterator[PageFacts]:
    """Yield the Pages that are assigned to the system user behind this token."""
    return _walk_pages(client, "me/assigned_pages", fields=LISTED_FIELDS)


def walk_business_ids(client: GraphClient) -> Iterator[str]:
    for row in client.walk("me/businesses", fields="id"):
        yield str(_object(row).get("id", ""))


def walk_business_pages(client: GraphClient, business_id: str) -> Iterator[PageFacts]:
    """Yield the Pages that a business owns, then those that its clients lent it."""
    yield from _walk_pages(client, f"{business_id}/owned_pages", fields=LISTED_FIELDS)
    yield from _walk_pages(client, f"{business_id}/client_pages", fields=LISTED_FIELDS)


def fetch_page(client: GraphClient, page_id: str) -> PageFacts:
    """Return all facts of a Page; `tasks` stays None, Meta lists them on `me/accounts` only."""
    return read_page(client.get(page_id, fields=NODE_FIELDS))


def fetch_page_token(client: GraphClient, page_id: str) -> str:
    """Return the Page's own token for the user's; '' when Meta leaves it out for lack of rights."""
    return _text(client.get(page_id, fields="access_token").get("access_token"), most=MOST_IN_A_URL)


def fetch_page_fields(client: GraphClient, page_id: str) -> set[str]:
    """Return the fields that Meta sends us about a Page; nothing when it has dropped us."""
    for row in client.walk(f"{page_id}/subscribed_apps", fields="id,subscribed_fields"):
        if str(row.get("id")) == settings.FACEBOOK_APP_ID:
            return {str(field) for field in row.get("subscribed_fields") or ()}
    return set()


def subscribe_page(client: GraphClient, page_id: str, *, fields: Iterable[str]) -> None:
    """Have Meta send these fields of a Page; replaces what was subscribed before."""
    client.post(f"{page_id}/subscribed_apps", subscribed_fields=",".join(fields))


def unsubscribe_page(client: GraphClient, page_id: str) -> None:
    client.delete(f"{page_id}/subscribed_apps")


def fetch_app_subscriptions() -> dict[str, tuple[str, set[str]]]:
    """Return object → (address, fields) of what Meta sends the app as a whole."""
    rows = app_client().get(f"{settings.FACEBOOK_APP_ID}/subscriptions").get("data") or []
    return {str(row.get("object")): (str(row.get("callback_url", "")), _names(row)) for row in rows}


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


def read_page(row: Json) -> PageFacts:
    """Read a Page node, whichever fields of it are there. Raises UnknownAnswer without an id."""
    instagram = _object(row.get("instagram_business_account"))
    return PageFacts(
        page_id=_needed(row, "id"),
        name=_text(row.get("name")),
        category=_text(row.get("category")),
        tasks=tuple(str(task) for task in _list(row["tasks"])) if "tasks" in row else None,
        picture_url=_text(_object(_object(row.get("picture")).get("data")).get("url"), most=MOST_IN_A_URL),
        instagram_id=_text(instagram.get("id"), most=64),
        instagram_username=_text(instagram.get("username")),
        instagram_name=_text(instagram.get("name")),
        instagram_picture_url=_text(instagram.get("profile_picture_url"), most=MOST_IN_A_URL),
        details=dict(_read_details(row)),
        instagram_details=dict(_read_plain(instagram, "followers_count")),
    )


def _walk_pages(client: GraphClient, path: str, *, fields: str) -> Iterator[PageFacts]:
    for row in client.walk(path, fields=fields):
        yield read_page(_object(row))


def _read_details(row: Json) -> Iterator[tuple[str, str]]:
    plain = ("about", "fan_count", "followers_count", "link", "phone", "username", "website")
    yield from _read_plain(row, *plain, "verification_status")
    if emails := [str(email) for email in _list(row.get("emails"))]:
        yield "emails", ", ".join(emails)
    place = _object(row.get("location"))
    parts = [str(place[key]) for key in ("street", "zip", "city", "country") if place.get(key)]
    if parts:
        yield "location", ", ".join(parts)


def _read_plain(row: Json, *names: str) -> Iterator[tuple[str, str]]:
    for name in names:
        if row.get(name) not in (None, ""):
            yield name, str(row[name])


def _read_targets(value: Any) -> Iterator[tuple[str, tuple[str, ...]]]:
    for row in map(_object, _list(value)):
        if isinstance(row.get("target_ids"), list):
            yield str(row.get("scope", "")), tuple(str(target) for target in row["target_ids"])


def _needed(answer: Mapping[str, Any], name: str) -> str:
    value = answer.get(name)
    if not isinstance(value, str) or not value:
        raise UnknownAnswer(f"Meta's answer has no {name}.")
    return value


def _text(value: Any, *, most: int = 200) -> str:
    """Return a text, an id as a number too, cut to what our columns hold; '' for what is neither."""
    return clean(value)[:most]


def _object(value: Any) -> Json:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _names(row: dict[str, Any]) -> set[str]:
    return {str(field.get("name")) for field in row.get("fields") or ()}
