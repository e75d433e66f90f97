"""Things that go wrong on demand."""

from dataclasses import dataclass

from sandbox.call import Call
from sandbox.errors import GraphError, bad_token
from sandbox.models import JSON, Fault, Token
from sandbox.usage import usage_headers
from sandbox.world import World


@dataclass(frozen=True)
class FaultKind:
    title: str
    text: str
    options: dict[str, int | str]
    """Each option with the value it has when none is given."""


FAULTS = {
    "expired_token": FaultKind(
        "Expired login",
        "Calls with a person's or Page's token are refused with 190 and a subcode; 463 is sixty days later.",
        {"asset_id": "", "subcode": 463},
    ),
    "rate_limit": FaultKind(
        "Rate limit",
        "Calls of one bucket are refused, and the answer says after how many minutes to come back.",
        {"bucket": "catalog_batch", "minutes": 5},
    ),
    "server_error": FaultKind(
        "Server error", "Calls are answered 500 with the transient code 2.", {"edge": ""}
    ),
    "slow": FaultKind(
        "Slow answers", "Calls are answered after this many seconds.", {"seconds": 6, "edge": ""}
    ),
    "odd_answer": FaultKind(
        "Odd answers",
        "Calls are done, but answered with text, html, half JSON (half) or nothing (empty).",
        {"form": "text", "status": 200, "edge": "", "method": ""},
    ),
    "refusal": FaultKind(
        "Refusal",
        "Calls are refused with this code and subcode.",
        {"code": 424242, "subcode": 0, "status": 400, "edge": "", "method": ""},
    ),
    "usage": FaultKind(
        "Usage",
        "Answers of one bucket (any when empty) say that it is so full, and when there is room again.",
        {"bucket": "", "percent": 97, "minutes": 0},
    ),
    "unfinished_batch": FaultKind(
        "Unfinished batch operations", "Operations of a batch call time out: their answer is null.", {}
    ),
    "half_batch": FaultKind("Half a batch fails", "Every second item of a batch ends in an error.", {}),
    "row_refusal": FaultKind(
        "Rows refused",
        "Rows of a batch that carry this field, of this item or any, are refused with these words: when the "
        "batch ends (end), in the answer to the call (door), or there without naming the item (unnamed).",
        {"field": "title", "text": "title is invalid: refused.", "retailer_id": "", "at": "end"},
    ),
    "row_warning": FaultKind(
        "Rows taken with a warning",
        "Rows of a batch that carry this field, of this item or any, are taken with these words, at the same "
        "places.",
        {"field": "title", "text": "title is longer than 65 characters.", "retailer_id": "", "at": "end"},
    ),
    "duplicate_webhooks": FaultKind("Duplicate events", "Each event is sent this many times.", {"copies": 3}),
    "reorder_webhooks": FaultKind(
        "Events out of order", "Events are held for a moment, the newest goes first.", {}
    ),
    "drop_webhooks": FaultKind("Lost events", "Events are never sent.", {}),
}

BUCKETS = {
    "app": 4,
    "pages": 80001,
    "instagram": 80002,
    "leadgen": 80005,
    "messenger": 80006,
    "catalog_management": 80009,
    "catalog_batch": 80014,
}
"""Code of the refusal, by bucket."""


def switch(
    world: World, name: str, *, on: bool, times: int | None = None, options: JSON | None = None
) -> Fault:
    """Raises ValueError for a fault, option or bucket that does not exist."""
    kind = FAULTS.get(name)
    if kind is None:
        raise ValueError(f"no such fault: {name}; there are {', '.join(FAULTS)}")
    given = options or {}
    if unknown := set(given) - set(kind.options):
        raise ValueError(f"{name} has no option {', '.join(sorted(unknown))}")
    merged = {key: type(default)(given.get(key, default)) for key, default in kind.options.items()}
    if name == "odd_answer" and merged["form"] not in (*ODD_FORMS, "half"):
        raise ValueError(f"no such form: {merged['form']}; there are half, {', '.join(ODD_FORMS)}")
    if merged.get("at", "end") not in ROW_PLACES:
        raise ValueError(f"no such place: {merged['at']}; there are {', '.join(ROW_PLACES)}")
    if merged.get("bucket") and merged["bucket"] not in BUCKETS:
        raise ValueError(f"no such bucket: {merged['bucket']}; there are {', '.join(BUCKETS)}")
    world.faults[name] = Fault(id=name, on=on, times=times, options=merged)
    return world.faults[name]


def add_new_faults(world: World) -> None:
    """Give a world that was kept by an older sandbox the faults and options it has not heard of."""
    for name, kind in FAULTS.items():
        fault = world.faults.setdefault(name, Fault(id=name))
        if fault.options:
            fault.options = kind.options | fault.options


