"""How long each kind of row is kept, and what removes it: all models, watched over by a law test.

`purge` removes what is too old, in slices. Where it is None, time removes nothing yet: `until` says
what does.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from django.db import transaction
from django.utils import timezone

from catalog.models import BulkChange, PushBatch
from integrations.models import SyncRun
from integrations.webhooks.retention import purge_webhooks

SLICES_PER_RUN = 50
ROWS_THAT_MEAN_MORE = 10_000
"""A run that removed so many has probably left some for the next one."""
RECORDS = (BulkChange, PushBatch, SyncRun)
"""What says how a piece of our work went: each sale leaves some. A row that is over has a `finished_at`."""
RECORDS_KEPT = timedelta(days=90)
RECORDS_PER_SLICE = 500


class Purge(Protocol):
    def __call__(self, *, slices: int) -> int: ...


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A model that holds personal data: `holds` says which, `until` how long it is kept."""

    holds: str
    until: str
    purge: Purge | None = None


_MESSAGES_STAY = "The store is deleted, or the person is forgotten. Time removes nothing yet."

RULES: dict[str, Rule] = {
    "integrations.WebhookDelivery": Rule(
        holds="What buyers wrote and answered, as Meta sent it.",
        until="WEBHOOK_RETENTION_DAYS; what could not be read WEBHOOK_PARKED_RETENTION_DAYS.",
        purge=purge_webhooks,
    ),
    "integrations.WebhookEvent": Rule(
        holds="What buyers wrote and answered, as Meta sent it.",
        until="WEBHOOK_RETENTION_DAYS; what needs a look WEBHOOK_PARKED_RETENTION_DAYS; what waits for ever.",
        purge=purge_webhooks,
    ),
    "integrations.MetaAccount": Rule(
        holds="The name, id and access of the Facebook user who connected Pages.",
        until="The person removes the app or asks to be forgotten, or the store is deleted.",
    ),
    "messaging.Contact": Rule(holds="A buyer's name, picture and id.", until=_MESSAGES_STAY),
    "messaging.Conversation": Rule(holds="The last words of a thread with a buyer.", until=_MESSAGES_STAY),
    "messaging.Message": Rule(holds="What a buyer and the store wrote.", until=_MESSAGES_STAY),
    "messaging.Attachment": Rule(holds="Addresses of pictures a buyer sent.", until=_MESSAGES_STAY),
    "messaging.Reaction": Rule(holds="What a buyer thinks of a message.", until=_MESSAGES_STAY),
    "messaging.Origin": Rule(holds="Which ad or link a buyer came from.", until=_MESSAGES_STAY),
    "leads.MetaLead": Rule(
        holds="The answers of a lead form.", until="The store is deleted. Time removes nothing yet."
    ),
    "leads.Lead": Rule(
        holds="Name, e-mail address and phone.", until="The store is deleted. Time removes nothing yet."
    ),
    "orders.Order": Rule(
        holds="Name, e-mail address, phone and address of a buyer.",
        until="The store is deleted: its books need its orders for years. Time removes nothing yet.",
    ),
    "orders.OrderEvent": Rule(
        holds="What was changed of an order, such as an address.", until="Its order is deleted."
    ),
    "orders.ExternalOrderMapping": Rule(
        holds="An order as its sender wrote it, while it waits.", until="Its order is deleted."
    ),
    "tenancy.User": Rule(holds="Name and e-mail address of a member.", until="Staff delete the user."),
    "tenancy.Invitation": Rule(
        holds="The e-mail address of somebody invited.",
        until="The store is deleted. Time removes nothing yet.",
    ),
    "tenancy.AuditEntry": Rule(
        holds="Who did what in a store.", until="The store is deleted: a trail with holes is none."
    ),
    "operations.DeletionRequest": Rule(
        holds="Whom to look for, until it is done.",
        until="The subject is emptied when the request is done; the rest says nothing of a person.",
    ),
}

