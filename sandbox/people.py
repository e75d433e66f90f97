"""People as Graph nodes: the Facebook user, the app, the buyer behind a PSID or IGSID."""

from typing import Any

from sandbox import app_callbacks, webhooks
from sandbox.call import Call
from sandbox.errors import missing_permission
from sandbox.fields import Selection
from sandbox.models import JSON, App, Profile, User
from sandbox.nodes import FieldReader, Handler, Kind, attribute, constant, listing, names

ACCOUNT_FIELDS = [
    Selection(name) for name in ("access_token", "category", "category_list", "name", "id", "tasks")
]


def picture_of(call: Call, node: Any) -> JSON:
    address = f"{call.origin}/_sandbox/static/avatar.svg"
    return {"data": {"height": 50, "width": 50, "is_silhouette": True, "url": address}}


def _email(call: Call, user: User) -> str | None:
    return user.email if call.may("email") else None


def me_accounts(call: Call, user: User) -> JSON:
    """List the Pages this person ticked; without the permission the list is empty."""
    call.need_user()
    ticked = call.grant.page_ids if call.grant and call.may("pages_show_list") else []
    pages = [call.world.pages[page_id] for page_id in ticked]
    own = [page for page in pages if page.listed and user.id in page.roles]
    return listing(call, own, fields=ACCOUNT_FIELDS)


def me_permissions(call: Call, user: User) -> JSON:
    call.need_user()
    granted = call.grant.scopes if call.grant else []
    declined = call.grant.declined if call.grant else []
    rows = [(scope, "granted") for scope in granted] + [(scope, "declined") for scope in declined]
    wanted = call.text("status"), call.text("permission")
    return {
        "data": [
            {"permission": scope, "status": status}
            for scope, status in rows
            if wanted[0] in ("", status) and wanted[1] in ("", scope)
        ]
    }


def revoke(call: Call, user: User) -> JSON:
    """Take back one permission, or the whole grant and with it all tokens."""
    call.need_user()
    scope = call.text("permission")
    if not scope:
        app_callbacks.remove_app(call.world, user)
    elif call.grant and call.may(scope):
        call.grant.scopes.remove(scope)
        call.grant.declined.append(scope)
        webhooks.emit_person(call.world, user.id, field=scope, verb="revoked")
    return {"success": True}


def me_businesses(call: Call, user: User) -> JSON:
    call.need_user()
    rows = [b for b in call.world.businesses.values() if user.id in b.user_ids]
    return listing(call, rows if call.may("business_management") else [])


def _profile_visible(call: Call, profile: Profile) -> bool:
    page = call.world.page_of(profile.asset_id)
    if page is None or not call.sees_page(page.id):
        return False
    if call.token is None or call.token.kind != "PAGE":
        raise missing_permission("A page access token is required to request this resource.", code=210)
    return True


def _profile_name(call: Call, profile: Profile) -> str:
    return call.world.buyers[profile.buyer_id].name


def _profile_part(position: int) -> FieldReader:
    def part(call: Call, profile: Profile) -> str | None:
        on_messenger = profile.asset_id in call.world.pages
        return _profile_name(call, profile).split()[position] if on_messenger else None

    return part


def _profile_username(call: Call, profile: Profile) -> str | None:
    on_instagram = profile.asset_id in call.world.instagram
    return call.world.buyers[profile.buyer_id].username if on_instagram else None


KINDS: dict[type, Kind] = {
    App: Kind(
        "Application",
        visible=lambda call, app: call.token is not None,
        fields={"name": attribute("name"), "category": constant("Business"), "link": constant("")},
    ),
    User: Kind(
        "User",
        visible=lambda call, user: call.token is not None and call.token.user_id == user.id,
        fields={
            "name": attribute("name"),
            "first_name": attribute("first_name"),
            "last_name": attribute("last_name"),
            "short_name": attribute("first_name"),
            "email": _email,
            "picture": picture_of,
        },
        silent=names(
            """
    verified locale timezone link gender updated_time client_business_id birthday middle_name
"""
        ),
    ),
    Profile: Kind(
        "User",
        visible=_profile_visible,
        default=("id", "first_name", "last_name"),
        fields={
            "name": _profile_name,
            "first_name": _profile_part(0),
            "last_name": _profile_part(-1),
            "username": _profile_username,
            "profile_pic": lambda call, profile: f"{call.origin}/_sandbox/static/avatar.svg",
        },
        silent=names(
            """
    locale timezone gender follower_count is_user_follow_business is_business_follow_user
    is_verified_user
"""
        ),
    ),
}

ROUTES: dict[tuple[str, str, str], Handler] = {
    ("User", "GET", "accounts"): me_accounts,
    ("User", "GET", "permissions"): me_permissions,
    ("User", "DELETE", "permissions"): revoke,
    ("User", "GET", "businesses"): me_businesses,
}
