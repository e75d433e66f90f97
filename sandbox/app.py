"""The web application: Graph, dialog, person's pages, control."""

import asyncio
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.datastructures import UploadFile
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from sandbox import control, dialog, pages, state
from sandbox.graph import Graph
from sandbox.models import JSON
from sandbox.seed import seeded
from sandbox.sender import Sender
from sandbox.world import World

HERE = Path(__file__).parent


def open_world(state_file: Path | None, *, seed: int = 0) -> World:
    """Return the kept world if there is one, else the seed. Raises StateError for a broken file."""
    fresh = seeded(seed)
    if state_file and state_file.exists():
        return state.load(state_file, fresh.app)
    return fresh


def create_app(world: World | None = None, *, state_file: Path | None = None) -> Starlette:
    """Build the application over a world; its background work runs between start-up and shutdown."""
    world = world if world is not None else open_world(state_file)
    sender = Sender(world, state_file)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        running = asyncio.create_task(sender.run())
        yield
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        await sender.stop()

    app = Starlette(
        routes=[
            *control.ROUTES,
            Mount("/_sandbox/static", StaticFiles(directory=HERE / "static")),
            *dialog.ROUTES,
            *pages.ROUTES,
            Route("/{path:path}", graph_call, methods=["GET", "POST", "DELETE"]),
        ],
        lifespan=lifespan,
        exception_handlers={control.ControlError: control.refuse},
        middleware=[Middleware(NudgeAfterWrites, sender=sender)],
    )
    app.state.world, app.state.graph, app.state.sender = world, Graph(world), sender
    app.state.app_base_url = os.environ.get("APP_BASE_URL", "")
    return app


async def graph_call(request: Request) -> Response:
    params = dict(request.query_params) | await _body(request)
    scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() in ("bearer", "oauth") and bearer:
        params.setdefault("access_token", bearer.strip())
    graph: Graph = request.app.state.graph
    origin = str(request.base_url).rstrip("/")
    answer = await graph.answer(request.method, request.url.path, params, origin=origin)
    return JSONResponse(answer.body, status_code=answer.status, headers=answer.headers)


async def _body(request: Request) -> JSON:
    """Read a JSON or form body; anything else counts as empty."""
    kind = request.headers.get("content-type", "")
    if kind.startswith("application/json"):
        try:
            content: Any = json.loads(await request.body() or b"{}")
        except ValueError:
            return {}
        return content if isinstance(content, dict) else {}
    if not kind.startswith(("application/x-www-form-urlencoded", "multipart/form-data")):
        return {}
    async with request.form(max_part_size=32 * 1024 * 1024) as form:
        return {name: value for name, value in form.items() if not isinstance(value, UploadFile)}


class NudgeAfterWrites:
    """Wake the background as soon as a request that may have changed the world is answered."""

    def __init__(self, app: ASGIApp, sender: Sender) -> None:
        self.app = app
        self.sender = sender

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)
        if scope["type"] == "http":
            self.sender.nudge()
