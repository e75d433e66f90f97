"""Why a connection did not come about, and what the person then reads: one row for each failure. Pure.

Codes of the exchange: fact sheet 4.2. What is safe is the same for all of them, so the page says it.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from integrations.graph.errors import (
    GraphError,
    NoAnswer,
    NotAllowed,
    Reconnect,
    RetryLater,
    SlowDown,
)

Words = str | Promise


@dataclass(frozen=True, kw_only=True)
class Failure:
    """What happened and whose fault it is, then what to do. `again` offers to start over at once."""

    title: Words
    happened: Words
    remedy: Words
    again: bool = True
    status: int = 400


class ConnectFailed(Exception):
    """The connection did not come about, for one of the reasons of `FAILURES`."""

    def __init__(self, reason: str, error: GraphError | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.error = error


_START_OVER = _("Connect Facebook again; it takes a minute.")
_OURS = _("That is our fault, not yours. Please tell us, with the details below.")

FAILURES: dict[str, Failure] = {
    "cancelled": Failure(
        title=_("You cancelled at Facebook"),
        happened=_("Facebook told us that you closed its question with Cancel."),
        remedy=_("Whenever you like, connect again and press Continue there."),
        status=200,
    ),
    "dialog_refused": Failure(
        title=_("Facebook did not let you through"),
        happened=_("Facebook ended the login by itself, before it asked you anything."),
        remedy=_("Look whether facebook.com itself wants something from you, such as a security check."),
    ),
    "signed_out": Failure(
        title=_("You are signed out of StormCom"),
        happened=_("You said yes at Facebook, but in the meantime StormCom has signed you out."),
        remedy=_("Sign in within ten minutes, and we go on where you were."),
        again=False,
        status=401,
    ),
    "state_unknown": Failure(
        title=_("This connection was not started here"),
        happened=_("This page was opened without a connection that you began at your store."),
        remedy=_("If you wanted to connect Facebook, start from the integrations of your store."),
        again=False,
    ),
    "state_used": Failure(
        title=_("This connection was used already"),
        happened=_("The page was opened a second time, by going back or reloading; each works once."),
        remedy=_("Look at your integrations: what you connected the first time is there."),
    ),
    "state_expired": Failure(
        title=_("This connection took too long"),
        happened=_("For your safety it has to be finished within ten minutes after you started it."),
        remedy=_START_OVER,
    ),
    "state_of_somebody_else": Failure(
        title=_("Somebody else started this connection"),
        happened=_("It was started by another StormCom user than the one signed in in this browser."),
        remedy=_("Sign in as the person who started it, or start your own."),
        again=False,
    ),
    "role_lost": Failure(
        title=_("You may not connect Pages to this store any more"),
        happened=_("Your role in the store was changed while you were at Facebook."),
        remedy=_("Ask the owner of the store to connect, or to make you a manager."),
        again=False,
    ),
    "return_elsewhere": Failure(
        title=_("This link leads away from StormCom"),
        happened=_("The address to go to afterwards is not one of ours, so we started nothing."),
        remedy=_("Do not trust where you found the link. Connect from the integrations of your store."),
    ),
    "app_missing": Failure(
        title=_("StormCom is not set up for Facebook yet"),
        happened=_("The people who run this StormCom have not entered its Facebook app."),
        remedy=_("Ask them to set FACEBOOK_APP_ID and FACEBOOK_APP_SECRET; until then nobody can connect."),
        again=False,
    ),
    "no_code": Failure(
        title=_("Facebook sent you back with nothing"),
        happened=_("Facebook returned neither a yes nor a no. The fault is on its side."),
        remedy=_START_OVER,
    ),
    "code_expired": Failure(
        title=_("Facebook's answer is too old"),
        happened=_("Facebook's yes counts for ten minutes, and they were over when it reached us."),
        remedy=_START_OVER,
    ),
    "code_used": Failure(
        title=_("Facebook's answer was used already"),
        happened=_("Facebook's yes counts once, and it has counted: the page was probably reloaded."),
        remedy=_("Look at your integrations first. If your Pages are not there, connect again."),
    ),
    "code_refused": Failure(
        title=_("Facebook does not know its own answer"),
        happened=_("Facebook refused the yes that came with this page: the address was cut or changed."),
        remedy=_START_OVER,
    ),
    "redirect_differs": Failure(
        title=_("Facebook expects StormCom at another address"),
        happened=_("The address of this StormCom is not the one that its Facebook app knows."),
        remedy=_OURS,
    ),
    "app_settings": Failure(
        title=_("Facebook does not accept StormCom's own sign-in"),
        happened=_("The id or the secret of our Facebook app is wrong."),
        remedy=_OURS,
    ),
    "token_refused": Failure(
        title=_("Facebook took its yes back"),
        happened=_("Facebook says that the connection is not valid, right after making it."),
        remedy=_("Often a security check waits for you at facebook.com. Go through it, then connect again."),
    ),
    "not_allowed": Failure(
        title=_("Facebook does not allow this to you or to us"),
        happened=_("Facebook refused to say who you are or which Pages you have."),
        remedy=_("Connect again and leave every box ticked. If that does not help, tell us."),
    ),
    "timeout": Failure(
        title=_("Facebook did not answer in time"),
        happened=_("We waited, but Facebook or the line to it is too slow right now. It is not your fault."),
        remedy=_("Please try again in a few minutes."),
    ),
    "meta_down": Failure(
        title=_("Facebook does not work right now"),
        happened=_("Facebook cannot be reached or answers with an error of its own. It is not your fault."),
        remedy=_("Please try again in a few minutes."),
    ),
    "unreadable": Failure(
        title=_("Facebook answered with something we cannot read"),
        happened=_("Half of the answer was missing. It is not your fault; mostly it passes in minutes."),
        remedy=_("Please try again in a few minutes. If it stays, tell us, with the details below."),
    ),
    "too_many": Failure(
        title=_("Facebook is asked too often right now"),
        happened=_("Facebook limits how much it answers in an hour, and the limit is reached."),
        remedy=_("Please try again in an hour."),
    ),
    "refused": Failure(
        title=_("Facebook refused the connection"),
        happened=_("It gave a reason that we do not know yet; it stands in the details below."),
        remedy=_START_OVER,
    ),
}

_BY_SUBCODE = {36007: "code_expired", 36008: "redirect_differs", 36009: "code_used"}
_BY_KIND: tuple[tuple[type[GraphError], str], ...] = (
    (SlowDown, "too_many"),
    (NoAnswer, "timeout"),
    (RetryLater, "meta_down"),
    (Reconnect, "token_refused"),
    (NotAllowed, "not_allowed"),
)


def reason_of(error: GraphError) -> str:
    """Return the row of `FAILURES` that an error of the exchange belongs to."""
    if error.code == 100:
        return _BY_SUBCODE.get(error.subcode, "code_refused")
    if error.code == 101 or "client secret" in error.message:
        return "app_settings"
    for kind, reason in _BY_KIND:
        if isinstance(error, kind):
            return reason
    return "refused" if error.code else "unreadable"
