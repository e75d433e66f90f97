from __future__ import annotations

from collections.abc import Callable
from threading import Barrier, Thread

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from tenancy import services
from tenancy.models import AuditEntry, Membership, Store, User
from tenancy.roles import Role
from tenancy.scope import open_store
from tenancy.services import TeamRuleError

ClientOf = Callable[[User], Client]
roles = st.sampled_from(list(Role))


def membership_of(user: User) -> Membership:
    return Membership.objects.select_related("store", "user").get(user=user)


def actions(store: Store) -> list[str]:
    with open_store(store.pk):
        return list(AuditEntry.objects.order_by("id").values_list("action", flat=True))


# --- Who may do what --------------------------------------------------------------------------------------


@given(one=roles, two=roles, three=roles)
def test_roles_are_a_ladder(one: Role, two: Role, three: Role) -> None:
    assert one.allows(one)
    assert one.allows(two) or two.allows(one)
    assert (one.allows(two) and two.allows(one)) == (one is two)
    if one.allows(two) and two.allows(three):
        assert one.allows(three)


@given(one=roles, two=roles)
def test_only_owners_manage_their_equals_and_nobody_manages_somebody_above(one: Role, two: Role) -> None:
    if one.may_manage(two):
        assert one.allows(two)
        assert one.allows(Role.MANAGER)
        assert one is Role.OWNER or one is not two


def test_owners_give_all_roles_managers_the_two_lower_ones_and_others_none() -> None:
    assert Role.OWNER.manageable() == [Role.VIEWER, Role.AGENT, Role.MANAGER, Role.OWNER]
    assert Role.MANAGER.manageable() == [Role.VIEWER, Role.AGENT]
    assert Role.AGENT.manageable() == []
    assert Role.VIEWER.manageable() == []


def test_an_owner_changes_a_role_and_the_trail_says_so(owner: User, agent: User, store: Store) -> None:
    services.change_role(membership_of(agent), to=Role.MANAGER, by=membership_of(owner))

    assert membership_of(agent).role == Role.MANAGER
    with open_store(store.pk):
        entry = AuditEntry.objects.get()
    assert (entry.action, entry.actor, entry.details) == (
        "member.role_changed",
        owner,
        {"before": "agent", "after": "manager"},
    )


@pytest.mark.parametrize(
    ("target", "to"),
    [("owner", Role.AGENT), ("manager", Role.AGENT), ("agent", Role.MANAGER), ("viewer", Role.OWNER)],
)
def test_a_manager_may_not_touch_managers_and_owners_nor_make_them(
    request: pytest.FixtureRequest, owner: User, manager: User, store: Store, target: str, to: Role
) -> None:
    member: User = request.getfixturevalue(target)

    with pytest.raises(PermissionDenied):
        services.change_role(membership_of(member), to=to, by=membership_of(manager))

    assert membership_of(member).role == target
    assert actions(store) == []


def test_a_member_who_was_demoted_meanwhile_may_no_longer_act(
    owner: User, manager: User, agent: User
) -> None:
    stale = membership_of(manager)
    Membership.objects.filter(user=manager).update(role=Role.VIEWER)

    with pytest.raises(PermissionDenied):
        services.remove_member(membership_of(agent), by=stale)

    assert Membership.objects.filter(user=agent).exists()


def test_a_member_of_another_store_may_not_act_here(owner: User, agent: User, stranger: User) -> None:
    with pytest.raises(PermissionDenied):
        services.remove_member(membership_of(agent), by=membership_of(stranger))

    assert Membership.objects.filter(user=agent).exists()


# --- The last owner ---------------------------------------------------------------------------------------


def test_the_last_owner_can_neither_leave_nor_be_demoted_nor_removed(owner: User, store: Store) -> None:
    last = membership_of(owner)
    attempts: list[Callable[[], None]] = [
        lambda: services.leave_store(last),
        lambda: services.change_role(last, to=Role.MANAGER, by=last),
        lambda: services.remove_member(last, by=last),
    ]

    for attempt in attempts:
        with pytest.raises(TeamRuleError, match="A store needs an owner"):
            attempt()

    assert membership_of(owner).role == Role.OWNER
    assert actions(store) == []


def test_an_owner_may_leave_when_another_one_stays(owner: User, manager: User, store: Store) -> None:
    services.change_role(membership_of(manager), to=Role.OWNER, by=membership_of(owner))
    services.leave_store(membership_of(owner))

    assert list(store.memberships.values_list("user", "role")) == [(manager.pk, Role.OWNER)]
    assert actions(store) == ["member.role_changed", "member.left"]


