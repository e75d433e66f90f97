"""A store's manager erases a customer who asks for it: what goes, what stays, and who may do it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from integrations.models import ConnectedPage, WebhookDelivery, WebhookEvent
from leads.models import Lead, MetaLead
from messaging.models import Attachment, Contact, Conversation, Message
from operations.models import DeletionRequest
from operations.tasks import erase
from orders.models import ExternalOrderMapping, Order
from tenancy.models import AuditEntry, Store, User
from tenancy.scope import open_store
from tests.laws.house import our_models
from tests.messaging.sample import PAGE, PSID, make_page, ms, said
from tests.orders.sample import body, item, value

MAIL = "maya@buyers.example"
TRACES = (PSID, "Maya", "Iyer", MAIL, "7700900123", "Long Lane", "my secret wish", "cdn.example/photo")
ClientOf = Callable[[User], Client]
Deliver = Callable[[dict[str, Any]], Any]


@pytest.fixture
def page(store: Store) -> ConnectedPage:
    with open_store(store.pk):
        return make_page()


@pytest.fixture
def customer(page: ConnectedPage, deliver: Deliver) -> Contact:
    """Maya wrote with a photo; so did somebody else, in the same body."""
    now = timezone.now()
    photo = {"type": "image", "payload": {"url": "https://cdn.example/photo.jpg"}}
    hers = said("my secret wish", mid="m_1", at=now)
    hers["message"]["attachments"] = [photo]
    other = said("Do you ship to York?", mid="m_2", at=now, person="7700002222")
    entry = {"id": PAGE, "time": ms(now), "messaging": [hers, other]}
    deliver({"object": "page", "entry": [entry]})
    Contact.unscoped.filter(person_id=PSID).update(name="Maya Iyer", username="maya.iyer")
    return Contact.unscoped.get(person_id=PSID)


@pytest.fixture
def order(page: ConnectedPage, deliver: Deliver) -> Order:
    deliver(body(value(item("x-1"))))
    Order.unscoped.update(status="completed", buyer_phone="+44 7700 900123")
    return Order.unscoped.get()


@pytest.fixture
def lead(store: Store, page: ConnectedPage) -> Lead:
    with open_store(store.pk):
        answers = {"full_name": "Maya Iyer", "email": MAIL}
        meta_lead = MetaLead.objects.create(page=page, leadgen_id="440100", answers=answers, state="fetched")
        return Lead.objects.create(name="Maya Iyer", email=MAIL.title(), meta_lead=meta_lead)


def address(customer: Contact) -> str:
    return f"/s/hazel-home/inbox/{Conversation.unscoped.get(contact=customer).uuid}/erase/"


def erase_as(client: Client, customer: Contact, **form: str) -> DeletionRequest:
    answer = client.post(address(customer), form)
    assert answer.status_code == 302, answer.content.decode()
    erase(DeletionRequest.objects.get().pk)
    return DeletionRequest.objects.get()


def traces() -> dict[str, set[str]]:
    """Return what is left of Maya anywhere in the database: model → words found."""
    found: dict[str, set[str]] = {}
    for model in our_models():
        rows = getattr(model, "unscoped", None) or model.objects  # type: ignore[attr-defined]
        for row in rows.values():
            text = " ".join(
                bytes(cell).decode() if isinstance(cell, bytes | memoryview) else str(cell)
                for cell in row.values()
            )
            words = {word for word in TRACES if word.lower() in text.lower()}
            if words:
                found.setdefault(model._meta.label, set()).update(words)
    return found


def test_nothing_of_the_customer_is_left_anywhere(
    client_of: ClientOf, manager: User, customer: Contact, order: Order, lead: Lead
) -> None:
    assert {"messaging.Message", "orders.Order", "leads.MetaLead", "integrations.WebhookDelivery"} <= set(
        traces()
    )

    request = erase_as(client_of(manager), customer, email=MAIL, with_leads="on")

    assert traces() == {}
    assert (request.state, request.subject) == ("done", {})
    assert request.erased == {
        "customer": 1,
        "messages": 1,
        "attachments": 1,
        "events": 2,
        "leads": 1,
        "orders": 1,
    }
    assert request.kept == ["customers_copy", "orders_by_law"]


def test_others_keep_everything(client_of: ClientOf, manager: User, customer: Contact) -> None:
    erase_as(client_of(manager), customer)

    assert Message.unscoped.get().text == "Do you ship to York?"
    assert Contact.unscoped.get().person_id == "7700002222"
    assert [("York" in event.item) for event in WebhookEvent.objects.order_by("pk")] == [False, True]
    assert WebhookEvent.objects.filter(state="done").count() == 2
    assert bytes(WebhookDelivery.objects.get().body) == b"{}"
    assert Attachment.unscoped.count() == 0


def test_a_finished_order_keeps_what_was_sold_and_to_which_country(
    client_of: ClientOf, manager: User, customer: Contact, order: Order
) -> None:
    erase_as(client_of(manager), customer, phone="07700 900123")

    after = Order.unscoped.get()
    assert (after.buyer_name, after.buyer_email, after.buyer_phone) == ("", "", "")
    assert after.shipping_address == {"country": "GB"}
    assert (after.number, after.total_minor, after.status) == (order.number, order.total_minor, "completed")
    assert ExternalOrderMapping.unscoped.get().external_id == "6900100200300"


def test_an_order_under_way_keeps_the_address_and_the_page_says_why(
    client_of: ClientOf, manager: User, customer: Contact, order: Order
) -> None:
    Order.unscoped.update(status="shipped")

    request = erase_as(client_of(manager), customer, email=MAIL)

    assert Order.unscoped.get().buyer_name == "Maya Iyer"
    assert "orders" not in request.erased
    page = client_of(manager).get(f"/data-deletion/{request.code}").content.decode()
    assert "Orders that are still under way, with the person&#x27;s details: they have to arrive." in page
    assert "Erase a customer of Hazel Home." in page
    assert not [word for word in TRACES if word in page]


def test_leads_go_only_when_asked(client_of: ClientOf, manager: User, customer: Contact, lead: Lead) -> None:
    request = erase_as(client_of(manager), customer, email=MAIL)

    assert Lead.unscoped.get().name == "Maya Iyer"
    assert request.kept == ["customers_copy", "leads_not_asked"]


def test_an_erased_lead_is_not_fetched_again(
    client_of: ClientOf, manager: User, customer: Contact, lead: Lead
) -> None:
    erase_as(client_of(manager), customer, email=MAIL, with_leads="on")

    left = MetaLead.unscoped.get()
    assert (left.leadgen_id, left.state, left.answers) == ("440100", "fetched", {})


def test_another_stores_rows_with_the_same_address_stay(
    client_of: ClientOf, manager: User, customer: Contact, other_store: Store
) -> None:
    with open_store(other_store.pk):
        Lead.objects.create(name="Maya Iyer", email=MAIL)

    erase_as(client_of(manager), customer, email=MAIL, with_leads="on")

    assert Lead.unscoped.get().store_id == other_store.pk


def test_a_customer_who_writes_again_afterwards_is_welcome_and_can_be_erased_again(
    client_of: ClientOf, manager: User, customer: Contact, deliver: Deliver
) -> None:
    first = erase_as(client_of(manager), customer)
    again = timezone.now() + timedelta(seconds=1)
    entry = {"id": PAGE, "time": ms(again), "messaging": [said("Hello again", mid="m_9", at=again)]}
    deliver({"object": "page", "entry": [entry]})
    erase(first.pk)
    assert Message.unscoped.filter(text="Hello again").count() == 1

    second = erase_as(client_of(manager), Contact.unscoped.get(person_id=PSID))

    assert (second.code, second.erased["messages"]) == (first.code, 2)
    assert Contact.unscoped.filter(person_id=PSID).count() == 0


def test_the_trail_says_who_asked_but_not_about_whom(
    client_of: ClientOf, manager: User, customer: Contact
) -> None:
    request = erase_as(client_of(manager), customer, email=MAIL)

    entry = AuditEntry.unscoped.get(action="customer.erasure_requested")
    assert (entry.actor, entry.details) == (manager, {"code": request.code})


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"email": "no address"}, "Enter a valid email address."),
        ({"phone": "12"}, "Enter the whole number, with its area code."),
        ({"with_leads": "on"}, "To find their leads, enter their e-mail address or phone number."),
    ],
)
def test_a_wrong_form_is_refused_in_words_and_nothing_is_erased(
    client_of: ClientOf, manager: User, customer: Contact, form: dict[str, str], words: str
) -> None:
    answer = client_of(manager).post(address(customer), form)

    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert (Message.unscoped.count(), DeletionRequest.objects.count()) == (2, 0)


def test_an_agent_is_not_offered_it_and_may_not_do_it(
    client_of: ClientOf, agent: User, manager: User, customer: Contact
) -> None:
    inbox = address(customer).removesuffix("erase/")

    assert address(customer) in client_of(manager).get(inbox).content.decode()
    assert address(customer) not in client_of(agent).get(inbox).content.decode()
    assert client_of(agent).post(address(customer)).status_code == 403
    assert DeletionRequest.objects.count() == 0


def test_the_settings_list_who_was_erased_by_code_and_only_of_this_store(
    client_of: ClientOf, manager: User, stranger: User, customer: Contact
) -> None:
    listed = "/s/hazel-home/settings/erasures/"
    assert "Nobody was erased yet" in client_of(manager).get(listed).content.decode()

    code = erase_as(client_of(manager), customer).code

    assert f'href="/data-deletion/{code}"' in client_of(manager).get(listed).content.decode()
    assert code not in client_of(stranger).get("/s/bolt-bikes/settings/erasures/").content.decode()
