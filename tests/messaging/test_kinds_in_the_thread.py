"""What each kind of message looks like to staff: the thread, the list, the panel about the customer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from integrations.models import ConnectedPage
from messaging.models import Conversation, Message, Origin
from tenancy.models import Store, User
from tenancy.scope import open_store
from tests.messaging.sample import (
    came_by,
    cart,
    changed,
    hand_in,
    make_page,
    pressed,
    reacted,
    said,
    taken_back,
)

ClientOf = Callable[[User], Client]

NOW = timezone.now().replace(microsecond=0) - timedelta(hours=1)
OPENS_ELSEWHERE = ' target="_blank" rel="noopener noreferrer" dir="auto">'
LAMP = {
    "id": 9001,
    "retailer_id": "lamp-1",
    "name": "Oak lamp",
    "unit_price": 40.5,
    "currency": "GBP",
    "quantity": 2,
}


SHARED = {"product": {"elements": [{"title": "Oak lamp", "subtitle": "GBP 40"}]}}
AD = {"ad_title": "Spring sale", "photo_url": "https://c.example/ad.jpg"}
EVIL_AD = {"photo_url": "javascript:alert(1)"}


@pytest.fixture
def see(store: Store, viewer: User, client_of: ClientOf) -> Callable[..., str]:
    """Hand events in and return what the conversation's page says, in one line."""

    def hand_in_and_look(*items: dict[str, Any]) -> str:
        with open_store(store.pk):
            page = ConnectedPage.objects.first() or make_page()
            for item in items:
                hand_in(page, item)
            address = Conversation.objects.get().get_absolute_url()
        shown = " ".join(client_of(viewer).get(address).content.decode().split())
        return shown.replace(OPENS_ELSEWHERE, " new>")

    return hand_in_and_look


def with_(**attachment: Any) -> dict[str, Any]:
    return said("", mid="m_1", at=NOW, attachments=[attachment])


@pytest.mark.parametrize(
    ("item", "words"),
    [
        (with_(type="sticker", payload={"sticker_id": 3}), '<span dir="auto">Sticker</span>'),
        (
            with_(type="story_mention", payload={"url": "https://c.example/s"}),
            '<a href="https://c.example/s" new>Mention in a story</a>',
        ),
        (
            with_(type="ig_post", payload={"title": "Oak lamp", "url": "https://c.example/p"}),
            "Shared post: Oak lamp</a>",
        ),
        (
            with_(type="location", payload={"coordinates": {"lat": 51.5, "long": -0.12}}),
            'mlat=51.5&amp;mlon=-0.12" new>Location: 51.5, -0.12</a>',
        ),
        (with_(type="template", payload=SHARED), "Product: Oak lamp, GBP 40"),
        (with_(type="template", payload={"text": "Pay here", "buttons": []}), "Card with buttons: Pay here"),
        (with_(type="ig_reel", payload={"url": "/reel/1/"}), '<span dir="auto">Reel</span>'),
        (with_(type="ephemeral"), "Photo that disappears"),
        (
            said("Wow", mid="m_1", at=NOW, reply_to={"story": {"id": "1", "url": "https://c.example/s"}}),
            "Reply to your story</a>",
        ),
        (
            said("", mid="m_1", at=NOW, is_unsupported=True),
            "This kind of message can only be seen in Messenger.",
        ),
        (pressed("Get started", "START", at=NOW), ">Get started</div>"),
        (pressed("", "START", at=NOW), ">START</div>"),
        (pressed("", "", mid="m_1", at=NOW), ">Button</div>"),
        (taken_back("m_1", at=NOW), "The customer took this message back."),
        (cart(LAMP, note="as a gift", at=NOW), '<li dir="auto">2 × Oak lamp, £40.50</li>'),
        (cart(LAMP | {"unit_price": "a lot"}, at=NOW), '<li dir="auto">2 × Oak lamp</li>'),
        (
            cart(LAMP | {"name": "", "currency": "JPY", "unit_price": 40}, at=NOW),
            '<li dir="auto">2 × lamp-1, ¥40</li>',
        ),
        (cart(at=NOW), "The cart is empty."),
    ],
)
def test_each_kind_is_shown_in_words(see: Callable[..., str], item: dict[str, Any], words: str) -> None:
    assert words in see(item)


