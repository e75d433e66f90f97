"""The Send API and people's profiles.

Source: fact sheet sections 13.1 to 13.3 (sending, windows, tags) and 13.8 (profiles), Graph API v26.0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from integrations.graph.client import GraphClient
from integrations.graph.errors import UnknownAnswer

MESSENGER_FIELDS = "name,first_name,last_name,profile_pic"
INSTAGRAM_FIELDS = "name,username,profile_pic"


@dataclass(frozen=True)
class Profile:
    """What Meta tells of a person; all of it may be empty."""

    name: str = ""
    username: str = ""
    picture_url: str = ""


def send_text(
    client: GraphClient, page_id: str, *, person_id: str, text: str, reference: str, tag: str = ""
) -> str:
    """Send a text to a PSID or IGSID and return its mid. Not safe twice: each call is a message.

    `reference` comes back as `metadata` of the echo. `tag` is for replies after 24 hours.
    Source: https://developers.facebook.com/docs/messenger-platform/reference/send-api
    """
    answer = client.post(
        f"{page_id}/messages",
        recipient={"id": person_id},
        messaging_type="MESSAGE_TAG" if tag else "RESPONSE",
        tag=tag or None,
        message={"text": text, "metadata": reference},
    )
    mid = _text(answer, "message_id")
    if not mid:
        raise UnknownAnswer("Meta did not say under which id the message was sent.")
    return mid


def fetch_profile(client: GraphClient, person_id: str, *, on_instagram: bool) -> Profile:
    """Read a person's name; an empty profile when Meta withholds it, which is usual.

    Source: https://developers.facebook.com/docs/messenger-platform/identity/user-profile
    """
    answer = client.get(person_id, fields=INSTAGRAM_FIELDS if on_instagram else MESSENGER_FIELDS)
    both = f"{_text(answer, 'first_name')} {_text(answer, 'last_name')}".strip()
    return Profile(
        name=_text(answer, "name") or both,
        username=_text(answer, "username"),
        picture_url=_text(answer, "profile_pic"),
    )


def _text(answer: dict[str, Any], key: str) -> str:
    value = answer.get(key)
    return value.replace("\x00", "").strip() if isinstance(value, str) else ""
