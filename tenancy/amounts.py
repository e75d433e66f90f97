"""Whether a store has amounts of money, which are numbers without meaning in another currency."""

from __future__ import annotations

from django.apps import apps

from tenancy.owned import StoreOwned


def holds_amounts() -> bool:
    """Say whether the open store has a row with an amount: a column whose name ends in `_minor`."""
    owned = [model for model in apps.get_models() if issubclass(model, StoreOwned)]
    return any(model.objects.exists() for model in owned if _has_amounts(model))


def _has_amounts(model: type[StoreOwned]) -> bool:
    return any(field.name.endswith("_minor") for field in model._meta.get_fields())
