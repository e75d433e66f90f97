"""The control API under /_sandbox: for tests and for the demo, not part of what Meta has."""

import json
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from sandbox import app_callbacks, faults, oauth, orders
from sandbox.leads import add_lead
from sandbox.models import JSON, Page, User
from sandbox.seed import seeded
from sandbox.threads import buyer_writes
from sandbox.world import TABLES, World


class ControlError(Exception):
    """Something asked for that is not there; the text says what."""


async def read_body(request: Request) -> JSON:
    try:
        body = json.loads(await request.body() or b"{}")
    except ValueError:
        raise ControlError("the body is not JSON") from None
    if not isinstance(body, dict):
        raise ControlError("the body is not a JSON object")
    return body


def _world(request: Request) -> World:
    world: World = request.app.state.world
    return world


def _page(world: World, body: JSON) -> Page:
    page = world.page_of(str(body.get("page_id", "")))
    if page is None:
        raise ControlError(f"no such Page: {body.get('page_id')}")
    return page


async def health(request: Request) -> Response:
    return JSONResponse({"ok": True})


async def reset(request: Request) -> Response:
    """Return to the seed; `{"seed": 7}` gives other ids than seed 0."""
    body, world = await read_body(request), _world(request)
    app = world.app
    world.become(seeded(int(body.get("seed", world.seed))))
    app.deauthorize_url, app.deletion_url = world.app.deauthorize_url, world.app.deletion_url
    world.app = app
    request.app.state.graph.calls.clear()
    return JSONResponse({"ok": True})


async def show_world(request: Request) -> Response:
    world = _world(request)
    hidden = {"tokens", "codes", "deliveries"}
    tables = {name: list(getattr(world, name).values()) for name in TABLES if name not in hidden}
    facts: JSON = {"app_id": world.app.id, "now": world.now(), "seed": world.seed}
    return _json(facts | tables)


async def show_calls(request: Request) -> Response:
    return JSONResponse(request.app.state.graph.calls)


async def dump_calls(request: Request) -> Response:
    return PlainTextResponse("".join(json.dumps(call) + "\n" for call in request.app.state.graph.calls))


async def forget_calls(request: Request) -> Response:
    request.app.state.graph.calls.clear()
    return JSONResponse({"ok": True})


async def set_fault(request: Request) -> Response:
    body, world = await read_body(request), _world(request)
    options = {key: value for key, value in body.items() if key not in ("name", "on", "times")}
    times = body.get("times")
    try:
        fault = faults.switch(
            world,
            str(body.get("name")),
            on=bool(body.get("on", True)),
            times=None if times is None else int(times),
            options=options,
        )
    except ValueError as error:
        raise ControlError(str(error)) from error
    return _json(fault)


async def show_faults(request: Request) -> Response:
    return _json(list(_world(request).faults.values()))


async def write_message(request: Request) -> Response:
    """A buyer writes; answers with the ids and how many deliveries were queued."""
    body, world = await read_body(request), _world(request)
    page, buyer = _page(world, body), world.find_buyer(str(body.get("buyer", "")))
    on_instagram = body.get("platform") == "instagram" or body.get("page_id") == page.instagram_id
    asset_id = page.instagram_id if on_instagram else page.id
    if buyer is None:
        raise ControlError(f"no such buyer: {body.get('buyer')}")
    if not asset_id:
        raise ControlError(f"{page.name} has no Instagram account")
    profile = world.profile_of(buyer.id, asset_id)
    queued = len(world.deliveries)
    message = buyer_writes(world, profile, str(body.get("text", "")), payload=str(body.get("payload", "")))
    queued = len(world.deliveries) - queued
    return JSONResponse(
        {"mid": message.id, "sender_id": profile.id, "recipient_id": asset_id, "deliveries": queued}
    )


async def write_order(request: Request) -> Response:
    """A buyer orders; `order_id` with another `field` tells a change of an order placed before."""
    body, world = await read_body(request), _world(request)
    field, channel = body.get("field", "order.created"), body.get("channel", "facebook")
    if field not in orders.FIELDS or channel not in orders.CHANNELS:
        raise ControlError(f"field is one of {orders.FIELDS}, channel one of {orders.CHANNELS}")
    if "order_id" in body:
        order = world.orders.get(str(body["order_id"]))
        if order is None:
            raise ControlError(f"no such order: {body['order_id']}")
    else:
        page, buyer = _page(world, body), world.find_buyer(str(body.get("buyer", "Maya Iyer")))
        if buyer is None or not body.get("items"):
            raise ControlError("an order needs a buyer and items")
        try:
            order = orders.place_order(world, page, buyer, body["items"], channel=channel)
        except (ArithmeticError, KeyError, TypeError, ValueError) as error:
            raise ControlError(
                "each item needs a retailer_id, may have a quantity and a price such as 12.50 GBP"
            ) from error
    queued = orders.send_order(world, order, field=field, repeat=int(body.get("repeat", 1)))
    return _json({"id": order.id, "value": order.value, "deliveries": queued})


