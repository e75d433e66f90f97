"""The Send API: windows, tags, limits."""

from typing import Any

from sandbox.call import Call
from sandbox.errors import GraphError, invalid, missing_permission
from sandbox.models import JSON, InstagramAccount, Page, Profile
from sandbox.nodes import Handler
from sandbox.threads import open_thread, shop_writes

REPLY_SECONDS = 24 * 3600
HUMAN_AGENT_SECONDS = 7 * 24 * 3600
MESSENGER_CHARACTERS = 2000
INSTAGRAM_BYTES = 1000
QUICK_REPLIES = 13
TYPES = ("RESPONSE", "UPDATE", "MESSAGE_TAG", "UTILITY")
DEAD_TAGS = ("CONFIRMED_EVENT_UPDATE", "ACCOUNT_UPDATE", "POST_PURCHASE_UPDATE")
SENDER_ACTIONS = ("typing_on", "typing_off", "mark_seen", "react", "unreact")


def send_from_page(call: Call, page: Page) -> JSON:
    """Send to whoever the recipient's id belongs to: a PSID of this Page or an IGSID of its account."""
    call.need_page(page, "MESSAGING", "PROFILE_PLUS_MESSAGING")
    return _send(call, _recipient(call, page), page)


def send_from_account(call: Call, account: InstagramAccount) -> JSON:
    return send_from_page(call, call.world.pages[account.page_id])


def _recipient(call: Call, page: Page) -> Profile:
    recipient = call.json("recipient")
    if not isinstance(recipient, dict):
        raise invalid("The parameter recipient is required")
    profile = call.world.profiles.get(str(recipient.get("id", "")))
    if profile and profile.asset_id in (page.id, page.instagram_id):
        return profile
    raise invalid("No matching user found", subcode=2018001)


def _send(call: Call, profile: Profile, page: Page) -> JSON:
    on_messenger = profile.asset_id == page.id
    if not call.may("pages_messaging" if on_messenger else "instagram_manage_messages"):
        code, scope = (230, "pages_messaging") if on_messenger else (200, "instagram_manage_messages")
        raise missing_permission(f"Requires {scope} permission to manage the object", code=code)
    action, message = call.text("sender_action").lower(), call.json("message")
    if action:
        return _act(profile, action, message)
    if not isinstance(message, dict):
        raise invalid("The parameter message is required")
    _check_content(message, on_messenger=on_messenger)
    _check_window(call, profile, on_messenger=on_messenger)
    written = shop_writes(call.world, profile, message)
    return {"recipient_id": profile.id, "message_id": written.id}


def _act(profile: Profile, action: str, message: Any) -> JSON:
    if action not in SENDER_ACTIONS:
        raise invalid(f"Param sender_action must be one of {{{', '.join(SENDER_ACTIONS)}}}")
    if message:
        raise invalid("A sender action and a message must be sent in separate requests")
    return {"recipient_id": profile.id}


def _check_content(message: JSON, *, on_messenger: bool) -> None:
    text = message.get("text") or ""
    if not text and not message.get("attachment") and not message.get("attachments"):
        raise invalid("Message cannot be empty, must provide valid attachment or text")
    if on_messenger and len(text) > MESSENGER_CHARACTERS:
        raise invalid(f"Length of param message[text] must be less than or equal to {MESSENGER_CHARACTERS}")
    if not on_messenger and len(text.encode()) > INSTAGRAM_BYTES:
        raise invalid("Invalid message data: the text is longer than 1000 bytes", subcode=2534015)
    if len(message.get("quick_replies") or ()) > QUICK_REPLIES:
        raise invalid(f"Param message[quick_replies] has more than {QUICK_REPLIES} elements")


def _check_window(call: Call, profile: Profile, *, on_messenger: bool) -> None:
    kind, tag = call.text("messaging_type", "RESPONSE").upper(), call.text("tag").upper()
    if kind not in TYPES:
        raise invalid(f"Param messaging_type must be one of {{{', '.join(TYPES)}}}")
    if tag in DEAD_TAGS:
        raise invalid(f"The tag {tag} is no longer supported")
    if kind == "MESSAGE_TAG" and tag != "HUMAN_AGENT":
        raise invalid("Param tag must be one of {HUMAN_AGENT}")
    silence = call.world.now() - open_thread(call.world, profile).last_inbound_at
    if silence <= (HUMAN_AGENT_SECONDS if tag == "HUMAN_AGENT" else REPLY_SECONDS):
        return
    if on_messenger:
        raise GraphError(
            "(#10) This message is sent outside of allowed window.", code=10, subcode=2018278, status=403
        )
    raise GraphError(
        "(#10) This message is sent outside of allowed window.", code=10, subcode=2534022, status=403
    )


ROUTES: dict[tuple[str, str, str], Handler] = {
    ("Page", "POST", "messages"): send_from_page,
    ("IGUser", "POST", "messages"): send_from_account,
}
