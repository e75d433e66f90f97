"""Reading threads: the conversations edge, message nodes."""

from sandbox.call import Call
from sandbox.errors import GraphError, invalid, missing_permission
from sandbox.models import JSON, InstagramAccount, Message, Page, Profile, Thread
from sandbox.nodes import Handler, Kind, graph_time, listing, names

READABLE = 20
"""Only so many newest messages of a thread can be read; older ones answer as if deleted."""


def page_conversations(call: Call, page: Page) -> JSON:
    platform = call.text("platform", "messenger").lower()
    if platform not in ("messenger", "instagram"):
        raise invalid("Param platform must be one of {MESSENGER, INSTAGRAM}")
    asset_id = page.id if platform == "messenger" else page.instagram_id
    if not asset_id:
        raise invalid("The Page has no linked Instagram account", subcode=2534013)
    return _conversations(call, page, asset_id)


def account_conversations(call: Call, account: InstagramAccount) -> JSON:
    return _conversations(call, call.world.pages[account.page_id], account.id)


def _conversations(call: Call, page: Page, asset_id: str) -> JSON:
    call.need_page(page, "MESSAGING")
    call.need_scopes("pages_messaging" if asset_id == page.id else "instagram_manage_messages")
    user_id = call.text("user_id")
    after, before = call.text("updated_after_ms", "0"), call.text("updated_before_ms", "9" * 15)
    rows = [
        thread
        for thread in call.world.threads.values()
        if thread.asset_id == asset_id
        and user_id in ("", thread.profile_id)
        and int(after) <= thread.updated_at * 1000 <= int(before)
    ]
    return listing(call, sorted(rows, key=lambda thread: -thread.updated_at))


def thread_messages(call: Call, thread: Thread) -> JSON:
    return listing(call, newest(call, thread))


def newest(call: Call, thread: Thread) -> list[Message]:
    return call.world.messages_of(thread.id)[::-1][:READABLE]


def _sees_thread(call: Call, thread: Thread) -> bool:
    page = call.world.page_of(thread.asset_id)
    if page is None or not call.sees_page(page.id):
        return False
    if call.token is None or call.token.kind != "PAGE":
        raise missing_permission("A page access token is required to request this resource.", code=210)
    return True


def _sees_message(call: Call, message: Message) -> bool:
    thread = call.world.threads[message.thread_id]
    if not _sees_thread(call, thread):
        return False
    if message not in newest(call, thread):
        raise GraphError("(#9000001) The message has been deleted.", code=9000001)
    return True


def _participants(call: Call, thread: Thread) -> JSON:
    return {"data": [_buyer_party(call, thread), _shop_party(call, thread)]}


def _buyer_party(call: Call, thread: Thread) -> JSON:
    profile: Profile = call.world.profiles[thread.profile_id]
    buyer = call.world.buyers[profile.buyer_id]
    if thread.asset_id in call.world.instagram:
        return {"username": buyer.username, "id": profile.id}
    return {"name": buyer.name, "email": f"{profile.id}@facebook.com", "id": profile.id}


def _shop_party(call: Call, thread: Thread) -> JSON:
    account = call.world.instagram.get(thread.asset_id)
    if account:
        return {"username": account.username, "id": account.id}
    page = call.world.pages[thread.asset_id]
    return {"name": page.name, "email": f"{page.id}@facebook.com", "id": page.id}


def _from(call: Call, message: Message) -> JSON:
    thread = call.world.threads[message.thread_id]
    return _shop_party(call, thread) if message.outbound else _buyer_party(call, thread)


def _to(call: Call, message: Message) -> JSON:
    thread = call.world.threads[message.thread_id]
    return {"data": [_buyer_party(call, thread) if message.outbound else _shop_party(call, thread)]}


def _attachments(call: Call, message: Message) -> JSON | None:
    rows = [
        {
            "id": f"{position + 1}",
            "mime_type": "image/jpeg",
            "image_data": {"url": attachment["payload"]["url"]},
        }
        for position, attachment in enumerate(message.attachments)
        if attachment.get("type") == "image" and attachment.get("payload", {}).get("url")
    ]
    return {"data": rows} if rows else None


def _snippet(call: Call, thread: Thread) -> str:
    found = newest(call, thread)
    return found[0].text if found else ""


KINDS: dict[type, Kind] = {
    Thread: Kind(
        "UnifiedThread",
        visible=_sees_thread,
        default=("id", "updated_time", "link"),
        fields={
            "updated_time": lambda call, thread: graph_time(thread.updated_at),
            "link": lambda call, thread: f"/{thread.asset_id}/inbox/{thread.id.removeprefix('t_')}/",
            "participants": _participants,
            "senders": _participants,
            "message_count": lambda call, thread: len(call.world.messages_of(thread.id)),
            "unread_count": lambda call, thread: 0,
            "snippet": _snippet,
            "can_reply": lambda call, thread: True,
            "is_subscribed": lambda call, thread: True,
            "scoped_thread_key": lambda call, thread: thread.id,
            "folder": lambda call, thread: "inbox",
        },
        silent=names(
            """
    name is_owner wallpaper former_participants linked_group
"""
        ),
    ),
    Message: Kind(
        "Message",
        visible=_sees_message,
        default=("id", "created_time"),
        fields={
            "created_time": lambda call, message: graph_time(message.created_at),
            "message": lambda call, message: message.text,
            "from": _from,
            "to": _to,
            "attachments": _attachments,
        },
        silent=names(
            """
    reply_to reactions shares story sticker tags is_unsupported
"""
        ),
    ),
}

ROUTES: dict[tuple[str, str, str], Handler] = {
    ("Page", "GET", "conversations"): page_conversations,
    ("IGUser", "GET", "conversations"): account_conversations,
    ("UnifiedThread", "GET", "messages"): thread_messages,
}