async def write_lead(request: Request) -> Response:
    body, world = await read_body(request), _world(request)
    form = world.forms.get(str(body.get("form_id", "")))
    if form is None:
        raise ControlError(f"no such form: {body.get('form_id')}")
    lead = add_lead(world, form, dict(body.get("answers") or {}))
    return JSONResponse({"leadgen_id": lead.id, "form_id": form.id, "page_id": form.page_id})


async def show_deliveries(request: Request) -> Response:
    return _json(list(_world(request).deliveries.values()))


async def move_clock(request: Request) -> Response:
    """Let the world's clock jump ahead, for reply windows, expiry and retries."""
    body, world = await read_body(request), _world(request)
    world.clock_offset += float(body.get("advance_seconds", 0))
    return JSONResponse({"now": world.now()})


async def kill_tokens(request: Request) -> Response:
    """End a person's tokens: 458 app removed, 460 password changed, 463 expired."""
    body, world = await read_body(request), _world(request)
    killed = oauth.kill_tokens(world, str(body.get("user_id")), subcode=int(body.get("subcode", 460)))
    return JSONResponse({"killed": killed})


async def set_callbacks(request: Request) -> Response:
    """Enter the app's callback addresses, as one does in Meta's dashboard."""
    body, app = await read_body(request), _world(request).app
    app.deauthorize_url = str(body.get("deauthorize", app.deauthorize_url))
    app.deletion_url = str(body.get("data_deletion", app.deletion_url))
    return JSONResponse({"deauthorize": app.deauthorize_url, "data_deletion": app.deletion_url})


async def remove_app(request: Request) -> Response:
    """A person removes the app: no more tokens, and the app is told."""
    world, user = _person(request, await read_body(request))
    if user.id not in world.grants:
        raise ControlError(f"{user.name} does not use the app")
    app_callbacks.remove_app(world, user)
    return _json(world.removals[user.id])


async def ask_for_deletion(request: Request) -> Response:
    """A person who removed the app presses "Send request"; answers with what the app said."""
    world, user = _person(request, await read_body(request))
    if user.id not in world.removals:
        raise ControlError(f"{user.name} has not removed the app")
    return _json(await app_callbacks.send_deletion(world, world.removals[user.id]))


def _person(request: Request, body: JSON) -> tuple[World, User]:
    world = _world(request)
    user = world.users.get(str(body.get("user_id", "")))
    if user is None:
        raise ControlError(f"no such person: {body.get('user_id')}")
    return world, user


def _json(content: Any) -> Response:
    return Response(json.dumps(content, default=vars), media_type="application/json")


async def refuse(request: Request, error: Exception) -> Response:
    return JSONResponse({"error": str(error)}, status_code=400)


ROUTES = [
    Route("/_sandbox/health", health),
    Route("/_sandbox/reset", reset, methods=["POST"]),
    Route("/_sandbox/world", show_world),
    Route("/_sandbox/calls", show_calls),
    Route("/_sandbox/calls", forget_calls, methods=["DELETE"]),
    Route("/_sandbox/calls.jsonl", dump_calls),
    Route("/_sandbox/faults", show_faults),
    Route("/_sandbox/faults", set_fault, methods=["POST"]),
    Route("/_sandbox/message", write_message, methods=["POST"]),
    Route("/_sandbox/order", write_order, methods=["POST"]),
    Route("/_sandbox/lead", write_lead, methods=["POST"]),
    Route("/_sandbox/deliveries", show_deliveries),
    Route("/_sandbox/clock", move_clock, methods=["POST"]),
    Route("/_sandbox/kill-tokens", kill_tokens, methods=["POST"]),
    Route("/_sandbox/callbacks", set_callbacks, methods=["POST"]),
    Route("/_sandbox/remove-app", remove_app, methods=["POST"]),
    Route("/_sandbox/data-deletion", ask_for_deletion, methods=["POST"]),
]
