"""What was erased, and what was kept and why, in words for the person who asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

ERASED: dict[str, Promise] = {
    "access": ngettext_lazy(
        "Our access to your Facebook account, in %(count)d store.",
        "Our access to your Facebook account, in %(count)d stores.",
        "count",
    ),
    "connections": ngettext_lazy(
        "The connection of %(count)d Page, Instagram account or catalog that worked through it.",
        "The connections of %(count)d Pages, Instagram accounts and catalogs that worked through it.",
        "count",
    ),
    "profile": ngettext_lazy(
        "Your name, your number at Facebook and your list of Pages, in %(count)d store.",
        "Your name, your number at Facebook and your lists of Pages, in %(count)d stores.",
        "count",
    ),
    "sign_in": ngettext_lazy(
        "Your sign-in with Facebook.", "Your %(count)d sign-ins with Facebook.", "count"
    ),
    "account": ngettext_lazy(
        "Your account at StormCom, with your name and e-mail address.",
        "Your %(count)d accounts at StormCom, with your name and e-mail address.",
        "count",
    ),
}
"""Key of a count → its words."""

KEPT: dict[str, Promise] = {
    "of_the_store": _(
        "What belongs to the store: its Pages' names and its products, orders, messages and leads. None of "
        "it says who connected them."
    ),
    "audit": _(
        "The store's record of what was changed and when. It says that an account was connected and erased, "
        "not whose."
    ),
    "own_account": _(
        "Your account at StormCom itself, because you work in a store or sign in with a password. Ask the "
        "owner of the store to remove you, or write to us, and it goes too."
    ),
}
"""Reason → its words."""

ALWAYS_KEPT = _("This page: its code, its dates and these counts. It holds nothing that says who you are.")


def describe_erased(counts: Mapping[str, int]) -> list[str]:
    return [str(words % {"count": counts[key]}) for key, words in ERASED.items() if counts.get(key)]


def describe_kept(reasons: Iterable[str]) -> list[str]:
    found = set(reasons)
    return [str(words) for key, words in KEPT.items() if key in found] + [str(ALWAYS_KEPT)]
