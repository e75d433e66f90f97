"""Makes a row of any model for a store, so that the laws hold for models nobody has told them about.

A field without a default gets a value of its kind. Where a model wants more than that (a check constraint, a
key to a store without being StoreOwned), say so in `SPECIAL`; where every field of a name does, in `BY_NAME`.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar

from django.apps import apps
from django.db import models
from django.utils import timezone

from catalog.models import BulkChange
from integrations.sealed import TokenOwner
from tenancy.models import Store, User
from tenancy.owned import StoreOwned
from tenancy.scope import open_store

M = TypeVar("M", bound=models.Model)

TOKEN = "EAABsecretTokenOfTheLawTests"
_numbers = itertools.count(1)

PARTS: dict[str, tuple[str, str]] = {
    "account": ("integrations.MetaAccount", "pk"),
    "api_token": ("tenancy.StoreApiToken", "pk"),
    "bulk_change": ("catalog.BulkChange", "pk"),
    "catalog": ("catalog.Catalog", "pk"),
    "count": ("catalog.CatalogCount", "pk"),
    "finding": ("catalog.CatalogFinding", "pk"),
    "event": ("integrations.WebhookEvent", "pk"),
    "asset_id": ("integrations.AssetPicture", "asset_id"),
    "hold": ("catalog.Reservation", "pk"),
    "instagram": ("integrations.InstagramAccount", "pk"),
    "invitation": ("tenancy.Invitation", "pk"),
    "lead": ("leads.Lead", "pk"),
    "member": ("tenancy.Membership", "pk"),
    "message_id": ("messaging.Message", "pk"),
    "movement": ("catalog.StockMovement", "pk"),
    "number": ("orders.Order", "number"),
    "page": ("integrations.ConnectedPage", "pk"),
    "product": ("catalog.Product", "pk"),
    "product_import": ("catalog.ProductImport", "pk"),
    "test": ("integrations.ConnectionTest", "pk"),
    "transfer": ("integrations.PageTransfer", "pk"),
    "uuid": ("messaging.Conversation", "uuid"),
    "variant": ("catalog.Variant", "pk"),
}
"""Part of an address under /s/<store>/ → the model it means and the field it holds: one word, one model."""


def user_of(store: Store) -> User:
    return User.objects.create_user(f"person{next(_numbers)}@{store.slug}.example", "pass-phrase-77")


def _one_is_running(store: Store) -> dict[str, Any]:
    running = BulkChange.unscoped.filter(store=store, state="running")
    return {"state": "done"} if running.exists() else {}


SPECIAL: dict[str, Callable[[Store], dict[str, Any]]] = {
    "catalog.BulkChange": _one_is_running,
    "integrations.PageTransfer": lambda store: {"from_store": store, "page_name": "Hazel Home"},
    "tenancy.Membership": lambda store: {"store": store, "user": user_of(store), "role": "agent"},
    "integrations.WebhookEvent": lambda store: {"store": store, "item": "{}"},
}
"""Model → the values a row of it needs beside what its fields say."""


BY_NAME: dict[str, Any] = {"currency": "EUR", "country": "GB"}
"""Field name → a value that its check constraint lets pass, in any model."""


def make(model: type[M], store: Store, **given: Any) -> M:
    """Write one row of a model that belongs to the store, and what it refers to."""
    special = SPECIAL.get(model._meta.label)
    values: dict[str, Any] = (special(store) if special else {}) | given
    for field in model._meta.concrete_fields:
        if field.name not in values and field.name != "store" and _needs_value(field):
            values[field.name] = _value(field, store)
    with open_store(store.pk):
        row = model(**values)
        if isinstance(row, StoreOwned):
            row.store = store
        if isinstance(row, TokenOwner):
            row.seal_token(TOKEN)
        row.save()
    return row


FORMS: dict[str, dict[str, str]] = {
    "s/<slug:store>/catalog/meta/<int:catalog>/compare/mend/": {"kind": "missing"},
    "s/<slug:store>/inbox/<uuid:uuid>/newer/": {"since": "0", "after": "0"},
    "s/<slug:store>/leads/<int:lead>/status/": {"status": "contacted"},
    "s/<slug:store>/orders/<int:number>/status/": {"status": "confirmed"},
}
"""Route → what a right form says there, for pages that look at the form before they look for the object."""


def part_model(name: str) -> Any:
    return apps.get_model(PARTS[name][0])


def make_parts(names: list[str], store: Store) -> dict[str, object]:
    """Write the rows that an address names, the later ones belonging to the earlier where they can."""
    made: dict[type[models.Model], models.Model] = {}
    values: dict[str, object] = {}
    for name in names:
        model = part_model(name)
        fields = model._meta.concrete_fields
        given = {field.name: made[field.related_model] for field in fields if field.related_model in made}
        made[model] = make(model, store, **given)
        values[name] = getattr(made[model], PARTS[name][1])
    return values


def _needs_value(field: models.Field[Any, Any]) -> bool:
    filled_by_database = field.db_default is not models.NOT_PROVIDED
    if isinstance(field, models.AutoField | models.BigAutoField) or field.has_default() or filled_by_database:
        return False
    if getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False):
        return False
    return not field.null and not (field.blank and field.empty_strings_allowed)


def _value(field: models.Field[Any, Any], store: Store) -> Any:
    number = next(_numbers)
    if field.name in BY_NAME:
        return BY_NAME[field.name]
    if isinstance(field, models.ForeignKey):
        target: Any = field.related_model
        return user_of(store) if target is User else make(target, store)
    if field.choices:
        return next(iter(field.flatchoices))[0]
    for kind, value in _VALUES:
        if isinstance(field, kind):
            return value(number)
    raise AssertionError(f"Say in tests/laws/objects.py how to fill {field}.")


_VALUES: list[tuple[type[models.Field[Any, Any]], Callable[[int], Any]]] = [
    (models.EmailField, lambda number: f"somebody{number}@buyers.example"),
    (models.URLField, lambda number: f"https://shop.example/{number}"),
    (models.CharField, lambda number: str(number)),
    (models.TextField, lambda number: f"text {number}"),
    (models.DateTimeField, lambda number: timezone.now() + timedelta(days=1)),
    (models.DateField, lambda number: timezone.now().date()),
    (models.BooleanField, lambda number: False),
    (models.IntegerField, lambda number: number),
    (models.FloatField, lambda number: float(number)),
    (models.DecimalField, lambda number: number),
    (models.BinaryField, lambda number: b"{}"),
    (models.JSONField, lambda number: {}),
    (models.UUIDField, lambda number: f"00000000-0000-4000-8000-{number:012d}"),
]
"""The first kind that fits, so the narrow ones stand first."""
