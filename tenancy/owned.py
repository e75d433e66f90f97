"""Rows that belong to a store: closed by default for reading, writing and in the database itself."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar, Self, TypeVar

from django.db import models

from tenancy.constraints import SameStore
from tenancy.scope import OtherStoreOpen, ScopeError, get_open_store_id

T = TypeVar("T", bound="StoreOwned")


def _fits(store_id: int | None) -> int:
    """Return the store a row is written to: the open one, or raise."""
    open_id = get_open_store_id()
    if store_id not in (None, open_id):
        raise OtherStoreOpen(f"A row of store {store_id} cannot be written while store {open_id} is open.")
    return open_id


def _keep_store(names: Iterable[str]) -> None:
    """Raise when the store itself is among the columns to be written."""
    if {"store", "store_id"} & set(names):
        raise OtherStoreOpen("A row never changes its store.")


class StoreQuerySet(models.QuerySet[T]):
    """Refuses writes that would leave the open store, and SQL by hand, which nobody could scope."""

    def update(self, **values: Any) -> int:
        _keep_store(values)
        return super().update(**values)

    def bulk_create(self, objs: Iterable[T], *args: Any, **options: Any) -> list[T]:
        """Refuse an upsert whose key is not the store's own: it could overwrite another store's row."""
        rows = list(objs)
        for row in rows:
            row.store_id = _fits(row.store_id)
        _keep_store(options.get("update_fields") or ())
        if options.get("update_conflicts") and not {"store", "store_id"} & set(options["unique_fields"]):
            raise OtherStoreOpen("An upsert of a store's rows needs the store in unique_fields.")
        return super().bulk_create(rows, *args, **options)

    def bulk_update(self, objs: Iterable[T], fields: Iterable[str], *args: Any, **options: Any) -> int:
        rows, names = list(objs), list(fields)
        _keep_store(names)
        for row in rows:
            _fits(row.store_id)
        return super().bulk_update(rows, names, *args, **options)

    def raw(self, *args: Any, **options: Any) -> Any:
        raise ScopeError("raw() reads past the scope: write it as a queryset.")


class StoreManager(models.Manager[T]):
    """The open store's rows. Raises NoStoreOpen when none is open, whatever is asked."""

    def get_queryset(self) -> StoreQuerySet[T]:
        rows: StoreQuerySet[T] = StoreQuerySet(self.model, using=self._db)
        return rows.filter(store_id=get_open_store_id())


class UnscopedManager(models.Manager[T]):
    """Rows of every store, for the admin, routing and sweeps. `tests/laws` lists who may say it."""

    def get_queryset(self) -> StoreQuerySet[T]:
        return StoreQuerySet(self.model, using=self._db)


def _contribute(cls: type[models.Model], constraint: models.BaseConstraint) -> None:
    """Give a concrete model a constraint of its own, as if it stood in its Meta."""
    if cls._meta.abstract or cls.__module__ == "__fake__":  # a migration's model states its own constraints
        return
    if constraint.name not in {known.name for known in cls._meta.constraints}:
        cls._meta.constraints = [*cls._meta.constraints, constraint]
        cls._meta.original_attrs["constraints"] = cls._meta.constraints


class StoreKey(models.ForeignKey):  # type: ignore[type-arg]
    """The key to the owning store, with the unique (store_id, id) that `StoreForeignKey` refers to."""

    def contribute_to_class(self, cls: type[models.Model], name: str, *args: Any, **options: Any) -> None:
        super().contribute_to_class(cls, name, *args, **options)
        unique = models.UniqueConstraint(fields=["store", "id"], name=f"{cls._meta.db_table}_store_id_uniq")
        _contribute(cls, unique)

    def deconstruct(self) -> tuple[str, str, Any, Any]:
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.ForeignKey", args, kwargs


class StoreForeignKey(models.ForeignKey):  # type: ignore[type-arg]
    """A key to a row of the same store; the database refuses any other one."""

    def contribute_to_class(self, cls: type[models.Model], name: str, *args: Any, **options: Any) -> None:
        super().contribute_to_class(cls, name, *args, **options)
        target = self.remote_field.model
        label = target if isinstance(target, str) else target._meta.label
        _contribute(cls, SameStore(field=name, target=label, name=f"{cls._meta.db_table}_{name}_same_store"))

    def deconstruct(self) -> tuple[str, str, Any, Any]:
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.ForeignKey", args, kwargs


class StoreOwned(models.Model):
    """A row of one store. `objects` sees the open store only; `unscoped` is for those the law test lists."""

    # The unique (store_id, id) finds a store's rows as well as an index of its own.
    store = StoreKey(
        "tenancy.Store", on_delete=models.CASCADE, related_name="+", editable=False, db_index=False
    )
    store_id: int

    objects: ClassVar[StoreManager[Self]] = StoreManager()
    unscoped: ClassVar[UnscopedManager[Self]] = UnscopedManager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **options: Any) -> None:
        self.store_id = _fits(self.store_id)
        super().save(*args, **options)

    def _do_update(self, base_qs: Any, *args: Any, **options: Any) -> Any:
        # Django updates by primary key alone: an object made up with another store's id would take that row.
        return super()._do_update(base_qs.filter(store_id=self.store_id), *args, **options)

    def delete(self, *args: Any, **options: Any) -> tuple[int, dict[str, int]]:
        if self._state.adding:  # Django deletes by primary key alone: only what was read can be deleted.
            raise ScopeError("Only a row that was read from its store can be deleted.")
        _fits(self.store_id)
        return super().delete(*args, **options)
