"""What happens to a Page behind our back: renamed, taken away, dropped by Meta. Part of the control API."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.control import ControlError, read_body
from sandbox.models import Page
from sandbox.webhooks import emit_change
from sandbox.world import World

TEXTS = ("name", "category", "about", "phone", "website", "email")
"""Facts of a Page that can be changed; Meta tells of each but `about`."""


async def change_page(request: Request) -> Response:
    """Change a Page: any of TEXTS, `tasks` by user, `listed`, `ticked` by user, `subscribed_fields`."""
    world: World = request.app.state.world
    body = await read_body(request)
    page = world.pages.get(str(body.get("page_id", "")))
    if page is None:
        raise ControlError(f"no such Page: {body.get('page_id')}")
    queued = sum(_change_text(world, page, name, str(body[name])) for name in TEXTS if name in body)
    for user_id, tasks in dict(body.get("tasks") or {}).items():
        page.roles[str(user_id)] = [str(task) for task in tasks]
        if not tasks:
            del page.roles[str(user_id)]
    for user_id, ticked in dict(body.get("ticked") or {}).items():
        _tick(world, page, str(user_id), ticked=bool(ticked))
    page.listed = bool(body.get("listed", page.listed))
    if "subscribed_fields" in body:
        page.subscribed_fields = [str(name) for name in body["subscribed_fields"]]
    return JSONResponse({"deliveries": queued})


def _change_text(world: World, page: Page, name: str, value: str) -> int:
    setattr(page, name, value)
    return 0 if name == "about" else emit_change(world, "page", page.id, name, {name: value})


def _tick(world: World, page: Page, user_id: str, *, ticked: bool) -> None:
    grant = world.grants.get(user_id)
    if grant is None:
        raise ControlError(f"{user_id} has not allowed anything yet")
    others = [page_id for page_id in grant.page_ids if page_id != page.id]
    grant.page_ids = [*others, page.id] if ticked else others


ROUTES = [Route("/_sandbox/page", change_page, methods=["POST"])]
