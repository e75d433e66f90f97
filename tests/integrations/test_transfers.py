"""One Page, one store: another store may ask for it, and the owner decides."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.utils import timezone

from integrations import transfer_mail
from integrations.models import ConnectedPage, PageTransfer
from integrations.tasks import (
    announce_transfer,
    finish_transfer,
    leave_page,
    sweep_transfers,
    tell_transfer_end,
)
from operations.demo.consent import HAZEL_HOME, consent
from tenancy.models import AuditEntry, Membership, Store, User
from tenancy.roles import Role
from tests.sandbox_process import Sandbox

THERE, HERE = "/s/bolt-bikes/integrations/", "/s/hazel-home/integrations/"
CALLBACK = "/api/integrations/facebook/oauth/callback"

ClientOf = Callable[[User], Client]


@pytest.fixture
def sam(client_of: ClientOf, stranger: User) -> Client:
    """Owner of Bolt Bikes, who may use Hazel Home's Page at Facebook, too."""
    return client_of(stranger)


@pytest.fixture
def picker(sam: Client, connected_page: ConnectedPage) -> str:
    dialog = sam.post(f"{THERE}connect/")["Location"]
    return str(sam.get(CALLBACK, consent(dialog))["Location"])


@pytest.fixture
def asked(sam: Client, picker: str) -> PageTransfer:
    sam.post(f"{picker}transfer/", {"page": HAZEL_HOME})
    return PageTransfer.unscoped.get()


def actions(store: Store) -> list[str]:
    rows = AuditEntry.unscoped.filter(store=store, action__startswith="transfer.").order_by("pk")
    return list(rows.values_list("action", flat=True))


def states() -> dict[str, str]:
    return dict(ConnectedPage.unscoped.values_list("store__slug", "state"))


def test_the_picker_offers_to_ask_and_names_no_store(sam: Client, picker: str) -> None:
    content = sam.get(picker).content.decode()
    assert "Already connected to another store." in content
    assert "Ask its owner to hand it over" in content
    sentence = sam.get(f"{picker}transfer/", {"page": HAZEL_HOME}).content.decode()
    assert "is connected to another store" in sentence
    assert "hazel-home" not in content + sentence


