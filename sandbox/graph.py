"""Route a Graph call: version, token, faults, node, edge; and the batch endpoint."""

import asyncio
import inspect
import json
import logging
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from sandbox import (
    assets,
    catalogs,
    conversations,
    diagnostics,
    faults,
    leads,
    messages,
    oauth,
    people,
    products,
    subscriptions,
    system_users,
)
from sandbox.call import Call
from sandbox.errors import GraphError, deprecated, invalid, missing_object
from sandbox.models import JSON
from sandbox.nodes import SCHEMA, chosen_fields, kind_of, render, unknown_edge
from sandbox.usage import bucket_of, owner_of, usage_headers
from sandbox.world import World

logger = logging.getLogger(__name__)

LATEST, OLDEST = 26, 21
REMOVED_PARAMETERS = ("pretty", "debug", "date_format", "ids")
REMOVED_EDGES = {
    "commerce_orders",
    "acknowledge_order",
    "acknowledge_orders",
    "shipments",
    "update_shipment",
    "cancellations",
    "refunds",
    "returns",
    "item_updates",
    "commerce_transactions",
}
MOST_OPERATIONS = 50
KEPT_CALLS = 20_000

for module in (assets, catalogs, conversations, leads, people, products, system_users):
    SCHEMA.kinds.update(module.KINDS)
for routed in (
    assets,
    catalogs,
    conversations,
    diagnostics,
    leads,
    messages,
    people,
    products,
    subscriptions,
    system_users,
):
    SCHEMA.routes.update(routed.ROUTES)


@dataclass
class Answer:
    status: int
    body: Any
    headers: dict[str, str] = field(default_factory=dict)
    instead: tuple[int, str] | None = None
    """Status and text that are sent in place of the body."""


