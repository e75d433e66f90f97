"""What a buyer does besides writing: changes, takes back, reacts, sends a sticker or cart, opens a link."""

from collections.abc import Callable

from sandbox.models import JSON, Message, Profile
from sandbox.threads import add_message, event_of, open_thread
from sandbox.webhooks import emit_messaging
from sandbox.world import World

STICKER = "369239263222822"
LINK = {"ref": "spring-flyer", "type": "OPEN_THREAD"}
AD: JSON = {
    "ref": "spring",
    "ad_id": "6666000111",
    "source": "ADS",
    "type": "OPEN_THREAD",
    "ads_context_data": {"ad_title": "Spring sale: lamps and throws", "post_id": "100200300400501_900"},
}
CART_PRODUCTS = 2


def change(world: World, profile: Profile, message: Message, text: str) -> None:
    if message.outbound or message.taken_back or not text:
        return
    message.text, message.edits = text, message.edits + 1
    edit = {"mid": message.id, "text": text, "num_edit": message.edits}
    # The same thing has another name on Instagram.
    field = "message_edits" if profile.asset_id in world.pages else "message_edit"
    emit_messaging(world, profile.asset_id, field, event_of(world, profile) | {"message_edit": edit})


def take_back(world: World, profile: Profile, message: Message, _text: str) -> None:
    if message.outbound or message.taken_back:
        return
    message.text, message.attachments, message.taken_back = "", [], True
    gone = {"mid": message.id, "is_deleted": True}
    emit_messaging(world, profile.asset_id, "messages", event_of(world, profile) | {"message": gone})


def react(world: World, profile: Profile, message: Message, emoji: str) -> None:
    """React to a message of the shop; with the same emoji again, take the reaction off."""
    if not message.outbound or not emoji:
        return
    message.reaction = "" if message.reaction == emoji else emoji
    open_thread(world, profile).last_inbound_at = world.now()
    told: JSON = {"mid": message.id, "action": "react" if message.reaction else "unreact"}
    if message.reaction:
        told |= {"reaction": "other", "emoji": emoji}
    emit_messaging(
        world, profile.asset_id, "message_reactions", event_of(world, profile) | {"reaction": told}
    )


def send_sticker(world: World, profile: Profile) -> None:
    message = add_message(world, open_thread(world, profile), "", outbound=False)
    message.attachments = [{"type": "sticker", "payload": {"sticker_id": STICKER}}]
    content = {"mid": message.id, "attachments": message.attachments}
    emit_messaging(world, profile.asset_id, "messages", event_of(world, profile) | {"message": content})


def come_by_link(world: World, profile: Profile) -> None:
    source = "SHORTLINK" if profile.asset_id in world.pages else "IGME-SOURCE-LINK"
    _come(world, profile, LINK | {"source": source})


def come_by_ad(world: World, profile: Profile) -> None:
    _come(world, profile, AD)


def _come(world: World, profile: Profile, referral: JSON) -> None:
    open_thread(world, profile).last_inbound_at = world.now()
    field = "messaging_referrals" if profile.asset_id in world.pages else "messaging_referral"
    emit_messaging(world, profile.asset_id, field, event_of(world, profile) | {"referral": referral})


def send_cart(world: World, profile: Profile) -> None:
    """Send the first products of the shop as a cart; Messenger only, and nothing from an empty shop."""
    lines = _cart_lines(world, profile) if profile.asset_id in world.pages else []
    if not lines:
        return
    message = add_message(world, open_thread(world, profile), "", outbound=False)
    message.attachments = [{"type": f"Cart: {line['quantity']} × {line['name']}"} for line in lines]
    order = {"products": lines, "note": ""}
    emit_messaging(world, profile.asset_id, "send_cart", event_of(world, profile) | {"order": order})


def _cart_lines(world: World, profile: Profile) -> list[JSON]:
    business = world.pages[profile.asset_id].business_id
    shelf = [product for catalog in world.catalogs_of(business) for product in world.products_of(catalog.id)]
    lines = []
    for product in shelf[:CART_PRODUCTS]:
        price, currency = str(product.data["price"]).split(" ")
        lines.append(
            {
                "id": int(product.id),
                "retailer_id": product.retailer_id,
                "name": product.data["title"],
                "unit_price": float(price),
                "currency": currency,
                "quantity": 1,
            }
        )
    return lines


ON_MESSAGES: dict[str, Callable[[World, Profile, Message, str], None]] = {
    "change": change,
    "take_back": take_back,
    "react": react,
}
"""What can be done with a message: the message and a text (the new words, or the emoji)."""

ON_THREADS: dict[str, Callable[[World, Profile], None]] = {
    "sticker": send_sticker,
    "link": come_by_link,
    "ad": come_by_ad,
    "cart": send_cart,
}