def test_an_owner_agrees_and_the_page_moves(
    sam: Client,
    client_of: ClientOf,
    owner: User,
    asked: PageTransfer,
    store: Store,
    other_store: Store,
    sandbox: Sandbox,
    settings: Any,
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    announce_transfer(asked.pk)
    announce_transfer(asked.pk)
    assert [message.to for message in mail.outbox] == [[owner.email]]
    assert f"{HERE}transfers/{asked.pk}/" in mail.outbox[0].body
    olive = client_of(owner)
    assert "Another store asks for your Page Hazel Home" in olive.get(HERE).content.decode()
    assert "The store Bolt Bikes asks" in olive.get(f"{HERE}transfers/{asked.pk}/").content.decode()

    olive.post(f"{HERE}transfers/{asked.pk}/", {"answer": "accept"})
    assert states() == {"hazel-home": "disconnected"}
    finish_transfer(other_store.pk, asked.pk)
    leave_page(store.pk, ConnectedPage.unscoped.get(store=store).pk)
    assert states() == {"hazel-home": "disconnected", "bolt-bikes": "active"}
    pages = sandbox.get("world")["pages"]
    assert next(page["subscribed_fields"] for page in pages if page["id"] == HAZEL_HOME) != []
    assert "Moved" in sam.get(THERE).content.decode()
    assert actions(store) == ["transfer.received", "transfer.accepted"]
    assert actions(other_store) == ["transfer.asked", "transfer.finished"]


def test_an_owner_keeps_the_page(
    sam: Client, client_of: ClientOf, owner: User, asked: PageTransfer, store: Store
) -> None:
    olive = client_of(owner)
    olive.post(f"{HERE}transfers/{asked.pk}/", {"answer": "refuse"})
    olive.post(f"{HERE}transfers/{asked.pk}/", {"answer": "accept"})
    assert states() == {"hazel-home": "active"}
    assert "Refused" in sam.get(THERE).content.decode()
    assert actions(store) == ["transfer.refused"]


@pytest.mark.parametrize(
    ("state", "subject", "words"),
    [
        ("done", "Hazel Home is yours now in Bolt Bikes", "It is being connected to Bolt Bikes"),
        ("refused", "Hazel Home stays where it is", "keeps it where it is"),
        ("expired", "Nobody answered your request for Hazel Home", "so it ended by itself"),
        ("failed", "Hazel Home could not be connected", "connect it there"),
    ],
)
def test_who_asked_is_told_once_how_it_ended(
    asked: PageTransfer, stranger: User, settings: Any, state: str, subject: str, words: str
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    tell_transfer_end(asked.pk)
    assert mail.outbox == []
    PageTransfer.unscoped.update(state=state, decided_at=timezone.now())
    assert transfer_mail.untold_ends() == [asked.pk]
    tell_transfer_end(asked.pk)
    tell_transfer_end(asked.pk)
    (sent,) = mail.outbox
    assert (sent.to, sent.subject) == ([stranger.email], subject)
    assert words in sent.body
    assert HERE not in sent.body
    assert f"{THERE}\n" in sent.body
    assert transfer_mail.untold_ends() == []


def test_who_left_the_store_meanwhile_is_not_told(asked: PageTransfer, stranger: User, settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    PageTransfer.unscoped.update(state="refused", decided_at=timezone.now())
    Membership.objects.filter(user=stranger).delete()
    tell_transfer_end(asked.pk)
    assert mail.outbox == []


def test_only_the_owner_of_that_store_answers(
    sam: Client, client_of: ClientOf, manager: User, asked: PageTransfer
) -> None:
    assert client_of(manager).post(f"{HERE}transfers/{asked.pk}/", {"answer": "accept"}).status_code == 403
    assert sam.post(f"{THERE}transfers/{asked.pk}/", {"answer": "accept"}).status_code == 404
    assert states() == {"hazel-home": "active"}


def test_asking_twice_is_one_request_and_withdrawing_ends_it(
    sam: Client, picker: str, asked: PageTransfer, client_of: ClientOf, owner: User
) -> None:
    sam.post(f"{picker}transfer/", {"page": HAZEL_HOME})
    assert PageTransfer.unscoped.count() == 1
    sam.post(f"{THERE}transfers/{asked.pk}/withdraw/")
    answer = client_of(owner).post(f"{HERE}transfers/{asked.pk}/", {"answer": "accept"}, follow=True)
    assert "no longer open" in answer.content.decode()
    assert states() == {"hazel-home": "active"}


@pytest.mark.parametrize("answer", ["refuse", "withdraw"])
def test_who_has_had_an_answer_asks_again_a_day_later(
    sam: Client, picker: str, asked: PageTransfer, client_of: ClientOf, owner: User, answer: str
) -> None:
    if answer == "refuse":
        client_of(owner).post(f"{HERE}transfers/{asked.pk}/", {"answer": "refuse"})
    else:
        sam.post(f"{THERE}transfers/{asked.pk}/withdraw/")
    again = sam.post(f"{picker}transfer/", {"page": HAZEL_HOME}, follow=True)
    assert "Ask again a day later" in again.content.decode()
    assert PageTransfer.unscoped.count() == 1

    PageTransfer.unscoped.update(asked_at=timezone.now() - timedelta(days=1))
    sam.post(f"{picker}transfer/", {"page": HAZEL_HOME})
    assert PageTransfer.unscoped.filter(state="waiting").count() == 1


def test_a_person_asks_once_a_day_whichever_of_their_stores_it_is_for(
    sam: Client, asked: PageTransfer, stranger: User
) -> None:
    third = Store.objects.create(name="Third", slug="third", currency="EUR")
    Membership.objects.create(store=third, user=stranger, role=Role.OWNER)
    dialog = sam.post("/s/third/integrations/connect/")["Location"]
    picker = str(sam.get(CALLBACK, consent(dialog))["Location"])
    again = sam.post(f"{picker}transfer/", {"page": HAZEL_HOME}, follow=True)
    assert "Ask again a day later" in again.content.decode()
    assert PageTransfer.unscoped.count() == 1


def test_what_nobody_answers_ends_after_a_week_on_both_sides(
    client_of: ClientOf, owner: User, asked: PageTransfer, store: Store, other_store: Store
) -> None:
    with time_machine.travel(timezone.now() + timedelta(days=7, minutes=1)):
        client_of(owner).post(f"{HERE}transfers/{asked.pk}/", {"answer": "accept"})
        sweep_transfers()
    assert PageTransfer.unscoped.get().state == "expired"
    assert states() == {"hazel-home": "active"}
    assert (actions(store)[-1], actions(other_store)[-1]) == ("transfer.expired", "transfer.expired")


@pytest.mark.parametrize("page", ["", "1", "100200300400502", "'"])
def test_a_page_that_is_not_offered_or_not_taken_cannot_be_asked_for(
    page: str, sam: Client, picker: str
) -> None:
    assert sam.post(f"{picker}transfer/", {"page": page})["Location"] == picker
    assert PageTransfer.unscoped.count() == 0


def test_a_page_that_another_store_took_meanwhile_is_not_moved(
    client_of: ClientOf, owner: User, asked: PageTransfer, other_store: Store
) -> None:
    client_of(owner).post(f"{HERE}transfers/{asked.pk}/", {"answer": "accept"})
    ConnectedPage.unscoped.update(state="active")
    finish_transfer(other_store.pk, asked.pk)
    assert PageTransfer.unscoped.get().state == "failed"
    assert states() == {"hazel-home": "active"}
    assert actions(other_store)[-1] == "transfer.failed"
