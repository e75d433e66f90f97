"""Threads between buyers and Pages or Instagram accounts: writing into them, and the events that follow."""

from sandbox.models import JSON, Message, Profile, Thread
from sandbox.webhooks import emit_messaging
from sandbox.world import World


def open_thread(world: World, profile: Profile) -> Thread:
    thread = world.find_thread(profile.id)
    if thread is None:
        thread = Thread(
            f"t_{9000 + world.count('thread')}", profile.asset_id, profile.id, updated_at=world.now()
        )
        world.threads[thread.id] = thread
    return thread


def buyer_writes(world: World, profile: Profile, text: str, *, payload: str = "") -> Message:
    """Put a buyer's message into the thread; it opens the reply window.

    `payload` is that of a tapped quick reply.
    """
    thread = open_thread(world, profile)
    thread.last_inbound_at = world.now()
    message = add_message(world, thread, text, outbound=False)
    content: JSON = {"mid": message.id, "text": text}
    if payload:
        content["quick_reply"] = {"payload": payload}
    event = {"sender": {"id": profile.id}, "recipient": {"id": profile.asset_id}}
    emit_messaging(
        world, profile.asset_id, "messages", event | {"timestamp": _ms(message), "message": content}
    )
    return message


def buyer_taps(world: World, profile: Profile, title: str, payload: str) -> None:
    """A tapped button of a template: a postback event, which opens the reply window too."""
    thread = open_thread(world, profile)
    thread.last_inbound_at = world.now()
    message = add_message(world, thread, title, outbound=False)
    event = {"sender": {"id": profile.id}, "recipient": {"id": profile.asset_id}, "timestamp": _ms(message)}
    event["postback"] = {"mid": message.id, "title": title, "payload": payload}
    emit_messaging(world, profile.asset_id, "messaging_postbacks", event)


def shop_writes(world: World, profile: Profile, message: JSON) -> Message:
    """Put the shop's message into the thread; echo, delivery and read events follow in that order."""
    thread = open_thread(world, profile)
    quick_replies = message.get("quick_replies") or []
    attachments = message.get("attachments") or ([message["attachment"]] if message.get("attachment") else [])
    written = add_message(world, thread, str(message.get("text") or ""), outbound=True)
    written.attachments, written.quick_replies = attachments, quick_replies
    _echo(world, profile, written, message)
    _receipts(world, profile, written)
    return written


def add_message(world: World, thread: Thread, text: str, *, outbound: bool) -> Message:
    on_messenger = thread.asset_id in world.pages
    mid = ("m_" if on_messenger else "aWdfZAG1faXRlbToxOk") + world.opaque("mid")
    message = Message(mid, thread.id, outbound=outbound, created_at=world.now(), text=text)
    world.messages[mid] = message
    thread.updated_at = message.created_at
    return message


def event_of(world: World, profile: Profile) -> JSON:
    """Return what every event says of a buyer who does something now."""
    parties: JSON = {"sender": {"id": profile.id}, "recipient": {"id": profile.asset_id}}
    return parties | {"timestamp": int(world.now() * 1000)}


def _ms(message: Message) -> int:
    return int(message.created_at * 1000)


def _echo(world: World, profile: Profile, written: Message, sent: JSON) -> None:
    content: JSON = {"mid": written.id, "is_echo": True}
    on_messenger = profile.asset_id in world.pages
    if on_messenger:
        content["app_id"] = int(world.app.id) if world.app.id.isdigit() else world.app.id
    if sent.get("metadata"):
        content["metadata"] = sent["metadata"]
    if written.text:
        content["text"] = written.text
    if written.attachments:
        content["attachments"] = written.attachments
    event = {"sender": {"id": profile.asset_id}, "recipient": {"id": profile.id}, "timestamp": _ms(written)}
    # Instagram has no field for echoes: they come with `messages`.
    field = "message_echoes" if on_messenger else "messages"
    emit_messaging(world, profile.asset_id, field, event | {"message": content})


def _receipts(world: World, profile: Profile, written: Message) -> None:
    parties: JSON = {"sender": {"id": profile.id}, "recipient": {"id": profile.asset_id}}
    if profile.asset_id in world.pages:
        delivery = {"mids": [written.id], "watermark": _ms(written)}
        emit_messaging(world, profile.asset_id, "message_deliveries", parties | {"delivery": delivery})
        read: JSON = {"timestamp": _ms(written), "read": {"watermark": _ms(written)}}
        emit_messaging(world, profile.asset_id, "message_reads", parties | read)
    else:
        seen: JSON = {"timestamp": _ms(written), "read": {"mid": written.id}}
        emit_messaging(world, profile.asset_id, "messaging_seen", parties | seen)
