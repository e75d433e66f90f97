"""What we ask Meta for, and what breaks without it. Source: fact sheet section 7.1. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

NEEDED: dict[str, str | Promise] = {
    "pages_show_list": _("listing your Pages"),
    "pages_read_engagement": _("reading your Page's details"),
    "pages_manage_metadata": _("being told about new messages and leads"),
    "pages_messaging": _("answering Messenger messages"),
    "instagram_basic": _("reading your Instagram account's details"),
    "instagram_manage_messages": _("answering Instagram messages"),
    "instagram_shopping_tag_products": _("seeing whether Instagram may tag your products"),
    "leads_retrieval": _("collecting leads"),
    "pages_manage_ads": _("listing your lead forms"),
    "catalog_management": _("keeping your catalog up to date"),
    "business_management": _("finding the catalogs of your business"),
}
"""Permission → what stops without it, to follow "needed for"."""

PAGE_FIELDS = (
    "messages",
    "message_echoes",
    "message_deliveries",
    "message_reads",
    "message_reactions",
    "message_edits",
    "messaging_postbacks",
    "messaging_referrals",
    "messaging_optins",
    "messaging_policy_enforcement",
    "standby",
    "send_cart",
    "leadgen",
    "leadgen_update",
    "feed",
    "name",
    "category",
    "description",
    "email",
    "location",
    "phone",
    "picture",
    "website",
)
"""What Meta shall send for each connected Page (fact sheet 9.1)."""

APP_FIELDS: dict[str, tuple[str, ...]] = {
    "page": PAGE_FIELDS,
    "instagram": (
        "messages",
        "message_reactions",
        "message_edit",
        "messaging_postbacks",
        "messaging_referral",
        "messaging_policy_enforcement",
        "messaging_seen",
        "standby",
        "comments",
        "mentions",
    ),
    "catalog": ("items_batch",),
    "permissions": tuple(NEEDED),
}
"""What Meta shall send for the app as a whole, by object."""

MESSAGING_TASKS = frozenset({"MESSAGING", "MANAGE", "PROFILE_PLUS_MESSAGING", "PROFILE_PLUS_FULL_CONTROL"})


def find_missing(granted: Iterable[str]) -> list[str]:
    """Return the needed permissions that were not granted, in our order."""
    have = set(granted)
    return [name for name in NEEDED if name not in have]


def can_connect(tasks: Iterable[str] | None) -> bool:
    """Say whether a person with these tasks may let us answer for the Page; None is for Meta to decide."""
    return tasks is None or not MESSAGING_TASKS.isdisjoint(tasks)


def scope_covers(targets: Mapping[str, Sequence[str]], permission: str, asset_id: str) -> bool:
    """Say whether a granted permission is about this Page or account; without targets it is about all."""
    return permission not in targets or asset_id in targets[permission]


def fields_to_ask(granted: Iterable[str]) -> tuple[str, ...]:
    """Return what Meta may send of a Page: without the permission for messages it refuses the whole call."""
    if "pages_messaging" in set(granted):
        return PAGE_FIELDS
    return tuple(name for name in PAGE_FIELDS if not name.startswith("messag") and name != "send_cart")
