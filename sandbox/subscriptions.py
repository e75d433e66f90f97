"""Subscriptions of the app to objects, and of Pages, Instagram accounts and catalogs to the app."""

import asyncio
from typing import Any

import requests

from sandbox.call import Call
from sandbox.errors import GraphError, invalid
from sandbox.models import JSON, App, Catalog, InstagramAccount, Page, Subscription
from sandbox.nodes import Handler
from sandbox.webhook_fields import INSTAGRAM_FIELDS, OBJECT_FIELDS, PAGE_FIELDS

HANDSHAKE_SECONDS = 10


def app_subscriptions(call: Call, app: App) -> JSON:
    call.need_app()
    return {"data": [_shown(call, subscription) for subscription in call.world.subscriptions.values()]}


def _shown(call: Call, subscription: Subscription) -> JSON:
    version = call.version or "v26.0"
    return {
        "object": subscription.id,
        "callback_url": subscription.callback_url,
        "active": True,
        "fields": [{"name": name, "version": version} for name in subscription.fields],
    }


async def subscribe_app(call: Call, app: App) -> JSON:
    """Verify the callback, then overwrite the subscription to this object."""
    call.need_app()
    name, fields, address = call.needed("object"), call.words("fields"), call.needed("callback_url")
    if name not in OBJECT_FIELDS:
        raise invalid(f"Param object must be one of {{{', '.join(sorted(OBJECT_FIELDS))}}}")
    _check_fields(fields, OBJECT_FIELDS[name])
    if not address.startswith(("http://", "https://")):
        raise invalid("callback_url must be a URL")
    challenge = str(1_158_200_000 + call.world.count("challenge"))
    await asyncio.to_thread(_verify, address, call.text("verify_token"), challenge)
    call.world.subscriptions[name] = Subscription(name, address, fields)
    return {"success": True}


def _check_fields(fields: list[str], allowed: frozenset[str]) -> None:
    if unknown := [name for name in fields if allowed and name not in allowed]:
        raise invalid(
            f"Param subscribed_fields[{fields.index(unknown[0])}] must be one of "
            f"{{{', '.join(sorted(allowed))}}} - "
            f'got "{unknown[0]}".'
        )


def _verify(address: str, verify_token: str, challenge: str) -> None:
    parameters = {"hub.mode": "subscribe", "hub.challenge": challenge, "hub.verify_token": verify_token}
    try:
        with requests.Session() as session:
            session.trust_env = False
            answer = session.get(address, params=parameters, timeout=HANDSHAKE_SECONDS, allow_redirects=False)
    except requests.RequestException as error:
        raise _not_verified(f"The URL couldn't be reached ({type(error).__name__})") from None
    if answer.status_code != 200:
        raise _not_verified(f"HTTP Status Code = {answer.status_code}; HTTP Message = {answer.reason}")
    if answer.text != challenge:
        raise _not_verified(f"Response does not match challenge, expected value='{challenge}'")


def _not_verified(reason: str) -> GraphError:
    return GraphError(f"(#2200) Callback verification failed with the following errors: {reason}", code=2200)


def unsubscribe_app(call: Call, app: App) -> JSON:
    call.need_app()
    name, fields = call.text("object"), call.words("fields")
    for subscription in list(call.world.subscriptions.values()):
        if name in ("", subscription.id):
            subscription.fields = [field for field in subscription.fields if fields and field not in fields]
            if not subscription.fields:
                del call.world.subscriptions[subscription.id]
    return {"success": True}


def subscribe_page(call: Call, page: Page) -> JSON:
    """Replace the set of fields this Page sends."""
    call.need_page(page, "MESSAGING", "MODERATE", "MANAGE", "CREATE_CONTENT")
    fields = call.words("subscribed_fields")
    if not fields:
        raise invalid("The parameter subscribed_fields is required")
    _check_fields(fields, PAGE_FIELDS)
    call.need_scopes("pages_manage_metadata")
    for field in fields:
        if field.startswith("message"):
            why = f"To subscribe to the {field} field, one of these permissions is needed:"
            call.need_scopes("pages_messaging", why=why)
    page.subscribed_fields = fields
    return {"success": True}


def page_subscriptions(call: Call, page: Page) -> JSON:
    call.need_page(page)
    return _installed(call, page.subscribed_fields)


def unsubscribe_page(call: Call, page: Page) -> JSON:
    if not (call.token and call.token.kind == "APP"):
        call.need_page(page)
    page.subscribed_fields = []
    return {"success": True}


def subscribe_account(call: Call, account: InstagramAccount) -> JSON:
    call.need_page(call.world.pages[account.page_id], "MESSAGING", "MODERATE", "MANAGE", "CREATE_CONTENT")
    call.need_scopes("instagram_basic", "pages_manage_metadata")
    fields = call.words("subscribed_fields")
    _check_fields(fields, INSTAGRAM_FIELDS)
    account.subscribed_fields = fields
    return {"success": True}


def account_subscriptions(call: Call, account: InstagramAccount) -> JSON:
    return _installed(call, account.subscribed_fields)


def unsubscribe_account(call: Call, account: InstagramAccount) -> JSON:
    account.subscribed_fields = []
    return {"success": True}


def subscribe_catalog(call: Call, catalog: Catalog) -> JSON:
    call.need_scopes("catalog_management")
    if call.text("app_id", call.world.app.id) != call.world.app.id:
        raise invalid("The app does not exist")
    catalog.subscribed = True
    return {"success": True}


def catalog_subscriptions(call: Call, catalog: Catalog) -> JSON:
    return {"data": [_app_row(call)] if catalog.subscribed else []}


def unsubscribe_catalog(call: Call, catalog: Catalog) -> JSON:
    call.need_scopes("catalog_management")
    catalog.subscribed = False
    return {"success": True}


def _installed(call: Call, fields: list[str]) -> JSON:
    return {"data": [_app_row(call) | {"subscribed_fields": fields}] if fields else []}


def _app_row(call: Call) -> dict[str, Any]:
    return {"id": call.world.app.id, "name": call.world.app.name, "category": "Business", "link": ""}


ROUTES: dict[tuple[str, str, str], Handler] = {
    ("Application", "GET", "subscriptions"): app_subscriptions,
    ("Application", "POST", "subscriptions"): subscribe_app,
    ("Application", "DELETE", "subscriptions"): unsubscribe_app,
    ("Page", "GET", "subscribed_apps"): page_subscriptions,
    ("Page", "POST", "subscribed_apps"): subscribe_page,
    ("Page", "DELETE", "subscribed_apps"): unsubscribe_page,
    ("IGUser", "GET", "subscribed_apps"): account_subscriptions,
    ("IGUser", "POST", "subscribed_apps"): subscribe_account,
    ("IGUser", "DELETE", "subscribed_apps"): unsubscribe_account,
    ("ProductCatalog", "GET", "subscribed_apps"): catalog_subscriptions,
    ("ProductCatalog", "POST", "subscribed_apps"): subscribe_catalog,
    ("ProductCatalog", "DELETE", "subscribed_apps"): unsubscribe_catalog,
}
