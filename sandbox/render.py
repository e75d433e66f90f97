"""Render the pages a person sees."""

import json
from datetime import UTC, datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from sandbox import money
from sandbox.models import JSON
from sandbox.world import World

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


def indented(body: str) -> str:
    """Lay out an event for reading; the form of a callback stays as it was sent."""
    if not body.startswith("{"):
        return body
    return json.dumps(json.loads(body), indent=2, ensure_ascii=False)


environment.filters |= {"money": money.shown, "clock": clock, "initials": initials, "indented": indented}

CONTENT_POLICY = "default-src 'self'; img-src * data:; frame-ancestors 'none'"


def page(request: Request, template: str, context: JSON, *, status: int = 200) -> Response:
    world = request.app.state.world
    shared = {
        "world": world,
        "path": request.url.path,
        "app_base_url": request.app.state.app_base_url,
        "nav": _navigation(world),
    }
    html = environment.get_template(template).render(shared | context)
    return HTMLResponse(html, status_code=status, headers={"content-security-policy": CONTENT_POLICY})


def _navigation(world: World) -> list[tuple[str, str, str]]:
    page_id, form_id = next(iter(world.pages)), next(iter(world.forms), "")
    return [
        ("/chat", f"/chat/{page_id}", "Chat"),
        ("/shop", f"/shop/{page_id}", "Shop"),
        ("/lead", f"/lead/{form_id}", "Lead form"),
        ("/apps", "/apps", "Apps"),
        ("/faults", "/faults", "Faults"),
        ("/deliveries", "/deliveries", "Deliveries"),
    ]
