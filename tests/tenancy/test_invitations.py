from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from functools import partialmethod
from threading import Thread
from unittest.mock import patch

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.utils import timezone

from tenancy import invitations, services, tasks
from tenancy.models import AuditEntry, Invitation, Membership, Store, User
from tenancy.roles import Role
from tenancy.scope import open_store
from tenancy.services import TeamRuleError
from tests.tenancy.inviting import NORA, invite

ClientOf = Callable[[User], Client]
TEAM = "/s/hazel-home/settings/team/"


def person(email: str, *, verified: bool = True) -> User:
    user = User.objects.create_user(email, "pass-phrase-77")
    EmailAddress.objects.create(user=user, email=email, verified=verified, primary=True)
    return user


def fresh(invitation: Invitation) -> Invitation:
    return Invitation.unscoped.get(pk=invitation.pk)


# --- Inviting ---------------------------------------------------------------------------------------------


def test_a_manager_invites_by_the_page_and_the_task_sends_one_mail(
    client_of: ClientOf, manager: User, store: Store
) -> None:
    response = client_of(manager).post(f"{TEAM}invite/", {"email": " Nora@New.example ", "role": "agent"})

    assert response.headers["Location"] == TEAM
    invitation = Invitation.unscoped.get()
    assert (invitation.store, invitation.email, invitation.role) == (store, NORA, Role.AGENT)
    assert mail.outbox == []
    for _ in range(2):
        tasks.send_invitation(store.pk, invitation.pk)
    (sent,) = mail.outbox
    assert sent.to == [NORA]
    assert sent.subject == "You are invited to Hazel Home on StormCom"
    assert f"http://127.0.0.1:8000{invitations.path(invitation)}" in sent.body
    assert fresh(invitation).sent_at is not None


@pytest.mark.parametrize(
    ("email", "role", "field", "sentence"),
    [
        ("", "agent", "email", "Say whom to invite: an e-mail address."),
        (
            "nora",
            "agent",
            "email",
            "This does not look like an e-mail address. An example: ada@hazelhome.example.",
        ),
        (NORA, "owner", "role", "Select a valid choice. owner is not one of the available choices."),
        ("agnes@hazel-home.example", "viewer", "email", "agnes@hazel-home.example is in the team already."),
    ],
)
def test_a_wrong_invitation_comes_back_with_a_sentence_at_the_field(
    client_of: ClientOf, manager: User, agent: User, email: str, role: str, field: str, sentence: str
) -> None:
    response = client_of(manager).post(f"{TEAM}invite/", {"email": email, "role": role})

    assert response.status_code == 422
    assert response.context["form"].errors[field] == [sentence]
    assert sentence in response.content.decode()
    assert not Invitation.unscoped.exists()


@pytest.mark.parametrize("role", [Role.MANAGER, Role.OWNER])
def test_a_manager_cannot_offer_a_role_of_their_own_height(manager: User, store: Store, role: Role) -> None:
    with pytest.raises(PermissionDenied):
        invite(store, manager, role=role)

    assert not Invitation.unscoped.exists()


def test_a_manager_cannot_take_the_place_of_an_owners_invitation(
    owner: User, manager: User, store: Store
) -> None:
    first = invite(store, owner, role=Role.OWNER)

    with pytest.raises(PermissionDenied):
        invite(store, manager, role=Role.VIEWER)

    assert fresh(first).role == Role.OWNER


def test_inviting_again_replaces_the_invitation_and_ends_the_old_link(
    client_of: ClientOf, owner: User, store: Store, client: Client
) -> None:
    old = invite(store, owner)
    old_path = invitations.path(old)

    client_of(owner).post(f"{TEAM}invitations/{old.pk}/again/")

    new = Invitation.unscoped.get()
    assert new.pk != old.pk
    assert client.get(old_path).status_code == 404
    assert client.get(invitations.path(new)).status_code == 200


def test_a_withdrawn_invitation_ends(client_of: ClientOf, owner: User, store: Store, client: Client) -> None:
    invitation = invite(store, owner)
    path = invitations.path(invitation)

    client_of(owner).post(f"{TEAM}invitations/{invitation.pk}/withdraw/")

    response = client.get(path)
    assert response.status_code == 404
    assert "This invitation does not exist" in response.content.decode()
    assert not Invitation.unscoped.exists()


# --- Sending ----------------------------------------------------------------------------------------------