def _at_once(*jobs: Callable[[], None]) -> list[str]:
    """Run the jobs in threads that start together; return what each said."""
    barrier, said = Barrier(len(jobs)), []

    def run(job: Callable[[], None]) -> None:
        barrier.wait()
        try:
            job()
            said.append("done")
        except TeamRuleError:
            said.append("refused")
        finally:
            connection.close()

    threads = [Thread(target=run, args=[job]) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(said)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("round", range(3))
def test_two_last_owners_who_leave_at_once_do_not_both_leave(round: int, owner: User, manager: User) -> None:
    Membership.objects.filter(user=manager).update(role=Role.OWNER)
    one, two = membership_of(owner), membership_of(manager)

    said = _at_once(lambda: services.leave_store(one), lambda: services.leave_store(two))

    assert said == ["done", "refused"]
    assert Membership.objects.filter(role=Role.OWNER).count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_owners_who_demote_each_other_at_once_leave_one(owner: User, manager: User) -> None:
    Membership.objects.filter(user=manager).update(role=Role.OWNER)
    one, two = membership_of(owner), membership_of(manager)

    def demote(target: Membership, by: Membership) -> None:
        try:
            services.change_role(target, to=Role.AGENT, by=by)
        except PermissionDenied as error:
            raise TeamRuleError from error

    assert _at_once(lambda: demote(two, one), lambda: demote(one, two)) == ["done", "refused"]
    assert Membership.objects.filter(role=Role.OWNER).count() == 1


# --- The page ---------------------------------------------------------------------------------------------

TEAM = "/s/hazel-home/settings/team/"


def test_the_page_shows_everybody_and_controls_only_where_they_work(
    client_of: ClientOf, owner: User, manager: User, agent: User, viewer: User
) -> None:
    response = client_of(manager).get(TEAM)
    page = response.content.decode()

    assert [row.member.user for row in response.context["rows"]] == [owner, manager, agent, viewer]
    for member, has_controls in ((owner, False), (manager, False), (agent, True), (viewer, True)):
        assert (f"{TEAM}{membership_of(member).pk}/role/" in page) == has_controls
        assert (f"{TEAM}{membership_of(member).pk}/remove/" in page) == has_controls


def test_a_viewer_sees_the_team_without_controls_and_may_leave(client_of: ClientOf, viewer: User) -> None:
    client = client_of(viewer)
    page = client.get(TEAM).content.decode()
    assert "Invite somebody" not in page
    assert "/role/" not in page

    response = client.post(f"{TEAM}leave/", follow=True)

    assert response.redirect_chain == [("/stores/", 302)]
    assert "You have left Hazel Home." in response.content.decode()
    assert client.get(TEAM).status_code == 404


def test_the_last_owner_who_presses_leave_reads_why_not(client_of: ClientOf, owner: User) -> None:
    response = client_of(owner).post(f"{TEAM}leave/", follow=True)

    assert response.redirect_chain == [(TEAM, 302)]
    assert "A store needs an owner. Make somebody else an owner first." in response.content.decode()
    assert membership_of(owner).role == Role.OWNER


def test_an_owner_changes_and_removes_by_the_page(client_of: ClientOf, owner: User, agent: User) -> None:
    client, row = client_of(owner), f"{TEAM}{membership_of(agent).pk}/"

    assert "is changed" in client.post(f"{row}role/", {"role": "viewer"}, follow=True).content.decode()
    assert membership_of(agent).role == Role.VIEWER
    assert "no longer in the team" in client.post(f"{row}remove/", follow=True).content.decode()
    assert not Membership.objects.filter(user=agent).exists()


def test_a_made_up_role_changes_nothing(client_of: ClientOf, owner: User, agent: User) -> None:
    url = f"{TEAM}{membership_of(agent).pk}/role/"

    page = client_of(owner).post(url, {"role": "emperor"}, follow=True).content.decode()

    assert "Choose one of the roles." in page
    assert membership_of(agent).role == Role.AGENT


def test_a_manager_who_forges_the_form_of_an_owner_is_refused(
    client_of: ClientOf, owner: User, manager: User
) -> None:
    response = client_of(manager).post(f"{TEAM}{membership_of(owner).pk}/remove/")

    assert response.status_code == 403
    assert membership_of(owner).role == Role.OWNER


def test_a_member_of_another_store_cannot_be_reached_through_this_one(
    client_of: ClientOf, owner: User, stranger: User
) -> None:
    for tail in ("role/", "remove/"):
        url = f"{TEAM}{membership_of(stranger).pk}/{tail}"
        assert client_of(owner).post(url, {"role": "viewer"}).status_code == 404

    assert membership_of(stranger).role == Role.OWNER
