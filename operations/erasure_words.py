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
    "customer": ngettext_lazy(
        "The customer's profile: name, picture and number at Meta.",
        "The customer's profiles: names, pictures and numbers at Meta.",
        "count",
    ),
    "messages": ngettext_lazy("%(count)d message.", "%(count)d messages.", "count"),
    "attachments": ngettext_lazy(
        "The link to %(count)d photo or file.", "The links to %(count)d photos and files.", "count"
    ),
    "events": ngettext_lazy(
        "The content of %(count)d notice that Meta had sent us.",
        "The content of %(count)d notices that Meta had sent us.",
        "count",
    ),
    "leads": ngettext_lazy(
        "%(count)d lead, with the answers of its form.",
        "%(count)d leads, with the answers of their forms.",
        "count",
    ),
    "orders": ngettext_lazy(
        "Name, e-mail address, phone number and address in %(count)d order.",
        "Names, e-mail addresses, phone numbers and addresses in %(count)d orders.",
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
    "orders_by_law": _(
        "Finished orders, without the person: what was sold, when, for how much and to which country. The "
        "law asks shops to keep that for tax."
    ),
    "orders_under_way": _(
        "Orders that are still under way, with the person's details: they have to arrive. Once they are "
        "completed the shop can erase again."
    ),
    "leads_not_asked": _(
        "Leads with the same e-mail address or phone number: the shop did not ask to erase them."
    ),
    "customers_copy": _(
        "What is not ours to erase: the conversation as Facebook or Instagram keeps it, for the customer and "
        "for the shop's Page."
    ),
}
"""Reason → its words."""

ALWAYS_KEPT = _("This page: its code, its dates and these counts. It holds nothing that says who you are.")


def describe_erased(counts: Mapping[str, int]) -> list[str]:
    return [str(words % {"count": counts[key]}) for key, words in ERASED.items() if counts.get(key)]


def describe_kept(reasons: Iterable[str]) -> list[str]:
    found = set(reasons)
    return [str(words) for key, words in KEPT.items() if key in found] + [str(ALWAYS_KEPT)]
