"""The things in the pretend world, as plain data."""

from dataclasses import dataclass, field
from typing import Any

JSON = dict[str, Any]
CALLBACK = "callback"
"""Object of a delivery that is a form with a `signed_request`, and no event."""


@dataclass
class App:
    """The application at Meta, with the addresses that stand in its dashboard."""

    id: str
    secret: str
    name: str
    deauthorize_url: str = ""
    deletion_url: str = ""


@dataclass
class User:
    id: str
    first_name: str
    last_name: str
    email: str

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}"


@dataclass
class SystemUser:
    """Stands for the app in a business, for a person who agreed by a configuration of that kind."""

    id: str
    name: str
    business_id: str
    user_id: str


@dataclass
class Business:
    id: str
    name: str
    user_ids: list[str]


@dataclass
class Page:
    id: str
    name: str
    username: str
    category: str
    category_id: str
    business_id: str
    instagram_id: str
    about: str
    roles: dict[str, list[str]]
    """Tasks by Facebook user."""
    subscribed_fields: list[str] = field(default_factory=list)
    listed: bool = True
    """On its people's own list; without it only the portfolio's edges lead to the Page."""
    phone: str = ""
    website: str = ""
    email: str = ""
    city: str = ""


@dataclass
class InstagramAccount:
    id: str
    username: str
    name: str
    page_id: str
    subscribed_fields: list[str] = field(default_factory=list)
    may_tag: bool = True
    """Meta lets it tag products."""


@dataclass
class Buyer:
    id: str
    name: str
    email: str
    phone: str
    username: str
    address: dict[str, str]


@dataclass
class Profile:
    """A buyer as one Page (PSID) or one Instagram account (IGSID) knows them."""

    id: str
    buyer_id: str
    asset_id: str


@dataclass
class Grant:
    """What one Facebook user allows the app; its id is the user's."""

    id: str
    scopes: list[str]
    declined: list[str]
    page_ids: list[str]


@dataclass
class Removal:
    """One person who removed the app; its id is theirs. The rest is what the app answered to "forget me"."""

    id: str
    name: str
    at: float
    answer: str = ""
    url: str = ""
    confirmation_code: str = ""


@dataclass
class Code:
    id: str
    user_id: str
    redirect_uri: str
    issued_at: int
    used: bool = False
    for_system_user: bool = False


@dataclass
class Token:
    id: str
    kind: str
    """USER, SYSTEM_USER, PAGE or APP."""
    user_id: str
    page_id: str
    issued_at: int
    expires_at: int
    """0 never expires."""
    dead_subcode: int = 0


@dataclass
class Subscription:
    """The app's own subscription to one object; its id is the object's name."""

    id: str
    callback_url: str
    fields: list[str]


@dataclass
class Catalog:
    id: str
    name: str
    business_id: str
    vertical: str = "commerce"
    subscribed: bool = False
    shared_with: list[str] = field(default_factory=list)
    """Businesses that may use it, too."""
    batch_calls: list[float] = field(default_factory=list)
    """When each batch call of the last minute came."""


@dataclass
class Product:
    id: str
    catalog_id: str
    retailer_id: str
    data: JSON
    """In the names of `items_batch`."""
    approved_at: float
    """Review is pending until then."""
    rejected_for: list[str] = field(default_factory=list)
    """Why a reviewer refused it; the next new picture is looked at anew."""


@dataclass
class ProductSet:
    id: str
    catalog_id: str
    name: str
    filter: JSON
    retailer_id: str = ""


@dataclass
class Batch:
    """One accepted `items_batch`; its id is the handle."""

    id: str
    catalog_id: str
    requests: list[JSON]
    allow_upsert: bool
    ready_at: float
    status: str = "started"
    errors: list[JSON] = field(default_factory=list)
    warnings: list[JSON] = field(default_factory=list)


@dataclass
class LeadForm:
    id: str
    page_id: str
    name: str
    status: str
    locale: str
    questions: list[JSON]
    created_at: int


@dataclass
class Lead:
    id: str
    form_id: str
    created_at: int
    field_data: list[JSON]
    is_test: bool = False


@dataclass
class Thread:
    id: str
    asset_id: str
    profile_id: str
    updated_at: float
    last_inbound_at: float = 0


@dataclass
class Message:
    id: str
    thread_id: str
    outbound: bool
    created_at: float
    text: str = ""
    attachments: list[JSON] = field(default_factory=list)
    quick_replies: list[JSON] = field(default_factory=list)
    edits: int = 0
    taken_back: bool = False
    reaction: str = ""
    """The buyer's, as an emoji."""


@dataclass
class Order:
    id: str
    page_id: str
    entry_id: str
    value: JSON


@dataclass
class Fault:
    id: str
    on: bool = False
    times: int | None = None
    """How often it still strikes; None is until switched off."""
    options: JSON = field(default_factory=dict)


@dataclass
class Delivery:
    id: str
    mailbox: str
    object: str
    field: str
    url: str
    body: str
    created_at: float
    not_before: float
    status: str = "waiting"
    tries: int = 0
    answer: str = ""
