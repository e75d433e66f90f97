"""What a person sees when they play the buyer, or look behind the scenes."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from sandbox.models import Buyer
from sandbox.render import page
from sandbox.world import World

SHOWN_DELIVERIES = 100


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


def _back(address: str) -> Response:
    return RedirectResponse(address, status_code=303)


async def start(request: Request) -> Response:
    if "access_token" in request.query_params or "ids" in request.query_params:
        return await _graph_root(request)
    world = _world(request)
    return page(
        request, "start.html", {"connected": bool(world.subscriptions), "forms": list(world.forms.values())}
    )


async def _graph_root(request: Request) -> Response:
    from sandbox.app import graph_call

    return await graph_call(request)


ROUTES = [Route("/", start)]
