"""Bodies of whole conversations, the same ones for the same numbers: what a shop's buyers say and do."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

BUYERS_OF_A_PAGE = 25
STARTED_AT_MS = 1_763_700_000_000


def make_bodies(page_ids: Sequence[str], count: int) -> list[bytes]:
    """Return `count` bodies of one event each, spread over the Pages and their buyers.

    Every fourth event is about an earlier message of the same buyer: an edit, a reaction, or that it is taken
    back.
    """
    return [_body(page_ids[number % len(page_ids)], number // len(page_ids)) for number in range(count)]


def _body(page_id: str, turn: int) -> bytes:
    buyer, at = turn % BUYERS_OF_A_PAGE, STARTED_AT_MS + turn * 1000
    said = turn // BUYERS_OF_A_PAGE
    event = {
        "sender": {"id": f"6{buyer:04}"},
        "recipient": {"id": page_id},
        "timestamp": at,
        **(_amendment(buyer, said) if said % 4 == 3 else _message(buyer, said)),
    }
    entry = {"id": page_id, "time": at, "messaging": [event]}
    return json.dumps({"object": "page", "entry": [entry]}, separators=(",", ":")).encode()


def _message(buyer: int, said: int) -> dict[str, Any]:
    return {"message": {"mid": _mid(buyer, said), "text": f"Question {said} of buyer {buyer}"}}


def _amendment(buyer: int, said: int) -> dict[str, Any]:
    mid = _mid(buyer, said - 1)
    return (
        {"message_edit": {"mid": mid, "text": f"Better question {said}", "num_edit": 1}},
        {"reaction": {"mid": mid, "action": "react", "reaction": "love", "emoji": "\u2764"}},
        {"message": {"mid": mid, "is_deleted": True}},
    )[said // 4 % 3]


def _mid(buyer: int, said: int) -> str:
    return f"m_{buyer}_{said}"
