"""Render the pages a person sees."""

from datetime import UTC, datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from sandbox import money
from sandbox.models import JSON

environment = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def clock(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%H:%M")


def initials(name: str) -> str:
    return "".join(word[0] for word in name.split()[:2]).upper()


environment.filters |= {"money": money.shown, "clock": clock, "initials": initials}


def page(request: Request, template: str, context: JSON, *, status: int = 200) -> Response:
    world = request.app.state.world
    shared = {"world": world, "path": request.url.path, "app_base_url": request.app.state.app_base_url}
    return HTMLResponse(environment.get_template(template).render(shared | context), status_code=status)
