"""People, businesses, Pages and Instagram accounts as Graph nodes."""

from typing import Any

from sandbox import oauth
from sandbox.call import Call
from sandbox.errors import invalid, missing_object, missing_permission
from sandbox.fields import Selection
from sandbox.models import JSON, App, Business, Catalog, InstagramAccount, Page, Profile, User
from sandbox.nodes import FieldReader, Handler, Kind, chosen_fields, listing

ACCOUNT_FIELDS = [
    Selection(name) for name in ("access_token", "category", "category_list", "name", "id", "tasks")
]


def picture_of(call: Call, node: Any) -> JSON:
    address = f"{call.origin}/_sandbox/static/avatar.svg"
    return {"data": {"height": 50, "width": 50, "is_silhouette": True, "url": address}}


def _email(call: Call, user: User) -> str | None:
    return user.email if call.may("email") else None


def _page_token(call: Call, page: Page) -> str | None:
    if not call.token or call.token.kind == "APP" or not call.sees_page(page.id):
        return None
    return oauth.page_token(call.world, call.token.user_id, page.id)


def _tasks(call: Call, page: Page) -> list[str] | None:
    return page.roles.get(call.token.user_id) if call.token else None


def _linked_account(call: Call, page: Page) -> InstagramAccount | None:
    return call.world.instagram.get(page.instagram_id) if call.may("instagram_basic") else None


def _lead_access(call: Call, page: Page) -> JSON:
    permitted = call.may("leads_retrieval")
    return {
        "can_access_lead": permitted,
        "app_has_leads_permission": permitted,
        "user_has_leads_permission": True,
        "enabled_lead_access_manager": False,
    }


def _profile_name(call: Call, profile: Profile) -> str:
    return call.world.buyers[profile.buyer_id].name


def _constant(value: Any) -> FieldReader:
    return lambda call, node: value


def _sees_business(call: Call, business: Business) -> bool:
    return call.sees_business(business.id) and call.may("business_management")


def me_accounts(call: Call, user: User) -> JSON:
    """List the Pages this person ticked; without the permission the list is empty."""
    call.need_user()
    ticked = call.grant.page_ids if call.grant and call.may("pages_show_list") else []
    return listing(call, [call.world.pages[page_id] for page_id in ticked], fields=ACCOUNT_FIELDS)


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
        call.world.grants.pop(user.id, None)
        oauth.kill_tokens(call.world, user.id, subcode=458)
    elif call.grant and call.may(scope):
        call.grant.scopes.remove(scope)
        call.grant.declined.append(scope)
    return {"success": True}


def me_businesses(call: Call, user: User) -> JSON:
    call.need_user()
    rows = [b for b in call.world.businesses.values() if user.id in b.user_ids]
    return listing(call, rows if call.may("business_management") else [])


def owned_pages(call: Call, business: Business) -> JSON:
    rows = [p for p in call.world.pages.values() if p.business_id == business.id and call.sees_page(p.id)]
    return listing(call, rows)


def owned_accounts(call: Call, business: Business) -> JSON:
    rows = [
        a for a in call.world.instagram.values() if call.world.pages[a.page_id].business_id == business.id
    ]
    return listing(call, rows)


def owned_catalogs(call: Call, business: Business) -> JSON:
    call.need_scopes("catalog_management")
    return listing(call, call.world.catalogs_of(business.id))


def create_catalog(call: Call, business: Business) -> JSON:
    call.need_scopes("catalog_management")
    catalog = Catalog(
        id=call.world.number("catalog"),
        name=call.needed("name"),
        business_id=business.id,
        vertical=call.text("vertical", "commerce"),
    )
    call.world.catalogs[catalog.id] = catalog
    return {"id": catalog.id}


def page_catalogs(call: Call, page: Page) -> JSON:
    call.need_scopes("catalog_management")
    return listing(call, call.world.catalogs_of(page.business_id))


def page_picture(call: Call, page: Page) -> JSON:
    return picture_of(call, page)


def update_page(call: Call, page: Page) -> JSON:
    """Only `about` can be changed here."""
    call.need_page(page, "MANAGE")
    call.need_scopes("pages_manage_metadata")
    if "name" in call.params or "category" in call.params:
        raise invalid("The name and the category of a Page cannot be set")
    page.about = call.text("about", page.about)
    return {"success": True}


def none_there(call: Call, node: Any) -> JSON:
    return listing(call, [])


def page_accounts(call: Call, page: Page) -> JSON:
    account = _linked_account(call, page)
    return listing(call, [account] if account else [])


def _profile_visible(call: Call, profile: Profile) -> bool:
    page = call.world.page_of(profile.asset_id)
    if page is None or not call.sees_page(page.id):
        return False
    if call.token is None or call.token.kind != "PAGE":
        raise missing_permission("A page access token is required to request this resource.", code=210)
    return True


