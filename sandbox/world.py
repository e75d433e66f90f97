"""The whole pretend world: tables of plain data, ids from counters, a clock that can be moved."""

import base64
import hashlib
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sandbox import models as m

TABLES: dict[str, type[Any]] = {
    "users": m.User,
    "system_users": m.SystemUser,
    "businesses": m.Business,
    "pages": m.Page,
    "instagram": m.InstagramAccount,
    "buyers": m.Buyer,
    "profiles": m.Profile,
    "grants": m.Grant,
    "removals": m.Removal,
    "codes": m.Code,
    "tokens": m.Token,
    "subscriptions": m.Subscription,
    "catalogs": m.Catalog,
    "products": m.Product,
    "product_sets": m.ProductSet,
    "batches": m.Batch,
    "forms": m.LeadForm,
    "leads": m.Lead,
    "threads": m.Thread,
    "messages": m.Message,
    "orders": m.Order,
    "faults": m.Fault,
    "deliveries": m.Delivery,
}

NODE_TABLES = (
    "pages",
    "instagram",
    "users",
    "system_users",
    "businesses",
    "catalogs",
    "products",
    "product_sets",
    "forms",
    "leads",
    "threads",
    "messages",
    "profiles",
)
"""Tables whose rows have an address in the Graph."""

FIRST_NUMBER = {
    "catalog": 800300,
    "product": 9000100100,
    "product_set": 970100,
    "form": 300200,
    "lead": 440100200300,
    "order": 6900100200300,
}


@dataclass
class World:
    app: m.App
    seed: int = 0
    clock_offset: float = 0
    counters: dict[str, int] = field(default_factory=dict)
    users: dict[str, m.User] = field(default_factory=dict)
    system_users: dict[str, m.SystemUser] = field(default_factory=dict)
    businesses: dict[str, m.Business] = field(default_factory=dict)
    pages: dict[str, m.Page] = field(default_factory=dict)
    instagram: dict[str, m.InstagramAccount] = field(default_factory=dict)
    buyers: dict[str, m.Buyer] = field(default_factory=dict)
    profiles: dict[str, m.Profile] = field(default_factory=dict)
    grants: dict[str, m.Grant] = field(default_factory=dict)
    removals: dict[str, m.Removal] = field(default_factory=dict)
    codes: dict[str, m.Code] = field(default_factory=dict)
    tokens: dict[str, m.Token] = field(default_factory=dict)
    subscriptions: dict[str, m.Subscription] = field(default_factory=dict)
    catalogs: dict[str, m.Catalog] = field(default_factory=dict)
    products: dict[str, m.Product] = field(default_factory=dict)
    product_sets: dict[str, m.ProductSet] = field(default_factory=dict)
    batches: dict[str, m.Batch] = field(default_factory=dict)
    forms: dict[str, m.LeadForm] = field(default_factory=dict)
    leads: dict[str, m.Lead] = field(default_factory=dict)
    threads: dict[str, m.Thread] = field(default_factory=dict)
    messages: dict[str, m.Message] = field(default_factory=dict)
    orders: dict[str, m.Order] = field(default_factory=dict)
    faults: dict[str, m.Fault] = field(default_factory=dict)
    deliveries: dict[str, m.Delivery] = field(default_factory=dict)

    def now(self) -> float:
        return time.time() + self.clock_offset

    def count(self, kind: str) -> int:
        self.counters[kind] = self.counters.get(kind, 0) + 1
        return self.counters[kind]

    def number(self, kind: str) -> str:
        """Return the next numeric id; another seed counts in another range."""
        return str(FIRST_NUMBER.get(kind, 1000) + self.seed * 1_000_000 + self.count(kind))

    def opaque(self, kind: str) -> str:
        """Return the next id that means nothing to its reader; the same seed gives the same row of them."""
        digest = hashlib.sha512(f"{self.seed}:{kind}:{self.count(kind)}".encode()).digest()
        return base64.b64encode(digest, altchars=b"Zz").decode().rstrip("=")

    def find_node(self, node_id: str) -> Any:
        if node_id == self.app.id:
            return self.app
        for name in NODE_TABLES:
            if node := getattr(self, name).get(node_id):
                return node
        return None

    def become(self, other: "World") -> None:
        """Take over another world's content; whoever holds this one sees the change."""
        vars(self).update(vars(other))

    def page_of(self, asset_id: str) -> m.Page | None:
        """Return the Page that an asset is, or that an Instagram account is linked to."""
        account = self.instagram.get(asset_id)
        return self.pages.get(account.page_id if account else asset_id)

    def system_user_of(self, token: m.Token) -> m.SystemUser | None:
        """Return the system user that a token of that kind speaks for."""
        if token.kind != "SYSTEM_USER":
            return None
        return next((s for s in self.system_users.values() if s.user_id == token.user_id), None)

    def catalogs_of(self, business_id: str) -> list[m.Catalog]:
        return [catalog for catalog in self.catalogs.values() if catalog.business_id == business_id]

    def catalogs_shared_with(self, business_id: str) -> list[m.Catalog]:
        return [catalog for catalog in self.catalogs.values() if business_id in catalog.shared_with]

    def products_of(self, catalog_id: str) -> Iterator[m.Product]:
        return (product for product in self.products.values() if product.catalog_id == catalog_id)

    def find_product(self, catalog_id: str, retailer_id: str) -> m.Product | None:
        return next((p for p in self.products_of(catalog_id) if p.retailer_id == retailer_id), None)

    def find_buyer(self, name: str) -> m.Buyer | None:
        return next((b for b in self.buyers.values() if name in (b.id, b.name)), None)

    def profile_of(self, buyer_id: str, asset_id: str) -> m.Profile:
        return next(p for p in self.profiles.values() if p.buyer_id == buyer_id and p.asset_id == asset_id)

    def find_thread(self, profile_id: str) -> m.Thread | None:
        return next((t for t in self.threads.values() if t.profile_id == profile_id), None)

    def messages_of(self, thread_id: str) -> list[m.Message]:
        return [message for message in self.messages.values() if message.thread_id == thread_id]