def test_the_sweep_starts_what_was_not_sent_and_nothing_else(owner: User, store: Store) -> None:
    late = invite(store, owner, email="late@new.example")
    sent = invite(store, owner, email="sent@new.example")
    used = invite(store, owner, email="used@new.example")
    over = invite(store, owner, email="over@new.example")
    hour_ago = timezone.now() - timedelta(hours=1)
    Invitation.unscoped.update(created_at=hour_ago)
    Invitation.unscoped.filter(pk=sent.pk).update(sent_at=hour_ago)
    Invitation.unscoped.filter(pk=used.pk).update(accepted_at=hour_ago)
    Invitation.unscoped.filter(pk=over.pk).update(expires_at=hour_ago)
    invite(store, owner, email="young@new.example")

    with patch.object(tasks.send_invitation, "delay") as delay:
        tasks.sweep_invitations()

    delay.assert_called_once_with(store.pk, late.pk)


def test_an_invitation_that_was_withdrawn_or_ran_out_is_not_sent(owner: User, store: Store) -> None:
    invitation = invite(store, owner)
    with time_machine.travel(timezone.now() + timedelta(days=8)):
        tasks.send_invitation(store.pk, invitation.pk)
    with open_store(store.pk):
        invitation.delete()
    tasks.send_invitation(store.pk, invitation.pk)

    assert mail.outbox == []


def test_a_mail_server_that_refuses_leaves_the_invitation_to_the_sweep(owner: User, store: Store) -> None:
    invitation = invite(store, owner)

    with (
        patch("tenancy.invitations.send_mail", side_effect=ConnectionRefusedError),
        pytest.raises(ConnectionRefusedError),
    ):
        tasks.send_invitation(store.pk, invitation.pk)

    assert fresh(invitation).sent_at is None


