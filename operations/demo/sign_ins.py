"""Who can sign in to the demo."""

from __future__ import annotations

from typing import NamedTuple

PASSWORD = "quiet-lamp-42"  # noqa: S105  (printed by the demo, and good for nothing else)

OWNER = "ada@hazelhome.example"
STRANGER = "ben@boltbikes.example"
STAFF = "admin@stormcom.example"


class SignIn(NamedTuple):
    """Who can sign in; `who` says what for."""

    email: str
    password: str
    who: str


SIGN_INS = (
    SignIn(OWNER, PASSWORD, "owner of Hazel Home"),
    SignIn("max@hazelhome.example", PASSWORD, "manager"),
    SignIn("amy@hazelhome.example", PASSWORD, "agent, answers customers"),
    SignIn("vic@hazelhome.example", PASSWORD, "viewer, sees everything and changes nothing"),
    SignIn(STRANGER, PASSWORD, "owner of Bolt Bikes, a store with nothing in it yet"),
    SignIn(STAFF, PASSWORD, "platform staff, signs in at /admin/"),
)