def _profile_part(position: int) -> FieldReader:
    def part(call: Call, profile: Profile) -> str | None:
        on_messenger = profile.asset_id in call.world.pages
        return _profile_name(call, profile).split()[position] if on_messenger else None

    return part


def _profile_username(call: Call, profile: Profile) -> str | None:
    on_instagram = profile.asset_id in call.world.instagram
    return call.world.buyers[profile.buyer_id].username if on_instagram else None


def _attribute(name: str) -> FieldReader:
    return lambda call, node: getattr(node, name)


def get_user(call: Call) -> User:
    user = call.world.users.get(call.need_user())
    if user is None:
        raise missing_object("GET", "me")
    return user


def selected(call: Call) -> list[str]:
    return [selection.name for selection in chosen_fields(call) or ()]


KINDS: dict[type, Kind] = {
    App: Kind(
        "Application",
        visible=lambda call, app: call.token is not None,
        fields={"name": _attribute("name"), "category": _constant("Business"), "link": _constant("")},
    ),
    User: Kind(
        "User",
        visible=lambda call, user: call.token is not None and call.token.user_id == user.id,
        fields={
            "name": _attribute("name"),
            "first_name": _attribute("first_name"),
            "last_name": _attribute("last_name"),
            "short_name": _attribute("first_name"),
            "email": _email,
            "picture": picture_of,
        },
        silent=frozenset(
            [
                "verified",
                "locale",
                "timezone",
                "link",
                "gender",
                "updated_time",
                "client_business_id",
                "birthday",
                "middle_name",
            ]
        ),
    ),
    Business: Kind(
        "Business",
        visible=_sees_business,
        fields={"name": _attribute("name"), "verification_status": _constant("verified")},
        silent=frozenset(
            ["created_time", "link", "primary_page", "vertical", "timezone_id", "profile_picture_uri"]
        ),
    ),
    Page: Kind(
        "Page",
        visible=lambda call, page: call.sees_page(page.id),
        default=("name", "id"),
        fields={
            "name": _attribute("name"),
            "username": _attribute("username"),
            "category": _attribute("category"),
            "category_list": lambda call, page: [{"id": page.category_id, "name": page.category}],
            "about": _attribute("about"),
            "access_token": _page_token,
            "tasks": _tasks,
            "picture": picture_of,
            "instagram_business_account": _linked_account,
            "connected_instagram_account": _linked_account,
            "link": lambda call, page: f"{call.origin}/shop/{page.id}",
            "has_lead_access": _lead_access,
            "leadgen_tos_accepted": _constant(True),
            "is_published": _constant(True),
            "is_webhooks_subscribed": lambda call, page: bool(page.subscribed_fields),
            "fan_count": _constant(128),
            "followers_count": _constant(131),
            "verification_status": _constant("not_verified"),
            "business": lambda call, page: call.world.businesses[page.business_id],
        },
        silent=frozenset(
            [
                "description",
                "bio",
                "emails",
                "phone",
                "website",
                "location",
                "hours",
                "single_line_address",
                "cover",
                "merchant_review_status",
                "unread_message_count",
                "owner_business",
            ]
        ),
    ),
    InstagramAccount: Kind(
        "IGUser",
        visible=lambda call, account: call.sees_page(account.page_id) and call.may("instagram_basic"),
        default=("id",),
        fields={
            "name": _attribute("name"),
            "username": _attribute("username"),
            "followers_count": _constant(2048),
            "follows_count": _constant(64),
            "media_count": _constant(31),
            "profile_picture_url": lambda call, account: f"{call.origin}/_sandbox/static/avatar.svg",
        },
        silent=frozenset(["biography", "website", "ig_id", "owner_business"]),
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
        silent=frozenset(
            [
                "locale",
                "timezone",
                "gender",
                "follower_count",
                "is_user_follow_business",
                "is_business_follow_user",
                "is_verified_user",
            ]
        ),
    ),
}

ROUTES: dict[tuple[str, str, str], Handler] = {
    ("User", "GET", "accounts"): me_accounts,
    ("User", "GET", "permissions"): me_permissions,
    ("User", "DELETE", "permissions"): revoke,
    ("User", "GET", "businesses"): me_businesses,
    ("Business", "GET", "owned_pages"): owned_pages,
    ("Business", "GET", "client_pages"): none_there,
    ("Business", "GET", "owned_instagram_accounts"): owned_accounts,
    ("Business", "GET", "owned_product_catalogs"): owned_catalogs,
    ("Business", "POST", "owned_product_catalogs"): create_catalog,
    ("Business", "GET", "client_product_catalogs"): none_there,
    ("Page", "GET", "picture"): page_picture,
    ("Page", "POST", ""): update_page,
    ("Page", "GET", "instagram_accounts"): page_accounts,
    ("Page", "GET", "product_catalogs"): page_catalogs,
}
