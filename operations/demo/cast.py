"""The people and stores of the demo."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.db import transaction

from operations.demo.sign_ins import OWNER, PASSWORD, STAFF, STRANGER
from tenancy.models import Membership, Store, User
from tenancy.roles import Role
from tenancy.services import create_store

STORE_SLUG = "hazel-home"
_NAMES = {
    OWNER: "Ada Hazel",
    "max@hazelhome.example": "Max Hazel",
    "amy@hazelhome.example": "Amy Reed",
    "vic@hazelhome.example": "Vic Stone",
    STRANGER: "Ben Bolt",
    STAFF: "Platform staff",
}
_TEAM = {
    "max@hazelhome.example": Role.MANAGER,
    "amy@hazelhome.example": Role.AGENT,
    "vic@hazelhome.example": Role.VIEWER,
}


def bring_people() -> tuple[Store, User]:
    """Return Hazel Home and its owner, with everybody around them made the first time.

    Later runs leave all of them as the newcomer has made them: renamed, invited, removed.
    """
    owner = User.objects.filter(memberships__store__slug=STORE_SLUG, memberships__role=Role.OWNER).first()
    if owner is None:
        with transaction.atomic():
            owner = _make_everybody()
    return Store.objects.get(slug=STORE_SLUG), owner


def _make_everybody() -> User:
    hashed = make_password(PASSWORD)  # Slow on purpose, so once for all of them.
    users = {email: _make_person(email, name, hashed) for email, name in _NAMES.items()}
    store = create_store(name="Hazel Home", currency="GBP", timezone="Europe/London", owner=users[OWNER])
    create_store(name="Bolt Bikes", currency="EUR", timezone="Europe/Amsterdam", owner=users[STRANGER])
    for email, role in _TEAM.items():
        Membership.objects.create(store=store, user=users[email], role=role)
    return users[OWNER]


def _make_person(email: str, name: str, hashed: str) -> User:
    """Make a person who has proven their address; one who is there already keeps all but that."""
    is_staff = email == STAFF
    fields = {"name": name, "password": hashed, "is_staff": is_staff, "is_superuser": is_staff}
    user, _created = User.objects.get_or_create(email=email, defaults=fields)
    EmailAddress.objects.get_or_create(user=user, email=email, defaults={"verified": True, "primary": True})
    return user