NO_PERSONAL_DATA: dict[str, str] = {
    "tenancy.Store": "A shop, not a person.",
    "tenancy.Membership": "A role between a user and a store; it goes with either.",
    "tenancy.StoreApiToken": "The key of a program: a hash, and how it was used.",
    "integrations.ConnectedPage": "A Page of a shop and how it works.",
    "integrations.InstagramAccount": "An account of a shop and how it works.",
    "integrations.AssetPicture": "The picture of a Page or account of a shop; it goes with it.",
    "integrations.PageTransfer": "Which Page one store asked another for.",
    "integrations.OAuthAttempt": "A hash that can be used once; it goes with its user.",
    "integrations.Mailbox": "A queue by the id of an asset.",
    "integrations.EventReplay": "Which events were replayed, by time and kind.",
    "integrations.GraphCall": "A call to Meta with the ids left out; removed after 7 days by its own task.",
    "integrations.GraphUsage": "How full Meta's limits are.",
    "integrations.ConnectionTest": "How our own address answered.",
    "integrations.SyncRun": "How a job went; 90 days.",
    "catalog.Product": "Goods.",
    "catalog.Picture": "Pictures of goods; a file that nothing shows goes after a week.",
    "catalog.ProductImage": "Which goods a picture shows.",
    "catalog.BulkChange": "What was done with many goods at once, for 90 days.",
    "catalog.ProductImport": "Goods from a file, which goes when the import is over or waits for a week.",
    "catalog.Variant": "Goods.",
    "catalog.StockMovement": "Goods; an order's number at most.",
    "catalog.Reservation": "Goods held under a number; it goes when its time is over.",
    "catalog.Canary": "A hidden item by which we measure; it goes with its catalog.",
    "catalog.StockLag": "How long a change of that item took; 30 days.",
    "catalog.Catalog": "A catalog of a shop and how it works.",
    "catalog.CatalogCreation": "The wish for a catalog of a shop.",
    "catalog.CatalogSwitch": "Goods that a catalog always or never shows.",
    "catalog.CatalogSearch": "Which catalogs Meta offered.",
    "catalog.PushBatch": "How a batch of goods went; 90 days.",
    "catalog.InventorySnapshot": "Stock at Meta.",
    "catalog.CatalogItem": "Goods at Meta.",
    "catalog.Comparison": "How a comparison with Meta went; 90 days.",
    "catalog.CatalogDiagnostic": "What Meta finds wrong with goods.",
    "catalog.InstagramTagging": "Whether an Instagram account may tag goods.",
    "catalog.CatalogCount": "How many goods a catalog would be sent; a day.",
    "catalog.Collection": "Tags and categories of goods.",
    "catalog.ProductSet": "A collection of goods at Meta.",
    "catalog.RemoteItem": "Goods as Meta has them, until they are gone there.",
    "catalog.CatalogFinding": "Goods that Meta has otherwise, until that is mended.",
    "leads.LeadForm": "The questions, not the answers.",
    "orders.OrderCounter": "A number.",
    "orders.OrderLine": "Goods of an order.",
    "orders.OrderEmail": "Whether an order's e-mail went out; the address is the order's.",
}
"""Model → why it needs no rule."""


def purges() -> list[Purge]:
    """Return each function that removes what is too old, once."""
    return [*dict.fromkeys(rule.purge for rule in RULES.values() if rule.purge), purge_records]


def purge_records(*, slices: int) -> int:
    """Remove what has been over for RECORDS_KEPT, at most so many slices; return how many rows went."""
    removed = 0
    for model in RECORDS:
        while slices > 0:
            slices -= 1
            count = _purge_slice(model)
            removed += count
            if count < RECORDS_PER_SLICE:
                break
    return removed


def _purge_slice(model: type[BulkChange] | type[PushBatch] | type[SyncRun]) -> int:
    old = model.unscoped.filter(finished_at__lt=timezone.now() - RECORDS_KEPT).order_by("finished_at")
    with transaction.atomic():
        locked = old.select_for_update(skip_locked=True).values_list("pk", flat=True)
        pks = list(locked[:RECORDS_PER_SLICE])
        model.unscoped.filter(pk__in=pks).delete()
    return len(pks)


def purge_old_rows() -> int:
    """Remove what is too old, a bounded amount of it; return how many rows went."""
    return sum(purge(slices=SLICES_PER_RUN) for purge in purges())
