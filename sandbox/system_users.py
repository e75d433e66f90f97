"""Login for Business: the system user that stands for StormCom in a merchant's portfolio."""

from typing import Any

from sandbox.call import Call
from sandbox.models import JSON, SystemUser
from sandbox.nodes import Handler, Kind, attribute, listing, names


def assigned_pages(call: Call, user: SystemUser) -> JSON:
    """List the Pages that were ticked for it in the dialog."""
    ticked = call.grant.page_ids if call.grant else []
    return listing(call, [call.world.pages[page_id] for page_id in ticked])


def no_accounts(call: Call, user: SystemUser) -> JSON:
    """A system user has no Pages of its own: they are assigned to it."""
    return listing(call, [])


def _is_itself(call: Call, user: Any) -> bool:
    return call.token is not None and call.world.system_user_of(call.token) is user


KINDS: dict[type, Kind] = {
    SystemUser: Kind(
        "SystemUser",
        visible=_is_itself,
        fields={"name": attribute("name"), "client_business_id": attribute("business_id")},
        silent=names("created_by created_time ip_permission timezone_id"),
    )
}

ROUTES: dict[tuple[str, str, str], Handler] = {
    ("SystemUser", "GET", "assigned_pages"): assigned_pages,
    ("SystemUser", "GET", "accounts"): no_accounts,
}
