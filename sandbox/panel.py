"""What a person sees behind the scenes: faults, the events sent, what is not there."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from sandbox import faults
from sandbox.render import page
from sandbox.world import World

SHOWN_DELIVERIES = 100
OPTION_NAMES = {option for kind in faults.FAULTS.values() for option in kind.options}


def _world(request: Request) -> World:
    world: World = request.app.state.world
    return world


async def show_faults(request: Request) -> Response:
    world = _world(request)
    rows = [(name, kind, world.faults[name]) for name, kind in faults.FAULTS.items()]
    return page(request, "faults.html", {"rows": rows, "buckets": list(faults.BUCKETS)})


async def set_fault(request: Request) -> Response:
    form = {key: str(value) for key, value in (await request.form()).items()}
    name, times = form.get("name", ""), form.get("times", "")
    options = {key: form[key] for key in OPTION_NAMES if form.get(key)}
    try:
        limit = int(times) if times else None
        faults.switch(_world(request), name, on=form.get("on") == "yes", times=limit, options=options)
    except ValueError as error:
        raise HTTPException(400, str(error)) from error
    return RedirectResponse(f"/faults#{name}", status_code=303)


async def deliveries(request: Request) -> Response:
    rows = list(_world(request).deliveries.values())[::-1]
    return page(request, "deliveries.html", {"rows": rows[:SHOWN_DELIVERIES], "total": len(rows)})


async def resend(request: Request) -> Response:
    delivery = _world(request).deliveries.get(str(request.path_params["delivery_id"]))
    if delivery is None:
        raise HTTPException(404, "This event is no longer kept.")
    if delivery.status != "sending":
        delivery.status, delivery.tries, delivery.not_before = "waiting", 0, 0
    return RedirectResponse("/deliveries", status_code=303)


async def not_here(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    detail = error.detail if isinstance(error, HTTPException) else ""
    return page(request, "error.html", {"reason": detail}, status=status)


ROUTES = [
    Route("/faults", show_faults),
    Route("/faults", set_fault, methods=["POST"]),
    Route("/deliveries", deliveries),
    Route("/deliveries/{delivery_id}/resend", resend, methods=["POST"]),
]
