"""The web application: Graph, dialog, person's pages, control."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from sandbox import apps, catalog_control, control, dialog, page_control, pages, panel, pictures, state
from sandbox.graph import Graph
from sandbox.graph_http import graph_call
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
            *page_control.ROUTES,
            *catalog_control.ROUTES,
            *pictures.ROUTES,
            Mount("/_sandbox/static", StaticFiles(directory=HERE / "static")),
            *dialog.ROUTES,
            *pages.ROUTES,
            *panel.ROUTES,
            *apps.ROUTES,
            Route("/{path:path}", graph_call, methods=["GET", "POST", "DELETE"]),
        ],
        lifespan=lifespan,
        exception_handlers={control.ControlError: control.refuse, HTTPException: panel.not_here},
        middleware=[Middleware(NudgeAfterWrites, sender=sender)],
    )
    app.state.world, app.state.graph, app.state.sender = world, Graph(world), sender
    app.state.app_base_url = os.environ.get("APP_BASE_URL", "")
    return app


class NudgeAfterWrites:
    """Wake the background as soon as a request that may have changed the world is answered."""

    def __init__(self, app: ASGIApp, sender: Sender) -> None:
        self.app = app
        self.sender = sender

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)
        if scope["type"] == "http":
            self.sender.nudge()
