"""Which store is open. Everything that reads or writes a store's rows happens inside `open_store`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_open_store_id: ContextVar[int | None] = ContextVar("open_store_id", default=None)


class ScopeError(Exception):
    """A store's rows were touched from outside of that store."""


class NoStoreOpen(ScopeError):
    """Rows of a store were read or written with no store open."""


class OtherStoreOpen(ScopeError):
    """A row, or a second scope, belongs to another store than the open one."""


def find_open_store_id() -> int | None:
    return _open_store_id.get()


def get_open_store_id() -> int:
    """Return the open store's id. Raises NoStoreOpen: there is no "all stores"."""
    store_id = _open_store_id.get()
    if store_id is None:
        raise NoStoreOpen("No store is open: wrap this in open_store(store_id).")
    return store_id


@contextmanager
def open_store(store_id: int) -> Iterator[None]:
    """Open one store for the block. Nesting the same store is fine, another one raises OtherStoreOpen."""
    if not isinstance(store_id, int):
        raise ScopeError(f"A store is opened by its id, not by {store_id!r}.")
    current = _open_store_id.get()
    if current not in (None, store_id):
        raise OtherStoreOpen(f"Store {current} is open; store {store_id} cannot be opened inside it.")
    mark = _open_store_id.set(store_id)
    try:
        yield
    finally:
        _open_store_id.reset(mark)
