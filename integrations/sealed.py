"""Tokens at rest: encrypted, and sealed to the store they belong to.

django-fernet-fields-v2 0.9 encrypts the *repr of the expression* on `bulk_update` and `update(x=F(...))`; the
field below passes expressions on instead (a Value inside encrypts itself). Fernet has no associated data, so
the store's id goes inside the ciphertext: a token copied to another store's row does not open there.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import fernet_fields
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from fernet_fields.hkdf import derive_fernet_key

from tenancy.owned import StoreOwned


class SealBroken(Exception):
    """A token was read from a row of another store than it was sealed for."""


@lru_cache(maxsize=8)
def keyring(keys: tuple[str, ...]) -> MultiFernet:
    """Return what encrypts with the first of these keys and opens with any; deriving them is slow."""
    return MultiFernet([Fernet(derive_fernet_key(key)) for key in keys])


class EncryptedTextField(fernet_fields.EncryptedTextField):  # type: ignore[misc]
    """Text encrypted with the first of FERNET_KEYS, readable with any of them; safe with expressions."""

    @property
    def fernet(self) -> MultiFernet:
        """The library derives keys once and keeps them with the field, whatever the setting says later."""
        return keyring(tuple(settings.FERNET_KEYS))

    def get_db_prep_save(self, value: Any, connection: BaseDatabaseWrapper) -> Any:
        if hasattr(value, "as_sql"):
            return value
        return super().get_db_prep_save(value, connection)


class TokenOwner(StoreOwned):
    """A row that holds an access token. Read and write it by `token`, never by `sealed_token`."""

    sealed_token = EncryptedTextField(blank=True, default="", editable=False)

    class Meta(StoreOwned.Meta):
        abstract = True

    @property
    def token(self) -> str:
        """The access token, or '' when there is none. Raises SealBroken for another store's ciphertext."""
        if not self.sealed_token:
            return ""
        store_id, _, token = self.sealed_token.partition(":")
        if store_id != str(self.store_id):
            raise SealBroken("This token was sealed for another store.")
        return str(token)

    def seal_token(self, token: str) -> None:
        """Put a token on the row (not saved). The row must know its store."""
        if self.store_id is None:
            raise SealBroken("A token can only be sealed for a row that has its store.")
        sealed = f"{self.store_id}:{token}" if token else ""
        self.sealed_token = sealed  # type: ignore[assignment]  # the library is untyped

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.pk}>"


class Login(TokenOwner):
    """A token's owner, and whether Facebook still lets us in with it (see `integrations.logins`)."""

    auth_failures = models.PositiveSmallIntegerField(default=0, help_text="Dead-token answers in a row.")
    auth_subcode = models.PositiveIntegerField(default=0, help_text="Meta's reason for the last of them.")
    broken_since = models.DateTimeField(null=True, blank=True)
    owners_told_at = models.DateTimeField(null=True, blank=True, help_text="When owners got an e-mail of it.")

    class Meta(TokenOwner.Meta):
        abstract = True
