"""What a person sees when they play the buyer."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from sandbox import gestures, orders
from sandbox.graph_http import graph_call
from sandbox.leads import add_lead
from sandbox.models import JSON, Buyer, LeadForm, Page, Product, Profile
from sandbox.products import image_of
from sandbox.render import page
from sandbox.threads import buyer_taps, buyer_writes
from sandbox.webhooks import hears_messages
from sandbox.world import World

MOST_PIECES = 99


def _world(request: Request) -> World:
    world: World = request.app.state.world
    return world


def _buyer(request: Request, name: str = "") -> Buyer:
    world = _world(request)
    wanted = name or request.query_params.get("buyer", "") or next(iter(world.buyers))
    buyer = world.find_buyer(wanted)
    if buyer is None:
        raise HTTPException(404, f"There is no buyer {wanted}.")
    return buyer


def _account(request: Request) -> tuple[Page, str]:
    """Return the Page, and the id of the Page or Instagram account in the address."""
    asset_id = str(request.path_params["asset_id"])
    found = _world(request).page_of(asset_id)
    if found is None:
        raise HTTPException(404, "There is no such Page or Instagram account.")
    return found, asset_id


def _go(address: str) -> Response:
    return RedirectResponse(address, status_code=303)


async def start(request: Request) -> Response:
    """The start page; a Graph call to the root passes through."""
    if request.query_params:
        return await graph_call(request)
    return page(request, "start.html", {"pages": list(_world(request).pages.values())})


def _thread(request: Request, profile: Profile) -> JSON:
    world = _world(request)
    thread = world.find_thread(profile.id)
    messages = world.messages_of(thread.id) if thread else []
    last = messages[-1] if messages else None
    return {"messages": messages, "quick_replies": last.quick_replies if last and last.outbound else []}


async def chat(request: Request) -> Response:
    world, (shop, asset_id), buyer = _world(request), _account(request), _buyer(request)
    profile = world.profile_of(buyer.id, asset_id)
    context: JSON = {
        "shop": shop,
        "asset_id": asset_id,
        "on_instagram": asset_id in world.instagram,
        "buyer": buyer,
        "heard": hears_messages(world, asset_id),
    }
    template = "_thread.html" if request.path_params.get("part") else "chat.html"
    return page(request, template, context | _thread(request, profile))


async def say(request: Request) -> Response:
    """A buyer writes, taps a quick reply, or taps a button of a template."""
    world, (_, asset_id), form = _world(request), _account(request), await request.form()
    buyer, text = _buyer(request, str(form.get("buyer", ""))), str(form.get("text", "")).strip()
    profile = world.profile_of(buyer.id, asset_id)
    offered, tapped = _thread(request, profile)["quick_replies"], str(form.get("quick", ""))
    if tapped.isdigit() and int(tapped) < len(offered):
        reply = offered[int(tapped)]
        buyer_writes(world, profile, reply.get("title", ""), payload=reply.get("payload", ""))
    elif form.get("postback"):
        buyer_taps(world, profile, text, str(form["postback"]))
    elif text:
        buyer_writes(world, profile, text)
    return _go(f"/chat/{asset_id}?buyer={buyer.id}#write")


async def gesture(request: Request) -> Response:
    """A buyer does something with a message, or with the thread as a whole."""
    world, (_, asset_id), form = _world(request), _account(request), await request.form()
    buyer = _buyer(request, str(form.get("buyer", "")))
    profile, name = world.profile_of(buyer.id, asset_id), str(form.get("do", ""))
    message, thread = world.messages.get(str(form.get("mid", ""))), world.find_thread(profile.id)
    if name in gestures.ON_THREADS:
        gestures.ON_THREADS[name](world, profile)
    elif name in gestures.ON_MESSAGES and message and thread and message.thread_id == thread.id:
        gestures.ON_MESSAGES[name](world, profile, message, str(form.get("text", "")).strip())
    else:
        raise HTTPException(404, "There is no such message.")
    return _go(f"/chat/{asset_id}?buyer={buyer.id}#write")


def _shelf(request: Request, shop: Page) -> list[JSON]:
    world = _world(request)
    items = [p for c in world.catalogs_of(shop.business_id) for p in world.products_of(c.id)]
    return [_shown(world, item) for item in items if item.data.get("visibility") != "staging"]


def _shown(world: World, product: Product) -> JSON:
    data = product.data
    in_review = product.approved_at > world.now()
    return {
        "retailer_id": product.retailer_id,
        "title": data["title"],
        "description": data["description"],
        "price": data["price"],
        "sale_price": data.get("sale_price"),
        "image": image_of(product),
        "link": data["link"],
        "availability": data["availability"],
        "variant": ", ".join(str(data[name]) for name in ("color", "size", "material") if data.get(name)),
        "in_review": in_review,
        "can_buy": not in_review and data["availability"] in ("in stock", "available for order", "preorder"),
    }


async def shop(request: Request) -> Response:
    world, buyer = _world(request), _buyer(request)
    found = world.pages.get(str(request.path_params["page_id"]))
    if found is None:
        raise HTTPException(404, "There is no such Page.")
    order = world.orders.get(request.query_params.get("ordered", ""))
    context = {"shop": found, "buyer": buyer, "shelf": _shelf(request, found), "order": order}
    sent = order and any(order.id in delivery.body for delivery in world.deliveries.values())
    return page(request, "shop.html", context | {"sent": bool(sent)})


async def buy(request: Request) -> Response:
    world, form = _world(request), await request.form()
    found = world.pages.get(str(request.path_params["page_id"]))
    retailer_id, quantity = str(form.get("retailer_id", "")), str(form.get("quantity", "1"))
    if found is None or orders.find_in_shop(world, found, retailer_id) is None:
        raise HTTPException(404, "This item is no longer in the shop.")
    if not quantity.isdigit() or not 1 <= int(quantity) <= MOST_PIECES:
        raise HTTPException(400, f"Choose a quantity from 1 to {MOST_PIECES}.")
    buyer, channel = _buyer(request, str(form.get("buyer", ""))), str(form.get("channel", "facebook"))
    items = [{"retailer_id": retailer_id, "quantity": int(quantity)}]
    order = orders.place_order(world, found, buyer, items, channel=channel)
    orders.send_order(world, order)
    return _go(f"/shop/{found.id}?buyer={buyer.id}&ordered={order.id}")


def _form(request: Request) -> LeadForm:
    form = _world(request).forms.get(str(request.path_params["form_id"]))
    if form is None:
        raise HTTPException(404, "There is no such lead form.")
    return form


async def lead_form(request: Request) -> Response:
    form, buyer = _form(request), _buyer(request)
    given = {"FULL_NAME": buyer.name, "EMAIL": buyer.email, "PHONE": buyer.phone}
    context = {"form": form, "buyer": buyer, "given": given, "sent": request.query_params.get("sent", "")}
    return page(request, "lead.html", context | {"shop": _world(request).pages[form.page_id]})


async def fill_in(request: Request) -> Response:
    form, given = _form(request), await request.form()
    answers = {question["key"]: str(given.get(question["key"], "")) for question in form.questions}
    lead = add_lead(_world(request), form, answers)
    buyer = _buyer(request, str(given.get("buyer", "")))
    return _go(f"/lead/{form.id}?buyer={buyer.id}&sent={lead.id}")


ROUTES = [
    Route("/", start),
    Route("/chat/{asset_id}", chat),
    Route("/chat/{asset_id}", say, methods=["POST"]),
    Route("/chat/{asset_id}/do", gesture, methods=["POST"]),
    Route("/chat/{asset_id}/{part}", chat),
    Route("/shop/{page_id}", shop),
    Route("/shop/{page_id}", buy, methods=["POST"]),
    Route("/lead/{form_id}", lead_form),
    Route("/lead/{form_id}", fill_in, methods=["POST"]),
]