@pytest.mark.django_db(transaction=True)
def test_a_dead_broker_does_not_turn_an_invitation_into_an_error(
    client_of: ClientOf, owner: User, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish = tasks.StoreTask.apply_async
    with tasks.send_invitation.app.connection_for_write("redis://127.0.0.1:1/0") as dead:
        monkeypatch.setattr(tasks.StoreTask, "apply_async", partialmethod(publish, connection=dead))
        response = client_of(owner).post(f"{TEAM}invite/", {"email": NORA, "role": "agent"})

    assert response.status_code == 302
    assert Invitation.unscoped.get().email == NORA
    assert "waits for its sweep" in caplog.text


# --- Accepting --------------------------------------------------------------------------------------------


def test_the_invited_person_joins_with_the_offered_role(
    client_of: ClientOf, owner: User, store: Store
) -> None:
    invitation = invite(store, owner)
    nora = person(NORA)
    client = client_of(nora)
    assert client.get("/home/").headers["Location"] == invitations.path(invitation)
    assert "Join Hazel Home" in client.get(invitations.path(invitation)).content.decode()

    response = client.post(invitations.path(invitation))

    assert response.headers["Location"] == "/s/hazel-home/"
    assert Membership.objects.get(user=nora).role == Role.AGENT
    assert fresh(invitation).accepted_at is not None
    with open_store(store.pk):
        assert list(AuditEntry.objects.order_by("id").values_list("action", "actor")) == [
            ("member.invited", owner.pk),
            ("member.joined", nora.pk),
        ]


def test_an_invitation_works_once(client_of: ClientOf, owner: User, store: Store) -> None:
    invitation, nora = invite(store, owner), person(NORA)
    services.accept_invitation(invitation, user=nora)
    Membership.objects.filter(user=nora).delete()
    client = client_of(nora)

    assert "This invitation was used already" in client.get(invitations.path(invitation)).content.decode()
    response = client.post(invitations.path(invitation), follow=True)

    assert "This invitation is no longer open." in response.content.decode()
    assert not Membership.objects.filter(user=nora).exists()


def test_an_expired_invitation_says_so_and_lets_nobody_in(
    client_of: ClientOf, owner: User, store: Store
) -> None:
    invitation, nora = invite(store, owner), person(NORA)
    Invitation.unscoped.update(expires_at=timezone.now() - timedelta(seconds=1))
    client = client_of(nora)

    page = client.get(invitations.path(invitation)).content.decode()
    client.post(invitations.path(invitation))

    assert "This invitation has expired" in page
    assert not Membership.objects.filter(user=nora).exists()


def test_somebody_else_who_holds_the_link_reads_why_and_does_not_get_in(
    client_of: ClientOf, owner: User, store: Store
) -> None:
    invitation, other = invite(store, owner), person("otto@new.example")
    client = client_of(other)

    page = client.get(invitations.path(invitation)).content.decode()
    response = client.post(invitations.path(invitation), follow=True)

    assert "You are signed in as otto@new.example." in page
    assert "This invitation is for another e-mail address." in response.content.decode()
    assert not Membership.objects.filter(user=other).exists()
    assert fresh(invitation).accepted_at is None


def test_a_second_address_counts_only_when_it_is_proven(owner: User, store: Store) -> None:
    invitation, otto = invite(store, owner), person("otto@new.example")
    second = EmailAddress.objects.create(user=otto, email=NORA, verified=False)
    assert not invitations.is_for(invitation, otto)
    assert invitations.waiting_for(otto) == []

    second.verified = True
    second.save()

    assert invitations.is_for(invitation, otto)
    assert invitations.waiting_for(otto) == [invitation]


def test_an_address_that_is_not_proven_is_told_of_no_invitation(owner: User, store: Store) -> None:
    invite(store, owner)

    assert invitations.waiting_for(person(NORA, verified=False)) == []


@pytest.mark.parametrize("token", ["1", "1:x", "x:y", "1:1:1", "-1", "9" * 400])
@pytest.mark.django_db
def test_a_made_up_link_is_unknown(client: Client, token: str) -> None:
    assert client.get(f"/invitations/{token}/").status_code == 404
    assert client.post(f"/invitations/{token}/").status_code == 404


def test_a_member_who_accepts_keeps_the_role_they_have(owner: User, agent: User, store: Store) -> None:
    with open_store(store.pk):
        invitation = Invitation.objects.create(
            email=agent.email, role=Role.VIEWER, expires_at=timezone.now() + timedelta(days=1)
        )

    services.accept_invitation(invitation, user=agent)

    assert Membership.objects.get(user=agent).role == Role.AGENT


@pytest.mark.django_db(transaction=True)
def test_accepting_ten_times_at_once_makes_one_member(owner: User, store: Store) -> None:
    invitation, nora = invite(store, owner), person(NORA)
    said: list[str] = []

    def accept() -> None:
        try:
            services.accept_invitation(invitation, user=nora)
            said.append("in")
        except TeamRuleError:
            said.append("refused")
        finally:
            connection.close()

    threads = [Thread(target=accept) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(said) == ["in"] + ["refused"] * 9
    assert Membership.objects.filter(user=nora).count() == 1


def test_a_visitor_is_offered_an_account_and_comes_back_to_the_invitation(
    client: Client, owner: User, store: Store
) -> None:
    path = invitations.path(invite(store, owner))

    links = re.findall(
        r'href="(/accounts/(?:signup|login)/)\?next=([^"]+)"', client.get(path).content.decode()
    )

    quoted = path.replace("/", "%2F").replace(":", "%3A")
    assert links == [("/accounts/signup/", quoted), ("/accounts/login/", quoted)]
    assert client.post(path).status_code == 200
    assert not Membership.objects.filter(role=Role.AGENT).exists()


def open_addresses() -> list[str]:
    rows = Invitation.unscoped.filter(accepted_at__isnull=True).order_by("email")
    return list(rows.values_list("email", flat=True))


@pytest.mark.parametrize(
    ("end", "left"),
    [
        (lambda member, by: services.remove_member(member, by=by), ["by-mark@new.example"]),
        (lambda member, by: services.leave_store(member), ["by-mark@new.example"]),
        (
            lambda member, by: services.change_role(member, to=Role.MANAGER, by=by),
            ["agent@new.example", "by-mark@new.example"],
        ),
    ],
    ids=["removed", "left", "demoted"],
)
def test_nobody_leaves_an_invitation_behind_that_they_may_give_no_more(
    end: Callable[[Membership, Membership], None],
    left: list[str],
    store: Store,
    owner: User,
    manager: User,
    client_of: ClientOf,
) -> None:
    going = person("going@x.example")
    member = Membership.objects.create(store=store, user=going, role=Role.OWNER)
    back = invite(store, going, "going@y.example", Role.OWNER)
    invite(store, going, "agent@new.example")
    invite(store, manager, "by-mark@new.example")
    end(member, Membership.objects.get(store=store, user=owner))
    assert open_addresses() == left
    assert client_of(person("going@y.example")).post(invitations.path(back)).status_code == 404
    withdrawn = AuditEntry.unscoped.filter(action="invitation.withdrawn", details__email="going@y.example")
    assert withdrawn.count() == 1
