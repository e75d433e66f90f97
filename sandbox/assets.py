"""Businesses, Pages and Instagram accounts as Graph nodes."""

from typing import Any

from sandbox import oauth
from sandbox.call import Call
from sandbox.errors import invalid
from sandbox.models import JSON, Business, Catalog, InstagramAccount, Page
from sandbox.nodes import Handler, Kind, attribute, constant, listing, names
from sandbox.pictures import picture_of, picture_url

VERTICALS = names(
    """
    adoptable_pets apps_and_software articles_and_publications commerce destinations flights generic
    home_listings hotels local_service_businesses media_titles offer_items offline_commerce services
    transactable_items vehicles
"""
)


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


def _sees_business(call: Call, business: Business) -> bool:
    return call.sees_business(business.id) and call.may("business_management")


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


def client_catalogs(call: Call, business: Business) -> JSON:
    call.need_scopes("catalog_management")
    return listing(call, call.world.catalogs_shared_with(business.id))


def create_catalog(call: Call, business: Business) -> JSON:
    call.need_scopes("catalog_management")
    if call.text("vertical", "commerce") not in VERTICALS:
        raise invalid(f"Param vertical must be one of {{{', '.join(sorted(VERTICALS))}}}")
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


KINDS: dict[type, Kind] = {
    Business: Kind(
        "Business",
        visible=_sees_business,
        fields={"name": attribute("name"), "verification_status": constant("verified")},
        silent=names(
            """
    created_time link primary_page vertical timezone_id profile_picture_uri
"""
        ),
    ),
    Page: Kind(
        "Page",
        visible=lambda call, page: call.sees_page(page.id),
        default=("name", "id"),
        fields={
            "name": attribute("name"),
            "username": attribute("username"),
            "category": attribute("category"),
            "category_list": lambda call, page: [{"id": page.category_id, "name": page.category}],
            "about": attribute("about"),
            "access_token": _page_token,
            "tasks": _tasks,
            "picture": picture_of,
            "instagram_business_account": _linked_account,
            "connected_instagram_account": _linked_account,
            "link": lambda call, page: f"{call.origin}/shop/{page.id}",
            "has_lead_access": _lead_access,
            "leadgen_tos_accepted": constant(True),
            "is_published": constant(True),
            "is_webhooks_subscribed": lambda call, page: bool(page.subscribed_fields),
            "fan_count": constant(128),
            "followers_count": constant(131),
            "verification_status": constant("not_verified"),
            "business": lambda call, page: call.world.businesses[page.business_id],
            "phone": lambda call, page: page.phone or None,
            "website": lambda call, page: page.website or None,
            "emails": lambda call, page: [page.email] if page.email else None,
            "location": lambda call, page: {"city": page.city, "country": "UK"} if page.city else None,
        },
        silent=names(
            """
    description bio hours single_line_address cover merchant_review_status
    unread_message_count owner_business
"""
        ),
    ),
    InstagramAccount: Kind(
        "IGUser",
        visible=lambda call, account: call.sees_page(account.page_id) and call.may("instagram_basic"),
        default=("id",),
        fields={
            "name": attribute("name"),
            "username": attribute("username"),
            "followers_count": constant(2048),
            "follows_count": constant(64),
            "media_count": constant(31),
            "profile_picture_url": picture_url,
            "shopping_product_tag_eligibility": attribute("may_tag"),
        },
        silent=names(
            """
    biography website ig_id owner_business
"""
        ),
    ),
}

ROUTES: dict[tuple[str, str, str], Handler] = {
    ("Business", "GET", "owned_pages"): owned_pages,
    ("Business", "GET", "client_pages"): none_there,
    ("Business", "GET", "owned_instagram_accounts"): owned_accounts,
    ("Business", "GET", "owned_product_catalogs"): owned_catalogs,
    ("Business", "POST", "owned_product_catalogs"): create_catalog,
    ("Business", "GET", "client_product_catalogs"): client_catalogs,
    ("Page", "GET", "picture"): page_picture,
    ("Page", "POST", ""): update_page,
    ("Page", "GET", "instagram_accounts"): page_accounts,
    ("Page", "GET", "product_catalogs"): page_catalogs,
}
