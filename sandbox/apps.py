"""Facebook's "Apps and websites": where a person removes the app and asks it to forget them."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from sandbox import app_callbacks
from sandbox.render import page
from sandbox.world import World


def _world(request: Request) -> World:
    world: World = request.app.state.world
    return world


async def show(request: Request) -> Response:
    return page(request, "apps.html", {})


async def remove(request: Request) -> Response:
    world = _world(request)
    user = world.users.get(str(request.path_params["user_id"]))
    if user is None or user.id not in world.grants:
        raise HTTPException(404, "This person does not use the app.")
    app_callbacks.remove_app(world, user)
    return RedirectResponse("/apps", status_code=303)


async def ask_for_deletion(request: Request) -> Response:
    world = _world(request)
    removal = world.removals.get(str(request.path_params["user_id"]))
    if removal is None:
        raise HTTPException(404, "This person has not removed the app.")
    await app_callbacks.send_deletion(world, removal)
    return RedirectResponse("/apps", status_code=303)


ROUTES = [
    Route("/apps", show),
    Route("/apps/{user_id}/remove", remove, methods=["POST"]),
    Route("/apps/{user_id}/forget", ask_for_deletion, methods=["POST"]),
]
