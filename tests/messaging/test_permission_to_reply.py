"""A reply box without the permission behind it: it says so before anybody writes."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from integrations.models import ConnectedPage, MetaAccount
from messaging.models import Message
from messaging.tasks import send_message
from tenancy.models import User
from tests.messaging.conftest import BuyerWrites
from tests.messaging.pressing import address, press_send, sends
from tests.messaging.sample import the_message
from tests.sandbox_process import Sandbox

pytestmark = pytest.mark.usefixtures("open_scope")

ClientOf = Callable[[User], Client]


@pytest.mark.parametrize(
    ("platform", "permission"),
    [("messenger", "pages_messaging"), ("instagram", "instagram_manage_messages")],
)
def test_without_the_permission_nothing_is_written_and_the_composer_says_why(
    platform: str,
    permission: str,
    agent: User,
    client_of: ClientOf,
    buyer_writes: BuyerWrites,
    sandbox: Sandbox,
    connected_page: ConnectedPage,
) -> None:
    conversation = buyer_writes("Hello", platform=platform)
    MetaAccount.objects.update(missing_scopes=[permission])
    client = client_of(agent)
    page = client.get(address("conversation", conversation)).content.decode()
    assert f"{connected_page.account} left out the permission to reply at Facebook." in page
    assert "<textarea" not in page
    refused = press_send(client, conversation, "Hi")
    assert (refused.status_code, "Hi" in refused.content.decode()) == (422, True)
    assert (Message.objects.filter(direction="out").count(), sends(sandbox)) == (0, 0)

    MetaAccount.objects.update(missing_scopes=[])
    assert press_send(client, conversation, "Hi").status_code == 302


def test_a_permission_that_leaves_out_this_page_blocks_its_composer(
    agent: User, client_of: ClientOf, buyer_writes: BuyerWrites
) -> None:
    conversation = buyer_writes("Hello")
    MetaAccount.objects.update(scope_targets={"pages_messaging": ["1"]})
    assert press_send(client_of(agent), conversation, "Hi").status_code == 422
    MetaAccount.objects.update(scope_targets={"pages_messaging": ["1", conversation.asset_id]})
    assert press_send(client_of(agent), conversation, "Hi").status_code == 302


def test_a_permission_that_goes_while_a_reply_waits_fails_it_in_words(
    agent: User, client_of: ClientOf, buyer_writes: BuyerWrites, sandbox: Sandbox
) -> None:
    press_send(client_of(agent), buyer_writes("Hello"), "Hi")
    MetaAccount.objects.update(missing_scopes=["pages_messaging"])
    reply = the_message(direction="out")
    send_message(reply.store_id, reply.pk)
    reply.refresh_from_db()
    assert (reply.state, sends(sandbox)) == ("failed", 0)
    assert "left out the permission to reply at Facebook" in reply.error