@dataclass
class Graph:
    """The API over one world; remembers the calls made."""

    world: World
    calls: list[JSON] = field(default_factory=list)

    async def answer(self, method: str, path: str, params: JSON, *, origin: str) -> Answer:
        """Answer one call; never raises for what the caller did."""
        version, bare = split_version(path)
        method = str(params.pop("method", method)).upper() if method == "POST" else method
        call = Call(self.world, method, bare, params, version, origin)
        call.headers["facebook-api-version"] = version or f"v{LATEST}.0"
        record = self._record(call, path)
        try:
            body = await self._run(call, record)
            return Answer(200, body, call.headers, faults.spoil(call, json.dumps(body)))
        except GraphError as error:
            return self._refusal(call, error)
        except Exception:
            logger.exception("The sandbox could not answer %s %s", method, path)
            return self._refusal(call, GraphError("An unknown error occurred", code=1, status=500))

    def _refusal(self, call: Call, error: GraphError) -> Answer:
        trace = "A" + self.world.opaque("trace")[:22]
        call.headers["x-fb-trace-id"] = trace
        if error.body["code"] == 190:
            reason = '"invalid_token" "' + error.body["message"].replace('"', "'") + '"'
            call.headers["www-authenticate"] = f'OAuth "Facebook Platform" {reason}'
        return Answer(error.status, {"error": error.body | {"fbtrace_id": trace}}, call.headers)

    def _record(self, call: Call, path: str) -> JSON:
        names = sorted(name for name in call.params if name != "access_token")
        record: JSON = {"method": call.method, "path": path, "params": names, "node": ""}
        self.calls.append(record)
        del self.calls[:-KEPT_CALLS]
        return record

    async def _run(self, call: Call, record: JSON) -> Any:
        await self._hold_up(call)
        faults.fail_whole(call)
        for name in REMOVED_PARAMETERS:
            if name in call.params:
                raise invalid(f"The parameter {name} is no longer supported")
        if call.path == "" and call.method == "POST":
            return await self._batch(call)
        if call.path == "oauth/access_token":
            return oauth.access_token(call)
        text = call.text("access_token")
        call.token = oauth.get_token(self.world, text) if text else None
        oauth.check_proof(call)
        if call.path == "debug_token":
            return oauth.debug_token(call)
        return await self._node(call, record)

    async def _hold_up(self, call: Call) -> None:
        """Let a slow call wait; after a reset it must not act in the new world, whose ids are its own."""
        before = self.world.counters
        await asyncio.sleep(faults.hold_up(call))
        if self.world.counters is not before:
            raise GraphError("The world of this call is gone: the sandbox was reset.", code=2, status=503)

    async def _node(self, call: Call, record: JSON) -> Any:
        node_id, _, edge = call.path.partition("/")
        if edge in REMOVED_EDGES or node_id in self.world.orders:
            raise deprecated(call.path)
        node = self._find(call, node_id)
        kind = kind_of(node)
        record["node"] = kind.name
        if kind.name == "User" and edge.startswith("permissions/"):
            edge, _, call.params["permission"] = edge.partition("/")
        bucket, owner = bucket_of(call, node, edge), owner_of(call, node)
        faults.break_call(call, bucket=bucket, owner=owner)
        if not kind.visible(call, node):
            raise missing_object(call.method, node_id)
        usual = (self._percent(), 0)
        percent, minutes = faults.use_up(self.world, bucket, percent=usual[0])
        usage = usage_headers(bucket, owner, percent=percent, minutes=minutes)
        call.headers.update(usage)
        handler = SCHEMA.routes.get((kind.name, call.method, edge))
        if handler is not None:
            result = handler(call, node)
            answer = await result if inspect.isawaitable(result) else result
            if (percent, minutes) != usual:  # whatever the handler counts itself
                call.headers.update(usage)
            return answer
        if edge == "" and call.method == "GET":
            return render(call, node, chosen_fields(call))
        raise unknown_edge(edge) if edge else missing_object(call.method, node_id)

    def _percent(self) -> int:
        """Let the usage rise with the calls made, and start again."""
        return len(self.calls) // 20 % 60

    def _find(self, call: Call, node_id: str) -> Any:
        if node_id == "me":
            return self._me(call)
        if call.token is None:
            raise GraphError("An access token is required to request this resource.", code=104, status=401)
        node = self.world.find_node(node_id)
        if node is not None:
            return node
        if re.fullmatch(r"[\d_]+|t_\w+|m_.+|aWdf.+", node_id):
            raise missing_object(call.method, node_id)
        raise GraphError(
            f"(#803) Some of the aliases you requested do not exist: {node_id}", code=803, status=404
        )

    def _me(self, call: Call) -> Any:
        if call.token is None or call.token.kind == "APP":
            raise GraphError(
                "An active access token must be used to query information about the current user.", code=2500
            )
        speaker = self.world.system_user_of(call.token)
        return speaker or self.world.find_node(call.token.page_id or call.token.user_id)

    async def _batch(self, call: Call) -> list[JSON | None]:
        operations = call.json("batch")
        if not isinstance(operations, list) or not operations:
            raise invalid("The parameter batch is required")
        if len(operations) > MOST_OPERATIONS:
            raise invalid(f"Too many requests in batch message. Maximum batch size is {MOST_OPERATIONS}")
        if not call.params.get("access_token"):
            raise GraphError("An access token is required to request this resource.", code=104, status=401)
        with_headers = call.flag("include_headers", default=True)
        return [await self._operation(call, operation, with_headers=with_headers) for operation in operations]

    async def _operation(self, call: Call, operation: JSON, *, with_headers: bool) -> JSON | None:
        if faults.strikes(self.world, "unfinished_batch"):
            return None
        path, _, query = str(operation.get("relative_url", "")).partition("?")
        shared = {
            name: call.params[name] for name in ("access_token", "appsecret_proof") if name in call.params
        }
        own = dict(parse_qsl(query)) | dict(parse_qsl(str(operation.get("body", ""))))
        if "access_token" in own:
            shared.pop("appsecret_proof", None)
        address = "/" + path.lstrip("/")
        if call.version and not split_version(address)[0]:
            address = f"/{call.version}{address}"
        answer = await self.answer(
            str(operation.get("method", "GET")).upper(), address, shared | own, origin=call.origin
        )
        result: JSON = {"code": answer.status, "body": json.dumps(answer.body)}
        if with_headers:
            result["headers"] = [{"name": name, "value": value} for name, value in answer.headers.items()]
        return result


def split_version(path: str) -> tuple[str, str]:
    """Split "/v26.0/me/accounts"; a version too old is served by the oldest living one.

    Raises nothing: a version that is not out yet stays in the path and leads nowhere.
    """
    bare = path.strip("/")
    match = re.fullmatch(r"v(\d+)\.\d+(?:/(.*))?", bare)
    if not match or int(match[1]) > LATEST:
        return "", bare
    return f"v{max(int(match[1]), OLDEST)}.0", match[2] or ""
