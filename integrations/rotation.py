"""Encrypting again, with the first of FERNET_KEYS, all that is sealed with any of them.

Row by row and without long locks: a value is exchanged only while it still is what was read, so a login that
comes meanwhile wins. What the first key opens is left alone, so a run that was stopped is just started again.
What no key opens is left as it is, and named.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from allauth.mfa.models import Authenticator
from cryptography.fernet import InvalidToken
from django.apps import apps
from django.db import models, transaction
from django.db.models.functions import Cast
from fernet_fields import EncryptedField

from integrations.sealed import keyring
from tenancy.owned import StoreOwned

SLICE = 500
SECOND_FACTOR_SECRETS = ("secret", "seed", "migrated_codes")
"""Keys of an Authenticator's data that hold ciphertext, as a text or a list of them."""


class Ring:
    """The keys: the first one encrypts, any of them opens."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._first, self._all = keyring((keys[0],)), keyring(tuple(keys))

    def reseal(self, sealed: bytes) -> bytes:
        """Return a ciphertext under the first key; the same one when it already is.

        Raises InvalidToken when no key opens it.
        """
        try:
            self._first.decrypt(sealed)
        except InvalidToken:
            return bytes(self._all.rotate(sealed))
        return sealed


@dataclass
class Tally:
    """What a run did in one place. `unreadable` are sentences that say which row, and no ciphertext."""

    place: str
    resealed: int = 0
    current: int = 0
    unreadable: list[str] = field(default_factory=list)


def rotate_keys(keys: Sequence[str]) -> Iterator[Tally]:
    """Encrypt everything again that is not under the first key; yield what came of each place."""
    ring = Ring(keys)
    for model, column in sealed_columns():
        yield _rotate_column(ring, model, column)
    yield _rotate_second_factors(ring)


def sealed_columns() -> list[tuple[type[models.Model], str]]:
    """Return every encrypted column of every table."""
    return [
        (model, column.name)
        for model in apps.get_models()
        for column in model._meta.concrete_fields
        if isinstance(column, EncryptedField)
    ]


def _rotate_column(ring: Ring, model: type[models.Model], column: str) -> Tally:
    tally = Tally(f"{model._meta.label}.{column}")
    rows: Any = model.unscoped if issubclass(model, StoreOwned) else model.objects  # type: ignore[attr-defined]
    sealed = rows.annotate(_sealed=Cast(column, models.BinaryField())).exclude(_sealed=None)
    names = ["pk", "_sealed", *(["store__slug"] if issubclass(model, StoreOwned) else [])]
    for pk, value, *store in _slices(sealed.order_by("pk").values_list(*names)):
        old = bytes(value)

        def exchange(new: bytes, pk: Any = pk, old: bytes = old) -> None:
            fresh = models.Value(new, output_field=models.BinaryField())
            sealed.filter(pk=pk, _sealed=old).update(**{column: fresh})

        where = f"{tally.place} pk={pk}" + (f" store={store[0]}" if store else "")
        _reseal(ring, old, tally, where, exchange)
    return tally


def _reseal(ring: Ring, old: bytes, tally: Tally, where: str, exchange: Callable[[bytes], None]) -> None:
    try:
        new = ring.reseal(old)
    except InvalidToken:
        tally.unreadable.append(where)
        return
    if new == old:
        tally.current += 1
        return
    exchange(new)
    tally.resealed += 1


def _rotate_second_factors(ring: Ring) -> Tally:
    """Second factors keep their secrets inside a JSON column, so each is read and written under its lock."""
    tally = Tally("mfa.Authenticator.data")
    for (pk,) in _slices(Authenticator.objects.order_by("pk").values_list("pk")):
        with transaction.atomic():
            row = Authenticator.objects.select_for_update().filter(pk=pk).first()
            if row is not None and _rotate_secrets(ring, row, tally):
                row.save(update_fields=["data"])
    return tally


def _rotate_secrets(ring: Ring, row: Any, tally: Tally) -> bool:
    """Reseal what is sealed in one second factor; say whether anything changed."""
    before = tally.resealed
    for key in SECOND_FACTOR_SECRETS:
        held = row.data.get(key)
        texts = held if isinstance(held, list) else [held] if held else []
        fresh = list(texts)
        for number, text in enumerate(texts):

            def exchange(new: bytes, number: int = number, fresh: list[str] = fresh) -> None:
                fresh[number] = new.decode()

            where = f"{tally.place} pk={row.pk} {key}"
            _reseal(ring, str(text).encode(), tally, where, exchange)
        if fresh != texts:
            row.data[key] = fresh if isinstance(held, list) else fresh[0]
    return tally.resealed > before


def _slices(rows: models.QuerySet[Any, Any]) -> Iterator[tuple[Any, ...]]:
    """Yield rows in slices by primary key, so that no cursor and no transaction stays open."""
    last: Any = None
    while True:
        found = list((rows if last is None else rows.filter(pk__gt=last))[:SLICE])
        yield from found
        if len(found) < SLICE:
            return
        last = found[-1][0]
