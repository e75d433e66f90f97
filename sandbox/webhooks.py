"""Signed events: who has subscribed to what, the exact bytes, the queue."""

import hashlib
import hmac
import json

from sandbox.faults import strikes
from sandbox.models import CALLBACK, JSON, Delivery
from sandbox.world import World

KEPT_DELIVERIES = 500
HOLD_SECONDS = 0.4
"""How long reordering holds an event, so that there is a newer one to go first."""


def encode(payload: JSON) -> bytes:
    """Write JSON as Meta does: ASCII only, lower-case escapes, slashes escaped."""
    return json.dumps(payload, separators=(",", ":")).replace("/", "\\/").encode("ascii")


def signature_headers(body: bytes, secret: str) -> dict[str, str]:
    key = secret.encode()
    return {
        "Content-Type": "application/json",
        "User-Agent": "facebookexternalua",
        "X-Hub-Signature": "sha1=" + hmac.new(key, body, hashlib.sha1).hexdigest(),
        "X-Hub-Signature-256": "sha256=" + hmac.new(key, body, hashlib.sha256).hexdigest(),
    }


def headers_of(delivery: Delivery, body: bytes, secret: str) -> dict[str, str]:
    """Return an event's signature headers; a callback of the app carries its signature inside."""
    if delivery.object == CALLBACK:
        return {"Content-Type": "application/x-www-form-urlencoded", "User-Agent": "facebookexternalua"}
    return signature_headers(body, secret)


def emit_messaging(world: World, asset_id: str, field: str, event: JSON) -> int:
    """Queue a conversation event of a Page or Instagram account; returns how many deliveries."""
    entry = {"id": asset_id, "time": int(world.now() * 1000), "messaging": [event]}
    return _emit(world, _object_of(world, asset_id), asset_id, field, entry)


def emit_change(world: World, object_name: str, asset_id: str, field: str, value: JSON) -> int:
    """Queue a Graph change; returns how many deliveries."""
    entry = {"id": asset_id, "time": int(world.now()), "changes": [{"field": field, "value": value}]}
    return _emit(world, object_name, asset_id, field, entry)


def emit_person(world: World, user_id: str, *, field: str, verb: str) -> int:
    """Queue that a person gave or took away a permission; returns how many deliveries."""
    entry = {"id": user_id, "uid": user_id, "time": int(world.now())}
    return _emit(world, "permissions", user_id, field, entry | {"changes": [{"field": field, "verb": verb}]})


def _object_of(world: World, asset_id: str) -> str:
    return "page" if asset_id in world.pages else "instagram"


def _emit(world: World, object_name: str, asset_id: str, field: str, entry: JSON) -> int:
    url = _callback(world, object_name, asset_id, field)
    if not url:
        return 0
    body = encode({"object": object_name, "entry": [entry]}).decode("ascii")
    dropped = strikes(world, "drop_webhooks")
    duplicated = strikes(world, "duplicate_webhooks")
    held = strikes(world, "reorder_webhooks")
    copies = int(duplicated.options["copies"]) if duplicated else 1
    now = world.now()
    for _ in range(copies):
        delivery = Delivery(
            id=str(world.count("delivery")),
            mailbox=asset_id,
            object=object_name,
            field=field,
            url=url,
            body=body,
            created_at=now,
            not_before=now + (HOLD_SECONDS if held else 0),
            status="dropped" if dropped else "held" if held else "waiting",
        )
        world.deliveries[delivery.id] = delivery
    _forget_old(world)
    return 0 if dropped else copies


def _callback(world: World, object_name: str, asset_id: str, field: str) -> str:
    """Return where an event goes, or nothing while app or asset has not subscribed to its field."""
    if object_name == "commerce_order":
        return _order_callback(world)
    subscription = world.subscriptions.get(object_name)
    if subscription is None or field not in subscription.fields:
        return ""
    return subscription.callback_url if _asset_subscribed(world, object_name, asset_id, field) else ""


def hears_messages(world: World, asset_id: str) -> bool:
    """Say whether a message to this Page or Instagram account reaches the app."""
    return bool(_callback(world, _object_of(world, asset_id), asset_id, "messages"))


def _order_callback(world: World) -> str:
    """Orders come from a partner, not from Meta: any callback of the app will do."""
    for name in ("commerce_order", "page", "instagram"):
        if name in world.subscriptions:
            return world.subscriptions[name].callback_url
    return ""


def _asset_subscribed(world: World, object_name: str, asset_id: str, field: str) -> bool:
    if object_name == "permissions":
        return True
    if object_name == "page":
        return field in world.pages[asset_id].subscribed_fields
    if object_name == "catalog":
        return world.catalogs[asset_id].subscribed
    account = world.instagram[asset_id]
    # With Facebook Login the linked Page's subscription opens all Instagram fields.
    return bool(account.subscribed_fields or world.pages[account.page_id].subscribed_fields)


def _forget_old(world: World) -> None:
    finished = [d.id for d in world.deliveries.values() if d.status in ("delivered", "failed", "dropped")]
    for delivery_id in finished[: max(0, len(finished) - KEPT_DELIVERIES)]:
        del world.deliveries[delivery_id]
