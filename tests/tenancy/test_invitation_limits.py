"""How many invitations may be open, and how many e-mails they may make."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from tenancy import services
from tenancy.models import AuditEntry, Invitation, Membership, Store, User
from tenancy.scope import open_store
from tenancy.services import TeamRuleError
from tests.tenancy.inviting import NORA, invite


def test_a_store_has_a_limit_of_open_invitations(
    owner: User, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "OPEN_INVITATIONS_LIMIT", 2)
    invite(store, owner, email="one@new.example")
    invite(store, owner, email="two@new.example")

    with pytest.raises(TeamRuleError, match="Many invitations are open"):
        invite(store, owner, email="three@new.example")

    assert invite(store, owner, email="two@new.example").email == "two@new.example"
    assert Invitation.unscoped.count() == 2


def test_an_address_gets_a_few_invitations_a_day_however_often_they_are_withdrawn(
    owner: User, store: Store
) -> None:
    membership = Membership.objects.get(user=owner, store=store)
    for _ in range(3):
        with open_store(store.pk):
            services.withdraw_invitation(invite(store, owner), by=membership)
    with pytest.raises(TeamRuleError, match=f"{NORA} has had several invitations today"):
        invite(store, owner)
    assert not Invitation.unscoped.exists()
    assert invite(store, owner, email="two@new.example").email == "two@new.example"

    AuditEntry.unscoped.update(at=timezone.now() - timedelta(days=1))
    assert invite(store, owner).email == NORA


def test_a_store_sends_so_many_invitations_a_day(
    owner: User, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "INVITATIONS_A_DAY", 2)
    invite(store, owner, email="one@new.example")
    invite(store, owner, email="two@new.example")
    with pytest.raises(TeamRuleError, match="Many invitations were sent today"):
        invite(store, owner, email="three@new.example")
    assert Invitation.unscoped.count() == 2