@pytest.mark.parametrize(
    ("item", "words"),
    [
        (with_(type="sticker"), "Sticker"),
        (said("", mid="m_1", at=NOW, is_unsupported=True), "Message that only Meta&#x27;s apps show"),
        (cart(LAMP, at=NOW), "Cart"),
        (pressed("", "", mid="m_1", at=NOW), "Pressed a button"),
    ],
)
def test_the_list_names_a_message_without_words(
    see: Callable[..., str], item: dict[str, Any], words: str
) -> None:
    assert f'<span class="threads__snippet clip" dir="auto">{words}</span>' in see(item)


def test_a_cart_waits_for_an_answer_and_comes_once(see: Callable[..., str], store: Store) -> None:
    see(cart(LAMP, at=NOW), cart(LAMP, at=NOW))
    with open_store(store.pk):
        message = Message.objects.get()
        assert Conversation.objects.get().waiting_since == NOW
    assert (message.kind, message.cart) == (
        "cart",
        [
            {
                "product_id": "9001",
                "retailer_id": "lamp-1",
                "name": "Oak lamp",
                "quantity": 2,
                "unit_price_minor": 4050,
                "currency": "GBP",
            }
        ],
    )


def test_a_changed_message_says_so_and_shows_the_reaction_to_it(see: Callable[..., str]) -> None:
    page = see(
        said("Is it red?", mid="m_1", at=NOW),
        changed("m_1", "Is it blue?", number=1, at=NOW + timedelta(minutes=1)),
        reacted("m_1", "\N{THUMBS UP SIGN}", at=NOW + timedelta(minutes=2)),
    )
    assert "Is it blue?" in page
    assert "Is it red?" not in page
    assert "· Changed <time" in page
    assert "The customer reacted: </span>\N{THUMBS UP SIGN}</span>" in page


@pytest.mark.parametrize(
    ("referral", "words"),
    [
        (
            {"source": "ADS", "ad_id": "6", "ads_context_data": AD},
            '<a href="https://c.example/ad.jpg" new>Ad: Spring sale</a>',
        ),
        ({"source": "ADS", "ad_id": "6"}, "Ad: 6"),
        ({"source": "SHORTLINK", "ref": "flyer"}, "Link: flyer"),
        ({"source": "IGME-SOURCE-LINK"}, "A link to this chat"),
        ({"product": {"id": 9001}}, "Product of your shop, 9001 at Meta"),
        ({"source": "DISCOVER_TAB"}, "Facebook or Instagram"),
        ({"source": "CUSTOMER_CHAT_PLUGIN", "ref": None}, "The chat on your website"),
        ({"source": "ADS", "ad_id": "6", "ads_context_data": EVIL_AD}, '<span dir="auto">Ad: 6</span>'),
    ],
)
@pytest.mark.parametrize("way", ["alone", "in a message", "in a button"])
def test_the_panel_says_what_the_customer_came_through(
    see: Callable[..., str], referral: dict[str, Any], words: str, way: str
) -> None:
    item = {
        "alone": came_by(at=NOW, **referral),
        "in a message": said("hi", mid="m_1", at=NOW, referral=referral),
        "in a button": pressed("Start", "S", at=NOW),
    }[way]
    if way == "in a button":
        item["postback"]["referral"] = referral
    page = see(item)
    assert "<dt>Came through</dt>" in page
    assert words in page


def test_coming_the_same_way_again_is_one_origin(see: Callable[..., str], store: Store) -> None:
    see(*(came_by(source="SHORTLINK", ref="flyer", at=NOW + timedelta(minutes=n)) for n in (2, 1, 3, 3)))
    with open_store(store.pk):
        assert list(Origin.objects.values_list("ref", "last_at")) == [("flyer", NOW + timedelta(minutes=3))]
        assert Conversation.objects.get().last_inbound_at == NOW + timedelta(minutes=3)