def strikes(world: World, name: str) -> Fault | None:
    """Return the fault if it is on, and count down its times."""
    fault = world.faults.get(name)
    if fault is None or not fault.on:
        return None
    if fault.times is not None:
        fault.times -= 1
        fault.on = fault.times > 0
    return fault


def hold_up(call: Call) -> float:
    """Return for how many seconds this call has to wait."""
    fault = call.world.faults.get("slow")
    if fault is None or not _concerns_edge(fault, call) or not strikes(call.world, "slow"):
        return 0
    return float(fault.options["seconds"])


def use_up(world: World, bucket: str, *, percent: int) -> tuple[int, int]:
    """Return how full a bucket is said to be, in percent, and for how many minutes it stays so."""
    fault = world.faults["usage"]
    if fault.options.get("bucket", "") not in ("", bucket) or not strikes(world, "usage"):
        return percent, 0
    return int(fault.options["percent"]), int(fault.options["minutes"])


def remark(world: World, name: str, data: JSON, *, at: str) -> list[str]:
    """Return what the fault says of a row at this place: its words, or nothing."""
    fault = world.faults[name]
    concerns = (
        fault.on
        and fault.options["at"] == at
        and fault.options["field"] in data
        and fault.options["retailer_id"] in ("", str(data.get("id")))
    )
    return [str(fault.options["text"])] if concerns and strikes(world, name) else []


ROW_PLACES = ("end", "door", "unnamed")
"""When the batch ends; in the answer to the call; there, without saying of which item."""
ODD_FORMS = {"text": "Service Unavailable", "html": "<!doctype html><title>Sorry</title>", "empty": ""}


def spoil(call: Call, text: str) -> tuple[int, str] | None:
    """Return the status and text that stand for an answer, None when it is sent as it is."""
    fault = call.world.faults["odd_answer"]
    if not _concerns_edge(fault, call) or not strikes(call.world, "odd_answer"):
        return None
    form = str(fault.options["form"])
    return int(fault.options["status"]), ODD_FORMS.get(form, text[: len(text) // 2])


def fail_whole(call: Call) -> None:
    """Raise the server's own error, the login's calls included."""
    fault = call.world.faults["server_error"]
    if fault.on and _concerns_edge(fault, call) and strikes(call.world, "server_error"):
        raise GraphError(
            "An unexpected error has occurred. Please retry your request later.",
            code=2,
            status=500,
            is_transient=True,
        )


def break_call(call: Call, *, bucket: str, owner: str) -> None:
    """Raise the error of whichever fault is on and concerns this call to a node."""
    world = call.world
    rate_limit = world.faults["rate_limit"]
    if expires(world, call.token) and strikes(world, "expired_token"):
        raise bad_token("Session has expired.", subcode=dead_subcode(world))
    refusal = world.faults["refusal"]
    if refusal.on and _concerns_edge(refusal, call) and strikes(world, "refusal"):
        raise refused(refusal)
    if rate_limit.on and rate_limit.options["bucket"] == bucket and strikes(world, "rate_limit"):
        raise too_many_calls(call, bucket=bucket, owner=owner, minutes=int(rate_limit.options["minutes"]))


def refused(fault: Fault) -> GraphError:
    code, subcode, status = (int(fault.options[name]) for name in ("code", "subcode", "status"))
    return GraphError(f"(#{code}) Refused on demand.", code=code, subcode=subcode, status=status)


def too_many_calls(call: Call, *, bucket: str, owner: str, minutes: int) -> GraphError:
    """Return the refusal of a full bucket, and put the wait into the answer's usage header."""
    call.headers.update(usage_headers(bucket, owner, percent=100, minutes=minutes))
    code = BUCKETS[bucket]
    return GraphError(
        f"(#{code}) There have been too many calls. Wait a bit and try again.",
        code=code,
        user_title="Too many calls",
        user_message=f"There have been too many calls. Try again in {minutes} minutes.",
    )


def _concerns_edge(fault: Fault, call: Call) -> bool:
    edge, method = fault.options.get("edge", ""), fault.options.get("method", "")
    return edge in ("", call.path.rpartition("/")[2]) and method in ("", call.method)


def expires(world: World, token: Token | None) -> bool:
    """Say whether the fault of expired logins is on and concerns this token."""
    fault = world.faults["expired_token"]
    if not fault.on or token is None or token.kind == "APP":
        return False
    asset = fault.options["asset_id"]
    return not asset or asset in (token.page_id, token.user_id)


def dead_subcode(world: World) -> int:
    return int(world.faults["expired_token"].options["subcode"])
