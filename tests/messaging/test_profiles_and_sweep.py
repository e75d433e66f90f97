from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import responses
from django.utils import timezone

from integrations.models import AssetState, ConnectedPage
from messaging import tasks
from messaging.models import Contact, Message
from messaging.replies import queue_reply
from messaging.tasks import fetch_contact_profile, sweep_messaging
from tenancy.models import Store, User
from tests.messaging.conftest import BuyerWrites
from tests.messaging.sample import PAGE, PSID, make_conversation, make_page
from tests.sandbox_process import Sandbox

pytestmark = pytest.mark.usefixtures("open_scope")


@pytest.mark.parametrize(("platform", "username"), [("messenger", ""), ("instagram", "maya.iyer")])
def test_the_customers_name_is_fetched(platform: str, username: str, buyer_writes: BuyerWrites) -> None:
    contact = buyer_writes("Hello", platform=platform).contact
    assert contact.display_name.startswith(f"{platform.title()} customer ")
    fetch_contact_profile(contact.store_id, contact.pk)
    contact.refresh_from_db()
    assert (contact.display_name, contact.profile_due_at) == ("Maya Iyer", None)
    assert bool(contact.username) is bool(username)
    assert contact.picture_url.startswith("http")


@pytest.mark.parametrize(
    ("answer", "name"),
    [
        ({"first_name": "Maya", "last_name": "Iyer"}, "Maya Iyer"),
        ({"name": "M.\x00 Iyer"}, "M. Iyer"),
        ({"name": "x" * 500}, "x" * 200),
        ({"name": {"odd": 1}}, "Messenger customer 1111"),
        ({}, "Messenger customer 1111"),
    ],
)
def test_whatever_meta_tells_of_a_person_is_taken(
    answer: dict[str, Any], name: str, sandbox: Sandbox
) -> None:
    contact = make_conversation(make_page()).contact
    with responses.RequestsMock() as meta:
        meta.add(responses.GET, f"{sandbox.url}/v26.0/{PSID}", json=answer)
        fetch_contact_profile(contact.store_id, contact.pk)
        fetch_contact_profile(contact.store_id, contact.pk)
        assert len(meta.calls) == 1
    contact.refresh_from_db()
    assert contact.display_name == name


def test_a_withheld_name_is_asked_for_a_few_times_and_no_more(sandbox: Sandbox) -> None:
    contact = make_conversation(make_page()).contact
    waits = []
    with responses.RequestsMock() as meta:
        error = {"error": {"message": "No profile available", "code": 100, "error_subcode": 2018218}}
        meta.add(responses.GET, f"{sandbox.url}/v26.0/{PSID}", json=error, status=400)
        for _ in range(6):
            Contact.objects.filter(profile_due_at__isnull=False).update(profile_due_at=timezone.now())
            fetch_contact_profile(contact.store_id, contact.pk)
            contact.refresh_from_db()
            waits.append(
                contact.profile_due_at
                and round((contact.profile_due_at - timezone.now()) / timedelta(hours=1), 1)
            )
        assert len(meta.calls) == 5
    assert waits == [0.1, 6.0, 24.0, 168.0, None, None]


def test_a_page_that_is_not_connected_is_not_asked(sandbox: Sandbox) -> None:
    contact = make_conversation(make_page(state=AssetState.NEEDS_RECONNECT)).contact
    fetch_contact_profile(contact.store_id, contact.pk)
    assert sandbox.get("calls") == []
    contact.refresh_from_db()
    assert contact.profile_due_at is not None


def test_the_sweep_finds_what_was_not_started(
    store: Store, agent: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    page: ConnectedPage = make_page(page_id=PAGE)
    reply = queue_reply(make_conversation(page), text="Hi", actor=agent)
    lost = queue_reply(make_conversation(page, person="7700002222"), text="Hi", actor=agent)
    later = queue_reply(make_conversation(page, person="7700003333"), text="Hi", actor=agent)
    past = timezone.now() - timedelta(minutes=1)
    Message.objects.filter(pk=reply.pk).update(not_before=past)
    Message.objects.filter(pk=lost.pk).update(state="sending", not_before=past)
    Message.objects.filter(pk=later.pk).update(not_before=timezone.now() + timedelta(minutes=1))
    contact = Contact.objects.get(person_id="7700002222")
    Contact.objects.exclude(pk=contact.pk).update(profile_due_at=None)
    Contact.objects.filter(pk=contact.pk).update(profile_due_at=past)
    started: list[tuple[str, int, int]] = []
    for name in ("send_message", "give_up_message", "fetch_contact_profile"):
        task = getattr(tasks, name)
        monkeypatch.setattr(
            task, "delay", lambda store_id, pk, name=name: started.append((name, store_id, pk))
        )
    sweep_messaging()
    assert started == [
        ("send_message", store.pk, reply.pk),
        ("give_up_message", store.pk, lost.pk),
        ("fetch_contact_profile", store.pk, contact.pk),
    ]
