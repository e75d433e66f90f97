"""The world as it is at first: two merchants, three buyers, nothing connected."""

import os
from typing import TypeVar

from sandbox import models as m
from sandbox.faults import FAULTS
from sandbox.world import World

ALL_TASKS = ["ADVERTISE", "ANALYZE", "CREATE_CONTENT", "MESSAGING", "MODERATE", "MANAGE"]
ADA, BEN = "70001", "70002"
HAZEL_LTD, BOLT_BV = "900100", "900200"
SEEDED_AT = 1_763_700_000

Row = TypeVar(
    "Row",
    m.User,
    m.SystemUser,
    m.Business,
    m.Page,
    m.InstagramAccount,
    m.Catalog,
    m.LeadForm,
    m.Buyer,
    m.Profile,
    m.Fault,
)


def _callback(name: str) -> str:
    """Return where the application of this machine answers; nothing while nobody says where it runs."""
    base = os.environ.get("APP_BASE_URL", "").rstrip("/")
    return f"{base}/api/integrations/facebook/{name}" if base else ""


def seeded(seed: int = 0) -> World:
    app = m.App(
        id=os.environ.get("FACEBOOK_APP_ID") or "1000000000000001",
        secret=os.environ.get("FACEBOOK_APP_SECRET") or "sandbox-app-secret",
        name="StormCom",
        deauthorize_url=_callback("deauthorize"),
        deletion_url=_callback("data-deletion"),
    )
    world = World(app=app, seed=seed)
    world.users = _table(
        m.User(id=ADA, first_name="Ada", last_name="Hazel", email="ada@hazelhome.example"),
        m.User(id=BEN, first_name="Ben", last_name="Bolt", email="ben@boltbikes.example"),
    )
    world.businesses = _table(
        m.Business(id=HAZEL_LTD, name="Hazel Home Ltd", user_ids=[ADA]),
        m.Business(id=BOLT_BV, name="Bolt Bikes BV", user_ids=[BEN]),
    )
    world.system_users = _table(
        m.SystemUser("61550000000001", "StormCom for Hazel Home Ltd", HAZEL_LTD, ADA),
        m.SystemUser("61550000000002", "StormCom for Bolt Bikes BV", BOLT_BV, BEN),
    )
    world.pages = _table(*_pages())
    world.instagram = _table(
        m.InstagramAccount("17841400000000501", "hazel.home", "Hazel Home", "100200300400501"),
        m.InstagramAccount("17841400000000601", "bolt.bikes", "Bolt Bikes", "100200300400601"),
    )
    world.catalogs = _table(
        m.Catalog(id="800100", name="Hazel Home", business_id=HAZEL_LTD),
        m.Catalog(id="800200", name="Bolt Bikes", business_id=BOLT_BV),
    )
    world.forms = _table(_lead_form())
    world.buyers = _table(*_buyers())
    world.profiles = _table(*_profiles(world))
    world.faults = _table(*(m.Fault(id=name) for name in FAULTS))
    return world


def _table(*rows: Row) -> dict[str, Row]:
    return {row.id: row for row in rows}


def _pages() -> list[m.Page]:
    return [
        m.Page(
            id="100200300400501",
            name="Hazel Home",
            username="hazelhome",
            category="Home Decor",
            category_id="2251",
            business_id=HAZEL_LTD,
            instagram_id="17841400000000501",
            about="Lamps, linen and quiet things for the house.",
            phone="+44 20 7946 0101",
            website="https://hazelhome.example/",
            email="hello@hazelhome.example",
            city="Leeds",
            roles={ADA: ALL_TASKS},
        ),
        m.Page(
            id="100200300400502",
            name="Hazel Outlet",
            username="hazeloutlet",
            category="Outlet Store",
            category_id="2256",
            business_id=HAZEL_LTD,
            instagram_id="",
            about="Last season, half the price.",
            roles={ADA: ALL_TASKS},
        ),
        m.Page(
            id="100200300400503",
            name="Hazel Archive",
            username="hazelarchive",
            category="Home Decor",
            category_id="2251",
            business_id=HAZEL_LTD,
            instagram_id="",
            about="Everything we ever made.",
            roles={ADA: ["ANALYZE"]},
        ),
        m.Page(
            id="100200300400601",
            name="Bolt Bikes",
            username="boltbikes",
            category="Bicycle Shop",
            category_id="2253",
            business_id=BOLT_BV,
            instagram_id="17841400000000601",
            about="City bikes, built to last.",
            roles={BEN: ALL_TASKS},
        ),
    ]


def _buyers() -> list[m.Buyer]:
    return [
        _buyer("maya", "Maya Iyer", "+447700900101", "12 Alder Row", "", "Leeds", "LS1 4AP"),
        _buyer("tom", "Tom Okafor", "+447700900102", "3 Quay Street", "Flat 2", "Bristol", "BS1 5UH"),
        _buyer("lena", "Lena Fuchs", "+447700900103", "48 Mill Lane", "", "Norwich", "NR3 1HZ"),
    ]


def _buyer(key: str, name: str, phone: str, street1: str, street2: str, city: str, postcode: str) -> m.Buyer:
    address = {
        "name": name,
        "street1": street1,
        "street2": street2,
        "city": city,
        "state": "",
        "postal_code": postcode,
        "country": "GB",
    }
    return m.Buyer(key, name, f"{key}@buyers.example", phone, name.lower().replace(" ", "."), address)


def _profiles(world: World) -> list[m.Profile]:
    """Give each buyer another id for each Page and each Instagram account, as Meta does."""
    rows = []
    for number, buyer in enumerate(world.buyers.values(), start=1):
        rows += [
            m.Profile(f"7100000{page_id[-3:]}00010{number}", buyer.id, page_id) for page_id in world.pages
        ]
        rows += [m.Profile(f"9100000{ig_id[-3:]}00010{number}", buyer.id, ig_id) for ig_id in world.instagram]
    return rows


def _lead_form() -> m.LeadForm:
    return m.LeadForm(
        id="300100",
        page_id="100200300400501",
        name="Autumn lamp guide",
        status="ACTIVE",
        locale="en_GB",
        created_at=SEEDED_AT,
        questions=[
            {"key": "full_name", "label": "Full name", "type": "FULL_NAME"},
            {"key": "email", "label": "Email", "type": "EMAIL"},
            {"key": "phone_number", "label": "Phone number", "type": "PHONE"},
            {
                "key": "which_room_are_you_lighting?",
                "label": "Which room are you lighting?",
                "type": "CUSTOM",
                "options": [
                    {"key": "kitchen", "value": "Kitchen"},
                    {"key": "living_room", "value": "Living room"},
                    {"key": "bedroom", "value": "Bedroom"},
                ],
            },
        ],
    )
