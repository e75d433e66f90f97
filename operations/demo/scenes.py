"""What happens in the demo store: a week of orders, two messages and a lead, all through the sandbox."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import requests

from catalog.comparing.advice import look_at_reviews
from catalog.models import Catalog, CatalogItem, RemoteItem, Variant
from leads.models import Lead
from messaging.models import Contact, Conversation
from operations.demo.consent import HAZEL_HOME
from operations.demo.goods import CUSHION_SKU, LAMP_SKU, MUG_SKU, THROW_SKU
from orders.lifecycle import change_status
from orders.models import Order
from orders.status import Status
from tenancy.models import User

LEAD_FORM = "300100"
DAY_SECONDS = 24 * 3600
WAIT_SECONDS = 60.0
"""For one thing to come through web and worker; a small, cold machine takes its time."""

_WEEK: tuple[tuple[int, str, str, str, int], ...] = (
    (6, "Maya Iyer", "facebook", MUG_SKU, 4),
    (5, "Tom Okafor", "instagram", THROW_SKU, 1),
    (4, "Lena Fuchs", "facebook", CUSHION_SKU, 2),
    (3, "Maya Iyer", "instagram", LAMP_SKU, 1),
    (1, "Tom Okafor", "facebook", MUG_SKU, 2),
    (1, "Lena Fuchs", "instagram", LAMP_SKU, 2),
    (0, "Lena Fuchs", "facebook", CUSHION_SKU, 1),
)
"""Days ago, buyer, channel, SKU, pieces."""


REVIEW_SECONDS = 60
"""More than the sandbox's reviewers take."""


class SceneError(Exception):
    """The demo store did not come alive: a sentence for a person."""


@dataclass(frozen=True)
class Stage:
    """The sandbox's control API."""

    url: str

    def post(self, path: str, **body: Any) -> None:
        requests.post(f"{self.url}/_sandbox/{path}", json=body, timeout=10).raise_for_status()

    @contextmanager
    def seconds_ahead(self, seconds: int) -> Iterator[None]:
        """Have the sandbox's clock go ahead, or back, for the block."""
        self.post("clock", advance_seconds=seconds)
        try:
            yield
        finally:
            self.post("clock", advance_seconds=-seconds)


def wait_for_products() -> None:
    """Wait until Meta shows every product, so that buyers order by title and price.

    Once: what a merchant holds back, takes out or breaks later is theirs, and starting again does not wait.
    """
    if Order.objects.exists():
        return
    live = CatalogItem.objects.filter(state=CatalogItem.State.LIVE)
    _wait(lambda: live.count() >= Variant.objects.count(), what="The products")


def have_them_reviewed(stage: Stage) -> None:
    """Have Meta's reviewers done with the products; later ones wait for them as everybody's do. Once."""
    if RemoteItem.objects.exists():
        return
    with stage.seconds_ahead(REVIEW_SECONDS):
        for catalog in Catalog.objects.select_related("account"):
            look_at_reviews(catalog)


def sell_for_a_week(stage: Stage, *, actor: User) -> None:
    """Let buyers order over seven days; all but today's order are on their way. Once."""
    if Order.objects.exists():
        return
    ids = dict(Variant.objects.values_list("sku", "retailer_id"))
    for days, buyer, channel, sku, quantity in _WEEK:
        items = [{"retailer_id": ids[sku], "quantity": quantity}]
        with stage.seconds_ahead(-days * DAY_SECONDS):
            stage.post("order", page_id=HAZEL_HOME, buyer=buyer, channel=channel, items=items)
    _wait(lambda: Order.objects.count() >= len(_WEEK), what="The orders")
    for order in Order.objects.order_by("-placed_at")[1:]:
        change_status(order.number, Status.CONFIRMED, actor=actor)
        change_status(order.number, Status.SHIPPED, actor=actor)


def let_buyers_write(stage: Stage) -> None:
    """One question on Messenger, one on Instagram; they wait for an answer. Once."""
    if Conversation.objects.exists():
        return
    _say(stage, "Tom Okafor", "instagram", "Hi! Do you ship to Ireland, and how long does it take?")
    _say(stage, "Maya Iyer", "messenger", "Hello, is the Linden lamp in oak still available?")
    _say(stage, "Maya Iyer", "messenger", "I would need two of them by Friday.")
    _wait(lambda: Contact.objects.exclude(name="").count() >= 2, what="The messages")


def bring_a_lead(stage: Stage) -> None:
    """One person fills in the lead form. Once."""
    if Lead.objects.exists():
        return
    answers = {
        "full_name": "Nora Lindqvist",
        "email": "nora@buyers.example",
        "phone_number": "+447700900188",
        "which_room_are_you_lighting?": "living_room",
    }
    stage.post("lead", form_id=LEAD_FORM, answers=answers)
    _wait(Lead.objects.exists, what="The lead")


def _say(stage: Stage, buyer: str, platform: str, text: str) -> None:
    stage.post("message", page_id=HAZEL_HOME, buyer=buyer, platform=platform, text=text)


def _wait(is_there: Callable[[], bool], *, what: str) -> None:
    end = time.monotonic() + WAIT_SECONDS
    while not is_there():
        if time.monotonic() > end:
            raise SceneError(f"{what} did not come through within {WAIT_SECONDS:.0f} seconds.")
        time.sleep(0.1)
