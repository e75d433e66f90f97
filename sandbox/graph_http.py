"""Graph over HTTP: parameters from query, form, JSON or header; the answer as JSON."""

import json
from typing import Any

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from sandbox.graph import Graph
from sandbox.models import JSON

MOST_BYTES = 32 * 1024 * 1024


async def graph_call(request: Request) -> Response:
    params = dict(request.query_params) | await _body(request)
    scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() in ("bearer", "oauth") and bearer:
        params.setdefault("access_token", bearer.strip())
    graph: Graph = request.app.state.graph
    origin = str(request.base_url).rstrip("/")
    answer = await graph.answer(request.method, request.url.path, params, origin=origin)
    if answer.instead is not None:
        status, text = answer.instead
        return PlainTextResponse(text, status_code=status, headers=answer.headers)
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
    async with request.form(max_part_size=MOST_BYTES) as form:
        return {name: value for name, value in form.items() if not isinstance(value, UploadFile)}
